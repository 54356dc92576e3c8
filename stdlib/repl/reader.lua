-- Text to chunk: an expression, statements, or something that is not complete yet. Dependencies: none.
local M = {}

local NAME = "=repl"

-- Called at the end of a chunk's statements: its local variables live on as the session's.
local function keeper(env)
  return function()
    for i = 1, math.huge do
      local name, value = debug.getlocal(2, i)
      if not name then return end
      if name:find "^[%a_]" then rawset(env, name, value) end
    end
  end
end

---@class repl.Chunk
---@field kind "chunk"|"incomplete"|"error"|"empty"
---@field fn? function
---@field expression? boolean its results are what was asked for
---@field why? string of an error

-- A string that is not closed stays so on the next line, too.
local function is_incomplete(why) return why:find "<eof>$" and not why:find "unfinished string near" end

-- `return x` first, so that an expression shows what it is. Statements end with a call that keeps their locals; those that end with a
-- `return` of their own cannot have one.
local function compile(text, env)
  local fn, why = load("return " .. text, NAME, "t", env)
  if fn then return fn, true end
  if is_incomplete(why) then return nil, why end
  fn, why = load(text, NAME, "t", env)
  if not fn then return nil, why end
  local keeping = load(text .. "\n;(...)()", NAME, "t", env)
  if not keeping then return fn, false end
  local keep = keeper(env)
  return function() return keeping(keep) end, false
end

---Reads what was typed.
---@param text string
---@param env table
---@return repl.Chunk
function M.read(text, env)
  if not text:find "%S" or (text:find "^%s*%-%-[^%[]" and not text:find "\n") then return { kind = "empty" } end
  local fn, more = compile(text, env)
  if fn then return { kind = "chunk", fn = fn, expression = more } end
  if is_incomplete(more) then return { kind = "incomplete", why = more } end
  return { kind = "error", why = (more:gsub("^repl:(%d+):", "line %1:")) }
end

---@param why string
---@return Error
function M.syntax_error(why)
  return require("errors").new { category = "usage", code = "bad_syntax", message = "this is no Lua", why = why }
end

return M
