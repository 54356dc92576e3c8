-- Which containers move, each behind those that it depends on. Only reads.
-- Dependencies: compose.observe, compose.order, core.docker (globs of names).
local observe = require "compose.observe"

local M = {}

---@class migrate.Chosen
---@field name string for people: the project's, or the containers' names
---@field project? string
---@field records table[] inspect records, in the order in which they are started
---@field others table[] the engine's records of the other containers of the NAS

local function name_of(record) return ((record.Names or {})[1] or record.Id):gsub("^/", "") end

-- A shell's pattern as a Lua pattern.
local function pattern(glob)
  local text = glob:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".")
  return "^" .. text .. "$"
end

---Whether a name fits a shell's pattern of * and ?.
---@param name string
---@param glob string
---@return boolean
function M.fits(name, glob) return name:find(pattern(glob)) ~= nil end

local function find(list, word)
  local out = {}
  for _, record in ipairs(list) do
    local name = name_of(record)
    local by_id = #word >= 4 and word:find "^%x+$" and record.Id:sub(1, #word) == word
    if name == word or by_id or (word:find "[*?]" and M.fits(name, word)) then out[#out + 1] = record end
    if name == word then return { record } end
  end
  return out
end

local function missing(nas, word, list)
  local known = {}
  for i, record in ipairs(list) do known[i] = name_of(record) end
  local near = require("cli.suggest").near(word, known, 1)[1]
  Error {
    category = "not_found", code = "no_such_container", profile = nas.name,
    message = ("no container on %s fits '%s'"):format(nas.name, word), hint = near and ("did you mean '%s'?"):format(near)
      or ("qnap-docker ps -a --profile %s"):format(nas.name),
  }
end

local function ambiguous(nas, word, found)
  local names = {}
  for i, record in ipairs(found) do names[i] = name_of(record) end
  Error {
    category = "not_found", code = "ambiguous", profile = nas.name, message = ("'%s' fits several containers on %s"):format(word, nas.name),
    why = table.concat(names, ", "), hint = "write the whole name",
  }
end

-- Names that a container's own words mention: links, other containers' networks, --volumes-from.
local function needs(record)
  local out, host = {}, record.HostConfig
  for _, key in ipairs { "NetworkMode", "IpcMode", "PidMode" } do
    local of = (host[key] or ""):match "^container:(.+)$"
    if of then out[#out + 1] = of end
  end
  for _, text in ipairs(host.VolumesFrom or {}) do out[#out + 1] = text:match "^[^:]*" end
  for _, text in ipairs(host.Links or {}) do out[#out + 1] = text:match "^/?([^:/]+)" end
  return out
end
M.needs = needs

---Inspect records in the order in which they are started. Pure.
---@param records table[]
---@return table[]
function M.order(records)
  local by, services, dependencies = {}, {}, {}
  for _, record in ipairs(records) do
    by[record.Id], by[record.Name:sub(2)] = record, record
    local service = (record.Config.Labels or {})[observe.LABEL .. "service"]
    if service then
      services[service] = services[service] or {}
      table.insert(services[service], record)
    end
  end
  for _, record in ipairs(records) do
    local on = {}
    for entry in ((record.Config.Labels or {})["com.docker.compose.depends_on"] or ""):gmatch "[^,]+" do
      for _, other in ipairs(services[entry:match "^[^:]+"] or {}) do on[other.Name:sub(2)] = true end
    end
    for _, word in ipairs(needs(record)) do
      if by[word] and by[word] ~= record then on[by[word].Name:sub(2)] = true end
    end
    dependencies[record.Name:sub(2)] = on
  end
  local out = {}
  for i, name in ipairs(require("compose.order").forward(dependencies)) do out[i] = by[name] end
  return out
end

local function inspect_all(nas, list)
  return require("task").map(list, function(record) return nas:container(record.Id):inspect() end)
end

local function rest(all, taken)
  local ids, out = {}, {}
  for _, record in ipairs(taken) do ids[record.Id] = true end
  for _, record in ipairs(all) do
    if not ids[record.Id] then out[#out + 1] = record end
  end
  return out
end

---@async
---@param reader docker.Nas
---@param project string
---@return migrate.Chosen
---@raise not_found "no_such_project"
function M.project(reader, project)
  local all, taken = reader:containers { all = true }, {}
  for _, record in ipairs(all) do
    local c = observe.container(record)
    if c and c.project == project and not c.oneoff then taken[#taken + 1] = record end
  end
  if #taken == 0 then
    Error {
      category = "not_found", code = "no_such_project", profile = reader.name,
      message = ("there is no project '%s' on %s"):format(project, reader.name),
        hint = "qnap-docker compose ls -a --profile " .. reader.name,
    }
  end
  return { name = project, project = project, records = M.order(inspect_all(reader, taken)), others = rest(all, taken) }
end

---@async
---@param reader docker.Nas
---@param words string[] names, beginnings of ids, globs
---@return migrate.Chosen
---@raise not_found "no_such_container", "ambiguous"
function M.containers(reader, words)
  local all, taken, seen, names = reader:containers { all = true }, {}, {}, {}
  for _, word in ipairs(words) do
    local found = find(all, word)
    if #found == 0 then missing(reader, word, all) end
    if #found > 1 and not word:find "[*?]" then ambiguous(reader, word, found) end
    for _, record in ipairs(found) do
      if not seen[record.Id] then
        seen[record.Id], taken[#taken + 1], names[#names + 1] = true, record, name_of(record)
      end
    end
  end
  return { name = table.concat(names, ", "), records = M.order(inspect_all(reader, taken)), others = rest(all, taken) }
end

return M
