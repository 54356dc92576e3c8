-- docs/engine-api-coverage.md: which function of ours sends which request to the engine, from the sources themselves.
-- A function that sends one says so behind its head: function Nas:info() ---@endpoint GET /info
-- Dependencies: fs, docs.endpoints.
local M = {}

-- What is left out on purpose, by the beginning of its path.
local OUT_OF_SCOPE = {
  ["/plugins"] = "plugins are managed in Container Station",
  ["/swarm"] = "swarm mode is not managed", ["/nodes"] = "swarm mode is not managed",
  ["/services"] = "swarm mode is not managed", ["/tasks"] = "swarm mode is not managed", ["/secrets"] = "swarm mode is not managed",
  ["/configs"] = "swarm mode is not managed",
}

---The annotations of one source: {endpoint, function}, in their order.
---@param source string
---@return {endpoint: string, name: string}[]
function M.annotations(source)
  local out = {}
  for name, method, path in source:gmatch "function ([%w_.:]+)%([^\n)]*%) %-%-%-@endpoint (%u+) (%S+)" do
    out[#out + 1] = { endpoint = method .. " " .. path, name = name }
  end
  return out
end

---Modules of the standard library, with their sources: those of the working tree, so that none has to be named.
---@async
---@param dir string "stdlib"
---@return {name: string, source: string}[]
function M.sources(dir)
  local fs, out = require "fs", {}
  local function walk(path)
    for _, name in ipairs(fs.list(path)) do
      local full = path .. "/" .. name
      if fs.is_directory(full) then
        walk(full)
      elseif name:find "%.lua$" then
        out[#out + 1] = { name = full:sub(#dir + 2, -5), source = fs.read(full) }
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
      list[#list + 1] = ("`%s` (stdlib/%s.lua)"):format(note.name, module.name)
    end
  end
  return by_endpoint
end

---The document.
---@param sources {name: string, source: string}[]
---@return string
function M.page(sources)
  local by_endpoint, rows, used = users(sources), {}, 0
  local endpoints = require "docs.endpoints"
  for i, line in ipairs(endpoints) do
    local endpoint, version = line:match "^(%S+ %S+) ?(%S*)$"
    local list = by_endpoint[endpoint]
    used = used + (list and 1 or 0)
    local why = OUT_OF_SCOPE[endpoint:match " (/[^/]*)"]
    local text = list and table.concat(list, ", ") or why and "not used: " .. why or "not used"
    rows[i] = ("| `%s` | %s | %s |\n"):format(endpoint, version ~= "" and version or "", text)
  end
  return ("# Engine API coverage\n\nMade from the annotations in `stdlib` by `./dev docs`. Of %d endpoints, %d are used.\n\n"
    .. "| endpoint | since | used by |\n|---|---|---|\n%s"):format(#endpoints, used, table.concat(rows))
end

return M
