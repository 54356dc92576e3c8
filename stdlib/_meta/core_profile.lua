---@meta core.profile
-- Places of our files, profiles.yaml, the project file, and what is remembered about each NAS (src/bind/profile.c).
-- Scripts use the module `profile`. Nothing here waits: while another command holds the file, changes raise `locked`.

local M = {}

---@class profile.Paths
---@field home string profiles.yaml, known_hosts, recipes/, history
---@field state string
---@field cache string
---@field run string sockets
---@field profiles string
---@field known_hosts string

---@class core.profile.Summary
---@field profiles table<string, table> as written in the file, nothing expanded
---@field names string[] in the file's order, those of a project file behind them
---@field own integer how many of them are the file's own
---@field default_profile? string
---@field warnings string[]
---@field text string

---@return profile.Paths
---@raise config
function M.paths() end

---@alias core.profile.Project {path: string, text: string} a project file that the user trusts: its profiles stand beside the others

---@param project? core.profile.Project
---@return core.profile.Summary an absent file is an empty one
---@raise config
function M.load(project) end

---@param text string
---@param name string the file, for messages
---@return core.profile.Summary of a file's text
---@raise config
function M.parse(text, name) end

---@param names string[]
---@param project? core.profile.Project
---@return table[] profiles with ~ and ${VAR} expanded
---@raise not_found
---@raise config
function M.get(names, project) end

---@param profiles {name: string, keys: table}[] several at once, or none
---@param replace? boolean those that exist are made anew, as a whole
---@param first? string the default in a file without profiles
---@raise conflict
---@raise usage
function M.put(profiles, replace, first) end

---@param name string
---@param keys table
---@return table profile as get() would give it, without the file
---@raise usage
---@raise config
function M.preview(name, keys) end

---@param selectors string[] names, lists, globs, group:NAME, label:KEY=VALUE, and any of them behind '!'
---@param project? core.profile.Project
---@return string[] names
---@raise not_found
---@raise usage
function M.select(selectors, project) end

---@param name string
---@param profile table
---@raise conflict
---@raise usage
function M.add(name, profile) end

---@param name string
---@param changes table<string, any> "port", "labels.site", ...; json.null removes
---@raise not_found
---@raise usage
function M.update(name, changes) end

---@param name string
---@param key string
---@param value any nil removes
---@raise not_found
---@raise usage
function M.set(name, key, value) end

---@param name string
---@raise not_found
function M.remove(name) end

---@param name string
---@param to string
---@raise not_found
---@raise conflict
function M.rename(name, to) end

---@param name? string nil: no default
---@raise not_found
function M.set_default(name) end

---@param was string the file's text as it was read
---@param text string
---@raise conflict
---@raise config
function M.replace(was, text) end

---@return boolean taken whether a config.yaml of version 0.2 became the profile "default"
---@raise config
function M.take_over() end

---@return {name: string, type: "string"|"int"|"bool"|"strings"|"map"|"group", want: string}[]
function M.keys() end

---@param key string
---@param text string as typed
---@return any value
---@raise usage
function M.parse_value(key, text) end

---@param name string
---@raise usage
function M.check_name(name) end

---@param dir? string where to begin (default: the working directory)
---@return {path?: string, profile?: string, has_profiles: boolean, text?: string, warning?: string}?
---@raise config
function M.project(dir) end

---@param name string
---@return table state empty when nothing is remembered
function M.read_state(name) end

---@param name string
---@param state? table nil forgets
---@raise config
function M.write_state(name, state) end

return M
