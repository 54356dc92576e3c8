-- What the engine reports of a pull, push, load or import: docker's lines where no terminal reads, a block of layers on one.
-- Messages are those of POST /images/create (Engine API 1.41): {status, id, progressDetail, stream, error}.
local tty = require "tty"

local M = {}

---@class create.PullOutput
local Output = {}
Output.__index = Output

local FDS = { stdout = 1, stderr = 2 }

---@class create.PullOutputOptions
---@field quiet? boolean
---@field fd "stdout"|"stderr"
---@field plain? boolean lines alone, also on a terminal
---@field into? string[] lines are kept here instead of being written
---@field prefix? string in front of the layers' names on a terminal

---@param ctx cli.Context
---@param options create.PullOutputOptions
---@return create.PullOutput
function M.new(ctx, options)
  local fd = FDS[options.fd]
  local self = setmetatable({
    ctx = ctx, fd = fd, quiet = options.quiet, layers = {}, into = options.into, prefix = options.prefix or "",
  }, Output)
  local watched = tty.isatty(2) and tty.isatty(fd) and ctx.global.progress ~= "plain"
  if watched and not options.quiet and not options.plain then self.display = ctx:progress() end
  return self
end

-- What is from the engine must not drive the terminal.
function Output:write(bytes)
  if self.into then
    self.into[#self.into + 1] = bytes
  else
    tty.write(self.fd, tty.isatty(self.fd) and require("ui.text").clean(bytes, true) or bytes)
  end
end

local DONE = { ["Pull complete"] = true, ["Already exists"] = true, Pushed = true, ["Layer already exists"] = true }

function Output:on_terminal(m)
  if not m.id or m.status:find "^Pulling from" then
    if m.status then self.display:log(require("ui.text").clean(self.prefix .. (m.id and m.id .. ": " or "") .. m.status)) end
    return
  end
  local layer = self.layers[m.id]
  if not layer then
    layer = self.display:item(self.prefix .. m.id)
    self.layers[m.id] = layer
  end
  local detail = m.progressDetail or {}
  local total = (detail.total or 0) > 0 and detail.total or nil
  layer:update { state = m.status, done = detail.current, total = total, unit = "bytes" }
  if DONE[m.status] or m.status:find "^Mounted from" then layer:done(m.status) end
end

---One message of the engine's stream.
---@param m table
function Output:message(m)
  if self.quiet then return end
  if m.stream then return self:write(m.stream) end
  if not m.status then return end
  if self.display then return self:on_terminal(m) end
  local detail = m.progressDetail
  if type(detail) == "table" and ((detail.current or 0) > 0 or (detail.total or 0) > 0) then return end
  self:write((m.id and m.id ~= "" and m.id .. ": " or "") .. m.status .. "\n")
end

---Writes the lines that were kept, below the block of progress.
function Output:flush()
  local kept = table.concat(self.into or {})
  self.into = nil
  if self.ctx.display then self.ctx.display:close() end
  if kept ~= "" then self:write(kept) end
end

function Output:close()
  for _, layer in pairs(self.layers) do layer:done() end
end

return M
