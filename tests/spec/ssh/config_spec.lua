local ssh_config = require "core.ssh_config"

describe("core.ssh_config", function()
  it("resolves a host", function()
    local c = ssh_config.resolve {
      alias = "nas1", home = "/home/me", local_user = "me",
      text = "Host nas1\n HostName 10.0.0.5\n User admin\n Port 2222\n IdentityFile ~/.ssh/nas\n StrictHostKeyChecking no\n",
    }
    h.eq({ c.host_name, c.user, c.port, c.default_identities }, { "10.0.0.5", "admin", 2222, false })
    h.eq(c.identity_files[1], "/home/me/.ssh/nas")
    h.eq(c.user_known_hosts[1], "/home/me/.ssh/known_hosts")
    h.eq({ #c.notes, c.needs_openssh }, { 1, nil })
  end)

  it("says what only ssh can do", function()
    h.eq(ssh_config.resolve({ alias = "nas1", text = "ProxyJump bastion\n" }).needs_openssh, "ProxyJump bastion")
  end)

  it("reads files and the output of ssh -G", function()
    local file = os.tmpname()
    local f = assert(io.open(file, "w"))
    f:write "User filed\n"
    f:close()
    local user = ssh_config.resolve({ alias = "nas1", files = { "/nonexistent", file } }).user
    os.remove(file)
    h.eq(user, "filed")
    h.eq(ssh_config.parse_g("user root\nhostname h\nport 7\n", { alias = "nas1" }).port, 7)
  end)
end)
