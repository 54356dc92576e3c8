-- The globals of the chunks: those of every script, the modules by their names, and `nas`. Dependencies: none.
local M = {}

---Modules that are there without `require`.
M.modules = {
  "carry", "compose", "docker", "errors", "fs", "json", "plan", "proc", "profile", "ssh", "sys", "tar", "task", "template", "tty", "ui",
  "units", "yaml",
}

local IS_MODULE = {}
for _, name in ipairs(M.modules) do IS_MODULE[name] = true end

---@param session repl.Session
---@return table
function M.new(session)
  local env = {}
  env._G = env
  return setmetatable(env, {
    __index = function(_, name)
      local value = rawget(_G, name)
      if value ~= nil then return value end
      if name == "nas" then return session:nas() end
      if name == "spawn" then return function(fn, ...) return session:spawn(fn, ...) end end
      if IS_MODULE[name] then return require(name) end
      error(("variable '%s' is not declared"):format(tostring(name)), 2)
    end,
  })
end

return M
