-- Paths out of a tree. Dependencies: carry.hands.
local hands = require "carry.hands"

local M = {}

-- A folder above that is a symlink leads elsewhere: exit 98. Names come with "./" in front.
local REMOVE = [==[
xargs -0 sh -c 'for p; do
  d=${p%/*}
  while [ "$d" != . ]; do
    if [ -L "$d" ]; then printf "%s\n" "$p" >&2; exit 255; fi
    d=${d%/*}
  done
  rm -rf -- "$p" || exit 1
done' sh]==]

local function check(tree, path)
  local wrapped = "/" .. path .. "/"
  if path ~= "" and path:byte() ~= 47 and not path:find("\0", 1, true) and not wrapped:find "/%.%.?/" and not path:find("//", 1, true)
    and path:byte(-1) ~= 47
  then
    return
  end
  Error {
    category = "usage", code = "outside", profile = tree.nas.name, why = ("%q is not below it"):format(path),
    message = tree.nas:cannot(("remove files from %s"):format(hands.name(tree))),
  }
end

local function fail(tree, code, why)
  Error {
    category = code == "outside" and "usage" or "fail", code = code, profile = tree.nas.name, why = why,
    message = tree.nas:cannot(("remove files from %s"):format(hands.name(tree))),
  }
end

---@async
---@param tree carry.Tree
---@param way carry.Way
---@param paths string[]
function M.run(tree, way, paths)
  for _, path in ipairs(paths) do check(tree, path) end
  if #paths == 0 then return end
  if way.kind == "engine" then fail(tree, "remove_failed", "the engine's archives take nothing away") end
  local answer = hands.run(tree, way, REMOVE, { input = require("carry.hash").names(paths), writes = true })
  if answer.status == 124 then fail(tree, "outside", ("%s: a folder above it is a symlink"):format(answer.stderr:match "[^\n]*")) end
  if answer.status ~= 0 then fail(tree, "remove_failed", hands.why(answer)) end
end

return M
