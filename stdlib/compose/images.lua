-- Images that are looked for or built before it is decided what a project needs: a container whose image turns out to be another one is
-- recreated. Dependencies: compose.body, compose.build, compose.pull, compose.tree.
local M = {}

---What is to be done for images that may be there already.
---@param project compose.Project
---@param names string[] services
---@param options compose.UpOptions
---@return table<string, "pull"|"build"> by reference; empty: nothing
---@return table<string, string> services by reference
function M.wanted(project, names, options)
  local out, by = {}, {}
  for _, name in ipairs(names) do
    local service = project.model.services[name]
    local policy = (options.pull == nil or options.pull == "policy") and service.pull_policy or options.pull
    local ref = require("compose.body").image(project, name)
    if service.build and (options.build or service.pull_policy == "build") and not options.no_build then
      out[ref], by[ref] = "build", name
    elseif policy == "always" and not out[ref] and service.image and not service.build then
      out[ref], by[ref] = "pull", name
    end
  end
  return out, by
end

---Does it.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param project compose.Project
---@param wanted table<string, "pull"|"build">
---@param by table<string, string>
---@param options compose.UpOptions
function M.bring(ctx, nas, project, wanted, by, options)
  local tree = require("compose.tree").new(ctx:progress(), nas.name)
  require("task").map(require("compose.tables").sorted(wanted), function(ref)
    local name = by[ref]
    local line = tree:service(name)
    line:step(wanted[ref] == "build" and "building" or "pulling", function(item)
      local function log(text)
        if not options.quiet_pull then item:update { msg = text } end
      end
      if wanted[ref] == "build" then return require("compose.build").service(ctx, nas, project, name, { log = log }) end
      local results = require("compose.pull").images(nas, { ref }, {
        platforms = { [ref] = project.model.services[name].platform }, on_progress = function(_, message) log(message.status) end,
      })
      if results[ref].err then error(results[ref].err, 0) end
    end)
    line:done()
  end, { limit = 4 })
end

return M
