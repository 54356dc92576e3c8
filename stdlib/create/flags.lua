-- The flags of run and create: docker's, by the names of its CLI 28, and ours behind them.
local M = {}

local function list(name, help, more)
  local flag = { name, type = "list", value = "VALUE", help = help }
  for k, v in pairs(more or {}) do flag[k] = v end
  return flag
end

local function text(name, help, more)
  local flag = { name, type = "string", value = "VALUE", help = help }
  for k, v in pairs(more or {}) do flag[k] = v end
  return flag
end

local function int(name, help, more)
  local flag = { name, type = "int", value = "N", help = help }
  for k, v in pairs(more or {}) do flag[k] = v end
  return flag
end

-- Flags that run and create share.
local SHARED = {
  text("name", "Assign a name to the container"),
  list("publish", "Publish a container's port: [IP:][HOST:]CONTAINER[/PROTO]", { short = "p", value = "PORT", alias = { "port" } }),
  { "publish-all", short = "P", help = "Publish all exposed ports to random ports" },
  list("expose", "Expose a port or a range of ports", { value = "PORT" }),
  list("volume", "Bind mount or volume: SOURCE:TARGET[:OPTIONS]; ./dir lies under the NAS's data_root", { short = "v" }),
  list("mount", "Attach a filesystem mount: type=bind,source=…,target=…"),
  list("tmpfs", "Mount a tmpfs directory"),
  list("volumes-from", "Mount volumes from the given containers", { complete = "containers" }),
  text("volume-driver", "Volume driver for the container"),
  list("env", "Set environment variables", { short = "e", value = "K=V" }),
  list("env-file", "Read environment variables from a file", { complete = "files", value = "FILE" }),
  list("network", "Connect to a network: NAME or name=…,alias=…,ip=…", { complete = "networks", alias = { "net" } }),
  list("network-alias", "Network-scoped alias", { alias = { "net-alias" } }),
  text("ip", "IPv4 address"),
  text("ip6", "IPv6 address"),
  list("link-local-ip", "IPv4 or IPv6 link-local addresses"),
  list("link", "Add a link to another container", { complete = "containers" }),
  text("mac-address", "MAC address"),
  list("dns", "Set DNS servers"),
  list("dns-option", "Set DNS options", { alias = { "dns-opt" } }),
  list("dns-search", "Set DNS search domains"),
  list("add-host", "Add a host-to-IP mapping (host:ip)"),
  text("hostname", "Container host name", { short = "h" }),
  text("domainname", "Container NIS domain name"),
  text("restart", "Restart policy: no, always, unless-stopped, on-failure[:N]",
    { complete = { "no", "always", "unless-stopped", "on-failure" } }),
  { "rm", help = "Remove the container and its anonymous volumes when it exits" },
  text("user", "User name or uid, with group: USER[:GROUP]", { short = "u" }),
  text("workdir", "Working directory inside the container", { short = "w" }),
  text("entrypoint", "Overwrite the image's ENTRYPOINT"),
  list("label", "Set a label", { short = "l", value = "K=V" }),
  list("label-file", "Read labels from a file", { complete = "files", value = "FILE" }),
  { "annotation", type = "map", value = "K=V", help = "Add an annotation (passed to the OCI runtime)" },
  { "interactive", short = "i", help = "Keep stdin open even if not attached" },
  { "tty", short = "t", help = "Allocate a pseudo-TTY" },
  list("attach", "Attach to stdin, stdout or stderr", { short = "a", complete = { "stdin", "stdout", "stderr" } }),
  { "init", help = "Run an init inside the container that forwards signals and reaps processes" },
  { "read-only", help = "Mount the root filesystem read-only" },
  { "privileged", help = "Give extended privileges" },
  list("cap-add", "Add Linux capabilities"),
  list("cap-drop", "Drop Linux capabilities"),
  list("security-opt", "Security options"),
  list("group-add", "Add additional groups"),
  list("device", "Add a host device", { value = "PATH" }),
  list("device-cgroup-rule", "Add a rule to the allowed devices"),
  list("gpus", "GPU devices ('all' for all)"),
  list("ulimit", "Ulimit options"),
  list("sysctl", "Sysctl options", { value = "K=V" }),
  list("log-opt", "Log driver options"),
  text("log-driver", "Logging driver"),
  list("storage-opt", "Storage driver options"),
  text("shm-size", "Size of /dev/shm", { value = "SIZE" }),
  text("ipc", "IPC mode"),
  text("pid", "PID namespace"),
  text("uts", "UTS namespace"),
  text("userns", "User namespace"),
  text("cgroupns", "Cgroup namespace (host|private)"),
  text("cgroup-parent", "Parent cgroup"),
  text("runtime", "Runtime"),
  text("isolation", "Isolation technology"),
  text("stop-signal", "Signal to stop the container"),
  int("stop-timeout", "Seconds to wait before it is killed"),
  text("health-cmd", "Command that checks health"),
  { "health-interval", type = "string", value = "DURATION", help = "Time between checks" },
  { "health-timeout", type = "string", value = "DURATION", help = "Most time a check may take" },
  { "health-start-period", type = "string", value = "DURATION", help = "Time to initialise before failures count" },
  { "health-start-interval", type = "string", value = "DURATION", help = "Time between checks while it starts" },
  int("health-retries", "Failures in a row that mean unhealthy"),
  { "no-healthcheck", help = "Disable the image's HEALTHCHECK" },
  text("platform", "os[/arch[/variant]] of the image"),
  text("pull", 'Pull the image before: "always", "missing", "never"',
    { default = "missing", complete = { "always", "missing", "never" } }),
  { "quiet", short = "q", help = "Suppress the pull output" },
  text("cidfile", "Write the container's id to a file", { complete = "files" }),
  require("transfer.trust").flag,
  { "use-api-socket", help = "Give the container the engine's socket and this machine's logins to registries" },
  { "replace", help = "Replace a container of that name; the old one comes back when the new one does not start" },
}

-- Flags that limit resources.
local LIMITS = {
  text("memory", "Memory limit", { short = "m", value = "SIZE" }),
  text("memory-reservation", "Memory soft limit", { value = "SIZE" }),
  text("memory-swap", "Memory plus swap; -1 for unlimited swap", { value = "SIZE" }),
  text("swap", "Swap on top of --memory (the engine gets the sum); 0, or unlimited", { value = "SIZE" }),
  int("memory-swappiness", "0 to 100"),
  text("kernel-memory", "Kernel memory limit (old kernels)", { value = "SIZE" }),
  text("cpus", "Number of CPUs", { value = "DECIMAL" }),
  int("cpu-shares", "CPU shares (relative weight)", { short = "c" }),
  int("cpu-period", "CFS period in µs"),
  int("cpu-quota", "CFS quota in µs"),
  int("cpu-rt-period", "Real-time period in µs"),
  int("cpu-rt-runtime", "Real-time runtime in µs"),
  text("cpuset-cpus", "CPUs to run on (0-3, 0,1)"),
  text("cpuset-mems", "Memory nodes to use (0-3, 0,1)"),
  int("pids-limit", "Most processes; -1 for unlimited"),
  { "oom-kill-disable", help = "Disable the OOM killer" },
  int("oom-score-adj", "Tune the host's OOM preferences (-1000 to 1000)", { min = -1000, max = 1000 }),
  { "blkio-weight", type = "uint", value = "N", max = 65535, help = "Block IO weight, 10 to 1000, or 0" },
  list("blkio-weight-device", "Block IO weight of a device"),
  list("device-read-bps", "Limit the read rate from a device"),
  list("device-read-iops", "Limit the read operations from a device"),
  list("device-write-bps", "Limit the write rate to a device"),
  list("device-write-iops", "Limit the write operations to a device"),
  { "best-effort", help = "Leave out limits that the NAS's kernel cannot enforce" },
  int("cpu-count", "CPU count (Windows only)"),
  int("cpu-percent", "CPU percent (Windows only)"),
  text("io-maxbandwidth", "IO bandwidth (Windows only)"),
  { "io-maxiops", type = "uint", value = "N", help = "IOps (Windows only)" },
}

---@return cli.Flag[] of create
function M.create()
  local all = table.move(SHARED, 1, #SHARED, 1, {})
  return table.move(LIMITS, 1, #LIMITS, #all + 1, all)
end

-- What can be changed in a container that exists.
local CHANGEABLE = {}
for name in
  ([[memory memory-reservation memory-swap swap kernel-memory cpus cpu-shares cpu-period cpu-quota cpu-rt-period cpu-rt-runtime
    cpuset-cpus cpuset-mems pids-limit blkio-weight restart best-effort]]):gmatch "%S+"
do
  CHANGEABLE[name] = true
end

---@return cli.Flag[] of update
function M.update()
  local out = {}
  for _, flag in ipairs(M.create()) do
    if CHANGEABLE[flag[1]] then out[#out + 1] = flag end
  end
  return out
end

---@return cli.Flag[] of run
function M.run()
  local all = M.create()
  table.insert(all, 1, { "detach", short = "d", help = "Run in the background and print the id" })
  all[#all + 1] = { "detach-keys", type = "string", value = "KEYS", help = "Key sequence that detaches (ctrl-p,ctrl-q)" }
  all[#all + 1] = { "sig-proxy", default = true, help = "Pass signals on to the process" }
  all[#all + 1] = { "keep", help = "Keep the container when it does not start" }
  all[#all + 1] = list("command", "The container's command, as words (v0.2)")
  return all
end

return M
