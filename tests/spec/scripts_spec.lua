-- What scripts wait, try again and do on several NASes with.
local fleet = require "fleet"
local retry = require "retry"
local wait = require "wait"

local function failing(category) Error { category = category, code = "told_to", message = "told to fail" } end

describe("wait.for_true", function()
  it("returns what fn returns in the end", function()
    local n = 0
    h.eq(wait.for_true(function()
      n = n + 1
      return n == 3 and "there"
    end, { interval = 0.001 }), "there")
    h.eq(n, 3)
  end)

  it("raises timeout, with a name for what was waited for", function()
    local err = h.raises({ category = "timeout", code = "not_come_about" }, wait.for_true, function() end,
      { timeout = "20ms", interval = "5ms", what = "the backup" })
    h.contains(err.message, "the backup")
  end)

  it("ends a call that does not", function()
    h.raises({ code = "not_come_about" }, wait.for_true, function() require("task").sleep(60) end, { timeout = 0.02 })
  end)

  it("lets errors through, timeouts of others, too", function()
    h.raises({ category = "auth" }, wait.for_true, function() failing "auth" end)
    h.raises({ code = "told_to" }, wait.for_true, function() failing "timeout" end)
  end)
end)

describe("retry", function()
  local function nth(category, good)
    local calls = 0
    return function(n)
      calls = calls + 1
      h.eq(n, calls)
      if n < good then failing(category) end
      return n, "done"
    end
  end

  it("tries again what may pass", function()
    h.eq({ retry(nth("connect", 3), { delay = 0.001 }) }, { 3, "done" })
    h.raises({ category = "connect" }, retry, nth("connect", 3), { times = 2, delay = 0.001 })
  end)

  it("does not what will not, unless it is told to", function()
    h.raises({ category = "auth" }, retry, nth("auth", 2), { delay = 0.001 })
    h.eq(retry(nth("auth", 2), { delay = "1ms", on = { "auth" } }), 2)
    h.eq(retry(nth("fail", 2), { delay = 0.001, on = function(err) return err.code == "told_to" end }), 2)
  end)

  it("never tries a bug again", function()
    local n = 0
    h.ok(not pcall(retry, function()
      n = n + 1
      error "a bug"
    end, { delay = 0.001 }))
    h.eq(n, 1)
  end)
end)

describe("fleet.map", function()
  -- NASes that are only names; "down" cannot be reached.
  local function with_nases(fn)
    local closed = {}
    local docker = {
      connect = function(name)
        if name == "down" then failing "connect" end
        return setmetatable({ name = name }, { __close = function() closed[#closed + 1] = name end })
      end,
    }
    h.with(package.loaded, { docker = docker, profile = { resolve = function(names) return names end } }, function() fn(closed) end)
  end
  local function name_of(nas) return nas.name:upper() end

  it("gives what came of each, in their order, and closes the connections", function()
    with_nases(function(closed)
      h.eq(fleet.map({ "b", "a" }, name_of, { parallel = 1 }), { { profile = "b", value = "B" }, { profile = "a", value = "A" } })
      h.eq(closed, { "b", "a" })
    end)
  end)

  it("raises the first failure, or collects them", function()
    with_nases(function()
      h.raises({ category = "connect" }, fleet.map, { "a", "down" }, name_of)
      local results = fleet.map({ "a", "down" }, name_of, { on_error = "collect" })
      h.eq({ results[1].value, results[2].err.code, results[2].profile }, { "A", "told_to", "down" })
    end)
  end)

  it("has a limit for each NAS", function()
    with_nases(function()
      local results = fleet.map({ "a" }, function() require("task").sleep(60) end, { on_error = "collect", timeout = 0.02 })
      h.eq(results[1].err.category, "timeout")
    end)
  end)
end)

describe("crypto.hash", function()
  it("is FIPS 180-4's, of bytes and of pieces", function()
    local want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    local pieces = { "a", "bc" }
    h.eq(require("crypto").hash("sha256", "abc"), want)
    h.eq(require("crypto").hash("sha256", function() return table.remove(pieces, 1) end), want)
    h.raises({ code = "unknown_digest" }, require("crypto").hash, "md5", "abc")
  end)
end)
