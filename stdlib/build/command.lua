-- `build`: which builder, what is printed, and where the id goes. Dependencies: fs, build.*.
local M = {}

-- Instructions that the classic builder does not have.
local NEEDS = {
  { "^%s*RUN%s+%-%-(%l+)=?", "RUN --mount" }, { "^%s*COPY%s.*%-%-link", "COPY --link" },
  { "^%s*COPY%s.*%-%-chmod", "COPY --chmod" }, { "^%s*ADD%s.*%-%-chmod", "ADD --chmod" }, { "^%s*ADD%s.*%-%-checksum", "ADD --checksum" },
  { "^%s*COPY%s.*%-%-parents", "COPY --parents" }, { "^%s*COPY%s.*%-%-exclude", "COPY --exclude" }, { "^%s*ADD%s.*%-%-link", "ADD --link" },
  { "^%s*RUN.*%s%d*<<%-?[\"']?[%a_]", "RUN <<" }, { "^%s*COPY%s.*<<%-?[\"']?[%a_]", "COPY <<" },
}

-- The classic builder takes `# syntax=` for a comment. docker's own frontend is no need by itself: what it adds is in NEEDS.
local function foreign_syntax(line)
  local frontend = line:lower():match "^%s*#%s*syntax%s*=%s*(%S+)"
  return frontend and not frontend:gsub("^docker%.io/", ""):find "^docker/dockerfile:[%d.]+$" and "# syntax=" or nil
end

---What of a Dockerfile or of the flags needs BuildKit; nil when nothing does.
---@param text? string the Dockerfile
---@param flags table<string, any>
---@return string?
function M.needs_buildkit(text, flags)
  for _, key in ipairs { "secret", "ssh", "cache_to", "output", "build_context", "allow" } do
    if flags[key] and #flags[key] > 0 then
      return "--" .. key:gsub("_", "-")
    end
  end
  for line in (text or ""):gmatch "[^\n]+" do
    local syntax, upper = foreign_syntax(line), line:gsub("^%s*%a+", string.upper)
    if syntax then
      return syntax
    end
    for _, row in ipairs(NEEDS) do
      if upper:find(row[1]) then
        return row[2]
      end
    end
  end
end

---"classic" or "cli", and why.
---@param flags table<string, any>
---@param text? string the Dockerfile
---@return "classic"|"cli"
---@return string|nil|false why
function M.mode(flags, text)
  local wanted, set = flags.builder_mode, os.getenv "DOCKER_BUILDKIT"
  local need = M.needs_buildkit(text, flags)
  if wanted == "auto" and (set == "0" or set == "1") then
    wanted = set == "1" and "cli" or "classic"
  end
  if wanted == "auto" then
    return need and "cli" or "classic", need and need .. " needs BuildKit"
  end
  return wanted, wanted == "classic" and need and "though " .. need .. " needs BuildKit" or nil
end

local function write_id(ctx, id)
  local file = ctx.flags.iidfile
  if not file then
    return
  end
  if not id then
    local why = "the engine did not give an image ID"
    Error { category = "fail", code = "no_image_id", message = ("cannot write %s"):format(file), why = why }
  end
  require("fs").write(file, id, { mode = 420 })
end

-- Where the text goes: to stdout, or with -q into a buffer that is shown when the build fails.
local function printer(ctx)
  local kept = {}
  return kept, function(text)
    if ctx.flags.quiet then
      kept[#kept + 1] = text
    else
      ctx:out(text)
    end
  end
end

local function classic(ctx, nas, context, query)
  local kept, out = printer(ctx)
  local pull = require("create.pull_output").new(ctx, { quiet = ctx.flags.quiet, fd = "stdout" })
  local _ <close> = defer(function() pull:close() end)
  local pieces <close> = context.open and context.open { gzip = ctx.flags.compress, warn = function(text) ctx:warn(text) end } or nil
  local shown = pieces and not ctx.flags.quiet and require("ui").is_tty "stderr"
  local item = shown and ctx:progress():item "send the build context" or nil
  local id, err = try(function()
    return require("build.classic").run(nas, {
      query = query, pieces = pieces, message = function(doc) pull:message(doc) end,
      progress = item and function(n) item:update { done = n, unit = "bytes" } end,
      out = function(text)
        if item then item:done() end
        out(text)
      end,
    }) or false
  end)
  if item then item:done() end
  if err then
    if ctx.flags.quiet then io.stderr:write((require("core.log").redact(table.concat(kept)))) end
    error(err, 0)
  end
  if ctx.flags.quiet then
    local text = table.concat(kept):gsub("^Sending build context[^\n]*\n", "")
    ctx:out(text)
    id = id or text:match "sha256:%x+"
  end
  return id or nil
end

local function need_experimental(nas, flag)
  if nas:info().ExperimentalBuild then return end
  Error {
    category = "unsupported", code = "not_experimental", message = nas:cannot "build the image", profile = nas.name,
    why = ('"%s" is only supported on a Docker daemon with experimental features enabled'):format(flag),
    hint = "leave it out",
  }
end

---@async
---@param ctx cli.Context
function M.run(ctx)
  local f = ctx.flags
  local fs = require "fs"
  require("transfer.trust").check(f)
  for _, key in ipairs { "file", "iidfile" } do
    if f[key] == "" then f[key] = nil end -- as if it were not given
  end
  if f.iidfile and fs.exists(f.iidfile) then
    fs.remove(f.iidfile)
  end
  local context = require("build.context").find(ctx.args.context, f.file, os.getenv "DOCKER_BUILDKIT" == "1" or f.builder_mode == "cli")
  local how, why = M.mode(f, context.text)
  local query, bad = try(require("build.classic").query, f, context) -- bad values end here, before a connection
  if bad then
    if bad.category == "usage" then bad.exit_code = bad.exit_code or 125 end
    error(bad, 0)
  end
  local nas = ctx:target()
  if f.squash and how == "classic" then need_experimental(nas, "--squash") end
  if not f.quiet then
    local name = how == "cli" and "docker on the NAS, with BuildKit" or "classic"
    ctx:note(("note: builder: %s%s"):format(name, why and " (" .. why .. ")" or ""))
  end
  local id
  if how == "cli" then
    id = require("build.remote").run(nas, context, {
      flags = f, given = ctx.given, warn = function(text) ctx:warn(text) end, out = function(bytes) ctx:out(bytes) end,
      err = function(bytes) require("tty").write(2, bytes) end,
    })
  else
    id = classic(ctx, nas, context, query)
  end
  write_id(ctx, id)
end

return M
