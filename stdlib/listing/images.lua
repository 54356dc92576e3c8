-- Rows of images: records of GET /images/json as docker CLI 28 shows them, one row per repository and tag.
local text = require "listing.text"
local units = require "units"

local M = {}

local NONE = "<none>"

local function is_dangling(image)
  local tags, digests = image.RepoTags or {}, image.RepoDigests or {}
  if #tags == 0 and #digests == 0 then return true end
  return #tags == 1 and tags[1] == "<none>:<none>" and #digests == 1 and digests[1] == "<none>@<none>"
end

-- Docker's familiar form.
local function familiar(name)
  return (name:gsub("^docker%.io/library/", ""):gsub("^docker%.io/", ""))
end

local function by_repository(list, pattern)
  local map, order = {}, {}
  for _, reference in ipairs(list or {}) do
    local name, rest = reference:match(pattern)
    if name and name ~= NONE then
      name = familiar(name)
      if not map[name] then
        map[name] = {}
        order[#order + 1] = name
      end
      table.insert(map[name], rest)
    end
  end
  return map, order
end

local function rows_of(image, digests_wanted, digest_rows, add)
  if is_dangling(image) then return add(NONE, NONE, NONE) end
  local tags, repositories = by_repository(image.RepoTags, "^(.+):([^:/]+)$")
  local digests, digest_order = by_repository(image.RepoDigests, "^(.+)@(.+)$")
  for _, repository in ipairs(repositories) do
    local own = digests[repository]
    digests[repository] = nil
    for _, tag in ipairs(tags[repository]) do
      if not own or not digests_wanted then
        add(repository, tag, NONE)
      else
        for _, digest in ipairs(own) do add(repository, tag, digest) end
      end
    end
  end
  for _, repository in ipairs(digest_order) do
    for i, digest in ipairs(digests[repository] or {}) do
      if digest_rows then
        add(repository, NONE, digest)
      elseif i == 1 then
        add(repository, NONE, NONE)
      end
    end
  end
end

---One row per repository and tag (and digest where those are shown).
---@param images table[] GET /images/json
---@param digests_wanted boolean --digests, or a template that uses .Digest
---@param digest_rows boolean --digests
---@return {image: table, repository: string, tag: string, digest: string}[]
function M.rows(images, digests_wanted, digest_rows)
  local rows = {}
  for _, image in ipairs(images) do
    rows_of(image, digests_wanted, digest_rows, function(repository, tag, digest)
      rows[#rows + 1] = { image = image, repository = repository, tag = tag, digest = digest, profile = image.profile }
    end)
  end
  return rows
end

local function known(bytes) return type(bytes) == "number" and bytes >= 0 end

local function unique_size(i)
  if not known(i.SharedSize) or not known(i.Size) then return "N/A" end
  return units.human_size(i.Size - i.SharedSize, 4)
end

---The columns of images, as cli.Column.
---@param wants_digest fun(ctx: cli.Context): boolean
---@param wants_users fun(ctx: cli.Context): boolean
---@return cli.Column[]
function M.columns(wants_digest, wants_users)
  return {
    { "Repository", priority = 1, middle = true, get = function(r) return r.repository end },
    { "Tag", priority = 2, get = function(r) return r.tag end },
    { "Digest", priority = 6, get = function(r) return r.digest end, when = wants_digest },
    { "ID", header = "IMAGE ID", priority = 5, get = function(r, v) return v.no_trunc and r.image.Id or text.short_id(r.image.Id) end },
    { "CreatedSince", header = "CREATED", priority = 4, get = function(r, v)
      return r.image.Created <= 0 and "N/A" or text.since(r.image.Created, v)
    end },
    { "Size", priority = 3, right = true, get = function(r) return units.human_size(r.image.Size, 3) end },
    { "CreatedAt", header = "CREATED AT", hidden = true, get = function(r)
      return r.image.Created <= 0 and "N/A" or text.timestamp(r.image.Created)
    end },
    { "Containers", hidden = true, get = function(r)
      return known(r.image.Containers) and tostring(r.image.Containers) or "N/A"
    end },
    { "VirtualSize", header = "SIZE", hidden = true, get = function(r) return units.human_size(r.image.Size, 4) end },
    { "SharedSize", header = "SHARED SIZE", hidden = true, get = function(r)
      return known(r.image.SharedSize) and units.human_size(r.image.SharedSize, 4) or "N/A"
    end },
    { "UsedBy", header = "USED BY", ours = true, priority = 7, middle = true, when = wants_users, get = function(r)
      return table.concat(r.users or {}, ", ")
    end },
    { "Outdated", ours = true, priority = 2, color = "state", when = function(ctx) return ctx.flags.outdated end, get = function(r)
      return r.outdated or ""
    end },
    { "UniqueSize", header = "UNIQUE SIZE", hidden = true, get = function(r) return unique_size(r.image) end },
  }
end

---The template of `--format raw`.
---@param flags table
---@return string
function M.raw(flags)
  if flags.quiet then return "image_id: {{.ID}}" end
  return "repository: {{ .Repository }}\ntag: {{.Tag}}\n" .. (flags.digests and "digest: {{.Digest}}\n" or "")
    .. "image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n"
end

---Whether a format shows digests: docker looks for this very spelling.
---@param format string
---@return boolean
function M.names_digest(format) return format:find("{{.Digest}}", 1, true) ~= nil end

---With --digests a table of the user's gets that column.
---@param format string
---@param flags table
---@return string
function M.amend_format(format, flags)
  local own_table = format ~= "table" and format:sub(1, 5) == "table"
  return own_table and flags.digests and not M.names_digest(format) and format .. "\t{{.Digest}}" or format
end

---What --json shows.
---@param r table a row
---@return table
function M.record(r)
  local function real(v) return v ~= NONE and v or nil end
  return {
    id = r.image.Id, repository = real(r.repository), tag = real(r.tag), digest = real(r.digest),
    created = os.date("!%Y-%m-%dT%H:%M:%SZ", r.image.Created), size = r.image.Size, labels = r.image.Labels or {},
    used_by = r.users and require("json").array(r.users), outdated = r.outdated,
  }
end

return M
