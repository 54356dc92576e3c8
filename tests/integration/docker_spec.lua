-- The docker module against the real engine of the test NAS, over its socket (over SSH: the commands' tests).
local docker = require "docker"
local task = require "task"

local SOCKET = os.getenv "NAS_SOCKET"

local function unique()
  return ("spec-%08x"):format(math.random(0, 0xffffffff))
end

-- fn(nas, make): make(config) creates a container that is removed afterwards.
local function with_nas(fn)
  local nas <close> = docker.open_socket(SOCKET, "nas1")
  local made = {}
  local _ <close> = defer(function()
    for _, c in ipairs(made) do
      try(c.remove, c, { force = true, volumes = true })
    end
  end)
  return fn(nas, function(config)
    config.Image = config.Image or "busybox:latest"
    local c = nas:create(config, { name = unique() })
    made[#made + 1] = c
    return c
  end)
end

local function sleeper(make)
  local c = make { Cmd = { "sleep", "1000" } }
  c:start()
  return c
end

describe("docker on a real engine", function()
  it("runs a container from its creation to its removal", function()
    with_nas(function(nas, make)
      local c = make { Cmd = { "sh", "-c", "echo out; echo err >&2; printf part; exit 3" }, Labels = { spec = "life" } }
      h.eq(c:inspect().State.Status, "created")
      local live = c:attach { stdout = true, stderr = true }
      local exit <close> = c:watch_exit "next-exit"
      h.eq(c:start(), true)
      local out, err = live:read_all()
      h.eq({ out, err }, { "out\npart", "err\n" })
      h.eq(exit:wait(20), 3)
      h.eq(c:inspect().State.Status, "exited") -- an engine's list may be behind for a moment
      h.eq(nas:containers { all = true, filters = { id = c.id } }[1].Id, c.id)
      local lines = {}
      for line in c:logs() do
        lines[#lines + 1] = line.stream .. " " .. line.text .. (line.partial and "..." or "")
      end
      table.sort(lines)
      h.eq(lines, { "stderr err", "stdout out", "stdout part..." })
      h.raises({ category = "conflict", code = "not_running", engine_status = 409 }, c.kill, c)
      c:rename(c.ref .. "-b")
      h.eq(c:inspect().Name, "/" .. c.ref)
      c:remove()
      h.eq(c:exists(), false)
      h.raises({ category = "not_found", code = "no_such_container", engine_status = 404, object = c.ref }, c.inspect, c)
    end)
  end)

  it("gives integers as integers and leaves null members out", function()
    with_nas(function(_, make)
      local c = make { Cmd = { "true" }, HostConfig = { Memory = 64 << 20 } }
      local doc = c:inspect()
      h.eq(math.type(doc.HostConfig.Memory), "integer")
      h.eq(doc.HostConfig.Memory, 67108864)
      h.eq(doc.HostConfig.Binds, nil)
      h.contains(c:inspect { raw = true }, '"Binds":null')
    end)
  end)

  it("runs commands with input, output and codes", function()
    with_nas(function(_, make)
      local c = sleeper(make)
      h.eq(c:exec({ cmd = { "sh", "-c", "echo a; echo b >&2; exit 7" } }):run(), { code = 7, stdout = "a\n", stderr = "b\n" })
      h.eq(c:exec({ cmd = { "cat" }, stdin = true }):run "hello", { code = 0, stdout = "hello", stderr = "" })
      local missing = c:exec { cmd = { "/nowhere" } }
      h.raises({ code = "command_not_found" }, missing.start, missing, { detach = true })
      local shell = c:exec { cmd = { "sh" }, tty = true, stdin = true }
      local live <close> = shell:start()
      live:resize(40, 100)
      live:write "stty size; exit 4\n"
      h.contains((live:read_all()), "40 100")
      h.eq(shell:exit_code(), 4)
    end)
  end)

  it("moves 64 MiB in and out unchanged, with backpressure", function()
    with_nas(function(_, make)
      local c = sleeper(make)
      local piece, n = ("0123456789abcdef"):rep(65536), 0
      local md5 = c:exec({ cmd = { "md5sum" }, stdin = true }):run(function()
        n = n + 1
        return n <= 64 and piece or nil
      end)
      h.eq(md5.stdout, "9a642dae7ae0c32e560fb502491ae3ff  -\n")
      local source = c:exec { cmd = { "sh", "-c", "yes 0123456789abcde | head -c 67108864" } }
      local live <close> = source:start()
      local total, memory = 0, 0
      for _, bytes in function() return live:read() end do
        total = total + #bytes
        memory = math.max(memory, collectgarbage "count")
      end
      h.eq({ total, source:exit_code() }, { 67108864, 0 })
      h.ok(memory < 40 * 1024, ("Lua held %d KiB"):format(memory // 1))
    end)
  end)

  it("copies files in and out", function()
    with_nas(function(_, make)
      local c = sleeper(make)
      c:exec({ cmd = { "sh", "-c", "mkdir -p /a/b /c; echo text > /a/b/f; chmod 4750 /a/b/f; ln -s /a/b/f /a/l" } }):run()
      h.eq(c:archive_head("/a/b/f").mode, tonumber("4750", 8))
      h.eq(c:archive_head("/a/l").type, "symlink")
      h.eq(c:archive_head "/none", nil)
      local stream <close>, stat = c:archive_get "/a"
      h.eq(stat.type, "dir")
      local tar = {}
      for bytes in function() return stream:read() end do
        tar[#tar + 1] = bytes
      end
      c:archive_put("/c", table.concat(tar))
      h.eq(c:exec({ cmd = { "cat", "/c/a/b/f" } }):run().stdout, "text\n")
      local zeros = ("\0"):rep(1 << 20)
      h.raises({ category = "not_found" }, c.archive_put, c, "/none", function() return zeros end) -- answered while we send
      h.raises({ category = "not_found" }, c.archive_get, c, "/none")
      h.eq(c:exists(), true)
    end)
  end)

  it("serves many questions at once over few connections", function()
    with_nas(function(nas, make)
      local c = make { Cmd = { "true" } }
      nas:ping()
      local asked = {}
      for i = 1, 20 do
        asked[i] = i
      end
      local ids = task.map(asked, function()
        return c:inspect().Id
      end)
      for i = 1, 20 do
        h.eq(ids[i], c.id)
      end
      h.ok(nas.engine:stats().connections <= 4, "connections: " .. nas.engine:stats().connections)
    end)
  end)

  it("ends a stream that is left, cancelled or timed out, and goes on", function()
    with_nas(function(nas, make)
      local c = make { Cmd = { "sh", "-c", "while :; do echo line; sleep 0.05; done" } }
      c:start()
      for line in c:logs { follow = true } do -- luacheck: ignore 512
        h.eq(line.text, "line")
        break
      end
      h.raises({ category = "timeout" }, task.deadline, 0.2, function()
        for _ in c:logs { follow = true } do -- luacheck: ignore 542
        end
      end)
      local reader = task.spawn(try, c.wait, c)
      task.sleep(0.05)
      reader:cancel()
      pcall(reader.wait, reader)
      h.raises({ category = "timeout" }, c.wait, c, { timeout = 0.1 })
      h.eq(c:inspect().State.Running, true)
      h.eq(nas.engine:stats().busy, 0)
      c:stop { timeout = 0 }
    end)
  end)

  it("follows events", function()
    with_nas(function(nas, make)
      local c = make { Cmd = { "true" } }
      local since = nas:info().SystemTime and os.time() - 5
      c:start()
      c:wait { timeout = 20 }
      local actions = {}
      for event in nas:events { since = since, until_ = os.time() + 1, filters = { container = c.id } } do
        actions[event.Action] = event.Actor.Attributes.exitCode or true
      end
      h.eq(actions.start, true)
      h.eq(actions.die, "0")
    end)
  end)

  it("keeps volumes, networks and images", function()
    with_nas(function(nas)
      local name = unique()
      local _ <close> = defer(function()
        try(function() nas:volume(name):remove() end)
        try(function() nas:network(name):remove() end)
        try(function() nas:image(name .. ":1"):remove() end)
      end)
      h.eq(nas:create_volume { name = name, labels = { spec = "1" } }.Name, name)
      h.eq(#nas:volumes { filters = { name = { name }, label = "spec=1" } }, 1)
      nas:volume(name):remove()
      h.eq(nas:volume(name):exists(), false)
      h.raises({ code = "no_such_volume" }, nas.volume(nas, name).inspect, nas:volume(name))
      local network = nas:create_network { Name = name, Internal = true }
      h.eq(nas:network(name):inspect().Id, network.ref)
      h.raises({ category = "conflict", code = "already_exists" }, nas.create_network, nas, { Name = name })
      network:remove()
      nas:image "busybox:latest":tag(name .. ":1")
      h.eq(nas:image(name .. ":1"):inspect().Id, nas:image "busybox:latest":inspect().Id)
      h.eq(nas:image(name .. ":1"):remove()[1].Untagged, name .. ":1")
      h.eq(nas:image(name .. ":1"):exists(), false)
      h.ok(#nas:image "busybox:latest":history() > 0)
      h.eq(type(nas:df().Images), "table")
    end)
  end)
end)
