-- profile export: profiles as a document for another machine.
---@type cli.Command
return {
  summary = "Write profiles as a file for another machine",
  group = "profiles",
  description = "Keys and passwords are never in it, nor keys of profiles.yaml that this program does not know; what cannot go along is "
    .. "told on stderr. 'profile import' takes the file.",
  args = { { "name", variadic = true, optional = true, complete = "profiles", help = "Which, as of --profile (default: all)" } },
  flags = { { "output", short = "o", type = "string", value = "FILE", complete = "files", help = "Into a file, not standard output" } },
  examples = {
    { "profile export > nases.yaml", "All of them" },
    { "profile export production 'lab*' -o nases.yaml" },
    { "profile export | ssh laptop qnap-docker profile import -" },
  },
  run = function(ctx)
    local profile = require "profile"
    local wanted, items = {}, {}
    for _, name in ipairs(#ctx.args.name > 0 and profile.select(ctx.args.name) or profile.names()) do wanted[name] = true end
    for _, item in ipairs(profile.list()) do items[#items + 1] = wanted[item.name] and item or nil end
    if #items == 0 then
      Error { category = "config", code = "no_profile", message = "no NAS is set up yet", hint = "qnap-docker init HOST" }
    end
    local text, notes = require("profile.exchange").document(items)
    if ctx.flags.output then
      require("fs").write(ctx.flags.output, text)
    else
      ctx:out(text)
    end
    for _, line in ipairs(notes) do ctx:note("note: " .. line) end
  end,
}
