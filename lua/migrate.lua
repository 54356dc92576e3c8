-- migrate: containers, or a whole compose project, with image, networks and data, from one NAS to another.
return {
  summary = "Move containers with their data from one NAS to another",
  group = "containers",
  asks = true,
  description = "Image, networks, volumes and bound folders go with them. Data is copied while it is in use; then the source stops, "
    .. "what changed meanwhile follows, all of it is compared by hash, and the target starts. The source is kept, stopped. What would "
    .. "fail is found before anything is changed. A failure, or Ctrl-C, leads back to the source as it was; 'resume' and 'undo' do "
    .. "the same for what was cut off. See docs/migrate.md.",
  args = { { "name", variadic = true, optional = true, label = "CONTAINER", complete = "containers", help = "Names, or quoted globs" } },
  flags = (function()
    local flags = {
      { "from", type = "string", value = "PROFILE", complete = "profiles", help = "The source (default: the default profile)" },
      { "to", type = "string", value = "PROFILE", complete = "profiles", help = "The target" },
      { "project", type = "string", value = "NAME", complete = "compose.projects", help = "A whole compose project, with its files" },
      { "strategy", type = "enum", values = { "cold", "warm" }, value = "HOW",
        help = "warm: copied while it runs; cold: stopped while it is copied (default: warm where both NASes allow it)" },
      { "volumes", type = "string", value = "all|none|LIST", default = "all", complete = "volumes",
        help = "Whose data is copied; the others begin empty" },
      { "bind-mounts", type = "enum", values = { "map", "skip", "fail" }, value = "HOW", default = "map",
        help = "map: copied to the same path, or that of --map; skip: what the target has there; fail: none may be there" },
      { "rename", type = "string", value = "NAME", help = "Name of the container on the target" },
      { "keep-source", type = "enum", values = { "stopped", "running", "remove" }, value = "HOW", default = "stopped",
        help = "stopped: it does not start by itself; running: with --no-start; remove: its containers, never its data" },
      { "start", help = "Start all of it on the target, also what does not run on the source" },
      { "no-start", help = "Start nothing on the target" },
      { "max-downtime", type = "duration", value = "DURATION", plain_seconds = true, help = "Longer than that, and it is taken back" },
    }
    local shared = require("migrate.sides").flags()
    return table.move(shared, 1, #shared, #flags + 1, flags)
  end)(),
  uses = { "plan", "json", "confirm" },
  examples = {
    { "migrate web --from production --to staging", "One container, with its volumes" },
    { "migrate --project shop --from nas1 --to nas2 -n", "What moving a project would do, how long it takes, what is in the way" },
    { "migrate 'db*' --from nas1 --to nas2 --map port=5432:15432", "Under another port there" },
    { "migrate web --from nas1 --to nas2 --keep-source remove --confirm web", "Nothing but the data stays behind" },
  },
  run = function(ctx)
    if not ctx.flags.to then
      Error { category = "usage", code = "missing_flag", message = "--to is missing", why = "nothing says which NAS it shall move to",
        hint = "qnap-docker migrate NAME --from A --to B" }
    end
    return require("migrate.command").run(ctx)
  end,
}
