-- -f/--filter k=v as the engine takes it: {"status": {"exited": true, "created": true}}.
local M = {}

---@param list string[]
---@return table<string, table<string, boolean>>
function M.parse(list)
  local filters = {}
  for _, text in ipairs(list) do
    local key, value = (text == "" and "=" or text):match "^([^=]*)=(.*)$"
    if not key then
      Error {
        category = "usage", code = "bad_filter", exit_code = 125, message = ('invalid argument "%s" for "-f, --filter" flag'):format(text),
        why = "bad format of filter (expected name=value)", hint = "for example --filter status=exited",
      }
    end
    if key:sub(-1) == "!" then key = key:sub(1, -2):match "^%s*(.-)%s*$" .. "!" end
    key, value = key:match "^%s*(.-)%s*$":lower(), value:match "^%s*(.-)%s*$"
    if text ~= "" then -- docker, too, takes an empty one for none
      filters[key] = filters[key] or {}
      filters[key][value] = true
    end
  end
  return filters
end

return M
