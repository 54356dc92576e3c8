-- The account, asked for where nobody said which.
local function user_of(keys)
  if keys.user or keys.host == "local" or keys.host:find "^unix://" then
    return keys.user
  elseif not require("ui").can_ask() then
    return "admin"
  end
  require("cli.output").err "Account on the NAS [admin] (--user): "
  local answer = (require("ui").read_line() or ""):match "^%s*(.-)%s*$"
  return answer ~= "" and require("profile.flags").read("user", answer) or "admin"
end

-- The keys of the profile that --update changes, or of a try that failed.
local function earlier(ctx, name)
  local profile = require "profile"
  if profile.exists(name) then
    if not ctx.flags.update then
      Error {
        category = "conflict", code = "profile_exists", message = ("there is a profile '%s' already"):format(name),
        hint = "--update sets it up again\n--name NAME gives this NAS another name",
      }
    end
    for _, item in ipairs(profile.list()) do
      if item.name == name then
        return item.keys
      end
    end
  end
  local answers = profile.state(name).answers
  if answers then
    ctx:note "going on with the answers of the last try"
  end
  return answers or {}
end

local function tell(ctx, name, keys, report)
  ctx:out(require("profile.rows").yaml(name, keys))
  if report.capabilities then
    ctx:out("\n" .. require("nas.capabilities").table(report.capabilities))
  end
  if keys.defaults and keys.defaults.restart then
    ctx:note(("containers restart '%s' unless a command says otherwise (defaults.restart)"):format(keys.defaults.restart))
  end
  if report.facts.qnap and report.facts.uid == 0 then
    ctx:note "access to the Docker socket is root on the NAS; safer than 'admin': an account of its own in the group"
    ctx:note "administrators that logs in by key only, its key restricted by from=\"your address\" in authorized_keys"
  end
  ctx:note(("profile %s was written%s; next: qnap-docker ps%s"):format(
    name, require("profile").default() == name and " (the default)" or "",
    require("profile").default() == name and "" or " --profile " .. name
  ))
end

---@type cli.Command
return {
  summary = "Set up a NAS: find out how to reach it and write its profile",
  group = "set-up",
  description = "Goes from the TCP connection to the volumes, step by step, and says what to do where one fails. What was "
    .. "answered until then is kept for the next try. Nothing is changed on the NAS, and no password is stored.",
  args = { { "host", help = "nas1.local, admin@10.0.0.7:2222, local, or unix:///path of a socket on this machine" } },
  flags = {
    { "user", type = "string", value = "USER", help = "Account to log in with (default: admin)" },
    { "port", type = "string", value = "PORT", help = "SSH port (default: 22)" },
    { "key", type = "string", value = "FILE", complete = "files", help = "Private key to log in with" },
    { "agent", help = "Ask the ssh-agent for keys (as is the default)" },
    { "no-agent", help = "Do not ask the ssh-agent for keys" },
    { "password-stdin", help = "Read the password from standard input; it is not stored" },
    { "volume", type = "string", value = "VOLUME", help = "Volume for data of projects (default: the NAS's default one)" },
    { "name", type = "string", value = "PROFILE", help = "Name of the profile (default: from the host's name)" },
    { "accept-host-key", type = "string", value = "SHA256:...", help = "Accept this host key, which you compared before" },
    { "update", help = "Set up an existing profile again" },
  },
  examples = {
    { "init nas1.local --user admin" },
    { "init 10.0.0.7 --name office --key ~/.ssh/office --accept-host-key SHA256:..." },
    { "init local", "The Docker engine of this machine" },
  },
  run = function(ctx)
    local profile, setup, report = require "profile", require "nas.setup", require "nas.report"
    local address = setup.address(ctx.args.host)
    local name = ctx.flags.name or setup.name(address.host)
    profile.check_name(name)
    ctx.flags.engine = ctx.global.engine
    local keys = setup.keys(address, ctx.flags, earlier(ctx, name))
    keys.user = user_of(keys)
    local p = profile.of(name, keys)
    local style = require("ui").style "stderr"
    local result = require("nas.checklist").run(p, {
      timeout = ctx.global.timeout, choose_engine = not keys.engine, accept_host_key = ctx.flags.accept_host_key,
      password = ctx.flags.password_stdin and require("nas.password").from_stdin() or nil,
      on_step = function(step)
        if step.status ~= "skipped" then
          require("cli.output").err(report.line(step, style, step.status == "failed"))
        end
      end,
    })
    local err = setup.blocker(result)
    if err then
      setup.advise(err, ctx.args.host)
      if not profile.exists(name) then
        profile.remember(name, { answers = keys })
      end
      error(err, 0)
    end
    setup.complete(keys, result, p)
    setup.write(name, keys, { lock_wait = ctx.global.lock_wait })
    profile.remember(name, setup.state(result))
    profile.remember(name, { answers = require("json").null })
    tell(ctx, name, keys, result)
  end,
}
