-- Answers that are not what an engine sends: said as that, instead of being taken for an empty list or failing somewhere later.
local M = {}

local function refuse(options, why)
  Error {
    category = "connect", code = "bad_response", message = options.what, why = why, profile = options.profile,
    hint = "is it a Docker Engine that answers there? qnap-docker doctor",
  }
end

local function described(answer)
  local kind = answer.headers and answer.headers["content-type"] or "of no type"
  local body = answer.body
  if body == nil or body == "" then
    return ("the answer (status %d) is empty"):format(answer.status)
  end
  return ("the answer (status %d, %s) begins with %q"):format(answer.status, kind, tostring(body):sub(1, 40))
end

local function is_json(answer)
  return ((answer.headers or {})["content-type"] or ""):find("json", 1, true) ~= nil
end

local function check_fields(record, fields, options)
  for name, kind in pairs(fields) do
    local value = record[name]
    if value ~= nil and type(value) ~= kind then
      refuse(options, ("in the engine's answer '%s' is a %s, not a %s"):format(name, type(value), kind))
    end
  end
end

-- What absent members are, as in Go's records.
local function fill(record, defaults)
  for name, value in pairs(defaults) do
    if record[name] == nil then
      record[name] = value
    end
  end
end

-- JSON's null is an empty list. kinds: Lua types of what others count on; every record has an Id.
local function list_of(answer, kinds, defaults, options)
  local list = answer.body
  if list == nil and is_json(answer) then
    return {}
  elseif type(list) ~= "table" then
    refuse(options, described(answer))
  elseif #list == 0 and next(list) ~= nil then
    refuse(options, "the engine's answer is no list")
  end
  for _, record in ipairs(list) do
    if type(record) ~= "table" then
      refuse(options, ("the engine's list holds a %s"):format(type(record)))
    elseif record.Id == nil then
      refuse(options, "in the engine's answer 'Id' is missing")
    end
    check_fields(record, kinds, options)
    fill(record, defaults)
  end
  return list
end

local CONTAINER = {
  Id = "string", Names = "table", Image = "string", ImageID = "string", Command = "string", Created = "number", Ports = "table",
  Labels = "table", Mounts = "table", NetworkSettings = "table", State = "string", Status = "string",
}
local NO_CONTAINER = { Image = "", ImageID = "", Command = "", Created = 0, State = "", Status = "" }

---Records of GET /containers/json. Raises bad_response for anything else.
---@param answer docker.Response
---@param what string headline of the failure
---@param profile string
---@return table[]
function M.containers(answer, what, profile)
  return list_of(answer, CONTAINER, NO_CONTAINER, { what = what, profile = profile })
end

local IMAGE = { Id = "string", RepoTags = "table", RepoDigests = "table", Created = "number", Size = "number", Labels = "table" }

---Records of GET /images/json. Raises bad_response for anything else.
---@param answer docker.Response
---@param what string headline of the failure
---@param profile string
---@return table[]
function M.images(answer, what, profile)
  return list_of(answer, IMAGE, { Created = 0, Size = 0 }, { what = what, profile = profile })
end

return M
