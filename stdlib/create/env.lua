-- -e/--env, --env-file, -l/--label, --label-file: docker's own file grammar (no quotes, no expansion).
local problem = require "create.problem"

local M = {}

local function read(path, flag)
  if path == "" then problem.argument(flag, path, "a file is expected") end
  local text, err = try(require("fs").read, path)
  if not text then
    Error {
      category = "usage", code = "file_unreadable", message = ("cannot read %s for %s"):format(path, flag),
      why = err.why ~= "" and err.why or err.message,
    }
  end
  if not utf8.len(text) then
    Error { category = "usage", code = "bad_encoding", message = path .. " is not UTF-8", why = "docker reads env files as UTF-8 only" }
  end
  return (text:gsub("^\xEF\xBB\xBF", ""))
end

-- Lines as K=V; a bare K goes through `absent`.
local function from_file(path, flag, absent, into)
  local number = 0
  for line in (read(path, flag) .. "\n"):gmatch "(.-)\r?\n" do
    number = number + 1
    line = line:gsub("^[ \t]+", "")
    if line ~= "" and line:sub(1, 1) ~= "#" then
      local key, value = problem.cut(line, "=")
      if key == "" then problem.argument(flag, path, ("line %d: no variable name on line '%s'"):format(number, line)) end
      if key:find "%s" then problem.argument(flag, path, ("line %d: variable '%s' contains whitespaces"):format(number, key)) end
      if value then
        into[#into + 1] = key .. "=" .. value
      else
        into[#into + 1] = absent(key)
      end
    end
  end
end

local SECRET = { "PASS", "TOKEN", "KEY", "SECRET", "AUTH", "CREDENTIAL", "PRIVATE" }

---Whether a variable's name speaks of a secret.
---@param key string
---@return boolean
function M.is_secret(key)
  key = key:upper()
  for _, word in ipairs(SECRET) do
    if key:find(word, 1, true) then return true end
  end
  return false
end

-- Values whose names speak of secrets appear in no message and no log from here on. Very short ones would blank ordinary words.
local function register(list)
  for _, text in ipairs(list) do
    local key, value = problem.cut(text, "=")
    if value and #value >= 4 and M.is_secret(key) then require("core.log").secret(value) end
  end
  return list
end

---The same for people to see: values whose names speak of secrets are left out.
---@param list? string[] "K=V"
---@return string[]?
function M.shown(list)
  if not list then return nil end
  local out = require("json").array {}
  for i, text in ipairs(list) do
    local key, value = problem.cut(text, "=")
    out[i] = value and value ~= "" and M.is_secret(key) and key .. "=[redacted]"
      or text:gsub("(://[^/@:]*:)[^/@]*@", "%1[redacted]@")
  end
  return out
end

---@param files? string[] --env-file, read first
---@param values? string[] -e; "K" takes the local value, and without one removes K from the image's environment; the
---last one of a name counts, in the place of the first
---@return string[] "K=V"
function M.environment(files, values)
  local out = {}
  for _, path in ipairs(files or {}) do
    from_file(path, "--env-file", function(key)
      local value = os.getenv(key)
      return value and key .. "=" .. value
    end, out)
  end
  local at = {}
  for _, text in ipairs(values or {}) do
    local key, value = problem.cut(text, "=")
    if key == "" then problem.argument("-e, --env", text, "invalid environment variable: " .. text, nil, 125) end
    local mine = value == nil and os.getenv(key)
    at[key] = at[key] or #out + 1
    out[at[key]] = mine and key .. "=" .. mine or text
  end
  return register(out)
end

-- Members of "proxies" in docker's config.json, and the variables that they become.
local PROXIES = {
  httpProxy = "HTTP_PROXY", httpsProxy = "HTTPS_PROXY", noProxy = "NO_PROXY", ftpProxy = "FTP_PROXY", allProxy = "ALL_PROXY",
}

---Values of -e with the proxies of docker's config.json: those for the engine's address, else the default ones. What -e names stays.
---@param values string[] -e
---@param host? string "unix:///run/docker.sock"
---@return string[]
function M.with_proxies(values, host)
  local all = require("registry.config").load().proxies
  local proxies = all[host or ""] or all.default or {}
  local given, out = {}, table.move(values, 1, #values, 1, {})
  for _, text in ipairs(values) do given[problem.cut(text, "=")] = true end
  for member, name in pairs(PROXIES) do
    for _, key in ipairs { name, name:lower() } do
      if (proxies[member] or "") ~= "" and not given[key] then out[#out + 1] = key .. "=" .. proxies[member] end
    end
  end
  return out
end

---@param files? string[] --label-file
---@param values? string[] -l
---@return table<string, string>
function M.labels(files, values)
  local all, labels = {}, {}
  for _, path in ipairs(files or {}) do from_file(path, "--label-file", function(key) return key end, all) end
  for _, text in ipairs(values or {}) do
    local key = problem.cut(text, "="):gsub("^[ \t]+", "")
    if key == "" then problem.argument("-l, --label", text, ("invalid label '%s': empty name"):format(text)) end
    if key:find "[ \t]" then problem.argument("-l, --label", text, ("label '%s' contains whitespaces"):format(key)) end
    all[#all + 1] = text
  end
  for _, text in ipairs(all) do
    local key, value = problem.cut(text, "=")
    labels[key] = value or ""
  end
  return labels
end

return M
