-- What the profile commands print.
local profile = require "profile"

local home = os.getenv "QNAP_DOCKER_HOME"

local function golden(name, argv, terminal)
  h.golden(h.run(argv, terminal), "profile/" .. name)
end

describe("golden profile", function()
  before_each(function()
    os.execute(("rm -rf '%s'"):format(home))
    profile.add("prod", {
      host = "nas1.local", user = "admin", port = 2222, primary_volume = "ZFS530_DATA", group = "work", protected = true,
    })
    profile.add("stage", { host = "10.0.0.7", labels = { site = "home", rack = "2" }, known_hosts = { "/a", "/b" } })
    profile.remember("stage", { verified = false })
  end)

  it("help", function()
    golden("help", { "help", "profile" })
    golden("help-add", { "profile", "add", "--help" })
    golden("help-trust", { "profile", "trust", "--help" })
    golden("help-init", { "init", "--help" })
    golden("help-doctor", { "doctor", "--help" })
  end)

  it("lists", function()
    golden("list", { "profile", "list" })
    golden("list-terminal", { "profile", "list" }, { width = 100 })
    golden("list-narrow", { "profile", "list" }, { width = 40 })
    golden("list-expanded", { "profile", "list", "-x" })
    golden("list-json", { "profile", "list", "--json" })
    golden("show", { "profile", "show", "stage" })
  end)

  it("errors", function()
    golden("not-found", { "profile", "show", "prd" })
    golden("bad-value", { "profile", "edit", "prod", "--set", "transport=telnet" })
    golden("bad-key", { "profile", "edit", "prod", "--set", "prot=1" })
    golden("exists", { "profile", "add", "prod", "--host", "x", "--no-verify" })
    golden("not-found-json", { "profile", "show", "prd", "--json" })
  end)
end)
