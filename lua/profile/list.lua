local function mark(row)
  return row.default and "*" or ""
end

local function last_seen(row)
  return require("profile.rows").ago(row.last_seen)
end

---@type cli.Command
return {
  summary = "List the profiles",
  group = "profiles",
  description = "Does not connect, unless --check is given: then all NASes are asked at once, and one that does not answer within 10s "
    .. "(--timeout) ends with exit code 8.",
  flags = { { "check", help = "Connect to every NAS and show whether it answers" } },
  uses = { "output" },
  columns = {
    { "Default", get = mark, priority = 2 },
    { "Name", priority = 0 },
    { "Address", header = "HOST", priority = 1 },
    { "User", priority = 5 },
    { "Group", priority = 8 },
    { "Engine", priority = 7 },
    { "Volume", priority = 9 },
    { "LastSeen", header = "LAST SEEN", get = last_seen, priority = 6 },
    { "State", color = "state", priority = 3 },
    { "Host", hidden = true }, { "Port", hidden = true },
    { "Protected", hidden = true }, { "ReadOnly", hidden = true }, { "Source", hidden = true },
  },
  quiet = "Name",
  empty = "no NAS is set up yet: qnap-docker init HOST",
  pager = true,
  examples = {
    { "profile list" },
    { "profile list --check", "Ask every NAS whether it answers" },
    { "profile list --format '{{.Name}} {{.Host}}'" },
  },
  run = function(ctx)
    local rows = require("profile.rows").list()
    if ctx.flags.check then
      require("profile.verify").rows(ctx, rows)
    end
    return require("json").array(rows)
  end,
}
