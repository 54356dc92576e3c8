-- Taking loose containers into a project: what the engine adds by itself, whether the file says what they are, and their replacement.
-- Dependencies: compose.adopt, compose.adopt_file, compose.body, compose.drift, compose.up.
local M = {}

---What the engine gives to a container that asks for nothing.
---@async
---@param reader docker.Nas
---@return compose.EngineDefaults
function M.defaults(reader)
  local info = reader:info()
  return {
    runtime = info.DefaultRuntime or "runc", log_driver = info.LoggingDriver,
    cgroup = info.CgroupVersion == "2" and "private" or "host",
  }
end

local function name_of(a) return a.record.Name:sub(2) end

local function loaded(file, name)
  local fs = require "fs"
  local path = fs.join(require("core.sys").cwd(), file)
  return require("compose").load { files = { path }, project_name = name, cwd = fs.dirname(path), environment = {} }
end

-- The files as a project, without writing them where they are to be.
local function tried(files, name, fn)
  local fs = require "fs"
  local temp <close> = fs.temp_dir()
  require("compose.adopt_file").write(temp.path .. "/compose.yaml", files)
  return fn(loaded(temp.path .. "/compose.yaml", name or "adopted"))
end

---What containers made from the file would differ in; for people.
---@async
---@param reader docker.Nas
---@param list compose.Adopted[]
---@param files compose.AdoptedFiles
---@return string[]
function M.differences(reader, list, files)
  local api = reader:api()
  return tried(files, nil, function(project)
    local out, containers = {}, {}
    for _, a in ipairs(list) do containers[name_of(a)] = a.record.Id end
    for _, a in ipairs(list) do
      local networks = {}
      for key, endpoint in pairs(a.record.NetworkSettings.Networks or {}) do networks[key] = endpoint.NetworkID end
      local facts = { version = "", api = api, hash = "", containers = containers, names = {}, networks = networks }
      local body, connects = require("compose.body").complete(project, name_of(a), 1, facts)
      local drift = require "compose.drift"
      local words = drift.words(drift.of(body, connects, a.record, a.image))
      if #words > 0 then out[#out + 1] = ("%s: the file does not say all: %s"):format(name_of(a), table.concat(words, ", ")) end
    end
    return out
  end)
end

-- The containers as if they were the project's already.
local function dressed(nas, list, project)
  local wanted, out = {}, {}
  for _, a in ipairs(list) do wanted[a.record.Id] = a end
  for _, record in ipairs(nas:containers { all = true }) do
    local a = wanted[record.Id]
    if a then
      out[#out + 1] = {
        id = record.Id, name = name_of(a), project = project.name, service = name_of(a), number = 1, oneoff = false, state = record.State,
        image_id = record.ImageID, labels = record.Labels or {}, record = record,
      }
    end
  end
  return out
end

local function refuse_removing(list)
  for _, a in ipairs(list) do
    if a.record.HostConfig.AutoRemove then
      Error {
        category = "conflict", code = "auto_remove", message = ("container '%s' cannot be made anew"):format(name_of(a)),
        why = "it was made with --rm: once it is stopped it cannot come back", hint = "without --apply the file is written",
      }
    end
  end
end

---Writes the files and makes the containers anew, as the project's.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param list compose.Adopted[]
---@param path string of the compose file
---@param files compose.AdoptedFiles
---@param show fun(ctx: cli.Context, path: string, files: compose.AdoptedFiles) shows them and asks
function M.apply(ctx, nas, list, path, files, show)
  refuse_removing(list)
  local options = {
    force_recreate = true, because = "adopted", wait_timeout = ctx.flags.wait_timeout, command = "compose adopt --apply",
  }
  local function run(project)
    options.loose = dressed(nas, list, project)
    require("compose.up").run(ctx, nas, project, options)
  end
  if ctx.flags.dry_run or ctx.global.dry_run then return tried(files, ctx.flags.project_name, run) end
  if require("ui").can_ask() then show(ctx, path, files) end
  require("compose.adopt_file").write(path, files)
  ctx:note(path .. " is written")
  run(loaded(path, ctx.flags.project_name))
end

return M
