-- Names that change (profiles, containers, ...) for completion. Whatever goes wrong, or takes longer than 300 ms, gives
-- nothing: completion never asks for a password, never accepts a host key, and never prints an error.
local M = {}

---@class cli.CompletionContext
---@field word string
---@field flags table<string, any>
---@field words string[]

function M.topics()
  local topics = require "cli.topics"
  local out = {}
  for _, name in ipairs(topics.names()) do
    out[#out + 1] = { name, topics.title(name) }
  end
  for _, entry in ipairs(require("cli.registry").list()) do
    out[#out + 1] = { entry.words[1], #entry.words == 1 and entry.summary or nil }
  end
  return out
end

M.shells = function()
  return { "bash", "zsh", "fish" }
end

return M
