-- What `attach` and `compose attach` share. POST /containers/{id}/attach.
local pump = require "attach.pump"

local M = {}

local function not_ready(nas, name, word, code, hint)
  Error {
    category = "conflict", code = code, message = ("cannot attach to container '%s' on %s"):format(name, nas.name),
    why = "it is " .. word, hint = hint, exit_code = 1,
  }
end

local function running(nas, name)
  local c = nas:container(name):inspect()
  local state = c.State
  if not state.Running then not_ready(nas, name, "stopped", "not_running", "qnap-docker start -ai " .. name) end
  if state.Paused then not_ready(nas, name, "paused", "paused", "qnap-docker unpause " .. name) end
  if state.Restarting then not_ready(nas, name, "restarting", "restarting", "qnap-docker logs -f " .. name) end
  return c
end

---@return cli.Flag[]
function M.flags()
  return {
    { "no-stdin", help = "Do not attach our stdin" },
    { "sig-proxy", default = true, help = "Pass signals on to the process" },
    { "detach-keys", type = "string", value = "KEYS", help = "Key sequence that detaches (ctrl-p,ctrl-q)" },
  }
end

---Connects this terminal with a container's process, and ends with its exit code.
---@async
---@param ctx cli.Context with the flags of M.flags()
---@param nas docker.Nas
---@param name string
function M.run(ctx, nas, name)
  local f = ctx.flags
  local c = running(nas, name)
  local tty = c.Config.Tty
  pump.check_tty({ tty = tty, interactive = not f.no_stdin }, "--no-stdin only shows its output; or run it in a terminal")
  local code = require("attach.foreground").run(nas, c.Id, {
    tty = tty, stdin = not f.no_stdin and c.Config.OpenStdin, stdout = true, stderr = true, stdin_once = c.Config.StdinOnce,
    detach_keys = f.detach_keys, sig_proxy = f.sig_proxy, condition = "not-running", redraw = true,
    start = function() running(nas, c.Id) end, -- it may have stopped meanwhile, and would never end its output
  })
  if code == nil then ctx:note "read escape sequence" end
  ctx:exit(code or 0)
end

return M
