-- Docker Content Trust (Notary): its flag and variable are taken, and who asks for signatures hears that they are not verified here.
local M = {}

-- As docker reads it: what is no boolean asks for it, too.
local function wanted()
  local text = os.getenv "DOCKER_CONTENT_TRUST" or ""
  return text ~= "" and require("create.problem").boolean(text) ~= false
end

---@type cli.Flag
M.flag = { "disable-content-trust", default = not wanted(), help = "Skip image verification: nothing else is possible here" }

-- Content that its name itself assures: a digest, or a whole id.
local function is_assured(image)
  return image:find("@", 1, true) ~= nil or image:find "^sha256:%x+$" ~= nil or (#image == 64 and image:find "^%x+$" ~= nil)
end

---Refuses to go on where signatures are asked for. A digest needs none.
---@param flags table<string, any>
---@param image? string
---@raise unsupported "no_content_trust"
function M.check(flags, image)
  if flags.disable_content_trust ~= false or (image and is_assured(image)) then return end
  Error {
    category = "unsupported", code = "no_content_trust", message = "signatures of images cannot be verified here",
    why = "Docker Content Trust (Notary) is asked for: --disable-content-trust=false, or DOCKER_CONTENT_TRUST",
    hint = "name the image by its digest: NAME@sha256:...\nor go without: --disable-content-trust",
  }
end

return M
