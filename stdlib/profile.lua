-- Profiles: the NASes a user has set up, which of them a command means, and what is remembered about each.
-- Dependencies: core.profile.
local core = require "core.profile"
local record = require "profile.record"
local state = require "profile.state"

local M = {}

local taken_over = false

-- The file of version 0.2 becomes a profile once; the reader is told.
local function take_over()
  if taken_over then
    return
  end
  taken_over = true
  if core.take_over() then
    require("notices").note(("%s/config.yaml of version 0.2 became the profile 'default' (kept as config.yaml.bak)"):format(M.home()))
  end
end

-- The user's file, with a project file whose profiles count, and why such a one cannot be read.
local function load()
  take_over()
  local project = require "profile.project"
  local found, err = try(project.find)
  local counting = project.counting(found)
  local file = core.load(counting)
  for _, line in ipairs(file.warnings) do
    require("notices").warn(line)
  end
  return file, counting, err
end

-- The same where it was said which profiles are meant: a project file that cannot be read is no reason to fail.
local function load_leniently()
  local file, project, err = load()
  if err then
    require("notices").warn(err.message)
  end
  return file, project
end

---Where our files live.
---@return profile.Paths
function M.paths()
  return core.paths()
end

---The home directory of profiles, known hosts and recipes.
---@return string
function M.home()
  return core.paths().home
end

---A profile by its exact name.
---@param name string
---@param options? {engine?: string} another engine than the profile's
---@return profile.Profile
---@raise not_found
---@raise config
function M.get(name, options)
  return M.get_all({ name }, options)[1]
end

---Several profiles by their exact names; the file is read once.
---@param names string[]
---@param options? {engine?: string}
---@return profile.Profile[]
function M.get_all(names, options)
  local _, project = load()
  local out = core.get(names, project)
  for i, keys in ipairs(out) do
    out[i] = record.complete(names[i], keys, options and options.engine)
  end
  return out
end

---A profile from its keys, without the file: `profile.of("nas", {host = "nas1.local"})`. Checked and expanded.
---@param name string
---@param keys table
---@return profile.Profile
---@raise usage
---@raise config
function M.of(name, keys)
  return record.complete(name, core.preview(name, keys))
end

---All profiles as the file has them, in its order, and those of a project file that is trusted; nothing is expanded and nothing connects.
---@return {name: string, default: boolean, keys: table, source?: string}[] source: the project file that it comes from
function M.list()
  local file, project = load_leniently()
  local out, default = {}, file.default_profile
  for i, name in ipairs(file.names) do
    out[i] = { name = name, default = name == default, keys = file.profiles[name], source = i > file.own and project.path or nil }
  end
  return out
end

---The names of all profiles, in the file's order.
---@return string[]
function M.names()
  return load().names
end

---The default profile's name, nil when none is set.
---@return string?
function M.default()
  return load().default_profile
end

---Raises when no profile can have the name.
---@param name string
---@raise usage
function M.check_name(name)
  core.check_name(name)
end

---Whether a profile of that name exists.
---@param name string
---@return boolean
function M.exists(name)
  return load().profiles[name] ~= nil
end

---The names that selectors mean: names, a,b lists, globs, group:NAME, label:KEY=VALUE, and without what begins with '!'. Each must
---match something.
---@param selectors string[]
---@return string[]
---@raise not_found
function M.select(selectors)
  local _, project = load_leniently()
  return core.select(selectors, project)
end

local function nothing_set_up()
  Error {
    category = "config", code = "no_profile", message = "no NAS is set up yet",
    why = ("there is no profile in %s"):format(core.paths().profiles),
    hint = "qnap-docker init HOST sets one up\nqnap-docker profile add NAME --host HOST --user USER adds one by hand",
  }
end

local function nothing_chosen(file)
  Error {
    category = "config", code = "no_profile", message = "it is not clear which NAS is meant",
    why = ("there are several (%s) and none is the default"):format(table.concat(file.names, ", ")),
    hint = "add --profile NAME\nqnap-docker profile set-default NAME",
  }
end

-- A name that was not typed with the command must say where it came from when it does not exist.
local function named(name, where, project)
  local names, err = try(core.select, { name }, project)
  if names then
    return names
  end
  err.why = ("%s names it; %s"):format(where, err.why or "there is none of that name")
  error(err, 0)
end

-- What applies when no --profile was typed.
local function implied(file, project)
  local env = os.getenv "QNAP_DOCKER_PROFILE"
  if env and env ~= "" then
    return named(env, "QNAP_DOCKER_PROFILE", project), "environment"
  end
  local found = require("profile.project").find()
  if found and found.profile then
    return named(found.profile, found.path, project), "project", found.path
  elseif file.default_profile then
    return named(file.default_profile, "default_profile in profiles.yaml", project), "default"
  elseif #file.names == 1 then
    return { file.names[1] }, "only"
  end
  return nothing_chosen(file)
end

---Which profiles a command means: --profile, else QNAP_DOCKER_PROFILE, else .qnap-docker.yaml in this directory or one
---above, else default_profile, else the only one there is.
---@param selectors? string[] of --profile
---@param options? {all?: boolean} --all-profiles
---@return string[] names at least one
---@return "flag"|"environment"|"project"|"default"|"only" source
---@return string? path of the project file
---@raise not_found
---@raise config
function M.resolve(selectors, options)
  local said = selectors and #selectors > 0 or options and options.all
  local file, project = (said and load_leniently or load)()
  if #file.names == 0 then
    nothing_set_up()
  elseif selectors and #selectors > 0 then
    return core.select(selectors, project), "flag"
  elseif options and options.all then
    return file.names, "flag"
  end
  return implied(file, project)
end

-- Another command holds the file for milliseconds; ours waits, without blocking the loop.
local function changing(options, fn, ...)
  take_over()
  require("locks").patiently(options and options.lock_wait, fn, ...)
end

---Adds a profile; the first one becomes the default.
---@async
---@param name string
---@param keys table
---@param options? {lock_wait?: number} seconds
---@raise conflict
---@raise usage
function M.add(name, keys, options)
  changing(options, core.add, name, keys)
end

---Sets several profiles at once, or none. In a file without profiles `first` becomes the default.
---@async
---@param profiles {name: string, keys: table}[]
---@param options? {replace?: boolean, first?: string, lock_wait?: number} replace: those that exist are made anew
---@raise conflict
---@raise usage
function M.put(profiles, options)
  changing(options, core.put, profiles, options and options.replace, options and options.first)
end

---Changes keys of a profile; json.null removes one. Comments, order and unknown keys of the file live on.
---@async
---@param name string
---@param changes table<string, any> "port", "labels.site", "defaults.restart", ...
---@param options? {lock_wait?: number}
---@raise not_found
---@raise usage
function M.update(name, changes, options)
  changing(options, core.update, name, changes)
end

---Forgets a profile and what was remembered about it.
---@async
---@param name string
---@param options? {lock_wait?: number}
---@raise not_found
function M.remove(name, options)
  changing(options, core.remove, name)
  state.move(name)
end

---Renames a profile; the default and other profiles that jump through it follow.
---@async
---@param name string
---@param to string
---@param options? {lock_wait?: number}
---@raise not_found
---@raise conflict
function M.rename(name, to, options)
  changing(options, core.rename, name, to)
  state.move(name, to)
end

---@async
---@param name? string nil: no default any more
---@param options? {lock_wait?: number}
---@raise not_found
function M.set_default(name, options)
  changing(options, core.set_default, name)
end

---The file's text, for an editor.
---@return string
function M.text()
  take_over()
  return core.load().text
end

---Replaces the whole file by an editor's result, if the text is a good one and nobody changed the file meanwhile.
---@async
---@param was string
---@param text string
---@raise conflict
---@raise config
function M.replace(was, text)
  changing(nil, core.replace, was, text)
end

---What is remembered about a NAS (empty when nothing is).
---@param name string
---@return profile.State
function M.state(name)
  return state.get(name)
end

---Remembers fields about a NAS; json.null forgets one.
---@param name string
---@param fields profile.State
function M.remember(name, fields)
  state.remember(name, fields)
end

return M
