-- ssh.openssh: what the user's own ssh says of a host.
local proc = require "proc"

describe("the user's ssh", function()
  it("tells which ciphers it would offer to a host, in its order", function()
    local settings = { alias = "nas.invalid", port = 22, user = "admin", known_hosts = { "/dev/null" }, connect_timeout = 5, alone = true }
    local known = proc.run({ argv = { "ssh", "-Q", "cipher" } }).stdout
    local ciphers = require("ssh.openssh").ciphers(settings)
    h.eq(#ciphers > 0, true)
    for _, name in ipairs(ciphers) do h.contains("\n" .. known, "\n" .. name .. "\n") end
    settings.ciphers = "aes256-ctr,aes128-ctr"
    h.eq(require("ssh.openssh").ciphers(settings), { "aes256-ctr", "aes128-ctr" })
  end)
end)
