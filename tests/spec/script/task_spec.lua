-- The runtime's promises: structured concurrency, sticky cancellation, deadlines, waiting inside user coroutines.
local task = require "task"
local core = require "core.task"

local function fail(code) Error { category = "fail", code = code, message = code } end

describe("task", function()
  it("maps in order, a few at a time", function()
    local running, most = 0, 0
    local out = task.map({ 3, 1, 2, 4 }, function(x)
      running = running + 1
      most = math.max(most, running)
      task.sleep(x / 500)
      running = running - 1
      return x * 10
    end, { limit = 2 })
    h.eq(out, { 30, 10, 20, 40 })
    h.eq(most, 2)
  end)

  it("raises the failure that came first, not the cancellations it caused", function()
    local cleaned = false
    local _, err = try(task.all, {
      function()
        local _ <close> = defer(function()
          task.sleep(0.005)
          cleaned = true
        end)
        task.sleep(10)
      end,
      function()
        task.sleep(0.005)
        fail "boom"
      end,
    })
    h.eq(err.code, "boom")
    h.eq(cleaned, true)
  end)

  it("collects failures when asked", function()
    local out = task.map({ 1, 2 }, function(x)
      if x == 2 then fail "two" end
      return x
    end, { on_error = "collect" })
    h.eq(out[1].value, 1)
    h.eq(out[2].err.code, "two")
  end)

  it("lets the first of a race win and cancels the others", function()
    local late = false
    h.eq(task.race {
      function()
        task.sleep(0.005)
        return "fast"
      end,
      function()
        task.sleep(10)
        late = true
      end,
    }, "fast")
    h.eq(late, false)
  end)

  it("fails the parent when a child that nobody waits for fails", function()
    local parent = task.spawn(function()
      task.spawn(function()
        task.sleep(0.002)
        fail "child"
      end)
      task.sleep(10)
    end)
    local _, err = try(parent.wait, parent)
    h.eq(err.code, "child")
  end)

  it("ends children before their parent", function()
    local done = false
    local parent = task.spawn(function()
      task.spawn(function()
        task.sleep(0.01)
        done = true
      end)
    end)
    parent:wait()
    h.eq(done, true)
  end)

  it("makes every later wait of a cancelled task fail, so that pcall in a loop cannot swallow it", function()
    local attempts = 0
    local t = task.spawn(function()
      repeat
        pcall(task.sleep, 10)
        attempts = attempts + 1
      until attempts == 3
    end)
    task.sleep(0.002)
    t:cancel()
    t:wait()
    h.eq(attempts, 3)
  end)

  it("can be cancelled after the operations that it waited for before were collected", function()
    local awake = false
    local t = task.spawn(function()
      task.sleep(0.001)
      task.sleep(2) -- not for ever: where the cancellation is lost, this fails and does not hang
      awake = true
    end)
    task.sleep(0.05)
    collectgarbage()
    collectgarbage()
    t:cancel()
    local ok = pcall(t.wait, t)
    h.eq({ ok, awake }, { false, false })
  end)

  it("ends waits at the deadline of the scope, and only there", function()
    local ok, err = pcall(task.deadline, 0.01, task.sleep, 10)
    h.eq(ok, false)
    h.eq(err.category, "timeout")
    task.sleep(0.001)
  end)

  it("keeps the earlier of two deadlines", function()
    local _, err = try(task.deadline, 0.01, function() task.deadline(10, task.sleep, 10) end)
    h.eq(err.category, "timeout")
  end)

  it("waits inside user coroutines, at any depth", function()
    local function numbers()
      return coroutine.wrap(function()
        for i = 1, 3 do
          task.sleep(0.001)
          coroutine.yield(i)
        end
      end)
    end
    local doubled = coroutine.wrap(function()
      for i in numbers() do coroutine.yield(i * 2) end
    end)
    local sum = 0
    for i in doubled do sum = sum + i end
    h.eq(sum, 12)
  end)

  it("says where it cannot wait", function()
    local ok, err = pcall(table.sort, { 2, 1 }, function() task.sleep(0.001) end)
    h.eq(ok, false)
    h.contains(tostring(err), "cannot wait here")
  end)

  it("wakes nobody twice when cancelled while shielded", function()
    local order = {}
    local t = task.spawn(function()
      local _ <close> = defer(function()
        task.sleep(0.005)
        order[#order + 1] = "clean"
      end)
      task.sleep(10)
    end)
    task.sleep(0.001)
    t:cancel()
    t:cancel()
    local ok = pcall(t.wait, t)
    h.eq(ok, false)
    h.eq(order, { "clean" })
    h.eq(core.count(), 1)
  end)
end)

describe("prelude", function()
  it("refuses bytecode", function()
    local chunk, why = load(string.dump(function() end))
    h.eq(chunk, nil)
    h.contains(why, "binary chunk")
  end)

  it("points from os.execute to proc", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write "print(pcall(os.execute, 'true')) print(pcall(io.popen, 'true'))"
    file:close()
    local r = require("proc").run { argv = { os.getenv "SPEC_PROGRAM", "__script", path } }
    os.remove(path)
    h.contains(r.stdout, "os.execute would block every task: use proc.run")
    h.contains(r.stdout, "io.popen would block")
  end)

  it("has strict globals", function()
    h.eq(pcall(load "return no_such_variable"), false)
    h.eq(pcall(load "no_such_variable = 1"), false)
  end)

  it("finds no module in the working directory", function()
    h.eq(package.path, "")
    h.eq(package.cpath, "")
    h.eq(pcall(require, "no.such.module"), false)
  end)

  it("lets bugs through try, and handles errors", function()
    local v, err = try(fail, "x")
    h.eq(v, nil)
    h.eq(err.code, "x")
    h.eq(pcall(try, error, "a bug"), false)
  end)
end)

describe("a child's failure", function()
  it("is known to the parent that it cancelled", function()
    local seen
    local parent = task.spawn(function()
      task.spawn(function() fail "cause" end)
      local ok = pcall(task.sleep, 10)
      seen = not ok and task.failure()
    end)
    h.eq(select(2, try(parent.wait, parent)).code, "cause")
    h.eq(seen.code, "cause")
  end)
end)
