-- What `stats` and `compose stats` share: flags, the one look and the one that goes on.
local format = require "cli.format"

local M = {}

---Whose use is measured.
---@class stats.Choice
---@field names string[] empty: whatever there is
---@field filters? table<string, any> of the engine's list of containers

---@return cli.Flag[]
function M.flags()
  return {
    { "all", short = "a", help = "Show all containers (default: only running ones)" },
    { "no-stream", help = "Show one result and end" },
    { "no-trunc", help = "Do not shorten values" },
    { "format", type = "string", value = "TEMPLATE", complete = { "table", "json" },
      help = "'table', 'table TEMPLATE', 'json' or a Go template (see 'help formatting')" },
    { "interval", type = "duration", value = "INTERVAL", default = "2s", plain_seconds = true, help = "Time between two looks" },
    { "sort", type = "enum", values = { "cpu", "mem", "net", "io" }, value = "KEY", help = "Largest first: cpu, mem, net or io" },
    { "top", type = "int", value = "N", min = 1, help = "Only the N largest (by CPU unless --sort says otherwise)" },
    { "totals", help = "Add a line with the sums" },
    { "json", type = "string", value = "FIELDS", optional_value = "*",
      help = "JSON: one document with --no-stream, else one object per line and sample" },
  }
end

-- A mistake in a template ends here, before anything is measured.
local function check_template(ctx)
  local wanted = ctx.given.format and ctx.flags.format or ""
  local source = wanted:gsub("^table", "")
  if source == "" or source == "json" then return end
  local def = ctx.spec.def
  local blank = require("stats.compute").invalid ""
  format.one(def, def.columns, require("cli.render").view(ctx), source, blank)
end

-- A NAS of several that lacks a container has no row for it.
local function there(entries)
  local out = {}
  for _, e in ipairs(entries) do out[#out + 1] = not e.invalid and e or nil end
  return out
end

local function once(ctx, choice)
  local failed = {}
  local rows = ctx:each_target(function(nas)
    local entries, missing = require("stats.sample").new(nas, choice, ctx.flags.all):read()
    table.move(missing, 1, #missing, #failed + 1, failed)
    if #missing > 0 and not ctx.several then return {} end
    if ctx.several and not ctx.flags.json and not ctx.given.format then
      ctx:note(("%s  %s"):format(nas.name, require("nas.load").text(require("nas.load").read(nas))))
    end
    return #missing == 0 and entries or there(entries)
  end)
  if #failed > 0 then
    require("cli.items").report(ctx, failed)
    if not ctx.several then return nil end
  end
  return require("stats.watch").shown(ctx.flags, rows)
end

---@async
---@param ctx cli.Context with the flags of M.flags()
---@param choice stats.Choice
function M.run(ctx, choice)
  check_template(ctx)
  if ctx.flags.no_stream then return once(ctx, choice) end
  local failed = require("stats.watch").run(ctx, choice)
  if failed then require("cli.items").report(ctx, failed) end
end

return M
