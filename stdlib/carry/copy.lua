-- One copy: a source's stream into the target's tar. Dependencies: carry.*, task.
local hands = require "carry.hands"

local M = {}

local MANY = 16 << 20 -- bytes that are worth a login
local STEP = 1 << 20 -- bytes between two words of progress

local INTO = 'export LC_ALL=C TZ=UTC0 EXTRACT_UNSAFE_SYMLINKS=1; mkdir -p "$1" && cd "$1" || exit 97; shift; '

local function extract_argv(tools)
  if not tools.gnu then return { "tar", "-xpf", "-" } end
  local argv = {
    tools.gnu, "--extract", "--file=-", "--blocking-factor=128", "--numeric-owner", "--same-owner", "--same-permissions",
    "--quoting-style=escape",
  }
  if tools["has-delay-directory-restore"] then argv[#argv + 1] = "--delay-directory-restore" end
  if tools["has-xattrs"] then table.move({ "--xattrs", "--xattrs-include=*" }, 1, 2, #argv + 1, argv) end
  if tools["has-acls"] then argv[#argv + 1] = "--acls" end
  return argv
end

local function fail(o, category, code, why, hint)
  Error {
    category = category, code = code, profile = o.to.nas.name, why = why, hint = hint,
    message = o.to.nas:cannot(("write the files of %s"):format(hands.name(o.to))),
  }
end

local function no_space(o)
  fail(o, "conflict", "no_space", "the disk there is full; the source is as it was", "qnap-docker system df --profile " .. o.to.nas.name)
end

---What the target's tar said, and whether that is a failure.
---@param o carry.CopyOptions
---@param child {errors: string[], full: boolean}
---@param status integer
---@return carry.Verdict
function M.judge(o, child, status)
  local errors = table.concat(child.errors)
  local v = require("carry.verdict").sort(errors)
  if v.full or child.full then no_space(o) end
  local problem = v.problems[1] or v.changed[1]
  if status ~= 0 and (problem or not v.unsupported[1]) then
    if status == 97 then fail(o, "fail", "copy_failed", hands.why { status = status, stderr = errors }) end
    if status == 255 and o.to.nas.session then fail(o, "connect", "connection_lost", problem or "the connection broke off") end
    fail(o, "fail", "copy_failed", problem or hands.why { status = status, stderr = errors })
  end
  return v
end

---The command that unpacks into the tree, as the login's own shell runs it.
---@param o carry.CopyOptions
---@return string[]
function M.target_argv(o)
  local tar = extract_argv(require("carry.way").tools(o.to, o.to_way))
  local argv = { "sh", "-c", INTO .. 'exec "$@"', "sh", o.to_way.at, table.unpack(tar) }
  return o.to_way.sudo and { "sudo", "-n", table.unpack(argv) } or argv
end

-- Whether all of it went in. A stream that broke off is not ended: the tar there must not take it for whole.
local function pour(o, child, source)
  for bytes in source.next do
    if child.full then no_space(o) end
    if not child.write(bytes) then return false end
  end
  child.finish()
  return true
end

local function into_tar(o, source)
  local task = require "task"
  local tools = require("carry.way").tools(o.to, o.to_way)
  local child = hands.spawn(o.to, o.to_way, 'exec "$@"', extract_argv(tools), { writes = true, front = INTO, many = o.many })
  local broken
  local ears = task.spawn(function()
    local _, err = try(function()
      while child.read() do end -- luacheck: ignore
    end)
    broken = err
  end)
  local _ <close> = defer(function()
    child.close()
    ears:cancel()
    pcall(ears.wait, ears)
  end)
  local whole = pour(o, child, source)
  ears:wait()
  if broken then error(broken, 0) end
  local v = M.judge(o, child, child.wait())
  if not whole then fail(o, "fail", "copy_failed", v.problems[1] or "tar there ended before the stream did") end
  return v
end

local function into_command(o, source)
  local v = into_tar(o, source)
  if o.plain then
    local pieces = { source.reader:only_folders() }
    into_tar(o, { next = function() return table.remove(pieces) end })
  end
  return v
end

local function into_archive(o, source)
  local _, err = try(require("carry.archive").unpack, o.to, source.next)
  if not err then return { unsupported = {}, problems = {} } end
  if tostring(err.engine or err.why or ""):lower():find("no space left", 1, true) then no_space(o) end
  error(err, 0)
end

---Symlinks that the target has: nothing may be written through them.
---@async
---@param o carry.CopyOptions
---@return table<string, true>
function M.links_of(o)
  if o.to_way.kind == "engine" or o.to_way.name then return {} end
  require("carry.way").tools(o.to, o.to_way)
  local answer = hands.run(o.to, o.to_way, "find . -type l -print0", { max = 256 << 20 })
  if answer.status ~= 0 and answer.status ~= 97 then fail(o, "fail", "copy_failed", hands.why(answer)) end
  local out = {}
  for path in answer.stdout:gmatch "%./([^\0]*)\0" do out[path] = true end
  return out
end

-- Bytes as they go, told and held back.
local function paced(o, source)
  local now, task = require("sys").now, require "task"
  local began, passed, told, raw = now(), 0, 0, source.next
  source.next = function()
    local bytes = raw()
    if not bytes then return nil end
    passed = passed + #bytes
    if o.progress and passed - told >= STEP then
      told = passed
      o.progress(passed, source.reader.files)
    end
    local early = o.bandwidth and passed / o.bandwidth - (now() - began) or 0
    if early > 0.01 then task.sleep(early) end
    return bytes
  end
end

local function check(o)
  if o.paths and not (o.from_way.warm and o.to_way.warm) then
    error("parts of a tree can be copied where both ways are warm", 3)
  end
end

-- What the target's tar can read.
local function suit(o)
  local to = o.to_way.kind ~= "engine" and require("carry.way").tools(o.to, o.to_way) or nil
  o.plain = to ~= nil and not to.gnu
  o.sparse = to ~= nil and to.gnu ~= nil
end

-- Whether a whole tree takes connections of its own; these are opened at once.
local function open_lanes(o)
  local function opens(tree, way)
    return function() return way.kind == "shell" and require("carry.lane").of(rawget(tree.nas, "reads_from") or tree.nas) or false end
  end
  o.many = not o.paths and (o.bytes or MANY) >= MANY
  if o.many then require("task").all { opens(o.from, o.from_way), opens(o.to, o.to_way) } end
end

local function rules_of(o)
  return {
    what = o.to.nas:cannot(("take the files of %s from %s"):format(hands.name(o.from), o.from.nas.name)), links = M.links_of(o),
    plain = o.plain, folders = o.plain, only = o.from_way.name, parts = o.parts or nil,
    prefix = o.to_way.kind == "engine" and require("carry.archive").PREFIX or nil,
  }
end

-- What passes is garbage at once, while the lists of whole trees stay: to go through all of these for every few blocks cost a fifth of
-- a copy.
local passing = 0
local function light_collector()
  if passing == 0 then collectgarbage "generational" end
  passing = passing + 1
  return function()
    passing = passing - 1
    if passing == 0 then collectgarbage "incremental" end
  end
end

-- Names for a second stream, where a whole tree is large and GNU's tar is on both sides.
local function second_part(o)
  if o.paths or o.parts or o.bandwidth or not o.manifest or o.from_way.name or o.plain then return nil end
  local gnu = o.from_way.kind ~= "engine" and o.to_way.kind ~= "engine" and require("carry.way").tools(o.from, o.from_way).gnu
  return gnu and require("carry.parts").of(o.manifest) or nil
end

local function joined(list)
  local out = { bytes = 0, files = 0, unsupported = {}, notes = {} }
  for _, r in ipairs(list) do
    out.bytes, out.files = out.bytes + r.bytes, out.files + r.files
    for _, key in ipairs { "unsupported", "notes" } do table.move(r[key], 1, #r[key], #out[key] + 1, out[key]) end
  end
  return out
end

-- The top folder gets its times back when both have written to it.
local function in_two(o, names)
  local bytes, files = {}, {}
  require("core.log").debug("carry", ("%s goes in two streams"):format(hands.name(o.from)))
  local function stream(within)
    return function()
      return M.run(setmetatable({
        parts = { names = names, within = within },
        progress = o.progress and function(b, f)
          bytes[within], files[within] = b, f
          o.progress((bytes[true] or 0) + (bytes[false] or 0), (files[true] or 0) + (files[false] or 0))
        end,
      }, { __index = o }))
    end
  end
  local both = require("task").all { stream(false), stream(true) }
  M.run(setmetatable({ paths = { "." }, progress = false }, { __index = o }))
  return joined(both)
end

---@async
---@param options carry.CopyOptions
---@return carry.Copied
function M.run(options)
  local o = setmetatable({}, { __index = options })
  check(o)
  if o.paths and #o.paths == 0 then return { bytes = 0, files = 0, unsupported = {}, notes = {} } end
  if o.direct then return require("carry.direct").run(o) end
  suit(o)
  local names = second_part(o)
  if names then return in_two(o, names) end
  open_lanes(o)
  local source = require("carry.source").open(o, rules_of(o))
  local relieve = light_collector()
  local _ <close> = defer(function()
    relieve()
    source.close()
  end)
  paced(o, source)
  local v = (o.to_way.kind == "engine" and into_archive or into_command)(o, source)
  local reader = source.reader
  if o.progress then o.progress(reader.bytes, reader.files) end
  table.move(v.unsupported, 1, #v.unsupported, #source.unsupported + 1, source.unsupported)
  table.move(v.problems, 1, #v.problems, #source.notes + 1, source.notes)
  return { bytes = reader.bytes, files = reader.files, unsupported = source.unsupported, notes = source.notes }
end

return M
