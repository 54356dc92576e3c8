-- Operations that bring what moves onto the target, before anything is stopped; and its data. Their steps name the target, args.from the
-- profile of the source. What was made is known by the job's label (volumes, networks, containers) or by a mark of the job beside it
-- (paths). What a container that ran here has written to stays, whatever is taken back.
local made = require "plan.made"
local trees = require "migrate.trees"

local M = {}

local LABEL = "qnap-docker.journal"

local function shell(nas, message, script)
  local answer = require("nas.shell").write(nas, script)
  if answer.status == 9 then
    Error {
      category = "conflict", code = "exists", profile = nas.name, message = nas:cannot(message),
      why = "something is there by now, and is never overwritten",
    }
  elseif answer.status ~= 0 then
    Error { category = "fail", code = "shell_failed", profile = nas.name, message = nas:cannot(message),
      why = require("nas.shell").why(answer) }
  end
  return answer
end

-- Whether a container of the job has run on the target: what it may have written to is not ours any more.
local function has_run(nas, run)
  for _, c in ipairs(nas:containers { all = true, filters = { label = { LABEL .. "=" .. run.id } } }) do
    if c.State ~= "created" and not (c.Labels or {})[trees.HELPER] then return true end
  end
  return false
end

local function kept(nas, run, what)
  if not has_run(nas, run) then return false end
  require("notices").note(("%s stays on %s: what was moved has run there"):format(what, nas.name))
  return true
end

---args: from, ref, image (id), how, bandwidth, other_build. An image harms nobody: it is not taken back.
M.image = {
  apply = function(nas, step, run)
    return require("migrate.image").bring(run.options.nas_of(step.args.from), nas, step.args, run.log)
  end,
  undo = function() end,
}

local function by_label(list, run, step)
  for _, record in ipairs(list) do
    local labels = record.Labels or {}
    if labels[LABEL] == run.id and labels["qnap-docker.step"] == step.id then return record end
  end
end

---args: body (the engine's)
M.network = {
  observe = function(nas, step)
    local record = try(function() return nas:network(step.args.body.Name):inspect() end)
    return record and record.Id
  end,
  check = function(nas, step, run)
    local record = by_label(nas:networks {}, run, step)
    return record and { id = record.Id }
  end,
  apply = function(nas, step, run)
    return { id = made.surely(nas.create_network, nas, made.labelled(step.args.body, run:labels(step))).ref }
  end,
  undo = function(nas, step, _, run)
    local record = by_label(nas:networks {}, run, step)
    if record and not kept(nas, run, "network " .. record.Name) then nas:network(record.Id):remove() end
  end,
}

---args: options (see docker.Nas:create_volume). One that is there already is never taken.
M.volume = {
  observe = function(nas, step) return nas:volume(step.args.options.name):exists() end,
  check = function(nas, step, run)
    local record = by_label((nas:volumes {}), run, step)
    return record and { name = record.Name }
  end,
  apply = function(nas, step, run)
    local options = require("plan.secrets").copy(step.args.options)
    if nas:volume(options.name):exists() then
      Error {
        category = "conflict", code = "exists", profile = nas.name, message = nas:cannot(("create volume '%s'"):format(options.name)),
        why = "there is one by now, and it is never overwritten",
      }
    end
    options.labels = options.labels or {}
    for key, value in pairs(run:labels(step)) do options.labels[key] = value end
    return { name = made.surely(nas.create_volume, nas, options).Name }
  end,
  undo = function(nas, step, _, run)
    local record = by_label((nas:volumes {}), run, step)
    if record and not kept(nas, run, "volume " .. record.Name) then nas:volume(record.Name):remove() end
  end,
}

-- The mark beside a path: the job, the first folder that was made above it, whether it was there (and empty).
local MAKE = [==[
up=${1%/*} up=${up:-/} first=
if [ ! -e "$2" ] || [ "$(sed -n 1p "$2")" != "$3" ]; then
had=
if [ -d "$1" ]; then [ -z "$(ls -A "$1")" ] || exit 9; had=had; elif [ -e "$1" ] || [ -L "$1" ]; then exit 9; fi
p=$up; while [ ! -d "$p" ]; do first=$p; p=${p%/*}; p=${p:-/}; done
mkdir -p "$up" && printf '%s\n%s\n%s\n' "$3" "$first" "$had" >"$2" || exit 1
fi
[ "$4" = file ] || [ -d "$1" ] || mkdir "$1"]==]

local UNMAKE = [==[
[ -e "$2" ] && [ "$(sed -n 1p "$2")" = "$3" ] || exit 0
first=$(sed -n 2p "$2")
if [ "$(sed -n 3p "$2")" = had ]; then find "$1" -mindepth 1 -maxdepth 1 -exec rm -rf {} +; else rm -rf "$1"; fi || exit 1
rm -f "$2"
[ -n "$first" ] || exit 0
p=${1%/*}; while [ ${#p} -ge ${#first} ]; do rmdir "$p" 2>/dev/null || break; p=${p%/*}; done
exit 0]==]

local function mark(path) return (path:gsub("([^/]+)$", ".%1.qnap-docker")) end

local function above(path) return path:match "^(.+)/[^/]*$" or "/" end

---args: path, file: a place for data that is bound
M.folder = {
  apply = function(nas, step, run)
    local args = step.args
    shell(nas, "make " .. args.path, {
      at = above(args.path), text = MAKE, args = { args.path, mark(args.path), run.id, args.file and "file" or "dir" },
    })
  end,
  undo = function(nas, step, _, run)
    local path = step.args.path
    if kept(nas, run, path) then return end
    shell(nas, "remove " .. path, { at = above(path), text = UNMAKE, args = { path, mark(path), run.id }, timeout = 3600 })
  end,
}

---Takes the marks of a job away: what they stand beside is the user's from now on.
---@async
---@param nas docker.Nas
---@param run plan.Run
---@param paths string[]
function M.unmark(nas, run, paths)
  for _, path in ipairs(paths) do
    shell(nas, "tidy up beside " .. path, {
      at = above(path), text = [==[[ "$(sed -n 1p "$1" 2>/dev/null)" != "$2" ] || rm -f "$1"]==], args = { mark(path), run.id },
    })
  end
end

-- What a NAS keeps of a project, without its lock and its data. $2 "1": with the models, which hold secrets.
local LIST = [==[
cd "$1" || exit 1
c=$(readlink current 2>/dev/null)
if [ "$2" = 1 ]; then set -- current state.json revisions rev-*; else set -- current "$c" "revisions/${c#rev-}.files"; fi
for f in "$@"; do { [ -e "$f" ] || [ -L "$f" ]; } && find "$f"; done
exit 0]==]
local CLAIM = [==[
mkdir -p "$1" && cd "$1" || exit 1
[ "$(cat moved 2>/dev/null)" = "$2" ] || { { [ -e state.json ] || [ -L current ]; } && exit 9; printf %s "$2" >moved; }]==]
local DISCLAIM = [==[
cd "$1" 2>/dev/null && [ "$(cat moved 2>/dev/null)" = "$2" ] || exit 0
rm -rf current state.json revisions rev-* data && rm -f moved]==]

local function lines(text)
  local out = {}
  for line in text:gmatch "[^\n]+" do out[#out + 1] = line end
  return out
end

---The files and revisions of a project. args: from, project, root (of the source), to (root of the target), models
M.files = {
  apply = function(nas, step, run)
    local args = step.args
    local source = run.options.nas_of(args.from)
    local carry = require "carry"
    local from, to = { nas = source, path = args.root }, { nas = nas, path = args.to }
    local answer, from_way, to_way = table.unpack(require("task").all {
      function()
        return require("nas.shell").read(source, {
          at = args.root, text = LIST, args = { args.root, args.models and "1" or "0" }, max_output = 64 << 20,
        })
      end,
      function() return carry.way(from, { kinds = { "shell" } }) end,
      function() return carry.way(to, { kinds = { "shell" }, target = true }) end,
    })
    if answer.status ~= 0 then
      Error {
        category = "fail", code = "store_failed", profile = source.name, why = require("nas.shell").why(answer),
        message = ("the files of project '%s' cannot be read on %s"):format(args.project, source.name),
      }
    end
    shell(nas, ("take the files of project '%s'"):format(args.project), { at = args.to, text = CLAIM, args = { args.to, run.id } })
    local copied = carry.copy { from = from, from_way = from_way, to = to, to_way = to_way, paths = lines(answer.stdout) }
    return { bytes = copied.bytes, files = copied.files }
  end,
  undo = function(nas, step, _, run)
    if kept(nas, run, "what it keeps of project " .. step.args.project) then return end
    shell(nas, ("remove the files of project '%s'"):format(step.args.project), {
      at = step.args.to, text = DISCLAIM, args = { step.args.to, run.id }, timeout = 3600,
    })
  end,
}

---The same for a project's files.
---@async
---@param nas docker.Nas
---@param run plan.Run
---@param root string
function M.own(nas, run, root)
  shell(nas, "tidy up in " .. root, {
    at = root, text = [==[[ "$(cat "$1/moved" 2>/dev/null)" != "$2" ] || rm -f "$1/moved"]==], args = { root, run.id },
  })
end

---Takes away the containers that copies worked through.
---@async
---@param nas docker.Nas
---@param run plan.Run
function M.remove_helpers(nas, run)
  for _, c in ipairs(nas:containers { all = true, filters = { label = { LABEL .. "=" .. run.id, trees.HELPER } } }) do
    local container = nas:container(c.Id)
    local _, err = try(container.remove, container, { force = true })
    if err and err.category ~= "not_found" then error(err, 0) end
  end
end

---A volume of the target that is to get other data: what it holds goes into one beside it first. args: volume, images
M.overwrite = {
  observe = function(nas, step) return (try(function() return nas:volume(step.args.volume):inspect() end) or {}).CreatedAt end,
  apply = function(nas, step, run) return require("migrate.overwrite").keep(nas, step, run) end,
  undo = function(nas, step, _, run) require("migrate.overwrite").bring_back(nas, step, run) end,
}

---Nothing, but that the containers which copies work through go, when the plan is taken back.
M.helpers = {
  apply = function() end,
  undo = function(nas, _, _, run) M.remove_helpers(nas, run) end,
}

---Data while it is written to. args: tree (migrate.TreeArgs), bandwidth, direct, verify
M.precopy = {
  apply = function(_, step, run) return trees.precopy(run, step) end,
  undo = function(_, _, _, run) require("migrate.ahead").stop(run.id) end, -- the volume, or the path, goes as a whole
}

local function within(run, args, fn)
  if not args.max_downtime or not run.results[args.frozen] then return fn() end
  local sys = require "sys"
  local seconds, ns = sys.time()
  local left = args.max_downtime - (seconds + ns / 1e9 - run.results[args.frozen].at)
  local ok, result = pcall(require("task").deadline, math.max(left, 0.001), fn)
  if ok then return result end
  if require("errors").is(result) and result.category == "timeout" then
    result.code, result.message = "max_downtime", ("it would be down for more than %g s"):format(args.max_downtime)
    result.hint = "a larger --max-downtime, or a time when less is written"
  end
  error(result, 0)
end
M.within = within

---The rest of the data, frozen. args: trees, frozen (step), bandwidth, direct, verify, max_downtime
M.delta = {
  apply = function(_, step, run)
    local bytes, files = 0, 0
    local sums = within(run, step.args, function()
      return require("task").map(step.args.trees, function(tree) return trees.delta(run, step, tree, step.args) end, { limit = 4 })
    end)
    local json = require "json"
    local unsupported, notes = json.array {}, json.array {}
    for _, sum in ipairs(sums) do
      bytes, files = bytes + sum.bytes, files + sum.files
      table.move(sum.unsupported, 1, #sum.unsupported, #unsupported + 1, unsupported)
      table.move(sum.notes, 1, #sum.notes, #notes + 1, notes)
    end
    return { bytes = bytes, files = files, unsupported = unsupported, notes = notes }
  end,
  undo = function() end,
}

---Source and target are equal, or it ends here. args: as of delta
M.verify = {
  apply = function(_, step, run)
    within(run, step.args, function()
      return require("task").map(step.args.trees, function(tree) trees.verify(run, step, tree, step.args) end, { limit = 4 })
    end)
  end,
  undo = function() end,
}

return M
