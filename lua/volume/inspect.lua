-- volume inspect: GET /volumes/{name}; a terminal also shows who uses it and what lies in it.
local MOST = 40 -- names of files

local function users(nas, name)
  local rows = {}
  for i, c in ipairs(nas:containers { all = true, filters = { volume = { [name] = true } } }) do
    rows[i] = { (c.Names[1] or c.Id):gsub("^/", ""), c.Status, color = require("ui.style").of_state }
  end
  if #rows == 0 then rows[1] = { "nobody", "no container mounts it" } end
  return rows
end

local function files(nas, name)
  local volume = nas:volume(name):inspect()
  local names = volume.Driver == "local" and try(require("nas.folder").names, nas, volume.Mountpoint)
  if not names then return {} end
  local shown = table.concat(names, "  ", 1, math.min(#names, MOST))
  if #names > MOST then shown = ("%s  … and %d more"):format(shown, #names - MOST) end
  return { { "top level", #names > 0 and shown or "empty" } }
end

return {
  summary = "Show everything about volumes",
  group = "volumes",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "volume", variadic = true, complete = "volumes" } },
  uses = { "targets", "format" },
  pager = true,
  examples = { { "volume inspect data" }, { "volume inspect -f '{{.Mountpoint}}' data", "Where its files are on the NAS" } },
  run = function(ctx)
    require("cli.inspecting").run(ctx, "volume", ctx.args.volume, function(nas, name)
      return nas:volume(name):inspect { raw = true }
    end, function(nas, name)
      return { { "used by", users(nas, name) }, { "files", files(nas, name) } }
    end)
  end,
}
