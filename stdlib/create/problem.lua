-- How flags of run and create are refused: one wording for all parsers of this folder.
local M = {}

---Raises a usage error about one flag.
---@param flag string "--ulimit"
---@param value string what the user gave
---@param why string
---@param hint? string
---@param exit_code? integer docker's, where it is not that of the command's other errors
function M.argument(flag, value, why, hint, exit_code)
  Error {
    category = "usage", code = "bad_flag_value", why = why, hint = hint, exit_code = exit_code,
    message = ('invalid argument "%s" for "%s" flag'):format(value, flag),
  }
end

---Raises a usage error about flags that exclude each other.
---@param why string
---@param hint? string
---@param exit_code? integer docker's, where it is not that of the other errors
function M.conflict(why, hint, exit_code)
  Error { category = "usage", code = "conflicting_flags", message = "conflicting options: " .. why, hint = hint, exit_code = exit_code }
end

---Splits "a:b:c" at every separator, empty fields included.
---@param text string
---@param separator string one character
---@return string[]
function M.split(text, separator)
  local parts, from = {}, 1
  while true do
    local at = text:find(separator, from, true)
    if not at then
      parts[#parts + 1] = text:sub(from)
      return parts
    end
    parts[#parts + 1] = text:sub(from, at - 1)
    from = at + 1
  end
end

---Cuts at the first separator.
---@param text string
---@param separator string
---@return string before, string? after nil when there is no separator
function M.cut(text, separator)
  local at = text:find(separator, 1, true)
  if not at then return text, nil end
  return text:sub(1, at - 1), text:sub(at + #separator)
end

local TRUE = { ["1"] = true, t = true, T = true, ["true"] = true, TRUE = true, True = true }
local FALSE = { ["0"] = true, f = true, F = true, ["false"] = true, FALSE = true, False = true }

---Go's strconv.ParseBool.
---@param text string
---@return boolean? nil when it is neither
function M.boolean(text)
  if TRUE[text] then return true end
  if FALSE[text] then return false end
end

---docker's string slices: every value of a list is a CSV record of its own, and an empty one is no value.
---@param list string[]
---@param flag string for the message
---@return string[]
function M.slices(list, flag)
  local out = {}
  for _, text in ipairs(list) do
    local fields = text ~= "" and M.csv(text, flag) or {}
    table.move(fields, 1, #fields, #out + 1, out)
  end
  return out
end

---Fields of one CSV record, as Go's encoding/csv reads it (--mount, --gpus, --network).
---@param text string
---@param flag string for the message
---@return string[]
function M.csv(text, flag)
  local fields, i = {}, 1
  while true do
    local field
    if text:sub(i, i) == '"' then
      local parts, from = {}, i + 1
      while true do
        local q = text:find('"', from, true) or M.argument(flag, text, 'a quoted field has no closing "')
        parts[#parts + 1] = text:sub(from, q - 1)
        if text:sub(q + 1, q + 1) ~= '"' then
          i = q + 1
          break
        end
        parts[#parts + 1] = '"'
        from = q + 2
      end
      field = table.concat(parts)
      if i <= #text and text:sub(i, i) ~= "," then M.argument(flag, text, "extraneous text behind a quoted field") end
    else
      local comma = text:find(",", i, true) or #text + 1
      field = text:sub(i, comma - 1)
      if field:find('"', 1, true) then M.argument(flag, text, 'a bare " in a field that is not quoted') end
      i = comma
    end
    fields[#fields + 1] = field
    if i > #text then return fields end
    i = i + 1
  end
end

return M
