-- What update sends beside the flags: memory and swap together, and what is refused before anything is changed.
local resources = require "update.resources"

local MB = 1024 * 1024

-- What is sent for a container with `stored` limits.
local function sent(flags, stored, given)
  stored = stored or {}
  local container = { Name = "/web", HostConfig = stored }
  local got = resources.complete(resources.read(flags, given or {}), flags, container)
  return got
end

describe("update.resources", function()
  local rows = {
    { "memory alone where nothing was limited: the engine's own rule for new containers",
      { memory = "64m" }, {}, { Memory = 64 * MB, MemorySwap = 128 * MB } },
    { "memory above the stored sum: the swap on top stays",
      { memory = "256m" }, { Memory = 64 * MB, MemorySwap = 128 * MB }, { Memory = 256 * MB, MemorySwap = 320 * MB } },
    { "memory below the stored sum: the sum stays, as with docker",
      { memory = "100m" }, { Memory = 64 * MB, MemorySwap = 128 * MB }, { Memory = 100 * MB, MemorySwap = 128 * MB } },
    { "unlimited swap stays unlimited", { memory = "1g" }, { Memory = 64 * MB, MemorySwap = -1 }, { Memory = 1024 * MB, MemorySwap = -1 } },
    { "swap on top of what is stored",
      { swap = "10m" }, { Memory = 64 * MB, MemorySwap = 128 * MB }, { Memory = 64 * MB, MemorySwap = 74 * MB } },
    { "no swap", { memory = "32m", swap = "0" }, { Memory = 64 * MB, MemorySwap = 128 * MB }, { Memory = 32 * MB, MemorySwap = 32 * MB } },
    { "unlimited swap", { swap = "unlimited" }, { Memory = 64 * MB, MemorySwap = 128 * MB }, { Memory = 64 * MB, MemorySwap = -1 } },
    { "docker's sum", { memory = "32m", memory_swap = "48m" }, {}, { Memory = 32 * MB, MemorySwap = 48 * MB } },
    { "the sum alone", { memory_swap = "1g" }, { Memory = 64 * MB, MemorySwap = 128 * MB }, { Memory = 64 * MB, MemorySwap = 1024 * MB } },
    { "the sum alone where memory is not limited", { memory_swap = "1g" }, {}, { MemorySwap = 1024 * MB } },
    { "nothing for zeros", { pids_limit = 0, cpu_shares = 0, cpuset_cpus = "", restart = "" }, {}, {} },
    { "other limits and a policy", { cpus = "1.5", pids_limit = -1, restart = "on-failure:3" }, {},
      { NanoCpus = 1500000000, PidsLimit = -1, RestartPolicy = { Name = "on-failure", MaximumRetryCount = 3 } } },
  }
  for _, row in ipairs(rows) do
    it("sends " .. row[1], function() h.eq(sent(row[2], row[3]), row[4]) end)
  end

  local refused = {
    { "both kinds of swap", { swap = "1g", memory_swap = "2g" }, {}, "usage" },
    { "swap on top of nothing", { swap = "1g" }, {}, "usage" },
    { "a swap that is no size", { swap = "much" }, { Memory = MB }, "usage" },
    { "a sum below the memory", { memory = "64m", memory_swap = "32m" }, {}, "usage" },
    { "a sum below the stored memory", { memory_swap = "32m" }, { Memory = 64 * MB, MemorySwap = 128 * MB }, "usage" },
    { "--cpus beside a stored quota", { cpus = "1" }, { CpuQuota = 1000 }, "conflict" },
    { "--cpus beside a period", { cpus = "1", cpu_period = 1000 }, {}, "conflict" },
    { "a quota beside stored --cpus", { cpu_quota = 1000 }, { NanoCpus = 1 }, "conflict" },
    { "a policy for what is removed at its end", { restart = "always" }, { AutoRemove = true }, "conflict" },
    { "a size that is none", { memory = "much" }, {}, "usage" },
  }
  for _, row in ipairs(refused) do
    it("refuses " .. row[1], function() h.raises({ category = row[4] }, sent, row[2], row[3]) end)
  end

  it("leaves what was read as it is, for the next container", function()
    local flags = { memory = "64m" }
    local wanted = resources.read(flags, {})
    resources.complete(wanted, flags, { Name = "/a", HostConfig = {} })
    h.eq(wanted, { Memory = 64 * MB })
  end)

  it("shows what changes, and only that", function()
    local stored = { Memory = 64 * MB, MemorySwap = 128 * MB, NanoCpus = 0, RestartPolicy = { Name = "no" } }
    local wanted = {
      Memory = 128 * MB, MemorySwap = 128 * MB, NanoCpus = 1500000000, PidsLimit = 10,
      RestartPolicy = { Name = "on-failure", MaximumRetryCount = 3 },
    }
    h.eq(resources.changes(wanted, stored), {
      { "memory", "64MiB", "128MiB" }, { "cpus", "no limit", "1.5" }, { "pids limit", "default", "10" },
      { "restart", "no", "on-failure:3" },
    })
  end)
end)
