-- inventory: what every NAS has, as documents whose changes make a readable diff: run it every night into a git folder.

local function ports_of(c)
  local out = require("json").array {}
  for _, p in ipairs(c.Ports or {}) do
    if p.PublicPort then out[#out + 1] = ("%s:%d->%d/%s"):format(p.IP or "0.0.0.0", p.PublicPort, p.PrivatePort, p.Type) end
  end
  table.sort(out)
  return out
end

local function by(key)
  return function(a, b) return a[key] < b[key] end
end

-- Nothing in it changes by itself: no ages, no states of the moment, no ids.
local function of_nas(nas)
  local reader, array = require("plan").reader(nas), require("json").array
  local all = require("task").all {
    function() return reader:info() end,
    function() return reader:containers { all = true } end,
    function() return reader:images {} end,
    function() return (reader:volumes {}) end,
    function() return reader:networks {} end,
  }
  local info, containers, images, volumes, networks = table.unpack(all)
  local doc = {
    nas = nas.name, engine = info.ServerVersion, system = info.OperatingSystem, containers = array {}, images = array {},
    volumes = array {}, networks = array {},
  }
  for i, c in ipairs(containers) do
    local labels = c.Labels or {}
    doc.containers[i] = {
      name = c.Names[1]:sub(2), image = c.Image, command = c.Command, ports = ports_of(c),
      project = labels["com.docker.compose.project"], service = labels["com.docker.compose.service"], running = c.State == "running",
    }
  end
  for _, image in ipairs(images) do
    for _, tag in ipairs(image.RepoTags or {}) do
      doc.images[#doc.images + 1] = { name = tag, id = image.Id }
    end
  end
  for i, v in ipairs(volumes) do doc.volumes[i] = { name = v.Name, driver = v.Driver } end
  for i, n in ipairs(networks) do doc.networks[i] = { name = n.Name, driver = n.Driver } end
  for _, key in ipairs { "containers", "images", "volumes", "networks" } do table.sort(doc[key], by "name") end
  return doc
end

local function cell(value) return (tostring(value == nil and "" or value):gsub("|", "\\|"):gsub("%c", " ")) end

local function rows(out, title, heads, list, fields)
  out[#out + 1] = ("\n## %s\n\n| %s |\n|%s"):format(title, table.concat(heads, " | "), (" --- |"):rep(#heads))
  for _, record in ipairs(list) do
    local cells = {}
    for i, field in ipairs(fields) do
      local value = record[field]
      cells[i] = cell(type(value) == "table" and table.concat(value, ", ") or value)
    end
    out[#out + 1] = ("| %s |"):format(table.concat(cells, " | "))
  end
end

local function markdown(doc)
  local out = { ("# %s\n\n%s, Docker %s"):format(cell(doc.nas), cell(doc.system), cell(doc.engine)) }
  rows(out, "Containers", { "Name", "Image", "Ports", "Project", "Running" }, doc.containers,
    { "name", "image", "ports", "project", "running" })
  rows(out, "Images", { "Name", "Id" }, doc.images, { "name", "id" })
  rows(out, "Volumes", { "Name", "Driver" }, doc.volumes, { "name", "driver" })
  rows(out, "Networks", { "Name", "Driver" }, doc.networks, { "name", "driver" })
  return table.concat(out, "\n") .. "\n"
end

local function as_json(doc)
  local json = require "json"
  return json.reformat(json.encode(doc), 2) .. "\n"
end

local FORMATS = { json = as_json, markdown = markdown }
local ENDINGS = { json = ".json", markdown = ".md" }

local function write(ctx, doc)
  local fs, format = require "fs", ctx.flags.as
  fs.mkdir(ctx.flags.out, { parents = true })
  local path = fs.join(ctx.flags.out, doc.nas .. ENDINGS[format])
  local text = FORMATS[format](doc)
  if fs.exists(path) and fs.read(path) == text then return ctx:note(path .. " is as it was") end
  if ctx.flags.dry_run or ctx.global.dry_run then return ctx:note(("would write %s"):format(path)) end
  fs.write(path, text, { mode = 420 }) -- 0644
  ctx:out(path .. "\n")
end

local function commit(ctx)
  local function git(...)
    return require("proc").check { argv = { "git", "-C", ctx.flags.out, ... }, timeout = 60 }
  end
  git("add", "--all", ".")
  if git("status", "--porcelain", "--", ".") == "" then return ctx:note "nothing has changed" end
  git("commit", "--quiet", "-m", "inventory", "--", ".")
  ctx:note "committed"
end

return {
  summary = "Write down what every NAS has, so that changes make a readable diff",
  description = "Containers, images, volumes and networks of the selected NASes, as JSON or Markdown, without anything that changes by "
    .. "itself. With --out a file for each NAS is written into a folder where something has changed; --commit commits them, where the "
    .. "folder is in git.",
  uses = { "targets", "dry_run" },
  flags = {
    { "as", type = "enum", values = { "json", "markdown" }, default = "json", value = "FORMAT", help = "json or markdown" },
    { "out", short = "o", type = "string", value = "FOLDER", complete = "files", help = "Write a file for each NAS there" },
    { "commit", help = "With --out: git commit what has changed" },
  },
  examples = {
    { "inventory --as markdown" },
    { "inventory --profile '*' --out ~/nas-inventory --commit", "Every night, all NASes, into git" },
  },
  needs = { docker = { "read" }, files = { "the folder of --out" } },
  run = function(ctx)
    if ctx.flags.commit and not ctx.flags.out then
      Error { category = "usage", code = "missing_flag", message = "--commit goes with --out FOLDER" }
    end
    local docs = ctx:each_target(function(nas) return { { doc = of_nas(nas) } } end)
    for _, row in ipairs(docs) do
      if ctx.flags.out then write(ctx, row.doc) else ctx:out(FORMATS[ctx.flags.as](row.doc)) end
    end
    if ctx.flags.commit and not (ctx.flags.dry_run or ctx.global.dry_run) then commit(ctx) end
  end,
}
