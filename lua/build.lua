-- build: an image from a Dockerfile. POST /build, or the NAS's own docker where BuildKit is needed.
local function text(name, value, help, more)
  local flag = { name, type = "string", value = value, help = help }
  for key, v in pairs(more or {}) do flag[key] = v end
  return flag
end
local function list(name, value, help, more)
  local flag = text(name, value, help, more)
  flag.type = "list"
  return flag
end

return {
  summary = "Build an image from a Dockerfile",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  description = "The context is a folder here (what .dockerignore names is left out), '-' for a Dockerfile or a tar archive on stdin, or\n"
    .. "the address of a git repository or a file, which the NAS fetches itself. The engine's classic builder does the work; a\n"
    .. "Dockerfile or a flag that needs BuildKit is built by the docker program of the NAS.",
  args = { { "context", label = "PATH|URL|-" } },
  flags = {
    list("tag", "NAME:TAG", "Name of the image, with a tag if wanted", { short = "t" }),
    text("file", "PATH", "The Dockerfile (default PATH/Dockerfile); '-' reads it from stdin", { short = "f" }),
    list("build-arg", "KEY=VALUE", "Value of an ARG; KEY alone takes that of your own variable"),
    text("target", "STAGE", "Stage to build"),
    list("label", "KEY=VALUE", "Metadata of the image"),
    { "no-cache", help = "Do not use layers of earlier builds" },
    { "pull", help = "Look for newer versions of base images" },
    { "rm", default = true, help = "Remove intermediate containers after a build that worked" },
    { "force-rm", help = "Remove them always" },
    { "quiet", short = "q", help = "Print the image's id only" },
    text("iidfile", "FILE", "Write the image's id to a file"),
    text("network", "MODE", "Network of RUN instructions", { default = "default" }),
    require("create.platform").flag "Platform of the image",
    text("shm-size", "SIZE", "Size of /dev/shm"),
    list("ulimit", "NAME=SOFT[:HARD]", "Ulimit options"),
    text("memory", "SIZE", "Memory limit", { short = "m" }),
    text("memory-swap", "SIZE", "Memory plus swap; -1 for unlimited swap"),
    { "cpu-shares", short = "c", type = "int", value = "N", help = "CPU shares (relative weight)" },
    { "cpu-period", type = "int", value = "N", help = "Period of the CPU limit" },
    { "cpu-quota", type = "int", value = "N", help = "Quota of the CPU limit" },
    text("cpuset-cpus", "LIST", "CPUs that may be used (0-3, 0,1)"),
    text("cpuset-mems", "LIST", "Memory nodes that may be used"),
    text("cgroup-parent", "PATH", "Parent cgroup of RUN instructions"),
    list("add-host", "HOST:IP", "Add a host-to-IP mapping"),
    list("cache-from", "IMAGE", "Images whose layers may be used"),
    list("security-opt", "OPTION", "Security options"),
    { "squash", help = "One layer for all (experimental engines)" },
    text("isolation", "NAME", "Isolation technology"),
    { "compress", help = "Compress the context with gzip" },
    require("transfer.trust").flag,
    list("secret", "id=ID,src=FILE", "A file for RUN --mount=type=secret (BuildKit)"),
    list("ssh", "SPEC", "Not possible over SSH to a NAS: says so", { hidden = true }),
    text("progress", "TYPE", "Progress of BuildKit: auto, plain"),
    list("cache-to", "SPEC", "Where BuildKit puts its cache"),
    list("output", "SPEC", "What BuildKit makes: '-' a tar on stdout, a folder here", { short = "o" }),
    { "builder-mode", type = "enum", values = { "auto", "classic", "cli" }, value = "MODE", default = "auto",
      help = "auto; classic: the engine's builder; cli: the NAS's docker with BuildKit (DOCKER_BUILDKIT=0 and 1 say it, too)" },
  },
  uses = { "targets" },
  examples = {
    { "build -t web:1 .", "From the Dockerfile here" },
    { "build -t web:1 -f deploy/Dockerfile --build-arg VERSION=3 .", "Another Dockerfile, with an argument" },
    { "build -", "A Dockerfile on standard input, without a context" },
  },
  run = function(ctx) return require("build.command").run(ctx) end,
}
