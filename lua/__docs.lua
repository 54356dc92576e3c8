local docs = require "cli.docs"

local function write(dir, pages)
  for _, page in ipairs(pages) do
    local path = dir .. "/" .. page[1]
    local file, why = io.open(path, "wb")
    if not file then
      Error { category = "fail", code = "write_failed", message = ("cannot write %s"):format(path), why = why }
    end
    file:write(page[2])
    file:close()
  end
end

---@type cli.Command
return {
  summary = "Write the command pages or the man pages",
  group = "help",
  description = "DIR must exist. Files of commands that no longer exist stay.",
  args = { { "dir", help = "Folder that gets them" } },
  flags = {
    { "man", help = "Man pages instead of Markdown" },
    { "endpoints", help = "Which function sends which request, from ./stdlib and ./lua, instead of the commands" },
  },
  run = function(ctx)
    if ctx.flags.endpoints then
      local coverage = require "docs.coverage"
      local sources, commands = coverage.sources "stdlib", coverage.sources "lua"
      table.move(commands, 1, #commands, #sources + 1, sources)
      return write(ctx.args.dir, { { "engine-api-coverage.md", coverage.page(sources) } })
    end
    write(ctx.args.dir, ctx.flags.man and docs.manuals() or docs.pages())
  end,
}
