-- Names that change (profiles, containers, ...) for completion. Whatever goes wrong, or takes longer than 300 ms, gives
-- nothing: completion never asks for a password, never accepts a host key, and never prints an error.
local M = {}

local LIMIT = 0.3 -- seconds

---@class cli.CompletionContext
---@field word string
---@field flags table<string, any> of the flags in front of it
---@field words string[] arguments in front of it

function M.topics()
  local topics = require "cli.topics"
  local out = {}
  for _, name in ipairs(topics.names()) do
    out[#out + 1] = { name, topics.title(name) }
  end
  for _, entry in ipairs(require("cli.registry").list()) do
    out[#out + 1] = { entry.words[1], #entry.words == 1 and entry.summary or nil }
  end
  return out
end

---Jobs of the journal, with their commands.
function M.jobs()
  local out = {}
  for i, job in ipairs(require("plan.journal").list()) do
    out[i] = { job.id, job.state .. ": " .. job.command }
  end
  return out
end

function M.agent_verbs()
  return { "status", "stop" }
end

function M.recipes()
  local out = {}
  for i, r in ipairs(require("recipe").list()) do out[i] = { r.name, r.summary } end
  return out
end

---Words of the user's own.
function M.aliases()
  local out = {}
  for name, words in pairs(require("cli.own_aliases").all()) do out[#out + 1] = { name, words } end
  return out
end

function M.shells()
  return { "bash", "zsh", "fish" }
end

local function labels_of(p)
  local out = {}
  for key, value in pairs(p.keys.labels or {}) do
    out[#out + 1] = ("label:%s=%s"):format(key, tostring(value))
  end
  table.sort(out)
  return out
end

---Profiles with their addresses, their groups and labels; behind a comma the list goes on, and behind ! stands what is left out.
---Connects to nothing.
function M.profiles(ctx)
  local record = require "profile.record"
  local done, no = ctx.word:match "^(.*,)" or "", ctx.word:match "^.*,(!)" or ctx.word:match "^!" or ""
  local typed, out, many = "," .. done:gsub("!", ""), {}, {}
  local function add(list, word, help)
    if not typed:find("," .. word .. ",", 1, true) then
      list[#list + 1] = { done .. no .. word, help }
    end
  end
  for _, p in ipairs(require("profile").list()) do
    add(out, p.name, record.address(p.keys))
    if p.keys.group then
      add(many, "group:" .. p.keys.group)
    end
    for _, label in ipairs(labels_of(p)) do
      add(many, label)
    end
  end
  return table.move(many, 1, #many, #out + 1, out)
end

-- The one NAS that the line means so far, connected without asking anything.
local function nas(ctx)
  local profile = require "profile"
  local selectors = ctx.flags.from and { ctx.flags.from } or ctx.flags.profile
  local names = profile.resolve(type(selectors) == "table" and selectors or {}, { all = false })
  return require("docker").connect(profile.get(names[1]), { interactive = false, timeout = LIMIT })
end

-- A provider that asks the engine; names already on the line are not offered again.
local function asking(fn)
  return function(ctx)
    local list = require("task").deadline(LIMIT, function()
      return fn(nas(ctx))
    end)
    local typed, out = {}, {}
    for _, word in ipairs(ctx.words) do
      typed[word] = true
    end
    for _, item in ipairs(list) do
      if not typed[item[1]] then
        out[#out + 1] = item
      end
    end
    return out
  end
end

---What an engine has, as candidates.
---@type table<string, fun(engine: docker.Nas, filters?: table): {[1]: string, [2]?: string}[]>
M.lists = {
  containers = function(engine, filters)
    local out = {}
    for i, c in ipairs(engine:containers { all = true, filters = filters }) do
      local name = (c.Names[1] or c.Id):gsub("^/", "")
      out[i] = { name, ("%s (%s)"):format(c.Image, c.State) }
    end
    return out
  end,
  images = function(engine)
    local out = {}
    for _, image in ipairs(engine:images {}) do
      for _, tag in ipairs(type(image.RepoTags) == "table" and image.RepoTags or {}) do
        if not tag:find "<none>" then
          out[#out + 1] = { tag }
        end
      end
    end
    return out
  end,
  volumes = function(engine)
    local out = {}
    for i, volume in ipairs((engine:volumes {})) do
      out[i] = { volume.Name, volume.Driver }
    end
    return out
  end,
  networks = function(engine)
    local out = {}
    for i, network in ipairs(engine:networks {}) do
      out[i] = { network.Name, network.Driver }
    end
    return out
  end,
}

local function containers(filters)
  return asking(function(engine)
    return M.lists.containers(engine, filters)
  end)
end

M.containers = containers(nil)
M["containers.running"] = containers { status = { running = true } }
M["containers.paused"] = containers { status = { paused = true } }
M["containers.stopped"] = containers { status = { exited = true, created = true } }
M.images = asking(M.lists.images)
M.volumes = asking(M.lists.volumes)
M.networks = asking(M.lists.networks)

-- Compose projects that a NAS has containers of.
M["compose.projects"] = asking(function(engine)
  local count, out = {}, {}
  for _, c in ipairs(require("compose.observe").list(engine)) do
    count[c.project] = (count[c.project] or 0) + 1
  end
  for name, n in pairs(count) do
    out[#out + 1] = { name, ("%d container%s"):format(n, n == 1 and "" or "s") }
  end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out
end)

-- Services of the project that the line means so far, with their images; the files here alone are read, no NAS is asked.
M["compose.services"] = function(ctx)
  local flags = ctx.flags
  local project = require("compose").load {
    files = flags.file, env_files = flags.env_file, project_name = flags.project_name, project_dir = flags.project_directory,
    profiles = flags.compose_profile, no_consistency = true,
  }
  local out, typed = {}, {}
  for _, word in ipairs(ctx.words) do
    typed[word] = true
  end
  for _, services in ipairs { project.model.services or {}, project.disabled } do
    for name, service in pairs(services) do
      if not typed[name] then
        out[#out + 1] = { name, service.image or "built here" }
      end
    end
  end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out
end

---Anything that inspect takes, as far as it is cheap: containers and images.
function M.objects(ctx)
  local out = M.containers(ctx)
  return table.move(M.images(ctx), 1, 1000, #out + 1, out)
end

return M
