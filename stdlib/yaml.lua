-- YAML text and Lua values (YAML 1.2, core schema). Values are those of the json module: json.null, marked arrays.
-- Dependencies: core.yaml.
local core = require "core.yaml"

local M = {}

---Reads the one document in `text`; an empty text is json.null. Anchors and merge keys (<<) are applied, keys are strings.
---@param text string
---@param name? string the file, for messages (default "YAML")
---@return any value
---@raise config "bad_yaml"; the message begins with name:line:column
function M.decode(text, name)
  return core.decode(text, name)
end

---Writes block style with sorted keys; strings that some YAML reader would take for something else are quoted.
---@param value any as for json.encode
---@return string
function M.encode(value)
  return core.encode(value)
end

return M
