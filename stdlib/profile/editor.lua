-- profiles.yaml in the user's editor: checked before it replaces the file, asked again when it is wrong.
local profile = require "profile"

local M = {}

---Opens a file in $VISUAL, $EDITOR or vi, and waits.
---@async
---@param path string
---@raise fail "editor_failed"
function M.open(path)
  local editor = os.getenv "VISUAL" or os.getenv "EDITOR" or "vi"
  local result = require("proc").interactive { argv = { "sh", "-c", editor .. ' "$1"', "sh", path } } -- EDITOR may hold arguments
  if result.code ~= 0 then
    Error {
      category = "fail", code = "editor_failed", message = ("the editor '%s' failed"):format(editor),
      why = ("it ended with status %d; nothing was changed"):format(result.code), hint = "set EDITOR to an editor that is installed",
    }
  end
end

-- Whether to open the editor again after a mistake.
local function again(ctx, err, path)
  ctx:note(require("cli.render_error").text(err, { style = require("ui").style "stderr" }):gsub("\n$", ""))
  require("cli.output").err "Edit again? [Y/n] "
  local answer = require("ui").read_line()
  if answer and not answer:lower():find "^%s*n" then
    return true
  end
  Error {
    category = "aborted", code = "aborted", message = "profiles.yaml was not changed", why = err.message,
    hint = ("your version is kept in %s"):format(path),
  }
end

---Opens the file in $VISUAL, $EDITOR or vi. Returns whether it was changed.
---@async
---@param ctx cli.Context
---@return boolean
---@raise aborted
function M.edit(ctx)
  if not require("ui").can_ask() then
    Error {
      category = "usage", code = "nothing_to_change", message = "nothing to change was given, and there is no terminal for an editor",
      hint = "qnap-docker profile edit --help lists the flags",
    }
  end
  local was = profile.text()
  local path = ("%s/profiles.%d.edit.yaml"):format(profile.home(), math.random(100000, 999999))
  local fs = require "fs"
  fs.mkdir(profile.home(), { parents = true })
  fs.write(path, was)
  while true do
    local _, failure = try(M.open, path)
    local text = fs.read(path)
    if failure then
      fs.remove(path)
      error(failure, 0)
    end
    if text == was then
      fs.remove(path)
      return false
    end
    local _, err = try(profile.replace, was, text)
    if not err then
      fs.remove(path)
      return true
    end
    again(ctx, err, path)
  end
end

return M
