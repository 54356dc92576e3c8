-- Objects named with their NAS: "nas2/web" is the container 'web' of the profile 'nas2'. Dependencies: profile.
local M = {}

-- Names of these never hold a slash; those of images do.
local KINDS = { containers = true, networks = true, volumes = true }

local function split(word)
  local name, object = word:match "^([^/]+)/([^/]+)$"
  if name and require("profile").exists(name) then return name, object end
  return nil, word
end

local function conflicting(why)
  Error {
    category = "usage", code = "conflicting_targets", message = "the objects lie on several NASes", why = why,
    hint = "one command for each NAS, or plain names and --profile",
  }
end

-- The names of one argument without their NAS; notes the NAS of each in `seen`.
local function plain(value, seen)
  local list, out = type(value) == "table" and value or { value }, {}
  for i, word in ipairs(list) do
    local name, object = split(word)
    seen[#seen + 1], out[i] = name or false, object
  end
  return type(value) == "table" and out or out[1]
end

---Takes the NAS out of the arguments, and makes it the one that the command works on.
---@param ctx cli.Context
---@raise usage "conflicting_targets"
function M.resolve(ctx)
  local seen, named = {}, nil
  for _, arg in ipairs(ctx.spec.args) do
    local kind = type(arg.complete) == "string" and arg.complete:match "^%l+" or ""
    if KINDS[kind] and ctx.args[arg.key] then ctx.args[arg.key] = plain(ctx.args[arg.key], seen) end
  end
  for _, name in ipairs(seen) do named = named or name end
  if not named then return end
  for _, name in ipairs(seen) do
    if name ~= named then conflicting(name and ("'%s' and '%s' are named"):format(named, name) or "some are named without one") end
  end
  local given = ctx.global.profile or {}
  if ctx.global.all_profiles or #given > 1 or (given[1] and given[1] ~= named) then
    conflicting(("'%s/' stands in front of an object, and --profile says otherwise"):format(named))
  end
  ctx.global.profile = { named }
end

return M
