-- Building the image of one service: its context goes to the engine of the NAS, as `build` sends it.
-- Dependencies: build.classic, build.command, build.context, build.remote, compose.build_contexts, compose.build_flags, docker.images.
local M = {}

local KEPT = 10 -- lines of output that an error carries

-- Bytes of a builder as lines, the last ones kept.
local function lines_to(log)
  local kept, rest = {}, ""
  local function line(text)
    text = text:gsub("[\r%s]+$", "")
    if text == "" then return end
    kept[#kept + 1] = text
    if #kept > KEPT then table.remove(kept, 1) end
    if log then log(text) end
  end
  return kept, function(bytes)
    local text = rest .. bytes
    for one in text:gmatch "([^\n]*)\n" do line(one) end
    rest = text:match "[^\n]*$"
  end, function()
    line(rest)
    rest = ""
  end
end

local function classic(nas, f, context, job)
  local pieces <close> = context.open and context.open { warn = job.warn } or nil
  return require("build.classic").run(nas, {
    query = require("build.classic").query(f, context), pieces = pieces, out = job.out,
    message = function(doc)
      if doc.status and not next(doc.progressDetail or {}) then
        job.out((doc.id and doc.id .. ": " or "") .. doc.status .. "\n")
      end
    end,
  })
end

local function refuse_contexts()
  Error {
    category = "unsupported", code = "no_context", message = "additional contexts need a Dockerfile that is known here",
    why = "the context is an address, which the NAS fetches itself", hint = "dockerfile_inline, or a folder as the context",
  }
end

---Whether a service has something to build.
---@param project compose.Project
---@param name string
---@return boolean
function M.has(project, name) return project.model.services[name].build ~= nil end

---Builds the image of a service.
---@async
---@param ctx? {warn: fun(self, text: string)} where options.warn is not given
---@param nas docker.Nas
---@param project compose.Project
---@param name string service, with build:
---@param options? compose.BuildOptions
---@return string id of the image
---@raise fail "build_failed", with the last lines of output in `lines`
---@raise not_found "no_context"
function M.service(ctx, nas, project, name, options)
  options = options or {}
  local build = project.model.services[name].build
  local f, given = require("compose.build_flags").of(project, name, options)
  local kept, out, flush = lines_to(options.log)
  local job = {
    flags = f, given = given, out = out, err = out,
    warn = options.warn or function(text) return ctx and ctx:warn(("%s: %s"):format(name, text)) end,
  }
  local _, err = try(function()
    local file, text = require("compose.build_flags").dockerfile(build)
    local context = require("build.context").find(build.context, file, f.builder_mode == "cli", text)
    local further <close> = require("compose.build_contexts").of(nas, build.additional_contexts, job.warn)
    f.build_context = require("compose.build_flags").pairs(further.left)
    if #further.stages > 0 then
      if not context.text then refuse_contexts() end
      text = require("compose.build_contexts").with_stages(context.text, further.stages)
      context = require("build.context").find(build.context, nil, f.builder_mode == "cli", text)
    end
    local how, why = require("build.command").mode(f, context.text)
    if how == "classic" then return classic(nas, f, context, job) end
    out(("built by docker on the NAS%s\n"):format(why and ": " .. why or ""))
    return require("build.remote").run(nas, context, job)
  end)
  flush()
  if err then
    if err.code ~= "build_failed" then err.why = err.message .. (err.why and ": " .. err.why or "") end
    err.message, err.object, err.lines, err.exit_code = nas:cannot(("build service '%s'"):format(name)), name, kept, nil
    error(err, 0)
  end
  return nas:image(f.tag[1]):inspect().Id
end

return M
