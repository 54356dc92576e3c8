-- A tree as a stream of tar members, judged on its way. Dependencies: carry.archive, carry.hands, carry.hash, carry.members, carry.verdict,
-- carry.way.
local hands = require "carry.hands"

local M = {}

local BATCH = 16 * 1024 -- bytes of names on one command line: what any xargs hands over at once

---@class carry.Source
---@field next fun(): string? bytes for the target's tar, nil at the end; raises when the source failed
---@field close fun()
---@field reader carry.Members
---@field unsupported {path: string, what: string}[]
---@field notes string[]

local function gnu_argv(o, tools)
  local argv = {
    tools.gnu, "--create", "--file=-", "--blocking-factor=128", "--numeric-owner", "--quoting-style=escape",
    -- A tar that knows no extended headers gets long names as GNU had them before.
    o.plain and "--format=gnu" or "--format=pax",
  }
  if not o.plain then
    argv[#argv + 1] = "--pax-option=delete=atime,delete=ctime"
    if tools["has-xattrs"] and not o.hashing then table.move({ "--xattrs", "--xattrs-include=*" }, 1, 2, #argv + 1, argv) end
    if tools["has-acls"] and not o.hashing then argv[#argv + 1] = "--acls" end
    if o.sparse and tools["has-sparse"] and not o.hashing then argv[#argv + 1] = "--sparse" end
  end
  return argv
end

-- Names of one file stay in one command, or they would become files of their own. One exec tells which those are.
local LINKED = [==[find . -type f -links +1 -print0 | xargs -0 sh -c 'for f; do printf "%s\0%s\0" "$(stat -c %d:%i "$f")" "$f"; done' sh]==]

local function groups(o)
  local of = {}
  for inode, path in hands.run(o.from, o.from_way, LINKED).stdout:gmatch "([^\0]*)\0%./([^\0]*)\0" do of[path] = inode end
  return of
end

local function batches(o)
  local of, order, members = groups(o), {}, {}
  for _, path in ipairs(o.paths) do
    local key = of[path] or path
    if not members[key] then
      members[key] = {}
      order[#order + 1] = key
    end
    table.insert(members[key], path)
  end
  local out, size = { {} }, 0
  for _, key in ipairs(order) do
    local text = require("carry.hash").names(members[key])
    if size > 0 and size + #text > BATCH then
      out[#out + 1] = {}
      size = 0
    end
    table.insert(out[#out], text)
    size = size + #text
  end
  for i, pieces in ipairs(out) do out[i] = table.concat(pieces) end
  return out
end

-- One of two streams of a tree. "./" keeps a name from being an option.
local function with_part(argv, parts)
  local names = require("compose.tables").sorted(parts.names)
  if not parts.within then table.move({ "--anchored", "--no-wildcards" }, 1, 2, #argv + 1, argv) end
  for _, name in ipairs(names) do argv[#argv + 1] = (parts.within and "./" or "--exclude=./") .. name end
  if not parts.within then argv[#argv + 1] = "." end
  return argv
end

-- Commands that make the stream, one after the other: {argv, input}.
local function commands(o, tools)
  local one = o.from_way.name and "./" .. o.from_way.name or "."
  if tools.gnu then
    local argv = gnu_argv(o, tools)
    if o.parts then return { { with_part(argv, o.parts) } } end
    if not o.paths then
      argv[#argv + 1] = one
      return { { argv } }
    end
    table.move({ "--no-recursion", "--null", "--files-from=-" }, 1, 3, #argv + 1, argv)
    return { { argv, require("carry.hash").names(o.paths) } }
  elseif not o.paths then
    return { { { "tar", "-cf", "-", one } } }
  end
  local out = {}
  for i, names in ipairs(batches(o)) do out[i] = { { "xargs", "-0", "tar", "-cf", "-", "--no-recursion" }, names } end
  return out
end

local function fail(o, category, code, why)
  Error {
    category = category, code = code, profile = o.from.nas.name, why = why,
    message = o.from.nas:cannot(("read the files of %s"):format(hands.name(o.from))),
  }
end

---What the source's tar said: noted, or raised.
---@param o carry.CopyOptions
---@param source {unsupported: table[], notes: string[]}
---@param status integer
---@param errors string
function M.judge(o, source, status, errors)
  local v = require("carry.verdict").sort(errors)
  table.move(v.unsupported, 1, #v.unsupported, #source.unsupported + 1, source.unsupported)
  if o.frozen and v.changed[1] then fail(o, "fail", "source_changed", v.changed[1]) end
  if status == 0 then
    table.move(v.problems, 1, #v.problems, #source.notes + 1, source.notes)
  elseif v.problems[1] or not v.changed[1] then
    if status == 255 and o.from.nas.session then fail(o, "connect", "connection_lost", v.problems[1] or "the connection broke off") end
    fail(o, "fail", "copy_failed", v.problems[1] or hands.why { status = status, stderr = errors })
  end
end

local function feed(child, input)
  if not input then return child.finish() end
  for at = 1, #input, 1 << 16 do
    if not child.write(input:sub(at, at + 65535)) then return end
  end
  child.finish()
end

-- The bytes of one command after the other; nil at the end of the last.
local function by_commands(o, source, list)
  local task = require "task"
  local index, child, feeder = 0, nil, nil
  local function stop()
    if not child then return end
    if feeder then
      feeder:cancel()
      pcall(feeder.wait, feeder)
    end
    child.close()
    child, feeder = nil, nil
  end
  source.close = stop
  return function()
    while true do
      if not child then
        index = index + 1
        if not list[index] then return nil end
        child = hands.spawn(o.from, o.from_way, 'exec "$@"', list[index][1], { many = o.many })
        feeder = task.spawn(function() pcall(feed, child, list[index][2]) end)
      end
      local bytes = child.read()
      if bytes then return bytes end
      local status = child.wait()
      M.judge(o, source, status, table.concat(child.errors))
      stop()
    end
  end
end

local function by_archive(o, source)
  local stream = require("carry.archive").open(o.from, o.from_way)
  source.close = function() stream:close() end
  return function() return stream:read(256 * 1024) end
end

---The one command that GNU tar needs for a whole tree.
---@param o carry.CopyOptions
---@return string[]
function M.argv(o)
  local suited = setmetatable({ sparse = true }, { __index = o })
  return commands(suited, require("carry.way").tools(o.from, o.from_way))[1][1]
end

---@async
---@param o {from: carry.Tree, from_way: carry.Way, paths?: string[], frozen?: boolean, plain?: boolean, sparse?: boolean,
--- hashing?: boolean} plain: for a tar without extended headers; sparse: for one that knows GNU's sparse files
---@param rules carry.MemberOptions
---@return carry.Source
function M.open(o, rules)
  local source = { unsupported = {}, notes = {} }
  local raw
  if o.from_way.kind == "engine" then
    raw = by_archive(o, source)
  else
    local list = commands(o, require("carry.way").tools(o.from, o.from_way))
    rules.several = #list > 1
    raw = by_commands(o, source, list)
  end
  local reader, ended = require("carry.members").new(rules), false
  source.reader = reader
  source.next = function()
    while not ended do
      local bytes = raw()
      ended = bytes == nil
      local out = bytes and reader:feed(bytes) or reader:finish()
      if out ~= "" then return out end
    end
  end
  return source
end

return M
