-- profile import: profiles of another machine, or of a colleague, into profiles.yaml.
local MOST = 1 << 20 -- bytes, as profiles.yaml

local function read(path)
  if path ~= "-" then return require("fs").read(path, MOST) end
  local parts, size = {}, 0
  for bytes in function() return require("tty").read(0, 65536) end do
    parts[#parts + 1], size = bytes, size + #bytes
    if size > MOST then Error { category = "fail", code = "too_large", message = "standard input is no file of profiles: too large" } end
  end
  return table.concat(parts)
end

-- Names that are taken, all at once.
local function refuse_taken(plan)
  local taken = {}
  for _, entry in ipairs(plan) do taken[#taken + 1] = entry.sign == "~" and entry.name or nil end
  if #taken == 0 then return end
  Error {
    category = "conflict", code = "profile_exists", message = ("other profiles have these names: %s"):format(table.concat(taken, ", ")),
    why = "nothing was imported", hint = ("--rename %s=NEW-NAME, or --replace\n--dry-run shows the differences"):format(taken[1]),
  }
end

-- What was remembered about the machine that the name stood for is of no use, and the new one was not reached yet.
local function write(ctx, plan, first)
  local profile, put = require "profile", {}
  for _, entry in ipairs(plan) do
    put[#put + 1] = entry.sign ~= "=" and { name = entry.name, keys = entry.keys } or nil
  end
  if #put == 0 then return end
  profile.put(put, { replace = ctx.flags.replace, first = first, lock_wait = ctx.global.lock_wait })
  for _, item in ipairs(put) do
    require("profile.state").move(item.name)
    profile.remember(item.name, { verified = false })
  end
end

---@type cli.Command
return {
  summary = "Take profiles from a file that 'profile export' wrote",
  group = "profiles",
  description = "The file is checked as profiles.yaml is (which may be imported, too). All of it is taken or nothing. A profile here "
    .. "of the same name stays, unless --replace. Nothing is connected to: 'profile test' does that.",
  args = {
    { "file", complete = "files", help = "The file; '-' is standard input" },
    { "name", variadic = true, optional = true, help = "Only these of its profiles" },
  },
  flags = {
    { "replace", help = "Put the file's profile in the place of one of the same name" },
    { "rename", type = "map", value = "OLD=NEW", help = "Take a profile under another name (repeatable)" },
    { "dry-run", short = "n", help = "Show what would be done, and change nothing" },
  },
  uses = { "confirm" },
  examples = {
    { "profile import nases.yaml --dry-run", "Look first" },
    { "profile import nases.yaml --rename nas1=office-nas1" },
    { "profile import - production < nases.yaml", "One of them" },
  },
  run = function(ctx)
    local exchange, file = require "profile.exchange", ctx.args.file
    local items, notes = exchange.read(read(file), file == "-" and "standard input" or file)
    items = exchange.pick(items, ctx.args.name, file)
    exchange.rename(items, ctx.flags.rename, file)
    local plan, first = exchange.plan(items), nil
    for _, item in ipairs(items) do first = item.default and item.name or first end
    for _, line in ipairs(notes) do ctx:warn(line) end
    for _, line in ipairs(exchange.warnings(items)) do ctx:warn(line) end
    if ctx.flags.dry_run then
      for _, entry in ipairs(plan) do ctx:out(exchange.line(entry)) end
      return
    end
    if not ctx.flags.replace then refuse_taken(plan) end
    for _, entry in ipairs(plan) do
      if entry.sign == "~" then
        ctx:confirm { level = 1, protected = entry.protected, question = ("Replace the protected profile %s?"):format(entry.name) }
      end
    end
    write(ctx, plan, first)
    for _, entry in ipairs(plan) do ctx:out(exchange.line(entry)) end
  end,
}
