-- Names of registries, as docker keeps credentials under them. Dependencies: docker.reference.
local M = {}

-- What docker calls Docker Hub where it keeps credentials.
M.HUB = "https://index.docker.io/v1/"

---"https://localhost:5000/v2/" -> "localhost:5000"
---@param text string
---@return string
function M.host(text)
  return (text:gsub("^https?://", ""):gsub("/.*$", ""))
end

---The name under which a registry's credentials are kept.
---@param text? string as typed; nil: Docker Hub
---@return string
function M.key(text)
  if not text or text == "" then return M.HUB end
  local host = M.host(text)
  if host == "docker.io" or host == "index.docker.io" or host == "registry-1.docker.io" then return M.HUB end
  return host
end

---The one that an image comes from.
---@param ref string
---@return string
function M.of_image(ref)
  return M.key(require("docker.reference").parse(ref).domain)
end

return M
