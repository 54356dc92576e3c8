-- What lies here beside what the NAS was given last: which files are sent, which are left alone. Pure.
local M = {}

---What becomes of a file that containers may write to, by content: as it is here, as the NAS was given it last (nil: never), as it is
---there now (nil: absent).
---@param here string sha256
---@param base? string
---@param there? string
---@return "same"|"send"|"keep"
function M.judge(here, base, there)
  if here == base or here == there then return "same" end
  if there == nil or there == base then return "send" end
  return "keep"
end

local function same(a, b) return b and a.kind == b.kind and a.mode == b.mode and a.sha256 == b.sha256 end

local function is_data(key) return key:sub(1, 5) == "data/" end

---Places whose content on the NAS has to be known before it can be judged: containers write there, and it is new or changed here.
---@param files table<string, compose.LocalFile>
---@param stored table<string, compose.StoredFile>
---@return string[] sorted
function M.unsure(files, stored)
  local out = {}
  for key, file in pairs(files) do
    local base, data = stored[key], is_data(key)
    local differs = base and file.kind ~= "dir" and base.sha256 ~= file.sha256
    if (data and not base) or (differs and (data or file.writable)) then out[#out + 1] = key end
  end
  table.sort(out)
  return out
end

---@class compose.Difference
---@field manifest table<string, compose.StoredFile> what the NAS has then
---@field send string[] places, sorted: their content is sent
---@field new string[] shown: new here
---@field changed string[]
---@field gone string[] no longer here; they stay in older revisions, and in data
---@field kept string[] changed on the NAS: left alone

local function plain(file) return { kind = file.kind, mode = file.mode, sha256 = file.sha256, writable = file.writable } end

local function add(out, key, file, base)
  out.manifest[key] = plain(file)
  out.send[#out.send + 1] = key
  if file.kind ~= "dir" then table.insert(base and out.changed or out.new, key) end
end

-- A place that containers write to.
local function judged(out, key, file, base, there)
  if file.kind == "dir" then
    if not base and there == nil then out.send[#out.send + 1] = key end
    out.manifest[key] = base or plain(file)
    return
  end
  local verdict = M.judge(file.sha256, base and base.sha256, there)
  if verdict == "send" then return add(out, key, file, base) end
  if verdict == "keep" then out.kept[#out.kept + 1] = key end
  out.manifest[key] = verdict == "same" and plain(file) or base
end

---@param files table<string, compose.LocalFile>
---@param stored table<string, compose.StoredFile>
---@param there table<string, string> what is at the unsure places now: sha256, "dir", or "?" for what cannot be read
---@return compose.Difference
function M.compare(files, stored, there)
  local out = { manifest = {}, send = {}, new = {}, changed = {}, gone = {}, kept = {} }
  for key, file in pairs(files) do
    local base = stored[key]
    if is_data(key) or (file.writable and base and base.kind == "file") then
      judged(out, key, file, base, there[key])
    elseif same(file, base) or (file.kind == "dir" and base and base.kind == "dir" and base.mode == file.mode) then
      out.manifest[key] = plain(file)
    else
      add(out, key, file, base)
    end
  end
  for key, base in pairs(stored) do
    if not files[key] then
      if is_data(key) then out.manifest[key] = base elseif base.kind ~= "dir" then out.gone[#out.gone + 1] = key end
    end
  end
  for _, list in ipairs { out.send, out.new, out.changed, out.gone, out.kept } do table.sort(list) end
  return out
end

---Whether the NAS has everything. What it was found to have already is noted with the next thing that is sent.
---@param difference compose.Difference
---@return boolean
function M.is_same(difference) return #difference.send == 0 and #difference.gone == 0 end

return M
