-- Running a container in the foreground: attach, wait, start, in the order that misses nothing; its exit code.
-- Engine API 1.41: ContainerAttach, ContainerWait, ContainerStart.
local pump = require "attach.pump"

local M = {}

---@class attach.Foreground
---@field tty boolean
---@field stdin boolean
---@field stdout boolean
---@field stderr boolean
---@field stdin_once? boolean the container ends its stdin with ours
---@field auto_remove? boolean
---@field condition? string what end is watched for (default: the next one, or the removal with auto_remove)
---@field redraw? boolean the window changes its size once, so that what runs there draws itself again
---@field detach_keys? string
---@field sig_proxy? boolean
---@field start fun() starts the container

local function exit_code(watch)
  local code, problem = watch:wait()
  if problem and problem ~= "" then Error { category = "fail", code = "wait_failed", message = problem, exit_code = 125 } end
  return code
end

-- A size that it has already tells a process nothing: with redraw another one goes before.
local function resizer(container, redraw)
  return function(rows, columns)
    if redraw then
      redraw = false
      container:resize(rows + 1, columns + 1)
    end
    container:resize(rows, columns)
  end
end

---Attaches, starts and stays until the container ends or the user detaches.
---@async
---@param nas docker.Nas
---@param id string
---@param options attach.Foreground
---@return integer? code the process's; nil when the user detached
function M.run(nas, id, options)
  local container = nas:container(id)
  local keys = require("attach.keys").chosen(options.detach_keys)
  local session <close>, refused = try(container.attach, container, {
    stdin = options.stdin, stdout = options.stdout, stderr = options.stderr, detach_keys = keys, tty = options.tty,
  })
  if not session then
    refused.exit_code = refused.exit_code or 1
    error(refused, 0)
  end
  local watch <close> = container:watch_exit(options.condition or (options.auto_remove and "removed" or "next-exit"))
  options.start()
  local how = pump.run(session, {
    tty = options.tty, stdin = options.stdin, half_close = options.stdin_once and not options.tty, detach_keys = keys,
    resize = options.tty and resizer(container, options.redraw) or nil,
    kill = options.sig_proxy and not options.tty and function(signal) container:kill(signal) end or nil,
  })
  if how == "detached" then return nil end
  return exit_code(watch)
end

return M
