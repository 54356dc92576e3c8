-- Which layers of an image another engine has already, and the tar of save without them: load does not read the file of a layer that
-- is there. Engines up to 24 name a layer's folder by the id of an image in Docker's first format, later ones its blob by its digest.
-- Source: moby v20.10 image/tarexport/{save,load}.go, image/v1/imagev1.go (CreateID).
-- Dependencies: transfer.digest.
local M = {}

local BLOCK = 512
local NONE = '{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,'
  .. '"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,'
  .. '"OnBuild":null,"Labels":null}'

local function layers_of(image) return (image.RootFS or {}).Layers or {} end

---How many of an image's lowest layers an engine has. Pure.
---@param image table inspect record of the image
---@param others table[] those of the images that the engine has
---@return integer
function M.shared(image, others)
  local mine, most = layers_of(image), 0
  for _, other in ipairs(others) do
    local theirs, n = layers_of(other), 0
    while mine[n + 1] and mine[n + 1] == theirs[n + 1] do n = n + 1 end
    most = math.max(most, n)
  end
  return most
end

local function sha256(text)
  local digest = require("transfer.digest").new()
  digest:update(text)
  return digest:hex()
end

---The members of a save's tar that hold the lowest layers of an image. Pure.
---@param image table inspect record
---@param count integer
---@return table<string, true>
function M.members(image, count)
  local out, chain, parent = {}, nil, nil
  local layers = layers_of(image)
  for i = 1, count do
    out["blobs/" .. layers[i]:gsub(":", "/")] = true
    chain = chain and sha256(chain .. " " .. layers[i]) or layers[i]
    if not chain then return out end
    chain = chain:find ":" and chain or "sha256:" .. chain
    if i < #layers then -- the last one's folder is named by the whole configuration
      local above = parent and (',"parent":"sha256:%s"'):format(parent) or ""
      parent = sha256(('{"container_config":%s,"created":"1970-01-01T00:00:00Z","layer_id":"%s"%s}'):format(NONE, chain, above))
      if not parent then return out end
      out[parent .. "/layer.tar"] = true
    end
  end
  return out
end

local function header(block)
  local name = block:match "^[^\0]*":sub(1, 100)
  local size = tonumber(block:sub(125, 136):match "^[0-7]*", 8) or 0
  if block:byte(125) >= 128 then size = string.unpack(">I8", block:sub(129, 136)) end
  return name, block:sub(157, 157), size
end

---A tar stream without some of its regular files.
---@param pieces fun(): string?
---@param leave_out table<string, true> names
---@return fun(): string?
function M.filter(pieces, leave_out)
  local rest, left, dropping = "", 0, false -- left: bytes of the member's content, with its padding
  local function step()
    if left > 0 then
      local part = rest:sub(1, left)
      rest, left = rest:sub(#part + 1), left - #part
      return dropping and "" or part
    end
    local block = rest:sub(1, BLOCK)
    rest = rest:sub(BLOCK + 1)
    local name, kind, size = header(block)
    left = size + -size % BLOCK
    dropping = leave_out[name] == true and (kind == "0" or kind == "\0")
    return dropping and "" or block
  end
  return function()
    while true do
      local out = {}
      while (left > 0 and rest ~= "") or (left == 0 and #rest >= BLOCK) do
        out[#out + 1] = step()
      end
      local bytes = table.concat(out)
      if bytes ~= "" then return bytes end
      local piece = pieces()
      if not piece then
        bytes, rest = rest, ""
        return bytes ~= "" and bytes or nil
      end
      rest = rest .. piece
    end
  end
end

return M
