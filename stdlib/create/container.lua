-- Creating a container as docker does: pull when the image is missing, warnings shown.
-- Engine API 1.41, ContainerCreate.
local tty = require "tty"

local M = {}

---@class create.Options
---@field pull "always"|"missing"|"never"
---@field quiet? boolean no pull output
---@field cidfile? string
---@field asking? fun() called before the engine is asked to create it
---@field ctx cli.Context

-- Behind the image's name: what docker says when it is about to pull.
local function display_name(image)
  if image:find "@" or image:match "[^/]*$":find ":" then return image end
  return image .. ":latest"
end

local function pull(nas, request, options)
  local show = require("create.pull_output").new(options.ctx, { quiet = options.quiet, fd = "stderr" })
  local _ <close> = defer(function() show:close() end)
  nas:pull { ref = request.body.Image, platform = request.platform, on_progress = function(message) show:message(message) end }
end

local function post(nas, request)
  return nas:create(request.body, { name = request.name, platform = request.platform })
end

local function is_missing_image(err, image)
  return err.category == "not_found" and (err.engine or err.message):find("No such image", 1, true) and not image:find "^sha256:"
end

local function create(nas, request, options)
  local image = request.body.Image
  if options.pull == "always" then pull(nas, request, options) end
  if options.asking then options.asking() end
  local made, err = try(post, nas, request)
  if made then return made end
  if options.pull ~= "missing" or not is_missing_image(err, image) then error(err, 0) end
  if not options.quiet then tty.write(2, ("Unable to find image '%s' locally\n"):format(display_name(image))) end
  pull(nas, request, options)
  return post(nas, request)
end

-- Before 1.44 the address belonged to the container.
local function place_mac_address(nas, request)
  local first = request.body.NetworkingConfig.EndpointsConfig[request.networks[1]]
  if first and first.MacAddress and not nas:supports "1.44" then
    request.body.MacAddress, first.MacAddress = first.MacAddress, nil
  end
end

-- Engines ignore members that they do not know: what was asked for would be missing without a word. `exit`: docker's code
-- where it looks at the flag alone.
local NEEDS = {
  { "1.43", "--annotation", exit = 1, used = function(body) return body.HostConfig.Annotations end },
  { "1.44", "--health-start-interval", exit = 1, used = function(body) return body.Healthcheck and body.Healthcheck.StartInterval end },
  { "1.44", "bind-recursive", mount = function(m)
    local b = m.BindOptions or {}
    return b.ReadOnlyNonRecursive or b.ReadOnlyForceRecursive
  end },
  { "1.45", "volume-subpath", mount = function(m) return m.VolumeOptions and m.VolumeOptions.Subpath end },
  { "1.48", "a mount of type image", mount = function(m) return m.Type == "image" end },
}

local function wants(need, body)
  if need.used then return need.used(body) end
  for _, mount in ipairs(body.HostConfig.Mounts or {}) do
    if need.mount(mount) then return true end
  end
end

local function check_version(nas, body)
  for _, need in ipairs(NEEDS) do
    if wants(need, body) then
      local _, err = try(nas.need, nas, need[1], need[2])
      if err then
        err.exit_code = need.exit
        error(err, 0)
      end
    end
  end
  if nas:supports "1.42" then body.HostConfig.KernelMemory = nil end -- gone from the API; docker leaves it out
end

local PROCESSORS = { x86_64 = "amd64", aarch64 = "arm64", i386 = "386", i686 = "386", armv5l = "arm", armv6l = "arm", armv7l = "arm" }

-- From API 1.41 on the engine itself warns of an image for another processor.
local function check_processor(nas, request)
  if nas:supports "1.41" then return end
  local image = try(function() return nas:image(request.body.Image):inspect() end)
  local machine = image and nas:info().Architecture or ""
  local own = PROCESSORS[machine] or machine
  if own ~= "" and (image.Architecture or "") ~= "" and image.Architecture ~= own then
    tty.write(2, ("WARNING: The image is for %s, and the processor of %s is %s\n"):format(image.Architecture, nas.name, own))
  end
end

---Sees to it that the engine can create the container: its version, and the image by the --pull policy.
---@async
---@param nas docker.Nas
---@param request create.Request
---@param options create.Options
function M.prepare(nas, request, options)
  check_version(nas, request.body)
  place_mac_address(nas, request)
  local image = request.body.Image
  if options.pull == "always" or (options.pull == "missing" and not image:find "^sha256:" and not nas:image(image):exists()) then
    pull(nas, request, options)
  end
end

local function errno_exit(err)
  return M.start_exit_code { message = (err.why or err.message):lower() }
end

-- The file is made before the container, so that a path that cannot be written costs nothing.
local function open_cidfile(path)
  if not path or path == "" then return end
  local fs = require "fs"
  if fs.exists(path) then
    Error {
      category = "conflict", code = "cidfile_exists", message = "container ID file found: " .. path,
      why = "another container may be running with it", hint = "make sure that it does not run, or delete the file",
    }
  end
  local _, err = try(fs.write, path, "", { mode = 0x1A4 })
  if err then
    err.exit_code = errno_exit(err)
    error(err, 0)
  end
  return path
end

---What docker warns of on stderr when a container was created: the engine's words, and a DNS server that is the container itself.
---@param made {warnings?: string[]} the engine's answer
---@param body table of the request
function M.warn(made, body)
  local all = table.move(made.warnings or {}, 1, #(made.warnings or {}), 1, {})
  for _, server in ipairs(body.HostConfig.Dns or {}) do
    if server:find "^127%." or server == "::1" then
      all[#all + 1] = ("Localhost DNS (%s) may fail in containers."):format(server)
      break
    end
  end
  for _, warning in ipairs(all) do tty.write(2, "WARNING: " .. warning .. "\n") end
end

---Creates the container.
---@async
---@param nas docker.Nas
---@param request create.Request
---@param options create.Options
---@return string id
function M.create(nas, request, options)
  check_version(nas, request.body)
  local cidfile = open_cidfile(options.cidfile)
  place_mac_address(nas, request)
  local made, err = try(create, nas, request, options)
  if not made then
    if cidfile then try(require("fs").remove, cidfile) end
    error(err, 0)
  end
  check_processor(nas, request)
  M.warn(made, request.body)
  if cidfile then require("fs").write(cidfile, made.id, { mode = 0x1A4 }) end
  return made.id
end

---What the engine said about a start that failed, in the words of the user's problem.
---@async
---@param nas docker.Nas
---@param err table Error
---@return table err the same, with why and hint
function M.explain(nas, err)
  local text = err.engine or err.message or ""
  local port = text:match "Bind for [^ ]-:(%d+) failed: port is already allocated"
    or text:match "listen %a+ [^ ]-:(%d+): bind: address already in use"
  if not port then return err end
  err.code = "port_conflict"
  err.category = "conflict"
  err.why = ("host port %s is already used"):format(port)
  local holders = try(function() return nas:containers { filters = { publish = { port } } } end)
  for _, c in ipairs(holders or {}) do
    for _, p in ipairs(c.Ports or {}) do
      if tostring(p.PublicPort) == port and c.State == "running" then
        local name = c.Names[1]:gsub("^/", "")
        err.why = ("host port %s is already used by container '%s'"):format(port, name)
        err.hint = ("qnap-docker stop %s\nor publish another port with -p"):format(name)
        return err
      end
    end
  end
  err.hint = "publish another port with -p, or free it on the NAS (QTS itself holds 80, 443, 8080 and 5000)"
  return err
end

---docker's exit code for a container that did not start: 127 not found, 126 cannot be invoked, else 125.
---@param err table Error
---@return integer
function M.start_exit_code(err)
  local text = (err.engine or "") .. " " .. (err.message or "")
  for _, words in ipairs { "executable file not found", "no such file or directory", "system cannot find the file specified" } do
    if text:find(words, 1, true) then return 127 end
  end
  if text:find("permission denied", 1, true) or text:find("is a directory", 1, true) then return 126 end
  return 125
end

return M
