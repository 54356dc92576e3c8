-- Operations on a compose project's folder on a NAS (compose.store). Whoever runs them holds the project's lock.
local store = require "compose.store"

local M = {}

local function failed(nas, message, answer, code, hint)
  Error {
    category = code == "file_changed" and "conflict" or "fail", code = code or "store_failed", profile = nas.name,
    message = nas:cannot(message), why = require("nas.shell").why(answer), hint = hint,
  }
end

-- Makes `to` the current one instead of `was`.
local function flip(nas, args, text, to, was)
  local root = store.root(nas, args.project)
  local answer = require("nas.shell").write(nas, { at = root, text = text, args = { root, tostring(to), tostring(was) } })
  if answer.status ~= 0 then failed(nas, ("go to the files of revision %d of '%s'"):format(to, args.project), answer) end
end

-- Another command may have taken the number meanwhile.
local function is_ours(stored, args)
  if stored.files ~= args.number then return false end
  for key, row in pairs(args.manifest) do
    local file = stored.manifest[key]
    if not file or file.sha256 ~= row[3] then return false end
  end
  return true
end

---The project's files become revision `number` there, the current one. args: see compose.sync; optional: no container is given any
---of them, so that an account which can write nowhere does without.
M.sync = {
  observe = function(nas, step) return { current = store.read(nas, step.args.project).files } end,
  check = function(nas, step)
    return is_ours(store.read(nas, step.args.project), step.args) and { number = step.args.number } or nil
  end,
  apply = function(nas, step, run)
    local args, upload = step.args, require "compose.upload"
    if args.optional and run.denied then return end
    local root, folder = store.root(nas, args.project), ("tmp-%d"):format(args.number)
    local answer = require("nas.shell").write(nas, {
      at = root, text = upload.APPLY, args = { root, folder, tostring(args.number), tostring(args.from) }, timeout = 3600,
      stdin = function(write) upload.stream(args, folder, write) end,
    })
    local changed = answer.status == 4 or answer.status == 5
    if answer.status ~= 0 then
      local code, hint = changed and "file_changed" or nil, changed and "run the command again" or nil
      failed(nas, ("send the files of '%s'"):format(args.project), answer, code, hint)
    end
    local kept = require("json").array {}
    for path in answer.stdout:gmatch "kept ([^\n]+)" do
      kept[#kept + 1] = path
      run.log(path .. " was changed there and is kept")
    end
    if run.lock then run.lock.files = args.number end
    return { number = args.number, kept = kept }
  end,
  -- Data that was added stays: containers may have written to it by now.
  undo = function(nas, step) flip(nas, step.args, require("compose.upload").UNDO, step.args.from, step.args.number) end,
}

---Goes to the files of another revision. args: project, number (compose.Revision.files), from (compose.Stored.files)
M.use = {
  observe = function(nas, step) return { current = store.read(nas, step.args.project).files } end,
  check = function(nas, step)
    return store.read(nas, step.args.project).files == step.args.number and { number = step.args.number } or nil
  end,
  apply = function(nas, step, run)
    flip(nas, step.args, require("compose.upload").FLIP, step.args.number, step.args.from)
    if run.lock then run.lock.files = step.args.number end
    return { number = step.args.number }
  end,
  undo = function(nas, step) flip(nas, step.args, require("compose.upload").FLIP, step.args.from, step.args.number) end,
}

---args: project, number, command, source (compose.source), services? (those that were acted on)
M.record = {
  check = function(nas, step)
    local stored = store.read(nas, step.args.project)
    return stored.revision >= step.args.number and { number = stored.revision } or nil
  end,
  apply = function(nas, step, run)
    if run.denied then return end
    return require("compose.record").write(nas, step.args, run)
  end,
  undo = function(nas, step, result)
    require("compose.record").remove(nas, step.args.project, result.number or step.args.number)
  end,
}

---Secrets and configs by content, into a created container. args: container or from (a step that created it), service, source
M.put = {
  apply = function(nas, step, run)
    local args = step.args
    local made = args.from and run.results[args.from]
    local project = require("compose.source").project(args.source)
    local service = project and project.model.services[args.service]
    if not service then
      Error {
        category = "conflict", code = "secret_lost", message = ("the secrets of service '%s' are not written down"):format(args.service),
        why = "its compose files or environment have changed since", hint = "qnap-docker undo, then the command again",
      }
    end
    require("compose.contents").put(nas:container(made and made.id or args.container), require("compose.contents").of(project, service))
  end,
}

return M
