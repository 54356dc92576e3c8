-- Docker Content Trust (Notary): the flag is taken, and who asks for signatures hears that they are not verified here.
local M = {}

---@type cli.Flag
M.flag = { "disable-content-trust", default = true, help = "Skip image verification: nothing else is possible here" }

---Refuses to go on where signatures are asked for.
---@param flags table<string, any>
---@raise unsupported "no_content_trust"
function M.check(flags)
  if flags.disable_content_trust ~= false then return end
  Error {
    category = "unsupported", code = "no_content_trust", message = "signatures of images cannot be verified here",
    why = "--disable-content-trust=false asks for Docker Content Trust (Notary)",
    hint = "name the image by its digest: NAME@sha256:...", exit_code = 1,
  }
end

return M
