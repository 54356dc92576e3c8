-- Images of a project pinned to the digests that their registries have now, as a NAS's engine sees them.
-- Dependencies: docker.reference, task, transfer.registry.
local M = {}

local AT_ONCE = 4

-- The full name with the digest, as compose v2 writes it; what has a digest loses its tag, which means nothing beside it.
local function pinned(nas, image)
  local registry = require "transfer.registry"
  local ref = require("docker.reference").parse(image)
  if ref.digest then return registry.full_name(ref, false) end
  local answer = registry.distribution(nas, registry.full_name(ref, false))
  local digest = type(answer.Descriptor) == "table" and answer.Descriptor.digest
  if type(digest) ~= "string" then
    Error { category = "fail", code = "no_digest", message = ("the registry gave no digest for '%s'"):format(image) }
  end
  return ("%s:%s@%s"):format(ref.name, ref.tag, digest)
end

---Replaces the image of every service by its name with the digest. Each image is asked for once.
---@async
---@param nas docker.Nas
---@param model table of a project; changed
---@raise usage "bad_reference"
---@raise auth, not_found, ... what the registry answers
function M.pin(nas, model)
  local images, seen = {}, {}
  for _, service in pairs(model.services) do
    if service.image and not seen[service.image] then
      seen[service.image] = true
      images[#images + 1] = service.image
    end
  end
  table.sort(images)
  local names = require("task").map(images, function(image) return pinned(nas, image) end, { limit = AT_ONCE })
  local by_image = {}
  for i, image in ipairs(images) do by_image[image] = names[i] end
  for _, service in pairs(model.services) do service.image = by_image[service.image] end
end

return M
