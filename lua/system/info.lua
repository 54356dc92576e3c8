-- system info, info: what the engine says about itself and its host. GET /info; with --nas also what the NAS says.
local about = require "cli.about"

local function client(nas)
  local version = require "cli.version"
  return { platform = "qnap-docker", version = version.record().program, context = nas.name, debug = false }
end

local function document(raw, nas)
  local record = require("listing.version").client {
    program = client(nas).version, context = nas.name, api = nas:api(), arch = about.arch(),
  }
  record.Debug, record.Plugins = false, require("json").array {}
  return ('%s%s"ClientInfo":%s}'):format(raw:match "^(.-)%s*}%s*$", raw:find '^%s*{%s*}' and "" or ",", require("json").encode(record))
end

local function nas_part(facts, info, engine)
  local capabilities, probe = require "nas.capabilities", require "nas.probe"
  local station, out = facts.station, { "NAS:\n" }
  local function add(label, value) out[#out + 1] = (" %s: %s\n"):format(label, value) end
  add("System", probe.system(facts))
  add("Container Station", station and ("%s, %s%s"):format(station.version or "unknown version", station.path or "in an unknown place",
    station.enabled and "" or " (stopped)") or "none")
  local sockets = {}
  for path, state in pairs(facts.sockets) do sockets[#sockets + 1] = state == "open" and path or path .. " (not open to this account)" end
  table.sort(sockets)
  add("Engines", #sockets > 0 and table.concat(sockets, ", ") or "none found")
  if engine.route then add("Reached by", engine.route) end
  local volumes = {}
  for i, v in ipairs(facts.volumes) do volumes[i] = v.path end
  add("Volumes", #volumes > 0 and table.concat(volumes, " ") or "none")
  if facts.default_volume then add("Default volume", facts.default_volume) end
  if facts.container_share then add("Share of containers", facts.container_share) end
  out[#out + 1] = " Capabilities:\n" .. capabilities.table(capabilities.list(info, facts))
  return table.concat(out)
end

local function json_record(nas, info, facts)
  local record = {}
  for key, value in pairs(info) do record[key] = value end
  if facts then
    record.nas = facts
    record.capabilities = require("json").array(require("nas.capabilities").list(info, facts))
  end
  record.profile = nas.name
  return record
end

local function one(ctx, nas)
  local f = ctx.flags
  if f.format and f.format ~= "" then
    return about.render(f.format, document(nas:info { raw = true }, nas), "system.dockerInfo")
  end
  local info = nas:info()
  local facts = f.nas and require("nas.disks").facts(nas) or nil
  if f.json then return json_record(nas, info, facts) end
  local text = require("listing.info").text(info, client(nas))
  for _, warning in ipairs(type(info.Warnings) == "table" and info.Warnings or {}) do ctx:note(warning) end
  return facts and text .. nas_part(facts, info, nas) .. "\n" or text
end

return {
  summary = "Show what an engine and its NAS are and can do",
  group = "system",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  flags = { { "nas", help = "Also the NAS itself: model, firmware, Container Station, engines, what its kernel can do" } },
  uses = { "targets", "format" },
  pager = true,
  examples = {
    { "info" },
    { "info --nas --profile '*'", "With what the kernel of every NAS can do" },
    { "info -f '{{.Driver}} {{.ServerVersion}}'", "Chosen fields" },
  },
  run = function(ctx)
    if ctx.flags.format and ctx.flags.format ~= "" and ctx.flags.format ~= "json" then
      require("cli.format").compile(ctx.flags.format)
    end
    local parts = ctx:each_target(function(nas) return { { part = one(ctx, nas) } } end)
    if ctx.flags.json then
      local records = {}
      for i, row in ipairs(parts) do records[i] = row.part end
      return require("json").array(records)
    end
    for _, row in ipairs(parts) do ctx:out(row.part) end
  end,
}
