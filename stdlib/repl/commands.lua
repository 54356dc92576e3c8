-- What begins with a colon. One table: help and completion are made of it. Dependencies: repl.*.
local M = {}

---@class repl.Command
---@field [1] string name
---@field [2] string arguments, as in the help
---@field [3] string what it does
---@field run fun(session: repl.Session, argument: string): any "quit" ends the session

local function usage(message, hint) Error { category = "usage", code = "bad_command", message = message, hint = hint } end

local function value_of(session, text)
  local fn, why = load("return " .. text, "=repl", "t", session.env)
  if not fn then error(require("repl.reader").syntax_error((why:gsub("^repl:%d+: ", ""))), 0) end
  return fn()
end

-- The function that `nas:pull`, `docker.connect` or an expression names.
local function function_of(session, text)
  if text == "" then usage("no function is named", ":doc docker.connect") end
  local value = require("repl.complete").resolve(text, session.env)
  if value == nil then
    local ok, found = pcall(value_of, session, text)
    value = ok and found or nil
  end
  if type(value) ~= "function" then usage(("'%s' is no function"):format(text), ":doc docker.connect") end
  local doc = require("repl.docs").of(value)
  if not doc then usage(("'%s' has no source in Lua"):format(text)) end
  return doc
end

local function doc(session, text)
  local d = function_of(session, text)
  session.out(session.style:paint("bold", d.signature) .. "\n")
  for _, line in ipairs(d.lines) do session.out("  " .. line .. "\n") end
  session.out(session.style:paint("dim", d.place) .. "\n")
end

local function help(session, name)
  name = name:gsub("^:", "")
  local text = require "ui.text"
  if name ~= "" and not M.find(name) then return doc(session, name) end
  for _, command in ipairs(M.list) do
    if name == "" or command[1] == name then
      local left = (":%s %s"):format(command[1], command[2])
      session.out(("  %s  %s\n"):format(text.pad(left, 24), command[3]))
    end
  end
  if name == "" then
    session.out "\nLua is typed as it is; an expression shows its value, kept as _ (the last) and _1, _2 …\n"
    session.out "`nas` is Docker on the NAS: nas:containers { all = true }, nas:container \"web\":restart()\n"
    session.out "Tab completes, Ctrl-R searches, Ctrl-C stops a chunk, Ctrl-D leaves; spawn(fn) runs beside the prompt.\n"
  end
end

local function profile(session, name)
  if name ~= "" then
    session:use(require("profile").get(name))
  elseif not session.profile then
    error(session.no_profile, 0)
  end
  local p = session.profile
  session.out(("%s (%s)%s\n"):format(p.name, p.host, session.dry and ", dry mode is on" or ""))
end

local function connect(session)
  session:disconnect()
  local version = session:nas():version()
  session.out(("%s: Docker %s\n"):format(session.profile.name, tostring(version.Version)))
end

local function timed(session, text)
  if text == "" then usage("nothing to measure is given", ":time nas:containers {}") end
  local now = require("ui").clock
  local chunk = require("repl.reader").read(text, session.env)
  if not chunk.fn then error(require("repl.reader").syntax_error(chunk.why), 0) end
  local begun = now()
  local results = table.pack(chunk.fn())
  local took = now() - begun
  session:show(results)
  session.out(session.style:paint("dim", ("%.3f s"):format(took)) .. "\n")
end

---Runs a file in the session.
---@async
---@param session repl.Session
---@param path string
function M.load_file(session, path)
  path = path:gsub("^~/", function() return (os.getenv "HOME" or "") .. "/" end)
  local text = require("fs").read(path):gsub("^#[^\n]*", "")
  local fn, why = load(text, "@" .. path, "t", session.env)
  if not fn then Error { category = "usage", code = "bad_script", message = ("cannot run %s"):format(path), why = why } end
  session.loaded = path
  session:show(table.pack(fn()))
end

local function load_again(session, path)
  path = path ~= "" and path or session.loaded or usage("no file was loaded yet", ":load FILE")
  M.load_file(session, path)
end

local SKELETON = [[
-- %s
-- Run: qnap-docker repl --profile %s %s

]]

local function save(session, path)
  if path == "" then usage("no file is named", ":save FILE") end
  if #session.chunks == 0 then usage "nothing that worked was typed yet" end
  local fs = require "fs"
  if fs.exists(path) then
    Error { category = "conflict", code = "exists", message = ("%s is there already"):format(path), hint = "choose another name" }
  end
  local kept = {}
  for _, chunk in ipairs(session.chunks) do
    if require("repl.history").keeps(chunk) then kept[#kept + 1] = chunk end
  end
  local name = session.profile and session.profile.name or "NAME"
  fs.write(path, SKELETON:format(os.date "Typed on %Y-%m-%d", name, path) .. table.concat(kept, "\n") .. "\n")
  session.out(("%d chunk%s in %s\n"):format(#kept, #kept == 1 and "" or "s", path))
end

local function edit(session, number)
  local was = session.chunks[math.tointeger(tonumber(number)) or #session.chunks] or ""
  local fs = require "fs"
  local folder <close> = fs.temp_dir()
  local path = fs.join(folder.path, "chunk.lua")
  fs.write(path, was ~= "" and was .. "\n" or "")
  require("profile.editor").open(path)
  local text = fs.read(path):gsub("%s+$", "")
  if text == "" then return end
  session.out(session.style:paint("dim", text) .. "\n")
  local chunk = require("repl.reader").read(text, session.env)
  if not chunk.fn then error(require("repl.reader").syntax_error(chunk.why or "it is empty"), 0) end
  if session.remember then session.remember(text) end
  session:show(table.pack(chunk.fn()))
  session.chunks[#session.chunks + 1] = text
end

local FORMATS = { json = true, table = true, tree = true }

local function set(session, text)
  local name, value = text:match "^(%S+)%s*(%S*)$"
  local settings = session.settings
  if FORMATS[name] then
    settings.format = name
  elseif name == "depth" and math.tointeger(tonumber(value)) and tonumber(value) >= 1 then
    settings.depth = math.tointeger(tonumber(value))
  elseif (name == "raw" or name == "expanded") and (value == "on" or value == "off" or value == "") then
    settings[name] = value ~= "off" and (value == "on" or not settings[name])
  elseif name then
    usage(("'%s' is no setting"):format(text), ":set table, tree, json, depth N, raw on|off, expanded on|off")
  end
  session.out(("%s, depth %d, raw %s, expanded %s\n"):format(settings.format, settings.depth, settings.raw and "on" or "off",
    settings.expanded and "on" or "off"))
end

local function dry(session, text)
  if text ~= "" and text ~= "on" and text ~= "off" then usage(("'%s' is neither on nor off"):format(text), ":dry on") end
  if text ~= "" then session:set_dry(text == "on") end
  session.out(session.dry and "dry mode is on: what would change the NAS is shown, not done\n" or "dry mode is off\n")
end

local function jobs(session, text)
  local number = text:match "^stop%s+(%d+)$"
  if number then
    local job = session.jobs[tonumber(number)] or usage(("there is no job %s"):format(number), ":jobs")
    if job.state == "running" then job.task:cancel() end
    return
  elseif text ~= "" then
    usage(("'%s' is not known"):format(text), ":jobs stop N")
  end
  for _, job in ipairs(session.jobs) do
    session.out(("%d  %-8s %s\n"):format(job.id, job.state, require("ui.text").cut((job.what:gsub("\n.*", " …")), 60)))
  end
  if #session.jobs == 0 then session.out "nothing runs beside the prompt; spawn(fn) starts something\n" end
end

local function history(session)
  for i, entry in ipairs(session.history and session.history.entries or session.chunks) do
    session.out(("%4d  %s\n"):format(i, (entry:gsub("\n", "\n      "))))
  end
end

---@type repl.Command[]
M.list = {
  { "help", "[NAME]", "This list, one command, or what is said of a function", run = help },
  { "doc", "FUNCTION", "What is said of a function: :doc nas:pull", run = doc },
  { "source", "FUNCTION", "Its source", run = function(session, text)
    for _, line in ipairs(function_of(session, text).source) do session.out(line .. "\n") end
  end },
  { "profile", "[NAME]", "Which NAS `nas` is; with a name: another one", run = profile },
  { "connect", "", "Connect now", run = connect },
  { "reconnect", "", "Let go of the connection and make a new one", run = connect },
  { "time", "CHUNK", "How long a chunk takes", run = timed },
  { "load", "FILE", "Run a file in this session", run = load_again },
  { "reload", "", "Run the last one again", run = load_again },
  { "save", "FILE", "Write what worked so far to a file, to begin a script with", run = save },
  { "edit", "[N]", "The last chunk (or the Nth) in $EDITOR, then run it", run = edit },
  { "set", "[NAME [VALUE]]", "table, tree, json, depth N, raw on|off, expanded on|off", run = set },
  { "dry", "[on|off]", "Whether changes are only shown; on for protected profiles", run = dry },
  { "jobs", "[stop N]", "What runs beside the prompt", run = jobs },
  { "history", "", "What was typed", run = history },
  { "quit", "", "Leave (also Ctrl-D)", run = function() return "quit" end },
}

---@param name string without its colon
---@return repl.Command?
function M.find(name)
  for _, command in ipairs(M.list) do
    if command[1] == name then return command end
  end
  return nil
end

---The names for completion.
---@return repl.Candidate[]
function M.candidates()
  local out = {}
  for i, command in ipairs(M.list) do out[i] = { ":" .. command[1], command[3] } end
  return out
end

---Runs a line that begins with a colon (or `\x`, psql's).
---@async
---@param session repl.Session
---@param line string
---@return "done"|"failed"|"quit"
---@return any err
function M.run(session, line)
  local name, argument = line:match "^%s*:(%a+)%s*(.-)%s*$"
  if line:find "^%s*\\x%s*$" then name, argument = "set", "expanded" end
  local command = name and M.find(name)
  if not command then
    local near = require("cli.suggest").near(name or "", (function()
      local names = {}
      for i, c in ipairs(M.list) do names[i] = c[1] end
      return names
    end)())
    return "failed", require("errors").new {
      category = "usage", code = "unknown_command", message = ("there is no command '%s'"):format(line:match "^%s*(%S*)"),
      hint = near[1] and ("did you mean :%s?"):format(near[1]) or ":help lists them",
    }
  end
  session.text = line
  local ok, result = session:run(command.run, session, argument)
  if not ok then return "failed", result end
  return result == "quit" and "quit" or "done"
end

return M
