---@type cli.Command
return {
  summary = "Run a Lua file in the runtime",
  group = "automation",
  stop_at_first_arg = true,
  args = { { "file", complete = "files" }, { "argument", variadic = true, optional = true } },
  run = function(ctx)
    local chunk, why = loadfile(ctx.args.file)
    if not chunk then
      Error { category = "usage", code = "bad_script", message = ("cannot run %s"):format(ctx.args.file), why = why }
    end
    local code = chunk(table.unpack(ctx.rest))
    ctx:exit(math.tointeger(code) or 0)
  end,
}
