-- `info` and `version`: what docker prints of the client is ours, the rest is the engine's.
local M = {}

local ARCH = { x86_64 = "amd64", aarch64 = "arm64", armv7l = "arm", i686 = "386" }

---This machine's architecture, as docker says it.
---@return string
function M.arch()
  local machine = require("sys").platform().machine
  return ARCH[machine] or machine
end

---Renders a user's template over a document of the engine's, decoded into docker's Go types.
---@param source string
---@param document string JSON
---@param type_name string of docker.system_types
---@return string
function M.render(source, document, type_name)
  local format = require "cli.format"
  local template = format.compile(source == "json" and "{{json .}}" or source)
  local types = require("docker.system_types").get()
  local text, err = try(template.render_json, template, document, { types = types, type_name = type_name })
  return (text or format.unusable(err)) .. "\n"
end

return M
