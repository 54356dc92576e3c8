-- What `help TOPIC` explains.
local M = {}

local texts = {}

local MEANING = {
  { 0, "ok" },
  { 1, "the operation failed" },
  { 2, "usage: a flag, an argument or the configuration is wrong" },
  { 3, "not found, or a name that fits several objects" },
  { 4, "login refused, or the host key is unknown or has changed" },
  { 5, "not reachable, or the time was up" },
  { 6, "a precondition is missing: name in use, locked, quota, not supported by this NAS" },
  { 7, "some of several NASes failed" },
  { 8, "a check came out negative: unhealthy, threshold passed, doctor found something" },
  { 9, "aborted, or a needed confirmation was not given" },
  { 10, "there are changes to make (with --exit-code)" },
  { 70, "internal error: a bug" },
  { 130, "interrupted (Ctrl-C)" },
}

texts["exit-codes"] = {
  "Exit codes, the same for every command",
  function()
    local names = {}
    for _, c in ipairs(require("errors").categories()) do
      names[c.exit_code] = names[c.exit_code] and names[c.exit_code] .. ", " .. c.name or c.name
    end
    local out = { "Exit codes, the same for every command:", "" }
    for _, row in ipairs(MEANING) do
      out[#out + 1] = ("  %3d  %s%s"):format(row[1], row[2], names[row[1]] and (" [%s]"):format(names[row[1]]) or "")
    end
    return table.concat(out, "\n") .. [[


In brackets: the category of the error, as --json shows it.
run, exec and start -a return the exit code of the process in the container; 125 (we or the engine failed), 126
(command cannot be invoked) and 127 (command not found) mean what they mean in docker.
]]
  end,
}

texts.environment = {
  "Environment variables and files",
  [[
Environment variables:

  QNAP_DOCKER_PROFILE    NAS to use when --profile is not given
  QNAP_DOCKER_AGENT      0: no process keeps connections between commands (qnap-docker help agent)
  QNAP_DOCKER_HOME       where profiles, host keys and recipes live, instead of ~/.qnap-docker
  QNAP_DOCKER_LUA_PATH   directories (absolute, ':' between) whose Lua files replace built-in ones
  QNAP_DOCKER_KEEPALIVE  seconds of silence after which the NAS is asked (15); after three times as many it counts as lost
  QNAP_DOCKER_PAGER      reads what is longer than the terminal, instead of $PAGER or less -FIRX; empty: none
  NO_COLOR, FORCE_COLOR  no colours, or colours also where output is no terminal
  SSH_AUTH_SOCK          the ssh-agent that is asked for keys

The NAS is chosen by --profile, else QNAP_DOCKER_PROFILE, else .qnap-docker.yaml in this directory or one above,
else default_profile in profiles.yaml, else the only profile there is.

Files, below ~/.qnap-docker (or $XDG_CONFIG_HOME/qnap-docker where only that exists):

  profiles.yaml          the NASes
  known_hosts            their host keys (~/.ssh/known_hosts is read, too)
  recipes/               commands of your own
  state/trust/           project files that are trusted ('help project-file')
]],
}

texts.formatting = {
  "Output formats: --format, --json, --quiet, --expanded",
  [[
  --format table             the default table
  --format 'table TEMPLATE'  a table with columns of your choice, \t between them
  --format json              one JSON object per line, with docker's field names
  --format TEMPLATE          a Go template for each row, as docker's
  --json                     one JSON document, with all we know; --json=name,state selects fields
  --quiet                    only ids
  --expanded                 one line per field
  --no-trunc                 nothing shortened
  --full-time, --utc         times as such (2026-01-31T08:00:00+01:00) instead of ages

In templates: {{.Field}}, {{if}} {{else}} {{end}}, {{range}}, {{with}}, variables, pipelines and comments; the functions
and or not eq ne lt le gt ge index len slice print printf println html js urlquery, and docker's
json split join title lower upper pad truncate. {{.Profile}} is the NAS of a row.

  qnap-docker ps --format 'table {{.Names}}\t{{.Status}}'
  qnap-docker ps --format '{{.Names}}: {{join (split .Image ":") " "}}'
  qnap-docker inspect --format '{{range .Mounts}}{{.Source}}{{println}}{{end}}' web

Where stdout is a terminal, the default table fits its width and shows states in colour. Where it is not, it is
docker's table byte for byte; a PROFILE column comes first where several NASes are shown.
]],
}

texts.selectors = {
  "How NASes and objects are chosen",
  [[
NASes (--profile, repeatable, in front of the command or behind it):

  --profile nas1           one
  --profile nas1,nas2      several; the same as giving --profile twice
  --profile 'nas*'         a glob (quote it)
  --profile group:home     all whose profile says `group: home` (a glob is fine: 'group:h*')
  --profile label:site=paris   all whose `labels` say so (a glob is fine: 'label:site=p*'); label:site: whatever it says
  --profile '*,!nas3'      without nas3; behind ! stands any of these forms. Quote it: shells know ! and *
  --profile '!group:test'  only ! forms: every other one
  --all-profiles           every one

Several NASes are asked at the same time (--parallel, 8). One that was not logged in to within 10 seconds, or whose engine then says
nothing, is told on stderr and the others' answers are shown, with exit code 7; --timeout sets another limit, for all that is done
on each NAS. What goes on until it is interrupted (events, stats, logs -f) takes it in as soon as it answers.

A command that changes something on several NASes lists them and asks first (--yes answers).

Objects (containers, images, …):

  web                      by name
  3f2a9c                   by the beginning of its id; several that fit are listed, exit code 3
  nas2/web                 on another NAS than the chosen one (not images: their names hold slashes)
  'web*'                   those that fit, of start, stop, restart, kill, pause, unpause and rm; lists them and asks
]],
}

texts.options = {
  "Options of every command",
  function(width)
    return require("cli.help").options(width)
  end,
}

texts["project-file"] = {
  "The project file: .qnap-docker.yaml",
  [[
A file .qnap-docker.yaml in a directory, or in one above it (up to your home), says which NAS the commands there mean:

  profile: staging         a profile of yours; --profile and QNAP_DOCKER_PROFILE come before it

It may bring profiles of its own, written as in profiles.yaml. Paths in them count from the file's directory, and a
host key is pinned by `host_key` (`known_hosts` is refused there):

  profile: lab
  profiles:
    lab: {host: lab.local, user: admin, ssh_key_path: keys/lab}

As such a file comes with a clone, it can say which hosts are logged in to and with which keys only once you trust it:

  qnap-docker trust .      shows the file and asks; the trust ends when the file changes
  qnap-docker trust --list, qnap-docker trust --revoke .

Until then its profiles are ignored, with a warning, and it can choose among your own ones only. A profile of yours is never
replaced by one of the same name. Passed over, with a warning, is a file that another user owns or anybody may write, and a link.
]],
}

texts["compose-files"] = {
  "How the files of a compose project reach the NAS",
  [[
'compose up' brings what the files of a project refer to by relative paths to the NAS: bind mounts, configs, secrets, env files,
build contexts, and the compose files themselves. They lie in one folder for each project there, which only its owner can enter:

  DATA_ROOT/.qnap-docker/projects/NAME/
    current -> rev-7      the files that containers are given; changed at once, by a rename
    rev-6/, rev-7/        revisions; a file that did not change is the same one in both
    data/                 directories that containers write to
    revisions/            what each revision was made from (compose history, compose diff, compose rollback)
    lock/                 who changes the project now (compose lock status)

DATA_ROOT is data_root of the profile, else /share/Container. Where the account may not write there, 'sudo -n' is used.

  - Read-only mounts, single files, configs and secrets come from 'current'. A service whose files changed is recreated.
  - Directories that are not mounted read-only are data: they are copied once. Later a file that changed only here is updated; one
    that changed on the NAS, or is only there, is left alone, and a notice says so. Data is never deleted.
  - Absolute paths that lie outside of the project's directory are the NAS's own, and have to be there.
  - What is neither here nor there is an error. --create-binds makes empty directories instead, --no-sync sends nothing.
  - .qnapignore in the project's directory names what stays here, as .dockerignore does ('**/*.log').
  - Files larger than 100 MiB are refused, unless they are listed: x-qnap: {large_files: [PATH]}

An engine on this machine uses the files where they are.
]],
}

---Names of the topics, sorted.
---@return string[]
function M.names()
  local out = {}
  for name in pairs(texts) do
    out[#out + 1] = name
  end
  table.sort(out)
  return out
end

---@param name string
---@return string? title
function M.title(name)
  return texts[name] and texts[name][1]
end

---The text of a topic, nil when there is none of that name.
---@param name string
---@param width? integer
---@return string?
function M.text(name, width)
  local topic = texts[name]
  if not topic then
    return nil
  end
  return type(topic[2]) == "function" and topic[2](width) or topic[2]
end

return M
