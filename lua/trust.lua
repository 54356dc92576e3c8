-- trust: lets a project file bring profiles of its own. Reads and writes <state>/trust; no NAS is asked.
local function absolute(path)
  local there = try(require("fs").realpath, path)
  if there then return there end
  Error { category = "not_found", code = "no_file", message = ("there is no %s"):format(path) }
end

-- The project file that a path means: itself, or what counts in that directory.
local function meant(path)
  local fs, project = require "fs", require "profile.project"
  local where = absolute(path)
  local dir = fs.is_directory(where) and where or fs.dirname(where)
  local found = project.find(dir)
  if found and (dir == where or found.path == where) then return found end
  Error {
    category = "not_found", code = "no_project_file", message = ("no project file counts in %s"):format(where),
    why = "a project file is called .qnap-docker.yaml; what others may write, and what is a link, is passed over",
    hint = "qnap-docker help project-file",
  }
end

local function allow(ctx, project)
  local module = require "profile.project"
  if not project.has_profiles then
    return ctx:note(("%s needs no trust: it brings no profiles"):format(project.path))
  elseif project.trusted then
    return ctx:note(("%s is trusted as it is"):format(project.path))
  end
  for _, line in ipairs(module.check(project)) do ctx:warn(line) end -- a broken file is not asked about
  local style, clean = require("ui").style "stderr", require("ui.text").clean
  ctx:note(style:paint("bold", project.path))
  for line in (project.text:gsub("\n*$", "") .. "\n"):gmatch "([^\n]*)\n" do ctx:note("  " .. clean(line)) end
  ctx:confirm { level = 2, question = ("Trust this file: its profiles say which hosts are logged in to, and with which keys?") }
  module.trust(project)
  ctx:note(("%s is trusted until it changes"):format(project.path))
end

---@type cli.Command
return {
  summary = "Trust the project file of a directory (.qnap-docker.yaml)",
  group = "set-up",
  description = "A project file chooses a profile for a directory tree. It may bring profiles of its own, too; as it comes with a clone, "
    .. "those count only once it was trusted, and no longer when the file changes. Host keys are the matter of 'profile trust'.",
  args = { { "path", optional = true, complete = "files", help = "Directory or file (default: the working directory)" } },
  flags = {
    { "revoke", help = "Trust it no longer" },
    { "list", help = "Show the files that were trusted" },
  },
  uses = { "confirm", "output" },
  columns = {
    { "Path", middle = true, priority = 1 },
    { "State", color = "state", priority = 2 },
  },
  quiet = "Path",
  empty = "no project file was trusted",
  examples = {
    { "trust .", "Show the file that counts here, and ask" },
    { "trust --list" },
    { "trust --revoke ~/src/app" },
  },
  run = function(ctx)
    if ctx.flags.list then return require("json").array(require("profile.project").list()) end
    local path = ctx.args.path or "."
    if not ctx.flags.revoke then return allow(ctx, meant(path)) end
    local file = try(meant, path)
    local name = file and file.path or path -- a file that is gone is named as the list names it
    if not require("profile.project").forget(name) then
      local hint = "qnap-docker trust --list"
      Error { category = "not_found", code = "not_trusted", message = ("%s is not trusted"):format(name), hint = hint }
    end
    ctx:note(("%s is not trusted any more"):format(name))
  end,
}
