-- Flags that many commands share: what `uses = { "targets", "output" }` stands for, and the global flags.
local M = {}

local function expanded_json(help)
  return { "json", type = "string", value = "FIELDS", optional_value = "*", help = help }
end

---@type table<string, {title: string, flags: cli.Flag[]}>
M.sets = {
  targets = {
    title = "NAS",
    flags = {
      { "profile", type = "list", value = "NAME", complete = "profiles",
        help = "NAS to use: a profile's name, a glob, a,b, group:NAME (repeatable; see 'help selectors')" },
      { "all-profiles", help = "Every NAS, as --profile '*'" },
    },
  },
  output = {
    title = "Output",
    flags = {
      { "format", type = "string", value = "TEMPLATE", complete = { "table", "json" },
        help = "'table', 'table TEMPLATE', 'json' or a Go template (see 'help formatting')" },
      { "quiet", short = "q", help = "Only ids" },
      { "no-trunc", help = "Do not shorten values" },
      expanded_json "One JSON document; with =a,b only these fields",
      { "expanded", short = "x", help = "One line per field" },
      { "full-time", help = "Times as such, not as ages" },
      { "utc", help = "The same, in UTC" },
    },
  },
  watch = {
    title = "Output",
    flags = {
      { "watch", type = "duration", value = "INTERVAL", optional_value = "2s", plain_seconds = true,
        help = "Show again every INTERVAL (2s) until interrupted" },
    },
  },
  format = {
    title = "Output",
    flags = {
      { "format", short = "f", type = "string", value = "TEMPLATE", complete = { "json" },
        help = "'json' or a Go template (see 'help formatting')" },
      expanded_json "One JSON document; with =a,b only these fields",
    },
  },
  json = {
    title = "Output",
    flags = { expanded_json "One JSON document; with =a,b only these fields" },
  },
  dry_run = {
    title = "Safety",
    flags = { { "dry-run", help = "Show what would be done, and change nothing" } },
  },
  plan = {
    title = "Safety",
    flags = {
      { "dry-run", short = "n", help = "Show the plan, and change nothing" },
      { "plan-out", type = "string", value = "FILE", complete = "files", help = "Save the plan for 'apply', and change nothing" },
      { "exit-code", help = "With --dry-run or --plan-out: exit with 10 when there is something to do, else 0" },
    },
  },
  confirm = {
    title = "Safety",
    flags = {
      { "yes", help = "Answer yes to the question this command may ask" },
      { "confirm", type = "string", value = "NAME", help = "Answer the question that asks for NAME to be typed" },
    },
  },
}
-- What `compose` takes, in front of its sub-command and behind it.
M.sets.compose = {
  title = "Project",
  flags = {
    { "file", short = "f", type = "list", value = "FILE", complete = "files",
      help = "Compose file, '-' is standard input (repeatable: later ones are merged onto earlier ones)" },
    { "project-name", short = "p", type = "string", value = "NAME", alias = { "project" }, help = "Name of the project" },
    { "project-directory", type = "string", value = "DIR", complete = "files",
      help = "Directory that relative paths count from (default: that of the first compose file)" },
    { "env-file", type = "list", value = "FILE", complete = "files",
      help = "Environment file instead of .env (repeatable, later ones count)" },
    { "compose-profile", type = "list", value = "NAME", help = "Service profile to enable (repeatable; also COMPOSE_PROFILES)" },
  },
}
---Groups whose sub-commands share a set that may stand in front of them.
---@type table<string, string>
M.of_group = { compose = "compose" }
-- One NAS only: the same flags, another promise.
M.sets.target = {
  title = "NAS",
  flags = {
    { "profile", type = "list", value = "NAME", complete = "profiles", help = "NAS to use: a profile's name" },
  },
}

---Accepted in front of every command and behind it, with long names only (docker's short ones keep their meaning).
---@type cli.Flag[]
M.global = {
  M.sets.targets.flags[1],
  M.sets.targets.flags[2],
  M.sets.dry_run.flags[1],
  M.sets.confirm.flags[1],
  M.sets.confirm.flags[2],
  { "no-input", help = "Never ask; fail where a question would be needed" },
  { "timeout", type = "duration", value = "DURATION", plain_seconds = true,
    help = "Time limit for each NAS; without it one of several has 10s to answer" },
  { "lock-wait", type = "duration", value = "DURATION", plain_seconds = true,
    help = "How long to wait for another command that changes the same file or job (10s)" },
  { "parallel", type = "int", value = "N", default = 8, min = 1, max = 64, help = "How many NASes at once" },
  { "fail-fast", help = "Stop at the first NAS that fails" },
  { "keep-going", help = "Go on with the other NASes when one fails" },
  { "engine", type = "string", value = "gui|system|PATH", help = "Which Docker engine of the NAS to use" },
  { "progress", type = "enum", values = { "auto", "tty", "plain", "json", "quiet" }, value = "MODE", default = "auto",
    help = "How to show progress: auto, tty, plain, json, quiet" },
  { "color", type = "enum", values = { "auto", "always", "never" }, value = "WHEN", default = "auto",
    help = "Colours: auto, always, never" },
  { "no-pager", help = "Long output straight to the terminal, not through less" },
  { "no-color", help = "No colours, as NO_COLOR=1" },
  { "verbose", type = "count", help = "Say more (twice: even more)" },
  { "debug", help = "Log every step to stderr" },
  { "debug-file", type = "string", value = "FILE", complete = "files", help = "Log every step to FILE" },
  { "examples", help = "Show examples of the command" },
  { "help", short = "h", help = "Show help" },
}

---Flags of the bare program alone.
---@type cli.Flag[]
M.root = { { "version", short = "v", help = "Show the version" } }

-- Flags that users of docker bring along, with what to use here.
M.foreign = {
  host = "the NAS is chosen with --profile (qnap-docker profile add makes one)",
  context = "the NAS is chosen with --profile (qnap-docker profile add makes one)",
  config = "the configuration lives where QNAP_DOCKER_HOME points",
  ["log-level"] = "use --verbose or --debug",
  H = "the NAS is chosen with --profile (qnap-docker profile add makes one)",
  D = "use --debug",
  tls = "connections are made over SSH; see 'qnap-docker help profile add'",
}

return M
