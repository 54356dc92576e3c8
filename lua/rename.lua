-- rename: give a container another name. POST /containers/{id}/rename.
return {
  summary = "Rename a container",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers" }, { "new-name", label = "NEW_NAME" } },
  uses = { "target" },
  examples = { { "rename web web-old", "The container goes on running" } },
  run = function(ctx)
    local old, new = ctx.args.container:match "^%s*(.-)%s*$", ctx.args.new_name:match "^%s*(.-)%s*$"
    if old == "" or new == "" then
      Error {
        category = "usage", code = "empty_name", message = "neither the old nor the new name may be empty", exit_code = 1,
        hint = "qnap-docker rename CONTAINER NEW_NAME",
      }
    end
    ctx:target():container(old):rename(new)
  end,
}
