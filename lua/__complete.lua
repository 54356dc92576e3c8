local completion = require "cli.completion"

---@type cli.Command
return {
  summary = "Answer the completion scripts",
  group = "help",
  usage = "-- WORD...",
  stop_at_first_arg = true,
  args = { { "word", variadic = true, optional = true } },
  run = function(ctx)
    require("ui").setup { no_input = true }
    local list, extra = completion.candidates(ctx.args.word)
    local out, seen = {}, {}
    for _, item in ipairs(list) do
      if not seen[item[1]] then
        seen[item[1]] = true
        local help = item[2] and "\t" .. item[2]:gsub("%s+", " ") or ""
        out[#out + 1] = item[1]:gsub("[%c]", "") .. help .. "\n"
      end
    end
    if extra then
      out[#out + 1] = ":" .. extra .. "\n"
    end
    return table.concat(out)
  end,
}
