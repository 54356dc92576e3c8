local known_hosts = require "core.known_hosts"

local A = "AAAAC3NzaC1lZDI1NTE5AAAAIMQQxf06iE+x0i58QVCm0DWkuCNrdY1wj0CkYrF6zs1S"
local B = "AAAAC3NzaC1lZDI1NTE5AAAAIEJlgqDtR12VzDHdLPCdrxTOav5YRokkDH5I7/tvDsHe"
local PRINT_A = "SHA256:qvM4HsKgT015SFiqpKYAqCPps8k8t/1FzsIqgAZ2pug"

describe("core.known_hosts", function()
  local file
  before_each(function()
    file = os.tmpname()
  end)
  after_each(function()
    os.remove(file)
  end)

  it("appends, looks up, replaces and removes", function()
    known_hosts.append(file, "nas1", 2222, "ssh-ed25519", A)
    known_hosts.append(file, "nas2", nil, "ssh-ed25519", A)
    local keys, malformed = known_hosts.lookup({ "/nonexistent", file }, "NAS1", 2222)
    h.eq(malformed, 0)
    h.eq(keys, { { type = "ssh-ed25519", fingerprint = PRINT_A, file = file, line = 1, blob = A } })
    known_hosts.replace(file, "nas1", 2222, "ssh-ed25519", B)
    keys = known_hosts.lookup({ file }, "nas1", 2222)
    h.eq({ #keys, keys[1].blob }, { 1, B })
    known_hosts.remove(file, "nas1", 2222)
    h.eq(#known_hosts.lookup({ file }, "nas1", 2222), 0)
    h.eq(#known_hosts.lookup({ file }, "nas2"), 1)
  end)

  it("gives fingerprints", function()
    h.eq(known_hosts.fingerprint(A), PRINT_A)
    local _, err = try(known_hosts.fingerprint, "AAAA")
    h.eq(err.code, "bad_host_key")
  end)

  it("names markers and counts what it skips", function()
    local f = assert(io.open(file, "w"))
    f:write("@revoked * ssh-ed25519 ", A, "\njunk\n@cert-authority nas1 ssh-ed25519 ", B, "\n")
    f:close()
    local keys, malformed = known_hosts.lookup({ file }, "nas1")
    h.eq({ keys[1].marker, keys[2].marker, malformed }, { "revoked", "cert-authority", 1 })
  end)

  it("raises what cannot be read or written", function()
    local _, err = try(known_hosts.lookup, { "/" }, "nas1")
    h.eq({ err.category, err.code }, { "config", "known_hosts_unreadable" })
    _, err = try(known_hosts.append, file, "nas1", 22, "ssh-rsa", A)
    h.eq({ err.category, err.code }, { "usage", "bad_host_key" })
    _, err = try(known_hosts.append, "/proc/none/x", "nas1", 22, "ssh-ed25519", A)
    h.eq({ err.category, err.code }, { "config", "known_hosts_unwritable" })
  end)
end)
