-- Text on terminals: display width, wrapping, shortening, control characters.
local M = {}

-- Ranges of characters that take two cells (East Asian wide and emoji), and of those that take none.
local WIDE = {
  { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0x33FF }, { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },
  { 0xA000, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 },
  { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
}
local NONE = {
  { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x202A, 0x202E }, { 0x2060, 0x2064 }, { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF },
}

local function within(ranges, c)
  for _, r in ipairs(ranges) do
    if c <= r[2] then
      return c >= r[1]
    end
  end
  return false
end

local function cells(c)
  if c < 0x300 then
    return 1
  elseif within(NONE, c) then
    return 0
  end
  return within(WIDE, c) and 2 or 1
end

---Number of characters; a byte that is no UTF-8 counts as one (as Go counts).
---@param text string
---@return integer
function M.runes(text)
  local n = utf8.len(text)
  if n then
    return n
  end
  n = 0
  local i = 1
  while i <= #text do
    local good, bad = utf8.len(text, i)
    if good then
      return n + good
    end
    n = n + (bad > i and utf8.len(text, i, bad - 1) or 0) + 1
    i = bad + 1
  end
  return n
end

---Cells that the text takes on a terminal.
---@param text string
---@return integer
function M.width(text)
  if not text:find "[\128-\255]" then
    return #text
  elseif not utf8.len(text) then
    return M.runes(text)
  end
  local n = 0
  for _, c in utf8.codes(text) do
    n = n + cells(c)
  end
  return n
end

---The beginning of the text that fits into `width` cells.
---@param text string
---@param width integer
---@return string
function M.cut(text, width)
  if not utf8.len(text) then
    return text:sub(1, width)
  end
  local n = 0
  for at, c in utf8.codes(text) do
    n = n + cells(c)
    if n > width then
      return text:sub(1, at - 1)
    end
  end
  return text
end

-- The end of the text that fits into `width` cells.
local function tail(text, width)
  local from, n = #text + 1, 0
  while from > 1 do
    local at = utf8.offset(text, -1, from)
    n = n + cells(utf8.codepoint(text, at))
    if n > width then
      break
    end
    from = at
  end
  return text:sub(from)
end

---Shortens to `width` cells with "…", at the end or in the middle.
---@param text string
---@param width integer
---@param middle? boolean
---@return string
function M.shorten(text, width, middle)
  if M.width(text) <= width then
    return text
  elseif width <= 1 then
    return width == 1 and "…" or ""
  elseif not middle or width < 7 or not utf8.len(text) then
    return M.cut(text, width - 1) .. "…"
  end
  local right = (width - 1) // 2
  return M.cut(text, width - 1 - right) .. "…" .. tail(text, right)
end

---Pads with blanks on the right (or on the left for numbers).
---@param text string
---@param width integer
---@param left? boolean
---@return string
function M.pad(text, width, left)
  local blanks = (" "):rep(width - M.width(text))
  return left and blanks .. text or text .. blanks
end

---Breaks at blanks into lines of at most `width` cells; longer words stand alone. Newlines are kept.
---@param text string
---@param width integer
---@return string[]
function M.wrap(text, width)
  local lines = {}
  for paragraph in (text .. "\n"):gmatch "(.-)\n" do
    local line = paragraph:match "^%s*"
    local empty = true
    for word in paragraph:gmatch "%S+" do
      if not empty and M.width(line) + 1 + M.width(word) > width then
        lines[#lines + 1] = line
        line, empty = "", true
      end
      line = empty and line .. word or line .. " " .. word
      empty = false
    end
    lines[#lines + 1] = line
  end
  return lines
end

---Control characters out, so that text from a NAS cannot drive the terminal. Keeps newline and tab if told.
---@param text string
---@param keep_lines? boolean
---@return string
function M.clean(text, keep_lines)
  text = text:gsub("\27%[[0-?]*[ -/]*[@-~]", ""):gsub("\194[\128-\159]", "")
  return (text:gsub(keep_lines and "[\0-\8\11-\31\127]" or "%c", function(c)
    return (c == "\n" or c == "\t") and " " or ""
  end))
end

return M
