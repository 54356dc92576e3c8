-- An image of one NAS onto another: pulled there by its digest, or copied through this machine without the layers that are there.
-- Dependencies: docker.bundles, docker.reference, transfer.layers.
local M = {}

local function inspect(nas, ref)
  local record, err = try(function() return nas:image(ref):inspect() end)
  if err and err.category ~= "not_found" then error(err, 0) end
  return record
end

-- A name that means something else on the target stays as it is.
local function name_it(nas, id, ref)
  if ref:find "@" or ref:find "^sha256:" or inspect(nas, ref) then return end
  nas:image(id):tag(ref)
end

local function by_digest(image, ref)
  local parse = require("docker.reference").parse
  local wanted = try(parse, ref)
  local fallback
  for _, text in ipairs(image.RepoDigests or {}) do
    local own = try(parse, text)
    if own and wanted and own.name == wanted.name then return text end
    fallback = fallback or text
  end
  return fallback
end

local function pull(nas, args, image, log)
  local ref = args.other_build and args.ref or by_digest(image, args.ref)
  if not ref then
    Error {
      category = "not_found", code = "no_such_image", message = nas:cannot(("pull image '%s'"):format(args.ref)), profile = nas.name,
      why = "it never came from a registry", hint = "--with-image copy",
    }
  end
  nas:pull { ref = ref, on_progress = function(message) log(message.status) end }
  return inspect(nas, ref)
end

-- Engines with containerd's image store want every layer in the archive.
local function takes_parts(nas)
  for _, row in ipairs(nas:info().DriverStatus or {}) do
    if row[1] == "driver-type" and tostring(row[2]):find "containerd" then return false end
  end
  return true
end

local function leave_out(nas, image)
  if not takes_parts(nas) then return {} end
  local others = require("task").map(nas:images { all = true }, function(i) return inspect(nas, i.Id) or {} end)
  local layers = require "transfer.layers"
  return layers.members(image, layers.shared(image, others))
end

-- Not faster than `bandwidth` bytes per second.
local function paced(pieces, bandwidth)
  if not bandwidth then return pieces end
  local sys, sent = require "sys", 0
  local begin = sys.now()
  return function()
    local piece = pieces()
    sent = sent + #(piece or "")
    local early = sent / bandwidth - (sys.now() - begin)
    if early > 0.01 then require("task").sleep(early) end
    return piece
  end
end

local function send(from, nas, id, args, without, log)
  local bundles = require "docker.bundles"
  local stream <close> = bundles.save(from, { id })
  local bytes, human = 0, require("units").human_size
  local pieces = require("transfer.layers").filter(paced(function() return stream:read() end, args.bandwidth), without)
  bundles.load(nas, function()
    local piece = pieces()
    bytes = bytes + #(piece or "")
    log(human(bytes))
    return piece
  end, { quiet = true, on_message = function() end })
  return bytes
end

local function copy(from, nas, args, image, log)
  local without = leave_out(nas, image)
  local bytes, err = try(send, from, nas, args.image, args, without, log)
  if err and next(without) and err.category ~= "connect" and err.category ~= "cancelled" then
    bytes, err = try(send, from, nas, args.image, args, {}, log)
  end
  if err then error(err, 0) end
  return inspect(nas, args.image), bytes
end

---@async
---@param from docker.Nas
---@param nas docker.Nas
---@param args {ref: string, image: string, how: "pull"|"copy"|"auto", bandwidth?: integer, other_build?: boolean} image: its id
---@param log fun(text: string)
---@return {id: string, how: "there"|"pulled"|"copied", bytes?: integer}
function M.bring(from, nas, args, log)
  if inspect(nas, args.image) then
    name_it(nas, args.image, args.ref)
    return { id = args.image, how = "there" }
  end
  local image = from:image(args.image):inspect()
  if args.how ~= "copy" and #(image.RepoDigests or {}) > 0 then
    local got, err = try(pull, nas, args, image, log)
    if got then
      name_it(nas, got.Id, args.ref)
      return { id = got.Id, how = "pulled" }
    elseif args.how == "pull" or err.category == "cancelled" then
      error(err, 0)
    end
    log("it cannot be pulled: copied")
  elseif args.how == "pull" then
    pull(nas, args, image, log)
  end
  local got, bytes = copy(from, nas, args, image, log)
  if not got then
    Error {
      category = "fail", code = "image_not_loaded", message = nas:cannot(("load image '%s'"):format(args.ref)), profile = nas.name,
      why = "the engine took the archive, and has no such image", hint = "--with-image pull",
    }
  end
  name_it(nas, got.Id, args.ref)
  return { id = got.Id, how = "copied", bytes = bytes }
end

return M
