-- security-audit: what containers may do that they need not: with a score, and what to do about each finding.

-- Ports of databases and consoles that have no business on a network.
local SERVICES = {
  [2375] = "the Docker API without TLS", [3306] = "MySQL", [5432] = "PostgreSQL", [6379] = "Redis", [9200] = "Elasticsearch",
  [11211] = "Memcached", [27017] = "MongoDB", [1433] = "SQL Server", [5984] = "CouchDB", [8086] = "InfluxDB",
}
local COST = { high = 20, medium = 5, low = 1 } -- points of 100
-- Folders of the NAS that no container should write to.
local SYSTEM = {
  ["/"] = true, ["/etc"] = true, ["/etc/config"] = true, ["/mnt/HDA_ROOT"] = true, ["/root"] = true, ["/share"] = true, ["/usr"] = true,
}

local CHECKS = {
  function(c, add)
    if c.HostConfig.Privileged then
      add("high", "runs privileged: it is root on the NAS", "give it the one device or capability it needs: --device, --cap-add")
    end
  end,
  function(c, add)
    for _, m in ipairs(c.Mounts or {}) do
      if (m.Source or ""):find "docker%.sock$" then
        add("high", "has the engine's socket: whoever takes it over has the NAS", "a socket proxy that lets reading through, or do without")
      elseif m.Type == "bind" and m.RW and SYSTEM[(m.Source or ""):gsub("(.)/+$", "%1")] then
        add("high", ("may write to %s of the NAS"):format(m.Source), "mount it read-only, or a folder below it")
      end
    end
  end,
  function(c, add)
    if c.HostConfig.NetworkMode == "host" then
      add("medium", "shares the NAS's network: every port it opens is open", "publish the ports it needs: -p")
    end
    if c.HostConfig.PidMode == "host" then add("medium", "sees all processes of the NAS", "leave --pid=host out") end
    for _, name in ipairs(c.HostConfig.CapAdd or {}) do
      if name:find "SYS_ADMIN" or name == "ALL" then
        add("high", ("has the capability %s"):format(name), "name the smaller one it needs")
      end
    end
  end,
  function(c, add)
    local user = c.Config.User or ""
    if user == "" or user == "0" or user == "root" or user:find "^0:" then
      add("low", "runs as root inside", "user: 1000:1000, where its image allows that")
    end
  end,
  function(c, add)
    local ref = c.Config.Image or ""
    local tag = ref:find "@" and "digest" or ref:match ":([^/:]+)$" or "latest"
    if tag == "latest" then
      add("low", ("runs %s: nobody can tell which version"):format(ref), "name a version, or a digest")
    end
  end,
  function(c, add)
    for key, list in pairs((c.NetworkSettings or {}).Ports or {}) do
      local service = SERVICES[tonumber(key:match "^%d+")]
      for _, b in ipairs(service and type(list) == "table" and list or {}) do
        if not (b.HostIp or ""):find "^127%." and b.HostIp ~= "::1" then
          add("high", ("%s is open to the network on port %s"):format(service, b.HostPort),
            ("-p 127.0.0.1:%s:%s, or no port at all"):format(b.HostPort, key:match "^%d+"))
          break
        end
      end
    end
  end,
  function(c, add)
    for _, option in ipairs(c.HostConfig.SecurityOpt or {}) do
      if option:find "unconfined" then add("medium", ("runs with %s"):format(option), "leave that option out") end
    end
  end,
}

local function audit(nas, all)
  local rows = {}
  for _, c in ipairs(require("listing.inspected").containers(nas, all)) do
    for _, check in ipairs(CHECKS) do
      check(c, function(risk, finding, fix)
        rows[#rows + 1] = { container = c.Name:sub(2), risk = risk, finding = finding, fix = fix }
      end)
    end
  end
  return rows
end

local ORDER = { high = 1, medium = 2, low = 3 }

-- 100 is nothing found.
local function score(rows)
  local points = 100
  for _, row in ipairs(rows) do points = points - COST[row.risk] end
  return math.max(0, points)
end

return {
  summary = "Find what containers may do that they need not",
  description = "Looks at all running containers: privileged ones, the engine's socket, writable folders of the system, the NAS's own "
    .. "network, databases that the network can reach, root inside, images without a version. Says what to do about each, and gives points "
    .. "of 100. With --fail-on the exit code is 8 where something of that risk is found.",
  uses = { "targets", "output" },
  flags = {
    { "all", short = "a", help = "Also containers that do not run" },
    { "risk", type = "enum", values = { "high", "medium", "low" }, default = "low", help = "Show what is at least that bad" },
    { "fail-on", type = "enum", values = { "high", "medium", "low" }, help = "Exit with 8 where something is at least that bad" },
  },
  columns = {
    { "Risk", priority = 0 },
    { "Container", priority = 1 },
    { "Finding", priority = 2 },
    { "Fix", priority = 3 },
  },
  quiet = "Container",
  empty = "nothing was found",
  pager = true,
  examples = {
    { "security-audit" }, { "security-audit --profile '*' --risk high", "The worst, on every NAS" }, { "security-audit --fail-on high -q" },
  },
  needs = { docker = { "read" } },
  run = function(ctx)
    local all = ctx:each_target(function(nas) return audit(nas, ctx.flags.all) end)
    local out, worst = require("json").array {}, 4
    for _, row in ipairs(all) do
      worst = math.min(worst, ORDER[row.risk])
      if ORDER[row.risk] <= ORDER[ctx.flags.risk] then out[#out + 1] = row end
    end
    table.sort(out, function(a, b)
      if ORDER[a.risk] ~= ORDER[b.risk] then return ORDER[a.risk] < ORDER[b.risk] end
      if a.profile ~= b.profile then return a.profile < b.profile end
      if a.container ~= b.container then return a.container < b.container end
      return a.finding < b.finding
    end)
    ctx:note(("%d of 100 points, %d finding%s"):format(score(all), #all, #all == 1 and "" or "s"))
    if ctx.flags.fail_on and worst <= ORDER[ctx.flags.fail_on] then ctx:exit(8) end
    return out
  end,
}
