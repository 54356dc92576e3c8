-- Commands at a tree: on the NAS, on this machine or in a helper container, with the same words for all. They are POSIX sh and what busybox
-- has; values are arguments or standard input, never text of a script. Dependencies: core.ssh, docker.exec, proc, task.
local M = {}

local READ = 256 * 1024
local HEARD = 256 * 1024 -- bytes of stderr that are kept

---A command that is talked to while it runs. What it writes to stderr is heard and kept; nothing is read before `read` or `drain`.
---@class carry.Child
---@field errors string[] pieces of stderr
---@field full boolean the disk there is full: it said so
---@field read fun(): string? the next bytes of its output, nil at the end
---@field write fun(bytes: string): boolean false: it reads no more
---@field finish fun() the end of its input
---@field wait fun(): integer its status, once its output has ended
---@field close fun() lets it go

local function hear(child, bytes)
  if bytes:find("No space left on device", 1, true) or bytes:find("quota exceeded", 1, true) then child.full = true end
  child.heard = child.heard + #bytes
  if child.heard <= HEARD then table.insert(child.errors, bytes) end
end

-- read() for a source that gives both outputs in one: next() -> "stdout"|"stderr", bytes.
local function merged(child, next)
  return function()
    while true do
      local which, bytes = next()
      if which ~= "stderr" then return bytes end
      hear(child, bytes)
    end
  end
end

local function taken(write, command, bytes)
  local ok, err = pcall(write, command, bytes)
  if ok then return true end
  if type(err) == "table" and err.code == "reader_gone" then return false end
  error(err, 0)
end

local function over_session(child, raw, line)
  local command = raw:exec(line, { bulk = true })
  child.read = merged(child, function() return command:read(READ) end)
  child.write = function(bytes) return taken(command.write, command, bytes) end
  child.finish = function() command:shutdown() end
  child.wait = function() return (command:wait()) or 255 end
  child.close = function() command:close() end
end

local function over_process(child, process)
  local task = require "task"
  local listener = task.spawn(function()
    for bytes in function() return process:read(READ, "stderr") end do hear(child, bytes) end
  end)
  child.read = function() return process:read(READ) end
  child.write = function(bytes) return taken(process.write, process, bytes) end
  child.finish = function() process:close_stdin() end
  child.wait = function()
    listener:wait()
    return process:wait().code
  end
  child.close = function()
    listener:cancel()
    process:close()
    pcall(listener.wait, listener)
  end
end

local function in_container(child, nas, id, argv)
  local exec = nas:container(id):exec { cmd = argv, user = "0:0", stdin = true }
  local live = exec:start { bulk = true }
  child.read = merged(child, function() return live:read(READ) end)
  child.write = function(bytes) return live:write(bytes) end
  child.finish = function() live:shutdown() end
  child.wait = function() return exec:exit_code() end
  child.close = function() live:close() end
end

local function line_of(argv)
  local quote, out = require("core.ssh").quote, {}
  for i, word in ipairs(argv) do out[i] = quote(word) end
  return table.concat(out, " ")
end

-- The profile's promise holds for commands, too: those of the engine are refused below.
local function check_writable(nas)
  if rawget(nas, "only_reads") then
    Error {
      category = "internal", code = "plan_would_write", message = ("%s is not changed"):format(nas.name), profile = nas.name,
      why = "a plan is made by reading alone",
    }
  end
  require("docker").check_writable(nas, nil, "a command on the NAS")
end

---Starts a command on the NAS itself.
---@async
---@param nas docker.Nas
---@param argv string[]
---@param many? boolean many bytes will pass
---@return carry.Child
function M.on_nas(nas, argv, many)
  local child = { errors = {}, heard = 0, full = false }
  nas = rawget(nas, "reads_from") or nas
  local raw = nas.session and nas.session.raw
  local lane = many and require("carry.lane").of(nas)
  if lane then
    over_process(child, lane:spawn(line_of(argv)))
  elseif raw and raw.exec then
    over_session(child, raw, line_of(argv))
  elseif raw then
    over_process(child, raw:spawn(line_of(argv)))
  else
    over_process(child, require("proc").spawn { argv = argv, stdio = { stdin = "pipe", stdout = "pipe", stderr = "pipe" } })
  end
  return child
end

local FRONT = 'export LC_ALL=C TZ=UTC0; cd "$1" || exit 97; shift\n'

---Starts a script in the tree's folder; its arguments are $1, $2, ... and {find} in it is the best find that is there (carry.way).
---@async
---@param tree carry.Tree
---@param way carry.Way
---@param text string
---@param args? string[]
---@param options? {writes?: boolean, front?: string, many?: boolean} front: instead of entering the folder; many: bytes will pass
---@return carry.Child
function M.spawn(tree, way, text, args, options)
  options = options or {}
  text = text:gsub("{(%w+)}", function(program) return (way.tools or {})[program] or program end)
  if options.writes then check_writable(tree.nas) end
  local argv = { "sh", "-c", (options.front or FRONT) .. text, "sh", way.at, table.unpack(args or {}) }
  if way.kind == "shell" then
    if way.sudo then table.move({ "sudo", "-n", table.unpack(argv) }, 1, #argv + 2, 1, argv) end
    return M.on_nas(tree.nas, argv, options.many)
  end
  local child = { errors = {}, heard = 0, full = false }
  in_container(child, tree.nas, tree.helper, argv)
  return child
end

---Reads all that a command writes, while its input is written.
---@async
---@param child carry.Child
---@param input? string|fun(): string?
---@param take fun(bytes: string)
---@return integer status
---@return string errors
function M.talk(child, input, take)
  local task = require "task"
  local sender = input and task.spawn(function()
    local pieces = type(input) == "function" and input or coroutine.wrap(function()
      for at = 1, #input, READ do coroutine.yield(input:sub(at, at + READ - 1)) end
    end)
    for bytes in pieces do
      if not child.write(bytes) then return end
    end
    child.finish()
  end)
  if not sender then child.finish() end
  for bytes in child.read do take(bytes) end
  if sender then
    sender:cancel() -- a command that has ended reads no more
    pcall(sender.wait, sender)
  end
  return child.wait(), table.concat(child.errors)
end

---Runs a script in the tree's folder to its end.
---@async
---@param tree carry.Tree
---@param way carry.Way
---@param text string
---@param options? {args?: string[], input?: string, writes?: boolean, front?: string, take?: fun(bytes: string), max?: integer}
---@return nas.Answer any status is a result; stdout is "" where `take` took it
function M.run(tree, way, text, options)
  options = options or {}
  local child = M.spawn(tree, way, text, options.args, options)
  local _ <close> = defer(child.close)
  local out, left = {}, options.max or 64 << 20
  local status, errors = M.talk(child, options.input, options.take or function(bytes)
    left = left - #bytes
    if left < 0 then
      Error { category = "fail", code = "too_large", message = tree.nas:cannot "look into a tree", why = "a command there says too much" }
    end
    out[#out + 1] = bytes
  end)
  return { status = status, stdout = table.concat(out), stderr = errors }
end

---What a tree is called in a headline.
---@param tree carry.Tree
---@return string
function M.name(tree)
  return tree.volume and ("volume '%s'"):format(tree.volume) or tree.path
end

---The last line of stderr.
---@param answer nas.Answer
---@return string
function M.why(answer)
  if answer.status == 97 then return "its folder is not there, or closed to this account" end
  return require("nas.shell").why(answer)
end

return M
