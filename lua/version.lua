local version = require "cli.version"

local function text(record)
  local out = { ("qnap-docker %s"):format(record.program) }
  for _, lib in ipairs(record.libraries) do
    out[#out + 1] = ("  %-8s %s"):format(lib.name, lib.version)
  end
  for _, dir in ipairs(record.overrides) do
    out[#out + 1] = ("  override %s (QNAP_DOCKER_LUA_PATH)"):format(dir)
  end
  return table.concat(out, "\n") .. "\n"
end

---@type cli.Command
return {
  summary = "Show the version",
  group = "help",
  description = "The version of the program and of the libraries it runs with, and directories whose Lua files replace built-in ones.",
  uses = { "json" },
  examples = { { "version --json" } },
  run = function(ctx)
    local record = version.record()
    if ctx.flags.json then
      return record
    end
    ctx:out(text(record))
  end,
}
