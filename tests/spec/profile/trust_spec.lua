local json = require "json"
local profile = require "profile"
local reach = require "nas.reach"

local home = os.getenv "QNAP_DOCKER_HOME"
local OLD, NEW = "SHA256:" .. ("o"):rep(43), "SHA256:" .. ("n"):rep(43)

-- Runs `profile trust nas1 ...` with these known keys and this shown one; gives what was written, too.
local function trust(known, shown, ...)
  local written
  local words = { "profile", "trust", "nas1", ... }
  local r = h.with(reach, {
    known_keys = function() return known end,
    host_key = function() return { type = "ssh-ed25519", fingerprint = shown } end,
    trust_key = function(_, key, replace) written = { key.fingerprint, replace } end,
  }, function()
    return h.run(words)
  end)
  return r, written
end

local function key(fingerprint, fields)
  local out = { type = "ssh-ed25519", fingerprint = fingerprint, file = "known_hosts", line = 3 }
  for k, v in pairs(fields or {}) do
    out[k] = v
  end
  return out
end

describe("profile trust", function()
  before_each(function()
    os.execute(("rm -rf '%s'"):format(home))
    profile.add("nas1", { host = "nas1.local" })
  end)

  it("shows what is known", function()
    local r, written = trust({ key(OLD) }, OLD, "--json")
    h.eq({ r.code, written }, { 0, nil })
    h.contains(r.err, "the host key of nas1.local was trusted before")
    local rows = json.decode(r.out)
    h.eq({ rows[1].source, rows[1].state, rows[2].source, rows[2].state }, { "known_hosts:3", "trusted", "shown now", "trusted" })
  end)

  it("never accepts a new key by itself", function()
    local r, written = trust({}, NEW)
    h.eq({ r.code, written }, { 4, nil })
    h.contains(r.err, "qnap-docker profile trust nas1 --fingerprint " .. NEW)
    r, written = trust({}, NEW, "--yes")
    h.eq({ r.code, written }, { 4, nil })
    r, written = trust({}, NEW, "--fingerprint", OLD)
    h.eq({ r.code, written }, { 4, nil })
    h.contains(r.err, "host_key_differs")
    r, written = trust({}, NEW, "--fingerprint", NEW)
    h.eq({ r.code, written }, { 0, { NEW, false } })
  end)

  it("stops at a changed key until --replace and the name are given", function()
    local r, written = trust({ key(OLD) }, NEW, "--fingerprint", NEW)
    h.eq({ r.code, written }, { 4, nil })
    h.contains(r.err, "has changed")
    h.contains(r.err, "--replace --fingerprint " .. NEW)
    r, written = trust({ key(OLD) }, NEW, "--replace", "--yes")
    h.eq({ r.code, written }, { 9, nil })
    r, written = trust({ key(OLD) }, NEW, "--replace", "--confirm", "nas2")
    h.eq({ r.code, written }, { 9, nil })
    r, written = trust({ key(OLD) }, NEW, "--replace", "--confirm", "nas1")
    h.eq({ r.code, written }, { 0, { NEW, true } })
  end)

  it("takes a key of another type for a new one, and a revoked one for none", function()
    local r, written = trust({ key(OLD, { type = "ssh-rsa" }) }, NEW, "--fingerprint", NEW)
    h.eq({ r.code, written }, { 0, { NEW, false } })
    r, written = trust({ key(NEW), key(NEW, { marker = "revoked" }) }, NEW, "--fingerprint", NEW)
    h.eq({ r.code, written }, { 4, nil })
    h.contains(r.err, "host_key_revoked")
  end)

  it("holds a pinned key above the files", function()
    profile.update("nas1", { host_key = OLD })
    local r = trust({ key(NEW) }, NEW)
    h.eq(r.code, 4)
    r = trust({ key(NEW) }, NEW, "--replace", "--confirm", "nas1")
    h.eq({ r.code, profile.get("nas1").host_key }, { 0, NEW })
  end)

  it("is of no use without SSH", function()
    profile.add("here", { host = "local" })
    h.eq(h.run({ "profile", "trust", "here" }).code, 2)
  end)
end)
