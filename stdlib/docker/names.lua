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

local MOST = 5 -- candidates that are told

---Says which containers the beginning of an id could mean, where the engine found several.
---@async
---@param nas docker.Nas
---@param ref string
---@param err Error
---@return Error
function M.explain(nas, ref, err)
  if err.code ~= "ambiguous_id" then return err end
  local found = {}
  for _, c in ipairs(try(function() return nas:containers { all = true } end) or {}) do
    if c.Id:sub(1, #ref) == ref:lower() then
      found[#found + 1] = ("%s (%s)"):format(c.Id:sub(1, 12), ((c.Names or {})[1] or ""):gsub("^/", ""))
    end
  end
  if #found == 0 then return err end
  local more = #found > MOST and (" and %d more"):format(#found - MOST) or ""
  err.why = ("the ids of %s begin so"):format(table.concat(found, ", ", 1, math.min(#found, MOST)) .. more)
  return err
end

return M
