-- A list as the engine takes it: an array of its own, or nothing where it is empty.

---@param values? any[]
---@return any[]? nil: there is none, or nothing is in it
return function(values)
  local out = table.move(values or {}, 1, #(values or {}), 1, {})
  return #out > 0 and require("json").array(out) or nil
end
