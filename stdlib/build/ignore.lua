-- .dockerignore: moby's patterns. `*` and `?` stay within a part of the path, `**` spans parts, a pattern also covers what is
-- below, `!` makes an exception, and the last that matches decides. Dependencies: copy.paths.
local M = {}

local BAD = {}

-- One part of a pattern as a Lua pattern. Go's filepath.Match: \x is x, [a-z] and [^a-z] are sets.
local function part_pattern(text)
  local out, i = { "^" }, 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == "*" then
      out[#out + 1] = ".*"
    elseif c == "?" then
      out[#out + 1] = utf8.charpattern
    elseif c == "[" then
      local set = text:match("^%[%^?[^%]]+%]", i)
      if not set then
        return BAD
      end
      local negated, inside = set:match "^%[(%^?)(.*)%]$"
      out[#out + 1] = "[" .. negated .. inside:gsub("[%%%]]", "%%%0") .. "]"
      i = i + #set - 1
    else
      if c == "\\" then
        i = i + 1
        c = text:sub(i, i)
        if c == "" then
          return BAD
        end
      end
      out[#out + 1] = c:gsub("%W", "%%%0")
    end
    i = i + 1
  end
  return table.concat(out) .. "$"
end

-- utf8.charpattern holds a NUL set and is anchored nowhere: fine inside another pattern.
local function split(path)
  local out = {}
  for part in path:gmatch "[^/]+" do
    out[#out + 1] = part
  end
  return out
end

---@class ignore.Pattern
---@field text string
---@field exception boolean
---@field parts (string|true)[] true: `**`

-- Whether parts[i..] match path[j..] as a whole.
local function match(parts, path, i, j)
  while parts[i] ~= nil do
    if parts[i] == true then
      if parts[i + 1] == nil then
        return j <= #path or i == 1
      end
      for at = j, #path + 1 do
        if match(parts, path, i + 1, at) then
          return true
        end
      end
      return false
    end
    if path[j] == nil or not path[j]:find(parts[i]) then
      return false
    end
    i, j = i + 1, j + 1
  end
  return path[j] == nil
end

local function compile(line)
  local exception = line:sub(1, 1) == "!"
  local text = exception and line:sub(2) or line
  local parts = {}
  for i, part in ipairs(split(text)) do
    if part == "**" then
      parts[i] = true
    else
      parts[i] = part_pattern(part:gsub("%*%*+", "*"))
      if parts[i] == BAD then
        Error {
          category = "config", code = "bad_pattern", message = ("the pattern '%s' of .dockerignore cannot be read"):format(line),
          why = "a bracket or a backslash is left open",
        }
      end
    end
  end
  return { text = text, exception = exception, parts = parts }
end

---Lines of a .dockerignore: comments and blanks left out, paths cleaned, a slash in front dropped.
---@param text string
---@return string[]
function M.lines(text)
  local clean = require("copy.paths").clean
  local out = {}
  for line in (text:gsub("^\239\187\191", "") .. "\n"):gmatch "(.-)\r?\n" do
    if line:sub(1, 1) ~= "#" then
      local pattern = line:match "^%s*(.-)%s*$"
      local mark = pattern:sub(1, 1) == "!" and "!" or ""
      pattern = pattern:sub(#mark + 1):match "^%s*(.-)%s*$"
      if pattern ~= "" then
        pattern = clean(pattern)
        out[#out + 1] = mark .. (#pattern > 1 and pattern:gsub("^/", "") or pattern)
      end
    end
  end
  return out
end

---@class ignore.Matcher
---@field patterns ignore.Pattern[]
---@field exceptions boolean
local Matcher = {}
Matcher.__index = Matcher

---@param lines string[] as of M.lines
---@return ignore.Matcher
---@raise config "bad_pattern"
function M.new(lines)
  local self = setmetatable({ patterns = {}, exceptions = false }, Matcher)
  for _, line in ipairs(lines) do
    if line ~= "!" then
      local pattern = compile(line)
      self.patterns[#self.patterns + 1] = pattern
      self.exceptions = self.exceptions or pattern.exception
    end
  end
  return self
end

---Whether a path is left out: the last pattern that matches it, or a folder above it, decides.
---@param path string
---@return boolean
function Matcher:excludes(path)
  local parts, left_out = split(path), false
  for _, pattern in ipairs(self.patterns) do
    if pattern.exception == left_out then -- another decision is possible
      local above = {}
      for i = 1, #parts do
        above[i] = parts[i]
        if match(pattern.parts, above, 1, 1) then
          left_out = not pattern.exception
          break
        end
      end
    end
  end
  return left_out
end

-- An exception names something below the folder.
local function has_exception_below(self, folder)
  for _, pattern in ipairs(self.patterns) do
    if pattern.exception and (pattern.text .. "/"):sub(1, #folder + 1) == folder .. "/" then
      return true
    end
  end
  return false
end

---What becomes of a path of the context.
---@param path string
---@param folder boolean
---@return "take"|"enter"|"skip"
function Matcher:verdict(path, folder)
  if not self:excludes(path) then
    return "take"
  end
  return folder and self.exceptions and has_exception_below(self, path) and "enter" or "skip"
end

---The patterns of a context: those of its .dockerignore, which never leave out the Dockerfile or .dockerignore itself.
---@param lines string[]
---@param dockerfile? string path in the context
---@return ignore.Matcher
function M.for_context(lines, dockerfile)
  local all = table.move(lines, 1, #lines, 1, {})
  local matcher = M.new(all)
  for _, path in ipairs { ".dockerignore", dockerfile } do
    if matcher:excludes(path) then
      all[#all + 1] = "!" .. path
    end
  end
  return M.new(all)
end

return M
