-- The text that a new recipe begins with.
local M = {}

local TEXT = [[
-- NAME: what it is for, and for whom.
return {
  summary = "Say in one line what it does",
  uses = { "targets", "output" },
  columns = {
    { "Name" },
    { "Image" },
    { "Status" },
  },
  examples = { { "NAME" }, { "NAME --profile '*' --json", "On every NAS, for a program" } },
  -- What it may do; shown when somebody is asked to trust it.
  needs = { docker = { "read" } },
  run = function(ctx)
    return ctx:each_target(function(nas)
      local rows = {}
      for _, c in ipairs(nas:containers { all = true }) do
        rows[#rows + 1] = { name = c.Names[1]:sub(2), image = c.Image, status = c.Status }
      end
      return rows
    end)
  end,
}
]]

---@param name string
---@return string
function M.text(name) return (TEXT:gsub("NAME", function() return name end)) end

return M
