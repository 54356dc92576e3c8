-- docs/engine-api-coverage.md: which function of ours sends which request to the engine, from the sources themselves.
-- A function that sends one says so behind its head (`---@endpoint GET /info`; docs/contributing.md).
-- Dependencies: fs, docs.endpoints.
local M = {}

-- What is left out on purpose, by the beginning of its path.
local OUT_OF_SCOPE = {
  ["/plugins"] = "plugins are managed in Container Station",
  ["/swarm"] = "swarm mode is not managed", ["/nodes"] = "swarm mode is not managed",
  ["/services"] = "swarm mode is not managed", ["/tasks"] = "swarm mode is not managed", ["/secrets"] = "swarm mode is not managed",
  ["/configs"] = "swarm mode is not managed",
}

-- What others do instead.
local ONE_BY_ONE = "what a plan shows is removed one by one"
local INSTEAD = {
  ["POST /containers/prune"] = ONE_BY_ONE, ["POST /volumes/prune"] = ONE_BY_ONE, ["POST /networks/prune"] = ONE_BY_ONE,
  ["GET /containers/{id}/attach/ws"] = "POST /containers/{id}/attach does the same without WebSocket",
  ["HEAD /_ping"] = "GET /_ping says the same",
  ["GET /images/{name}/get"] = "GET /images/get does it for any number",
  ["PUT /volumes/{name}"] = "swarm mode is not managed",
  ["POST /session"] = "BuildKit is reached through the docker program",
}

---The annotations of one source: {endpoint, function}, in their order.
---@param source string
---@return {endpoint: string, name: string}[]
function M.annotations(source)
  local out = {}
  for head, method, path in source:gmatch "([^\n]*%)) %-%-%-@endpoint (%u+) (%S+)" do
    local name = head:match "function ([%w_.:]+)%(" or head:match "([%w_]+) = function%("
    out[#out + 1] = name and { endpoint = method .. " " .. path, name = name }
  end
  return out
end

---Modules below a directory, with their sources: those of the working tree, so that none has to be named.
---@async
---@param dir string "stdlib", "lua"
---@return {name: string, file: string, source: string}[]
function M.sources(dir)
  local fs, out = require "fs", {}
  local function walk(path)
    for _, name in ipairs(fs.list(path)) do
      local full = path .. "/" .. name
      if fs.is_directory(full) then
        walk(full)
      elseif name:find "%.lua$" then
        out[#out + 1] = { name = full:sub(#dir + 2, -5), file = full, source = fs.read(full) }
      end
    end
  end
  walk(dir)
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

local function users(sources)
  local by_endpoint = {}
  for _, module in ipairs(sources) do
    for _, note in ipairs(M.annotations(module.source)) do
      local list = by_endpoint[note.endpoint] or {}
      by_endpoint[note.endpoint] = list
      list[#list + 1] = ("`%s` (%s)"):format(note.name, module.file)
    end
  end
  return by_endpoint
end

---The document.
---@param sources {file: string, source: string}[]
---@return string
function M.page(sources)
  local by_endpoint, rows, used = users(sources), {}, 0
  local endpoints = require "docs.endpoints"
  for i, line in ipairs(endpoints) do
    local endpoint, version = line:match "^(%S+ %S+) ?(%S*)$"
    local list = by_endpoint[endpoint]
    used = used + (list and 1 or 0)
    local why = INSTEAD[endpoint] or OUT_OF_SCOPE[endpoint:match " (/[^/]*)"]
    local text = list and table.concat(list, ", ") or why and "not used: " .. why or "not used"
    rows[i] = ("| `%s` | %s | %s |\n"):format(endpoint, version ~= "" and version or "", text)
  end
  return ("# Engine API coverage\n\nMade from the annotations in `stdlib` and `lua` by `./dev docs`. Of %d endpoints, %d are used.\n\n"
    .. "| endpoint | since | used by |\n|---|---|---|\n%s"):format(#endpoints, used, table.concat(rows))
end

return M
