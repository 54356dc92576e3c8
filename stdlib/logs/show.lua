-- Lines of logs on stdout: merged by time, with a prefix that tells the container, filtered, or as JSON.
local output = require "cli.output"
local json = require "json"
local ui = require "ui"

local M = {}

---@class logs.Options
---@field timestamps boolean
---@field grep? string Lua pattern
---@field json boolean
---@field prefix boolean
---@field follow boolean
---@field several_nas boolean
---@field exact boolean nothing but what docker prints
---@field raw boolean control characters reach the terminal, too

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
  local profile = source.nas.name
  return options.several_nas and profile and profile .. "/" .. source.name or source.name
end

local function writer(sources, options)
  local width = 0
  for _, s in ipairs(sources) do width = math.max(width, utf8.len(label(s, options)) or 0) end
  local style = ui.style "stdout"
  local order = {}
  for i, s in ipairs(sources) do order[s] = i end
  local function prefix(source)
    local name = label(source, options)
    local pad = (" "):rep(width - (utf8.len(name) or 0))
    return style:paint(style.nth and style.nth(order[source]) or "dim", name .. pad .. " | ")
  end
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
        container = line.source.name, profile = line.source.nas.name, stream = line.stream, time = line.stamp, message = body,
      } .. "\n")
    end
    local text = tame and tame(line.text) or line.text
    if options.timestamps and line.stamp then text = line.stamp .. " " .. text end
    if options.prefix then text = prefix(line.source) .. text end
    if not options.exact and text:sub(-1) ~= "\n" then text = text .. "\n" end
    local write = not options.prefix and line.stream == "stderr" and output.err_bytes or output.out
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
  end)
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
