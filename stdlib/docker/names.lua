-- Names as segments of a path: what the engine's router would take for another path is the name of nothing.
local M = {}

local function fits(ref, kind)
  if ref == "" or #ref > 4000 or ref:find "%c" then
    return false
  elseif kind ~= "image" and kind ~= "network" and ref:find("/", 1, true) then
    return false
  end
  for segment in (ref .. "/"):gmatch "([^/]*)/" do
    if segment == "" or segment == "." or segment == ".." then
      return false
    end
  end
  return true
end

---Raises not_found for a name that no object can have.
---@param ref string
---@param kind "container"|"image"|"network"|"volume"
function M.check(ref, kind)
  if fits(ref, kind) then
    return
  end
  Error {
    category = "not_found", code = "no_such_" .. kind, message = ("no %s is called '%s'"):format(kind, ref), object = ref,
    why = ref == "" and "the name is empty" or "no name looks like that", hint = "qnap-docker ps -a lists containers, images lists images",
  }
end

return M
