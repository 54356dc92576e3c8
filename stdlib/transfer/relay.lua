-- One NAS pulls, the others get its images through this machine: save there, load here, nothing kept in between. A registry
-- that counts pulls is asked once. Dependencies: create.platform, docker.bundles, transfer.registry.
local bundles = require "docker.bundles"

local M = {}

-- The names under which the source has what was pulled.
local function names_of(source, ref, all_tags)
  if not all_tags then return { require("transfer.registry").full_name(ref, false) } end
  local names = {}
  for _, image in ipairs(source:images { filters = { reference = { [ref.familiar] = true } } }) do
    for _, tag in ipairs(image.RepoTags or {}) do names[#names + 1] = tag end
  end
  table.sort(names)
  return names
end

local function identity(nas, name)
  local image = try(function() return nas:image(name):inspect() end)
  return image and image.Id
end

-- An image for another processor would be loaded all the same, and fail only when it is run.
local function check_processor(source, nas, name)
  local platform = require "create.platform"
  local image = source:image(name):inspect()
  local theirs = try(platform.parse, "linux/" .. (nas:info().Architecture or ""))
  local has = try(platform.parse, ("%s/%s"):format(image.Os or "linux", image.Architecture or ""))
  if not theirs or not has or theirs:match "^[^/]+/([^/]+)" == has:match "^[^/]+/([^/]+)" then return end
  Error {
    category = "conflict", code = "other_processor", message = nas:cannot(("take image '%s' from %s"):format(name, source.name)),
    why = ("it is for %s there, and %s is %s"):format(has, nas.name, theirs),
    hint = ("qnap-docker pull %s --profile %s"):format(name, nas.name),
  }
end

local function copy(source, nas, names, on_bytes)
  local stream <close> = bundles.save(source, names)
  local bytes = 0
  local function pieces()
    local piece = stream:read()
    bytes = bytes + #(piece or "")
    on_bytes(bytes)
    return piece
  end
  bundles.load(nas, pieces, { quiet = true, on_message = function() end })
end

---Refuses what a tar of save does not carry.
---@param ref docker.Reference
function M.check(ref)
  if not ref.digest then return end
  Error {
    category = "usage", code = "conflicting_flags", exit_code = 1, message = "an image by its digest cannot go with --relay",
    why = "an archive of images holds names and tags, no digests", hint = "give a tag, or leave --relay out",
  }
end

---Copies what one NAS pulled to another. What that has already is left alone.
---@async
---@param ctx cli.Context
---@param source docker.Nas that pulled
---@param nas docker.Nas
---@param ref docker.Reference
---@param all_tags boolean
---@return string[] names that it has now
function M.copy(ctx, source, nas, ref, all_tags)
  local names, missing = names_of(source, ref, all_tags), {}
  for _, name in ipairs(names) do
    if identity(nas, name) ~= identity(source, name) then missing[#missing + 1] = name end
  end
  if #missing == 0 then return names end
  check_processor(source, nas, missing[1])
  if not require("ui").is_tty "stderr" then
    copy(source, nas, missing, function() end)
    return names
  end
  ctx:step(("%s from %s"):format(ref.familiar, source.name), function(item)
    copy(source, nas, missing, function(bytes) item:update { state = "copying", done = bytes, unit = "bytes" } end)
  end)
  return names
end

return M
