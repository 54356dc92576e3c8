-- Operations on a compose project's folder on a NAS (compose.store). Whoever runs them holds the project's lock.
local store = require "compose.store"

local M = {}

local function failed(nas, message, answer, code, hint)
  Error {
    category = code == "file_changed" and "conflict" or "fail", code = code or "store_failed", profile = nas.name,
    message = nas:cannot(message), why = require("nas.shell").why(answer), hint = hint,
  }
end

---The project's files become revision `number` there, the current one. args: see compose.sync.
M.sync = {
  observe = function(nas, step) return { current = store.read(nas, step.args.project).files } end,
  check = function(nas, step)
    local stored = store.read(nas, step.args.project)
    return stored.files == step.args.number and { number = stored.files } or nil
  end,
  apply = function(nas, step, run)
    local args, upload = step.args, require "compose.upload"
    local root, folder = store.root(nas, args.project), ("tmp-%d"):format(args.number)
    local answer = require("nas.shell").write(nas, {
      at = root, text = upload.APPLY, args = { root, folder, tostring(args.number), tostring(args.from) }, timeout = 3600,
      stdin = function(write) upload.stream(args, folder, write) end,
    })
    if answer.status == 4 or answer.status == 5 then
      failed(nas, ("send the files of '%s'"):format(args.project), answer, "file_changed", "run the command again")
    elseif answer.status ~= 0 then
      failed(nas, ("send the files of '%s'"):format(args.project), answer)
    end
    local kept = require("json").array {}
    for path in answer.stdout:gmatch "kept ([^\n]+)" do
      kept[#kept + 1] = path
      run.log(path .. " was changed there and is kept")
    end
    return { number = args.number, kept = kept }
  end,
  -- Data that was added stays: containers may have written to it by now.
  undo = function(nas, step)
    local args = step.args
    local root = store.root(nas, args.project)
    local answer = require("nas.shell").write(nas, {
      at = root, text = require("compose.upload").UNDO, args = { root, tostring(args.number), tostring(args.from) },
    })
    if answer.status ~= 0 then failed(nas, ("take back the files of '%s'"):format(args.project), answer) end
  end,
}

---args: project, number, command, source (compose.source), services? (those that were acted on)
M.record = {
  check = function(nas, step)
    local stored = store.read(nas, step.args.project)
    return stored.revision >= step.args.number and { number = stored.revision } or nil
  end,
  apply = function(nas, step, run) return require("compose.record").write(nas, step.args, run) end,
  undo = function(nas, step) require("compose.record").remove(nas, step.args) end,
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
