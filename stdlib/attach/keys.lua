-- The key sequence that leaves a terminal session and lets the container run on ("ctrl-p,ctrl-q").
-- Found on our side: engines before 23 report a detach of theirs as a failed exec.
local M = {}

local CONTROL = "@abcdefghijklmnopqrstuvwxyz[\\]^_"

local function key(text)
  if #text == 1 then return text end
  local letter = text:lower():match "^ctrl%-(.)$"
  local at = letter and CONTROL:find(letter, 1, true)
  if not at then
    Error {
      category = "usage", code = "bad_detach_keys", message = ('invalid detach keys: unknown character "%s"'):format(text),
      why = "a key is one character, or ctrl- and one of a-z @ [ \\ ] ^ _", hint = "--detach-keys ctrl-p,ctrl-q",
    }
  end
  return string.char(at - 1)
end

---What --detach-keys means: detachKeys of docker's config.json where it is not given. The engine must know it, too.
---@param flag? string
---@return string? nil: the usual ones
function M.chosen(flag)
  if flag and flag ~= "" then return flag end
  return require("registry.config").load().detach_keys
end

---@param text? string comma list; nil or "": ctrl-p,ctrl-q
---@return string sequence the bytes to look for
function M.parse(text)
  if text == nil or text == "" then text = "ctrl-p,ctrl-q" end
  local out = {}
  for part in (text .. ","):gmatch "(.-)," do out[#out + 1] = key(part) end
  return table.concat(out)
end

---A filter over typed bytes: holds back what may be the start of the sequence.
---@param sequence string
---@return fun(bytes: string): string, boolean what to send now, and whether the sequence was completed
function M.filter(sequence)
  local held = 0
  return function(bytes)
    local out = {}
    for i = 1, #bytes do
      local c = bytes:sub(i, i)
      if c == sequence:sub(held + 1, held + 1) then
        held = held + 1
        if held == #sequence then return table.concat(out), true end
      else
        out[#out + 1] = sequence:sub(1, held)
        held = 0
        if c == sequence:sub(1, 1) then held = 1 else out[#out + 1] = c end
      end
    end
    return table.concat(out), false
  end
end

return M
