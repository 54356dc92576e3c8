-- Image references: "nginx" -> docker.io/library/nginx:latest, by the rules of the distribution project.
local M = {}

---@class docker.Reference
---@field domain string "docker.io", "localhost:5000"
---@field path string "library/nginx"
---@field name string domain/path
---@field familiar string the short form: "nginx", "localhost:5000/nginx"
---@field tag? string "latest" where neither tag nor digest were given
---@field digest? string "sha256:..."
---@field implied? boolean the tag is the default one

local function refuse(text, why)
  Error {
    category = "usage", code = "bad_reference", message = ("'%s' is not an image reference"):format(text), why = why,
    hint = "[REGISTRY[:PORT]/]NAME[:TAG][@DIGEST], in lower case",
  }
end

local function is_domain(text)
  local host = text:match "^(%[[%x:]+%])" or text:match "^[^:]*"
  local port = text:sub(#host + 1)
  if port ~= "" and not port:match "^:%d+$" then
    return false
  elseif host:sub(1, 1) == "[" then
    return true
  end
  for label in (host .. "."):gmatch "([^.]*)%." do
    if not label:match "^[%w][%w-]*$" or label:sub(-1) == "-" then
      return false
    end
  end
  return host ~= ""
end

-- Letters and digits, between them one of: . _ __ or any number of -.
local function is_component(text)
  if not text:match "^[a-z0-9][a-z0-9._-]*$" or not text:match "[a-z0-9]$" then
    return false
  end
  for run in text:gmatch "[._-]+" do
    if run ~= "." and run ~= "_" and run ~= "__" and not run:match "^%-+$" then
      return false
    end
  end
  return true
end

local function is_path(text)
  for component in (text .. "/"):gmatch "([^/]*)/" do
    if not is_component(component) then
      return false
    end
  end
  return true
end

local function is_digest(text)
  local algorithm, hex = text:match "^([A-Za-z][A-Za-z0-9+._-]*):(%x+)$"
  return algorithm ~= nil and #hex >= 32 and (algorithm ~= "sha256" or #hex == 64)
end

-- The first component is a registry when it looks like a host and not like a user's name.
local function split_domain(text)
  local first, rest = text:match "^([^/]*)/(.*)$"
  if not first or not (first:find "[.:]" or first == "localhost" or first:lower() ~= first) then
    first, rest = "docker.io", text
  end
  if first == "index.docker.io" then
    first = "docker.io"
  end
  if first == "docker.io" and not rest:find "/" then
    rest = "library/" .. rest
  end
  return first, rest
end

local function split_tag(text)
  local rest, digest = text:match "^([^@]*)@(.*)$"
  rest = rest or text
  local path, tag = rest:match "^(.*):([^:/]*)$"
  return path or rest, tag, digest
end

---Parses a reference and fills in what docker fills in.
---@param text string
---@return docker.Reference
---@raise usage "bad_reference"
function M.parse(text)
  if text == "" then
    refuse(text, "it is empty")
  elseif text:match "^%x+$" and #text == 64 and text:lower() == text then
    refuse(text, "64 hexadecimal digits are an image's id, not a name")
  end
  local domain, rest = split_domain(text)
  local path, tag, digest = split_tag(rest)
  if path:lower() ~= path then
    refuse(text, "a repository name must be in lower case")
  elseif not is_domain(domain) or not is_path(path) or #path > 255 then
    refuse(text, "invalid reference format")
  elseif tag and not (tag:match "^[%w_][%w_.-]*$" and #tag <= 128) then
    refuse(text, "the tag is not valid")
  elseif digest and not is_digest(digest) then
    refuse(text, "the digest is not valid")
  end
  local familiar = domain == "docker.io" and path:gsub("^library/([^/]+)$", "%1") or domain .. "/" .. path
  local implied = not tag and not digest
  return {
    domain = domain, path = path, name = domain .. "/" .. path, familiar = familiar, tag = implied and "latest" or tag, digest = digest,
    implied = implied or nil,
  }
end

---The short form with its tag or digest, as docker shows it: "nginx:latest".
---@param ref docker.Reference
---@return string
function M.format(ref)
  return ref.familiar .. (ref.tag and ":" .. ref.tag or "") .. (ref.digest and "@" .. ref.digest or "")
end

---Short form of any reference; what is none (an id) comes back as it is.
---@param text string
---@return string
function M.familiar(text)
  local ref = try(M.parse, text)
  return ref and M.format(ref) or text
end

return M
