-- What a pull prints: docker's lines where no terminal reads, a block of layers on one.
-- Messages are those of POST /images/create (Engine API 1.41): {status, id, progressDetail, error}.
local tty = require "tty"

local M = {}

---@class create.PullOutput
local Output = {}
Output.__index = Output

local FDS = { stdout = 1, stderr = 2 }

---@param ctx cli.Context
---@param options {quiet?: boolean, fd: "stdout"|"stderr", plain?: boolean} plain: lines alone, also on a terminal
---@return create.PullOutput
function M.new(ctx, options)
  local fd = FDS[options.fd]
  local self = setmetatable({ fd = fd, quiet = options.quiet, layers = {} }, Output)
  if not options.quiet and not options.plain and tty.isatty(2) and ctx.global.progress ~= "plain" then self.display = ctx:progress() end
  return self
end

local DONE = { ["Pull complete"] = true, ["Already exists"] = true, ["Download complete"] = false }

function Output:on_terminal(m)
  if not m.id or m.status:find "^Pulling from" then
    if m.status then tty.write(self.fd, (m.id and m.id .. ": " or "") .. m.status .. "\n") end
    return
  end
  local layer = self.layers[m.id]
  if not layer then
    layer = self.display:item(m.id)
    self.layers[m.id] = layer
  end
  local detail = m.progressDetail or {}
  layer:update { state = m.status, done = detail.current, total = detail.total, unit = "bytes" }
  if DONE[m.status] then layer:done(m.status) end
end

---One message of the engine's stream.
---@param m table
function Output:message(m)
  if self.quiet then return end
  if m.stream then return tty.write(self.fd, tty.isatty(self.fd) and require("ui.text").clean(m.stream, true) or m.stream) end
  if not m.status then return end
  if self.display then return self:on_terminal(m) end
  local detail = m.progressDetail
  if type(detail) == "table" and ((detail.current or 0) > 0 or (detail.total or 0) > 0) then return end
  tty.write(self.fd, (m.id and m.id ~= "" and m.id .. ": " or "") .. m.status .. "\n")
end

function Output:close()
  for _, layer in pairs(self.layers) do layer:done() end
end

return M
