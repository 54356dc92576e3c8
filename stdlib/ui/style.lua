-- Colours and emphasis: words for meaning, escape sequences only where they are wanted.
-- stdout and stderr are judged apart; NO_COLOR, TERM=dumb, --no-color and FORCE_COLOR count.
local M = {}

local CODES = {
  bold = "1", dim = "2", red = "31", green = "32", yellow = "33", blue = "34", magenta = "35", cyan = "36", white = "37",
  good = "32", warn = "33", bad = "31", off = "2", head = "2", key = "36",
}

---@class ui.Style
---@field on boolean
local Style = {}
Style.__index = Style

---@param on boolean
---@return ui.Style
function M.new(on)
  return setmetatable({ on = on }, Style)
end

---The text in a style of that name; unknown names and a style that is off leave it alone.
---@param name string|nil
---@param text string
---@return string
function Style:paint(name, text)
  local code = self.on and name and CODES[name]
  if not code or text == "" then
    return text
  end
  return ("\27[%sm%s\27[0m"):format(code, text)
end

local SERIES = { "cyan", "yellow", "green", "magenta", "blue" }

---A style for the nth of several things that are to be told apart; they come again after the last.
---@param n integer from 1
---@return string
function M.nth(n)
  return SERIES[(n - 1) % #SERIES + 1]
end

---Whether colours go to a stream.
---@param is_tty boolean
---@param when? "auto"|"always"|"never" what --color said
---@return boolean
function M.wanted(is_tty, when)
  local function env(name)
    local v = os.getenv(name)
    return v and v ~= ""
  end
  if when == "never" or env "NO_COLOR" then
    return when == "always"
  elseif when == "always" or (env "FORCE_COLOR" and os.getenv "FORCE_COLOR" ~= "0") then
    return true
  end
  return is_tty and os.getenv "TERM" ~= "dumb"
end

local STATES = {
  { "unhealthy", "bad" }, { "health: starting", "warn" }, { "starting", "warn" }, { "healthy", "good" },
  { "paused", "warn" }, { "restarting", "warn" }, { "removal in progress", "warn" }, { "^up", "good" }, { "^running", "good" },
  { "^dead", "bad" }, { "^exited %(0%)", "off" }, { "^exited", "bad" }, { "^created", "off" }, { "^ok", "good" },
  { "^fail", "bad" }, { "^unreachable", "bad" }, { "^warn", "warn" },
}

---The style for a state in words ("Up 3 hours (unhealthy)"): colour repeats what the words say.
---@param text string
---@return string|nil
function M.of_state(text)
  local lower = text:lower()
  for _, pair in ipairs(STATES) do
    if lower:find(pair[1]) then
      return pair[2]
    end
  end
  return nil
end

return M
