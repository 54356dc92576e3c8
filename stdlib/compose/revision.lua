-- A revision that a NAS keeps -> a project that can be brought up again, without the compose files. Dependencies: compose.store,
-- compose.sync, compose.body (each when used).
local M = {}

---The revision that is gone back to: the newest good one before the current one.
---@param stored compose.Stored
---@return compose.Revision?
function M.previous(stored)
  for i, r in ipairs(stored.revisions) do
    if i > 1 and r.result == "ok" then return r end
  end
end

---The project as it was recorded.
---@param record table of compose.store.revision
---@param name string
---@param environment? table<string, string> for secrets that come from variables: their values are not recorded
---@return compose.Project
---@raise conflict "no_model"
function M.project(record, name, environment)
  if type(record.model) ~= "table" or type(record.model.services) ~= "table" then
    Error {
      category = "conflict", code = "no_model", message = ("revision %d of '%s' has no model"):format(record.number, name),
      why = "it was recorded without its compose files", hint = "qnap-docker compose history shows the others",
    }
  end
  local function strings(list)
    local out = {}
    for _, text in ipairs(type(list) == "table" and list or {}) do out[#out + 1] = tostring(text) end
    return out
  end
  local directory = type(record.directory) == "string" and record.directory:sub(1, 1) == "/" and record.directory or "/"
  return {
    name = name, directory = directory, files = strings(record.compose_files), env_files = {}, environment = environment or {},
    profiles = {}, model = require("plan.secrets").copy(record.model), disabled = {}, warnings = {},
  }
end

local function by_digest(ref, digest) return digest and ("%s@%s"):format(ref:gsub("@.*$", ""):gsub(":[^:/]*$", ""), digest) end

---What an image of a revision is asked for by, now that its name may mean another one.
---@param image {image: string, id: string, digest?: string} as recorded
---@param ref string its name in the model
---@param ids table<string, string|false> reference -> id of what the NAS has by it
---@return string? nil: it is gone, and cannot be pulled
function M.reference(image, ref, ids)
  local digest = by_digest(ref, image.digest)
  if ids[ref] == image.id then return ref end
  if digest and ids[digest] == image.id then return digest end
  if ids[image.id] then return image.id end
  return digest
end

---Every service gets the image that it ran.
---@async
---@param reader docker.Nas
---@param project compose.Project is changed
---@param record table
---@raise not_found "image_gone"
function M.pin(reader, project, record)
  local body, asked, ids = require "compose.body", {}, {}
  for name, image in pairs(record.images) do
    if project.model.services[name] then
      local ref = body.image(project, name)
      for _, text in ipairs { ref, image.id, by_digest(ref, image.digest) } do
        if not ids[text] then
          ids[text], asked[#asked + 1] = true, text
        end
      end
    end
  end
  require("task").map(asked, function(text)
    local found, err = try(function() return reader:image(text):inspect() end)
    if err and err.category ~= "not_found" then error(err, 0) end
    ids[text] = found and found.Id or false
  end)
  local gone = {}
  for _, name in ipairs(require("compose.tables").sorted(project.model.services)) do
    local image = record.images[name]
    local ref = body.image(project, name)
    local found = not image and ref or M.reference(image, ref, ids)
    if found ~= ref then project.model.services[name].image = found end
    if not found then gone[#gone + 1] = ("%s: %s (%s)"):format(name, ref, image.id:sub(1, 19)) end
  end
  if #gone == 0 then return end
  Error {
    category = "not_found", code = "image_gone", profile = reader.name,
    message = ("revision %d cannot be brought back: images are gone"):format(record.number),
    why = table.concat(gone, "\n") .. "\nthey never were in a registry, so that they cannot be pulled by digest",
    hint = "build them again, or go to another revision: qnap-docker compose history",
  }
end

---What compose.up needs instead of files from here.
---@param record table
---@param project compose.Project
---@return fun(reader: docker.Nas, stored: compose.Stored): compose.Prepared
function M.prepare(record, project)
  return function(reader, stored)
    local files = require("compose.store").files(reader, project.name, record.files)
    local prepared = require("compose.sync").kept(reader, project, stored, files)
    prepared.number = record.files
    return prepared
  end
end

return M
