-- Docker on a NAS for the phase in which nothing may change: there is no way from here to a request that writes.
local docker = require "docker"

local M = {}

local READS = { GET = true, HEAD = true }

local function refuse(nas, method, path)
  Error {
    category = "internal", code = "plan_would_write", message = ("%s %s is not sent to %s"):format(method, path, nas.name),
    why = "a plan is made by reading alone", profile = nas.name,
  }
end

---@param nas docker.Nas
---@return docker.Nas whose requests other than GET and HEAD raise `plan_would_write`
function M.new(nas)
  if rawget(nas, "only_reads") then
    return nas
  end
  local engine = {}
  local function guarded(name)
    return function(_, options)
      local method = options.method or "GET"
      if not READS[method] then
        refuse(nas, method, options.path)
      end
      return nas[name](nas, options)
    end
  end
  engine.request, engine.stream = guarded "request", guarded "stream"
  function engine.hijack(_, options)
    refuse(nas, options.method or "POST", options.path)
  end
  function engine.api()
    return nas:api()
  end
  function engine.facts()
    return nas.engine and nas.engine:facts() or {}
  end
  function engine.close() end -- the connection is its owner's
  local reader = docker.from_engine(engine, nas.profile or nas.name)
  reader.only_reads, reader.hint = true, nas.hint
  reader.reads_from = nas -- for scripts of the NAS's shell that only read (nas.shell)
  return reader
end

return M
