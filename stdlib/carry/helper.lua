-- The container that carry works through where the account has no shell: no network, no log, nothing of the NAS but the tree.
-- Dependencies: carry, task.
local M = {}

-- As much as tar needs to give files their owners, modes, times, device numbers and capabilities.
local CAPABILITIES = { "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "MKNOD", "SETFCAP" }

local function source(tree)
  if tree.volume then return tree.volume end
  if not tree.file then return tree.path end
  local folder = tree.path:match "^(.*)/"
  return folder == "" and "/" or folder
end

---What the engine is asked to create. Pure.
---@param tree carry.Tree
---@param way carry.Way
---@param options {labels?: table<string, string>, read_only?: boolean}
---@return table
function M.config(tree, way, options)
  local mode = { options.read_only and "ro" or "rw" }
  if tree.volume then mode[2] = "nocopy" end
  return {
    Image = way.image, User = "0:0", WorkingDir = "/", Entrypoint = { "sleep" }, Cmd = { "864000" }, Labels = options.labels,
    NetworkDisabled = true, Healthcheck = { Test = { "NONE" } },
    HostConfig = {
      NetworkMode = "none", LogConfig = { Type = "none", Config = {} }, ReadonlyRootfs = way.kind == "helper",
      CapDrop = { "ALL" }, CapAdd = CAPABILITIES, SecurityOpt = { "no-new-privileges" },
      Binds = { ("%s:%s:%s"):format(source(tree), require("carry").AT, table.concat(mode, ",")) },
    },
  }
end

---@async
---@param tree carry.Tree
---@param way carry.Way
---@param options {labels?: table<string, string>, name?: string, read_only?: boolean}
---@return string? id
function M.make(tree, way, options)
  if way.kind == "shell" then return nil end
  local nas, shield = tree.nas, require("task").shield
  -- Answered although interrupted: one that came to be a moment later would stay.
  local c = shield(nas.create, nas, M.config(tree, way, options), { name = options.name })
  tree.helper = c.id
  if way.kind == "helper" then
    local ok, err = pcall(c.start, c)
    if not ok then
      pcall(shield, c.remove, c, { force = true, volumes = true })
      error(err, 0)
    end
    require("carry.way").tools(tree, way)
  end
  return c.id
end

return M
