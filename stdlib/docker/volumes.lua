-- Volumes. Dependencies: core.docker, docker.names.
local core = require "core.docker"
local names = require "docker.names"

local M = {}

---@class docker.Volume
---@field nas docker.Nas
---@field name string
local Volume = {}
Volume.__index = Volume

function Volume:__tostring()
  return ("volume '%s' on %s"):format(self.name, self.nas.name)
end

local function request(self, verb, options)
  options.path, options.object = self.path, self.name
  options.what = self.nas:cannot(("%s volume '%s'"):format(verb, self.name))
  return self.nas:request(options)
end

---Everything about it, decoded, or with raw = true the engine's own text.
---@async
---@param options? {raw?: boolean}
---@return table|string
---@raise not_found
function Volume:inspect(options) ---@endpoint GET /volumes/{name}
  return request(self, "inspect", { raw = options and options.raw, pipeline = true }).body
end

---Whether the NAS has it.
---@async
---@return boolean
function Volume:exists() ---@endpoint GET /volumes/{name}
  return request(self, "look for", { ok = { 404 }, raw = true, pipeline = true }).status == 200
end

---@async
---@param options? {force?: boolean}
---@raise not_found
---@raise conflict "volume_in_use"
function Volume:remove(options) ---@endpoint DELETE /volumes/{name}
  request(self, "remove", { method = "DELETE", query = { force = options and options.force or nil }, timeout = 300 })
end

---@param Nas docker.Nas
function M.install(Nas)
  ---Volumes as the engine lists them.
  ---@async
  ---@param options? {filters?: table<string, any>}
  ---@return table[] volumes
  ---@return string[] warnings
  function Nas:volumes(options) ---@endpoint GET /volumes
    local body = self:request {
      path = "/volumes", what = self:cannot "list the volumes", query = { filters = options and options.filters }, pipeline = true,
    }.body
    return body.Volumes or {}, body.Warnings or {}
  end

  ---A handle on one volume; nothing is asked.
  ---@param name string
  ---@return docker.Volume
  function Nas:volume(name)
    names.check(name, "volume")
    return setmetatable({ nas = self, name = name, path = "/volumes/" .. core.escape(name) }, Volume)
  end

  ---Creates a volume; one of that name and driver that exists is returned as it is.
  ---@async
  ---@param options? {name?: string, driver?: string, driver_opts?: table<string, string>, labels?: table<string, string>, cluster?: table}
  --- cluster: the engine's ClusterVolumeSpec (API 1.42)
  ---@return table record without a name: an anonymous volume
  function Nas:create_volume(options) ---@endpoint POST /volumes/create
    options = options or {}
    return self:request {
      method = "POST", path = "/volumes/create", object = options.name,
      what = self:cannot(options.name and ("create volume '%s'"):format(options.name) or "create a volume"),
      timeout = 120, body = {
        Name = options.name, Driver = options.driver, DriverOpts = options.driver_opts, Labels = options.labels,
        ClusterVolumeSpec = options.cluster,
      },
    }.body
  end
end

return M
