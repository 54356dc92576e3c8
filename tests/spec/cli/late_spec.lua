local late = require "cli.late"
local task = require "task"
local ui = require "ui"

local NAS = { name = "a", host = "a.local", user = "me" }

local function hang()
  task.sleep(60)
end

local function run(how, fn)
  how.seconds = 0.05
  how.connect = how.connect or function() return how.nas or {} end
  return late.run(NAS, how, fn or function() return "done" end)
end

describe("a NAS that is late", function()
  it("is given up when its login takes too long", function()
    local err = h.raises({ category = "timeout", message = "me@a.local did not answer in time", profile = "a" }, run, { connect = hang })
    h.contains(err.why, "no login was done within 0.05 s")
  end)

  it("is given up when it says nothing behind its login, not even to a ping", function()
    local nas = { ping = function() Error { category = "timeout", code = "timeout", message = "silent" } end }
    local err = h.raises({ category = "timeout" }, run, { nas = nas }, hang)
    h.contains(err.why, "the engine said nothing")
  end)

  it("may take its time when it answers a ping, has answered, or is being changed", function()
    local silent = function() Error { category = "timeout", code = "timeout", message = "silent" } end
    for _, how in ipairs {
      { nas = { ping = function() return {} end } },
      { nas = { answered = true, ping = silent } },
      { nas = { ping = silent }, writes = true },
    } do
      h.eq(run(how, function()
        task.sleep(0.2)
        return "done"
      end), "done")
    end
  end)

  it("is not late while somebody is asked something", function()
    local asked = 0
    h.with(ui, { asked = function()
      asked = asked + 1 -- the whole time since the last look, and more
      return asked
    end }, function()
      h.eq(run({ connect = function()
        task.sleep(0.2)
        return {}
      end }), "done")
    end)
  end)

  it("fails with its own error", function()
    h.raises({ code = "refused" }, run, { connect = function() Error { category = "connect", code = "refused", message = "x" } end })
  end)
end)

describe("waiting for a late NAS", function()
  local DOWN = { category = "connect", code = "refused", message = "down" }
  local function down()
    local _, err = try(Error, DOWN)
    return err
  end
  local never = function() return false end
  local function answering(fn, body)
    return h.with(require "nas.again", { answering = fn }, body)
  end

  it("ends when it answers", function()
    answering(function() return "nas" end, function()
      h.eq(late.awaited(NAS, down(), math.huge, never), "nas")
    end)
  end)

  it("is given up at once where no other goes on, or for another kind of failure", function()
    answering(function() error "is not asked" end, function()
      h.raises({ code = "refused" }, late.awaited, NAS, down(), math.huge, function() return true end)
      local _, changed = try(Error, { category = "auth", code = "host_key_changed", message = "x" })
      h.raises({ code = "host_key_changed" }, late.awaited, NAS, changed, math.huge, never)
    end)
  end)

  it("is given up when the patience is over, and when asking again finds another failure", function()
    answering(function() Error { category = "auth", code = "auth_key_rejected", message = "x" } end, function()
      h.raises({ code = "refused" }, late.awaited, NAS, down(), 0, never)
      h.raises({ code = "auth_key_rejected" }, late.awaited, NAS, down(), math.huge, never)
    end)
  end)
end)

describe("a gate", function()
  it("lets so many through at a time", function()
    local gate, inside, most = late.gate(2), 0, 0
    task.map({ 1, 2, 3, 4, 5 }, function()
      local _ <close> = gate()
      inside = inside + 1
      most = math.max(most, inside)
      task.sleep(0.01)
      inside = inside - 1
    end)
    h.eq(most, 2)
  end)
end)

describe("questions", function()
  it("are asked one at a time", function()
    local open, most, asked = 0, 0, {}
    local function answer()
      open = open + 1
      most = math.max(most, open)
      task.sleep(0.02)
      open = open - 1
      return "y"
    end
    h.with(ui, { can_ask = function() return true end, read_line = answer }, function()
      h.with(require "cli.output", { err = function(text) asked[#asked + 1] = text end }, function()
        task.map({ "a", "b", "c" }, function(name) return ui.ask(name) end)
      end)
    end)
    h.eq({ most, #asked }, { 1, 3 })
    h.ok(ui.asked() > 0)
  end)
end)
