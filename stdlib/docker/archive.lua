-- Files in and out of a container, as tar streams (docker cp). Dependencies: json, docker.base64, docker.upload.
local M = {}

---@class docker.PathStat
---@field name string
---@field size integer
---@field mode integer permission bits with set-id and sticky, as in st_mode (0755 is 493)
---@field type "file"|"dir"|"symlink"|"device"|"fifo"|"socket"|"other"
---@field mtime string RFC 3339
---@field target? string a symlink's target, resolved inside the container

-- Go's os.FileMode, which is not st_mode.
local TYPES = {
  { 1 << 31, "dir" }, { 1 << 27, "symlink" }, { 1 << 26, "device" }, { 1 << 25, "fifo" }, { 1 << 24, "socket" }, { 1 << 19, "other" },
}
local BITS = { { 1 << 23, 0x800 }, { 1 << 22, 0x400 }, { 1 << 20, 0x200 } }

---Reads the header X-Docker-Container-Path-Stat.
---@param header string
---@return docker.PathStat
function M.stat(header)
  local text = require("docker.base64").decode(header or "")
  local doc = text and try(require("json").decode, text)
  if type(doc) ~= "table" or math.type(doc.mode) ~= "integer" then
    Error { category = "connect", code = "bad_response", message = "the engine's description of a path is not readable" }
  end
  local mode, kind = doc.mode & 511, "file"
  for _, row in ipairs(BITS) do
    mode = mode | (doc.mode & row[1] ~= 0 and row[2] or 0)
  end
  for i = #TYPES, 1, -1 do
    kind = doc.mode & TYPES[i][1] ~= 0 and TYPES[i][2] or kind
  end
  local target = doc.linkTarget ~= "" and doc.linkTarget or nil
  return { name = doc.name, size = doc.size, mode = mode, type = kind, mtime = doc.mtime, target = target }
end

local function pieces(source)
  if type(source) == "function" then
    return source
  end
  local from = 1
  return function()
    if from > #source then
      return nil
    end
    from = from + 65536
    return source:sub(from - 65536, from - 1)
  end
end

---@param Container docker.Container
function M.install(Container)
  ---What is at a path of its file system; nil when there is nothing.
  ---@async
  ---@param path string
  ---@return docker.PathStat?
  function Container:archive_head(path) ---@endpoint HEAD /containers/{id}/archive
    local answer = self:request("look into", { method = "HEAD", path = "/archive", query = { path = path }, ok = { 404 } })
    local header = answer.headers["x-docker-container-path-stat"]
    if answer.status == 404 then
      return nil
    end
    return M.stat(header)
  end

  ---A tar stream of a path. The engine locks the container until the stream was read or closed.
  ---@async
  ---@param path string
  ---@return docker.Stream
  ---@return docker.PathStat
  ---@raise not_found
  function Container:archive_get(path) ---@endpoint GET /containers/{id}/archive
    local stream = self.nas:stream {
      path = self.path .. "/archive", query = { path = path }, bulk = true, timeout = 300, object = self.ref,
      what = self:cannot(("copy '%s' out of"):format(path)),
    }
    return stream, M.stat(stream.headers["x-docker-container-path-stat"])
  end

  ---Unpacks a tar stream (plain or gzip, bzip2, xz) into a directory that exists.
  ---@async
  ---@param path string
  ---@param source string|fun(): string? the tar, or an iterator of its pieces
  ---@param options? {no_overwrite_dir?: boolean, copy_uid_gid?: boolean, timeout?: number} copy_uid_gid: all files get the container's user
  ---@raise not_found
  function Container:archive_put(path, source, options) ---@endpoint PUT /containers/{id}/archive
    options = options or {}
    local upload <close> = self.nas:stream {
      method = "PUT", path = self.path .. "/archive", upload = true, bulk = true, object = self.ref,
      query = { path = path, noOverwriteDirNonDir = options.no_overwrite_dir or nil, copyUIDGID = options.copy_uid_gid or nil },
      what = self:cannot(("copy to '%s' in"):format(path)),
    }
    require("docker.upload").run(upload, pieces(source), function()
      upload:response(options.timeout)
    end)
  end
end

return M
