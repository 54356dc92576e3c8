-- Credential helpers: what is said to them, and what is taken from them.
local fs = require "fs"
local helper = require "registry.helper"

-- A helper that keeps what it is told in a file, found through the PATH of `fn`.
local function with_helper(script, fn)
  local dir <close> = fs.temp_dir()
  fs.write(dir.path .. "/docker-credential-test", "#!/bin/sh\n" .. script, { mode = 0x1C0 })
  local proc = require "proc"
  local run = proc.run
  local _ <close> = defer(function() proc.run = run end)
  proc.run = function(options)
    options.env = { PATH = dir.path .. ":/usr/bin:/bin", DIR = dir.path }
    options.argv[1] = dir.path .. "/" .. options.argv[1]
    return run(options)
  end
  fn(dir.path)
end

local function refused(code, fn, ...)
  local _, err = try(fn, ...)
  h.eq(err and err.code, code)
end

describe("a credential helper", function()
  it("is given the server and answers with user and secret", function()
    with_helper([[read s; printf '{"Username":"me","Secret":"%s-secret"}' "$s"]], function()
      local auth = helper.get("test", "r.example")
      h.eq(auth.username, "me")
      h.eq(auth.password, "r.example-secret")
      h.eq(require("core.log").redact "x r.example-secret y":find "r.example%-secret", nil)
    end)
  end)

  it("may hold a token", function()
    with_helper([[printf '{"Username":"<token>","Secret":"tok"}']], function()
      local auth = helper.get("test", "r.example")
      h.eq(auth.identitytoken, "tok")
      h.eq(auth.password, nil)
    end)
  end)

  it("that has none says so", function()
    with_helper("echo 'credentials not found in native keychain'; exit 1", function()
      h.eq(helper.get("test", "r.example"), nil)
      helper.erase("test", "r.example")
    end)
  end)

  it("that fails is told in its words", function()
    with_helper("echo 'the vault is closed'; exit 1", function()
      local _, err = try(helper.get, "test", "r.example")
      h.eq(err.code, "helper_failed")
      h.eq(err.why, "the vault is closed")
      refused("helper_failed", helper.store, "test", { serveraddress = "r", username = "u", password = "p" })
    end)
  end)

  it("that answers nonsense is an error", function()
    with_helper("echo '[]'", function() refused("helper_failed", helper.get, "test", "r") end)
    with_helper("echo nothing", function() refused("helper_failed", helper.get, "test", "r") end)
  end)

  it("is told what to store on its input, never in its arguments", function()
    with_helper([[echo "$*" >"$DIR/args"; cat >"$DIR/in"]], function(dir)
      helper.store("test", { serveraddress = "r.example", username = "me", password = 'p"w' })
      h.eq(fs.read(dir .. "/args"), "store\n")
      local doc = require("json").decode(fs.read(dir .. "/in"))
      h.eq(doc.ServerURL .. " " .. doc.Username .. " " .. doc.Secret, 'r.example me p"w')
    end)
  end)

  it("whose name is a path is refused", function()
    for _, name in ipairs { "../x", "a/b", "", "-x", "a b" } do refused("bad_helper", helper.get, name, "r") end
  end)

  it("that is not installed is told", function() refused("helper_failed", helper.get, "of-that-name-there-is-none", "r") end)
end)
