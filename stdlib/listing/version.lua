-- `version`: our own part and the engine's, laid out as docker CLI 28's (cli/command/system/version.go).
local tabwriter = require "ui.tabwriter"

local M = {}

-- The newest API whose answers we read.
M.API = "1.52"

---What `.Client` is in templates, as docker's clientVersion.
---@param facts {program: string, context?: string, api?: string, arch: string}
---@return table
function M.client(facts)
  return {
    Platform = { Name = "qnap-docker" }, Version = facts.program, ApiVersion = facts.api or M.API, DefaultAPIVersion = M.API,
    Os = "linux", Arch = facts.arch, Context = facts.context or "",
  }
end

-- Go's time.ANSIC of an RFC 3339 time; other texts stay.
local function ansic(text)
  local y, m, d, time = (text or ""):match "^(%d+)-(%d+)-(%d+)T(%d+:%d+:%d+)"
  if not y then return text or "" end
  local day = math.tointeger(tonumber(d))
  local noon = os.time { year = math.tointeger(tonumber(y)), month = math.tointeger(tonumber(m)), day = day, hour = 12 }
  return ("%s %2d %s %s"):format(os.date("%a %b", noon), day, time, y)
end

---Makes the engine's answer as docker shows it: with an Engine among the components, and its build time in words.
---@param server table GET /version
---@return table server the same
function M.complete(server)
  server.Platform = server.Platform or { Name = "" }
  server.Components = server.Components or {}
  for _, component in ipairs(server.Components) do
    if component.Name == "Engine" and component.Details and component.Details.BuildTime then
      component.Details.BuildTime = ansic(component.Details.BuildTime)
      return server
    elseif component.Name == "Engine" then
      return server
    end
  end
  table.insert(server.Components, {
    Name = "Engine", Version = server.Version,
    Details = {
      ApiVersion = server.ApiVersion, MinAPIVersion = server.MinAPIVersion, GitCommit = server.GitCommit, GoVersion = server.GoVersion,
      Os = server.Os, Arch = server.Arch, BuildTime = ansic(server.BuildTime), Experimental = tostring(server.Experimental == true),
    },
  })
  return server
end

local function heading(word, platform)
  local name = type(platform) == "table" and platform.Name or ""
  return word .. ":" .. (name ~= "" and " " .. name or "")
end

local function client_lines(out, client, record)
  local downgraded = client.ApiVersion ~= client.DefaultAPIVersion and (" (of up to %s)"):format(client.DefaultAPIVersion) or ""
  out[#out + 1] = heading("Client", client.Platform)
  out[#out + 1] = " Version:\t" .. client.Version
  out[#out + 1] = " API version:\t" .. client.ApiVersion .. downgraded
  out[#out + 1] = (" OS/Arch:\t%s/%s"):format(client.Os, client.Arch)
  if client.Context ~= "" then out[#out + 1] = " Profile:\t" .. client.Context end
  for _, lib in ipairs(record.libraries) do out[#out + 1] = (" %s:\t%s"):format(lib.name, lib.version) end
  for _, dir in ipairs(record.overrides) do out[#out + 1] = (" override %s (QNAP_DOCKER_LUA_PATH)"):format(dir) end
end

local function engine_lines(out, component)
  local d = component.Details or {}
  out[#out + 1] = "  Version:\t" .. component.Version
  out[#out + 1] = ("  API version:\t%s (minimum version %s)"):format(d.ApiVersion or "", d.MinAPIVersion or "")
  out[#out + 1] = "  Go version:\t" .. (d.GoVersion or "")
  out[#out + 1] = "  Git commit:\t" .. (d.GitCommit or "")
  out[#out + 1] = "  Built:\t" .. (d.BuildTime or "")
  out[#out + 1] = ("  OS/Arch:\t%s/%s"):format(d.Os or "", d.Arch or "")
  out[#out + 1] = "  Experimental:\t" .. (d.Experimental or "")
end

local function server_lines(out, server)
  out[#out + 1] = ""
  out[#out + 1] = heading("Server", server.Platform)
  for _, component in ipairs(server.Components) do
    out[#out + 1] = (" %s:"):format(component.Name)
    if component.Name == "Engine" then
      engine_lines(out, component)
    else
      out[#out + 1] = "  Version:\t" .. (component.Version or "")
      local names = {}
      for name in pairs(component.Details or {}) do names[#names + 1] = name end
      table.sort(names)
      for _, name in ipairs(names) do out[#out + 1] = ("  %s:\t%s"):format(name, component.Details[name]) end
    end
  end
end

---@param client table
---@param server? table
---@param record {libraries: table[], overrides: string[]}
---@return string
function M.text(client, server, record)
  local out = {}
  client_lines(out, client, record)
  if server then server_lines(out, server) end
  return tabwriter.format(table.concat(out, "\n") .. "\n", 20, 1)
end

return M
