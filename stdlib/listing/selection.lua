-- Which containers a verb works on: named ones, those of a project, or all; several unnamed ones are confirmed first.
local M = {}

---The flags that choose several containers.
---@return cli.Flag[]
function M.flags()
  return {
    { "all", help = "All of them" },
    { "project", type = "string", value = "NAME", help = "Those of a compose project" },
    { "filter", type = "list", value = "KEY=VALUE", help = "Those that match, as of 'ps'", complete = "docker.filters" },
    { "label", type = "list", value = "KEY[=VALUE]", help = "Those with that label" },
  }
end

---The flags of verbs that stop containers.
---@param until_what string what --wait waits for
---@return cli.Flag[]
function M.stop_flags(until_what)
  return {
    { "signal", short = "s", type = "string", value = "SIGNAL", help = "Signal to send to the container" },
    { "timeout", short = "t", type = "int", value = "SECONDS", alias = { "time" }, deprecated = { time = "use --timeout instead" },
      help = "Seconds to wait before it is killed; -1: for ever" },
    M.flags()[1],
    M.flags()[2],
    M.flags()[3],
    M.flags()[4],
    { "wait", help = "Wait until they are " .. until_what },
  }
end

-- What --project, --filter and --label ask for, as the engine takes it.
local function wanted_by(flags)
  local wanted = require("listing.filters").parse(flags.filter or {})
  local labels = table.move(flags.label or {}, 1, #(flags.label or {}), 1, {})
  if flags.project then labels[#labels + 1] = "com.docker.compose.project=" .. flags.project end
  for _, label in ipairs(labels) do
    wanted.label = wanted.label or {}
    wanted.label[label] = true
  end
  return next(wanted) and wanted or nil
end

-- Names of containers that fit, and that are in a state in which the verb does something.
local function matching(nas, options, flags)
  local names, states = {}, {}
  for _, state in ipairs(options.states) do states[state] = true end
  for _, c in ipairs(nas:containers { all = true, filters = wanted_by(flags or {}) }) do
    if states[c.State] then names[#names + 1] = c.Names[1]:gsub("^/", "") end
  end
  table.sort(names)
  return names
end

local function counted(verb, n) return ("%s %d container%s?"):format(verb, n, n == 1 and "" or "s") end

-- A pattern as shells know it ("web*", "db-?", "[ab]1") as a Lua pattern; nil where the word is none. No name holds these characters.
local function glob(word)
  if not word:find "[*?%[]" then return nil end
  local pattern = word:gsub("[%^%$%(%)%%%.%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", "."):gsub("%[!", "[^")
  return pcall(string.find, "", "^" .. pattern .. "$") and "^" .. pattern .. "$" or nil
end

-- Names, with patterns replaced by the containers that they fit: several unnamed ones are confirmed.
local function expanded(ctx, nas, options, words)
  local out, found, seen = {}, {}, {}
  local function add(name, to)
    if not seen[name] then
      seen[name], out[#out + 1] = true, name
      if to then to[#to + 1] = name end
    end
  end
  for _, word in ipairs(words) do
    local pattern = glob(word)
    for _, name in ipairs(pattern and matching(nas, options) or { word }) do
      if not pattern or name:find(pattern) then add(name, pattern and found) end
    end
  end
  if #out == 0 then
    Error {
      category = "not_found", code = "no_containers", message = ("nothing to %s on %s"):format(options.verb, nas.name),
      why = ("no container fits %s in a state in which that can be done"):format(table.concat(words, ", ")), hint = "qnap-docker ps -a",
    }
  elseif #found > 0 then
    ctx:confirm { level = 2, items = found, question = counted(options.verb, #found) }
  end
  return out
end

---@async
---@param ctx cli.Context with args.container and the flags of M.flags()
---@param nas docker.Nas
---@param options {verb: string, states: string[]}
---@return string[] names
function M.names(ctx, nas, options)
  local given, f = ctx.args.container, ctx.flags
  local picked = f.all or #(f.filter or {}) > 0 or #(f.label or {}) > 0
  if #given > 0 and (picked or f.project) then
    Error { category = "usage", code = "conflicting_flags", message = "name containers, or give flags that choose them; not both" }
  end
  if #given > 0 then
    for _, word in ipairs(given) do
      if glob(word) then return expanded(ctx, nas, options, given) end
    end
    return given
  end
  if not picked and not f.project then
    Error {
      category = "usage", code = "missing_argument", message = ("'%s' needs at least one container"):format(options.verb),
      exit_code = 1,
      hint = ("qnap-docker %s CONTAINER [CONTAINER...]\nor --all, --project NAME, --filter KEY=VALUE, --label KEY"):format(options.verb),
    }
  end
  local names = matching(nas, options, f)
  if #names == 0 then
    Error {
      category = "not_found", code = "no_containers", message = ("nothing to %s on %s"):format(options.verb, nas.name),
      hint = "qnap-docker ps -a",
    }
  end
  if picked then
    ctx:confirm { level = 2, verb = options.verb, items = names, question = counted(options.verb, #names) }
  end
  return names
end

---The signal of stop and restart. Engines before API 1.42 know only the container's own: docker leaves it out, and we say so.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@return string?
function M.signal(ctx, nas)
  local signal = ctx.flags.signal
  if signal == "" then signal = nil end
  if not signal or nas:supports "1.42" then return signal end
  if not ctx.signal_told then ctx:warn(("--signal is left out: the engine of %s is older than API 1.42"):format(nas.name)) end
  ctx.signal_told = true
end

---Runs fn(nas, name) for every container that is meant, on every NAS that is meant, and prints the names it returns as docker does.
---@async
---@param ctx cli.Context
---@param options {verb: string, states: string[]}
---@param fn fun(nas: docker.Nas, name: string): string?
function M.each(ctx, options, fn)
  ctx:each_target(function(nas)
    ctx:each_item(M.names(ctx, nas, options), function(name)
      local shown = fn(nas, name)
      return shown and ctx:named(nas, shown)
    end)
  end)
end

return M
