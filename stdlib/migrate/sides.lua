-- The two NASes of a move, and the flags that migrate and profile sync share. Dependencies: profile, cli.apply, migrate.maps.
local M = {}

---@return cli.Flag[]
function M.flags()
  return {
    { "with-image", type = "enum", values = { "pull", "copy", "auto" }, value = "HOW", default = "auto",
      help = "pull: from the registry; copy: from the source, what is missing of it; auto: whichever works" },
    { "map", type = "list", value = "KIND=A:B",
      help = "volume=A:B, port=8080:9090, path=/share/a:/share/b, env=NAME:VALUE: what it is on the target (repeatable)" },
    { "verify", type = "enum", values = { "sha256", "size" }, value = "HOW", default = "sha256",
      help = "sha256: contents are compared by hash; size: sizes, times, owners and modes alone" },
    { "bandwidth", type = "size", value = "BYTES", help = "At most so many bytes a second (20m)" },
    { "direct", help = "Data goes from NAS to NAS, by a key made for it, not through this machine" },
  }
end

local function same(a, b)
  return a.kind ~= "local" and a.host == b.host and a.port == b.port and (a.engine or "") == (b.engine or "")
end

---Both NASes, connected.
---@async
---@param ctx cli.Context
---@param from? string profile; nil: the one that commands without --profile use
---@param to string profile
---@return docker.Nas from
---@return docker.Nas to
---@raise usage "same_nas"
function M.connect(ctx, from, to)
  local profile = require "profile"
  local names = from and { from } or profile.resolve(ctx.global.profile, { all = ctx.global.all_profiles })
  if #names ~= 1 then
    Error {
      category = "usage", code = "one_nas_only", message = ("'%s' takes from one NAS"):format(ctx.spec.name),
      why = "selected are " .. table.concat(names, ", "), hint = "--from " .. names[1],
    }
  end
  local a, b = profile.get(names[1], { engine = ctx.global.engine }), profile.get(to, { engine = ctx.global.engine })
  if a.name == b.name or same(a, b) then
    Error {
      category = "usage", code = "same_nas", message = ("'%s' and '%s' are the same NAS"):format(a.name, b.name),
      why = "the source and the target must be two", hint = "qnap-docker profile list",
    }
  end
  local nas_of = require("cli.apply").nas_of(ctx)
  local both = require("task").all { function() return nas_of(a.name) end, function() return nas_of(b.name) end }
  return both[1], both[2]
end

return M
