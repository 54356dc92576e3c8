-- Lines of logs on stdout: merged by time, with a prefix that tells the container, filtered, or as JSON.
local output = require "cli.output"
local json = require "json"
local ui = require "ui"

local M = {}

M.PATIENCE = 30 -- seconds for which a pipe waits for a NAS that does not answer; a terminal waits until it is there

---@class logs.Options
---@field timestamps boolean
---@field grep? string Lua pattern
---@field json boolean
---@field prefix boolean
---@field follow boolean
---@field several_nas boolean
---@field exact boolean nothing but what docker prints
---@field raw boolean control characters reach the terminal, too
---@field gap? string between name and line (default " | ")
---@field together? boolean both outputs go to stdout, also without names in front
---@field labels? string[] names that will stand in front of lines, as far as they are known
---@field more? fun(begin: fun(source: logs.Source)) with follow: see logs.merge.run

---A line as it may go to a terminal: colours stay and end with the line, whatever else drives a terminal goes.
---@param text string
---@return string
function M.tame(text)
  local clean = require("ui.text").clean
  local out, at = {}, 1
  for from, colour, to in text:gmatch "()(\27%[[%d;:]*m)()" do
    out[#out + 1] = clean(text:sub(at, from - 1), true) .. colour
    at = to
  end
  out[#out + 1] = clean(text:sub(at), true)
  return at == 1 and out[1] or (table.concat(out):gsub("\n?$", "\27[0m%0", 1))
end

local function label(source, options)
  local profile, name = source.nas.name, source.label or source.name
  return options.several_nas and profile and profile .. "/" .. name or name
end

-- Names in front of lines: as wide as the widest so far, each source (or group of sources) in a colour of its own.
local function prefixes(sources, options)
  local style, nth = ui.style "stdout", require("ui.style").nth
  local width, colours, count = 0, {}, 0
  local function prefix(source)
    local name, key = label(source, options), source.group or source
    local length = utf8.len(name) or 0
    width = math.max(width, length)
    if not colours[key] then
      count = count + 1
      colours[key] = nth(count)
    end
    return style:paint(colours[key], name .. (" "):rep(width - length) .. (options.gap or " | "))
  end
  for _, name in ipairs(options.labels or {}) do width = math.max(width, utf8.len(name) or 0) end
  for _, source in ipairs(sources) do prefix(source) end
  return prefix
end

---Writes what comes of several processes while they run, line by line, with names in front.
---@param sources {nas: docker.Nas, name: string, label: string}[]
---@return fun(source: table, read: fun(): string?, string?) writes what read() gives, a stream's name and bytes, until there is no more
function M.prefixed(sources)
  local prefix = prefixes(sources, { gap = "  | " })
  local tame = ui.is_tty "stdout" and M.tame
  local function line(source, which, text)
    local write = which == "stderr" and output.err_bytes or output.out
    write(prefix(source) .. (tame and tame(text) or text) .. "\n")
  end
  return function(source, read)
    local rest = { stdout = "", stderr = "" }
    for which, bytes in read do
      local text = rest[which] .. bytes
      for one in text:gmatch "([^\n]*)\n" do line(source, which, one) end
      rest[which] = text:match "[^\n]*$"
    end
    for which, text in pairs(rest) do
      if text ~= "" then line(source, which, text) end
    end
  end
end

local function writer(sources, options)
  local prefix = prefixes(sources, options)
  local tame = not options.raw and ui.is_tty "stdout" and M.tame
  return function(line)
    if line.note then
      local form = options.exact and "warning: %s: %s\n" or "── %s %s ──\n"
      return output.err(form:format(label(line.source, options), line.note))
    end
    local body = line.text:gsub("\r?\n$", "")
    if options.grep and not body:find(options.grep) then return end
    if options.json then
      return output.out(json.encode {
        container = line.source.name, service = line.source.group, profile = line.source.nas.name, stream = line.stream,
        time = line.stamp, message = body,
      } .. "\n")
    end
    local text = tame and tame(line.text) or line.text
    if options.timestamps and line.stamp then text = line.stamp .. " " .. text end
    if options.prefix then text = prefix(line.source) .. text end
    if not options.exact and text:sub(-1) ~= "\n" then text = text .. "\n" end
    local apart = line.stream == "stderr" and not options.prefix and not options.together
    local write = apart and output.err_bytes or output.out
    write(text)
  end
end

local function of(err, source)
  err.profile = err.profile or source.nas.name
  return err
end

-- Each source in a coroutine of its own, the earliest pending line first. One of several that fails holds no other up.
local function merged(sources, write)
  local heads, failed = {}, {}
  local function advance(head)
    local line, err = try(head.next_line)
    head.line = line
    if err and #sources == 1 then error(err, 0) end
    if err then failed[#failed + 1] = of(err, head.source) end
    return line
  end
  for _, source in ipairs(sources) do
    local head = { source = source, next_line = coroutine.wrap(function() source:run(coroutine.yield) end) }
    if advance(head) then heads[#heads + 1] = head end
  end
  while #heads > 0 and not output.is_unread() do
    local first = 1
    for i = 2, #heads do
      local a, b = heads[i].line, heads[first].line
      if a.s < b.s or (a.s == b.s and a.ns < b.ns) then first = i end
    end
    write(heads[first].line)
    if not advance(heads[first]) then table.remove(heads, first) end
  end
  return failed
end

---@async
---@param sources logs.Source[]
---@param options logs.Options
---@return Error[] failed of some of several; a single one's error is raised
function M.lines(sources, options)
  local write = writer(sources, options)
  if not options.follow then return merged(sources, write) end
  return require("logs.merge").run(sources, write, function(err, source)
    write { source = source, note = err.why or err.message }
    return of(err, source)
  end, options.more)
end

---The options for following logs of several NASes, each from when it answers: none holds up another.
---@param ctx cli.Context
---@param options logs.Options
---@param start fun(nas: docker.Nas, begin: fun(source: logs.Source)) begins the sources of a NAS
---@param names? string[] of containers, as far as they are known
---@return logs.Options
function M.going_on(ctx, options, start, names)
  local labels = {}
  for _, nas in ipairs(ctx.asked) do
    for _, name in ipairs(names or {}) do labels[#labels + 1] = nas .. "/" .. name end
  end
  local more = function(begin)
    ctx:each_target(function(nas) start(nas, begin) end, ctx:going_on(ui.is_tty "stdout" and math.huge or M.PATIENCE))
  end
  return setmetatable({ more = more, labels = labels }, { __index = options })
end

---One container's bytes exactly as docker shows them.
---@async
---@param nas docker.Nas
---@param name string
---@param query table
function M.bytes(nas, name, query)
  local options = { chunks = true }
  for k, v in pairs(query) do options[k] = v end
  for record in nas:container(name):logs(options) do (record.stream == "stderr" and output.err_bytes or output.out)(record.text) end
end

return M
