-- Outbound HTTP and HTTPS: notifications, webhooks, APIs. Certificates are always checked, redirects followed five times, from https
-- only to https. An answer of 400 or more is an error, unless it is asked for.
-- Dependencies: core.web, errors, fs, json, task.
local M = {}

local TIMEOUT, CONNECT, MAX_SIZE = 30, 10, 8 << 20 -- seconds, seconds, bytes

---@class http.Options
---@field method? string "GET", or "POST" where there is something to send
---@field headers? table<string, string>
---@field query? table<string, string|number|boolean> goes behind the URL
---@field body? string
---@field json? any sent as JSON
---@field form? table<string, string|number|boolean> sent as application/x-www-form-urlencoded
---@field timeout? number seconds for all of it (30; of a stream and a download: until its head)
---@field max_size? integer bytes of the body (8 MiB; a download has no limit)
---@field any_status? boolean an answer of 400 or more is no error
---@field ca_file? string certificates of the authorities to trust, instead of the system's
---@field redirects? integer (5)

---@class http.Response
---@field status integer
---@field headers table<string, string> names in lower case
---@field body string
local Response = {}
Response.__index = Response

---The body, read as JSON.
---@return any
---@raise fail "bad_json"
function Response:json() return require("json").decode(self.body) end

local function escape(text)
  return (tostring(text):gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- "a=1&b=2", by name.
local function pairs_of(fields)
  local out = {}
  for name, value in pairs(fields) do out[#out + 1] = escape(name) .. "=" .. escape(value) end
  table.sort(out)
  return table.concat(out, "&")
end

local function with_query(url, query)
  if not query or not next(query) then return url end
  local before, fragment = url:match "^([^#]*)(.*)$"
  return before .. (before:find("?", 1, true) and "&" or "?") .. pairs_of(query) .. fragment
end

local function content_of(options)
  if options.json ~= nil then return require("json").encode(options.json), "application/json" end
  if options.form then return pairs_of(options.form), "application/x-www-form-urlencoded" end
  return options.body, nil
end

local function lines_of(headers, kind)
  local out = {}
  for name, value in pairs(headers or {}) do
    if name:lower() == "content-type" then kind = nil end
    out[#out + 1] = ("%s: %s"):format(name, value)
  end
  if kind then out[#out + 1] = "Content-Type: " .. kind end
  table.sort(out)
  return out
end

local function host_of(url) return ((url:match "^%a+://([^/?#]*)" or "the server"):gsub("^.*@", "")) end

local BY_STATUS = {
  [401] = "auth", [403] = "auth", [404] = "not_found", [408] = "timeout", [409] = "conflict", [410] = "not_found", [504] = "timeout",
}

local function refuse(url, status, body)
  Error {
    category = BY_STATUS[status] or "fail", code = "http_status", status = status,
    message = ("%s refused the request"):format(host_of(url)),
    why = ("HTTP status %d%s"):format(status, body ~= "" and ": " .. body:sub(1, 200) or ""),
  }
end

---An answer that is read piece by piece.
---@class http.Stream
---@field status integer
---@field headers table<string, string>
---@field call core.web.Call
local Stream = {}
Stream.__index = Stream

---@async
---@param max? integer bytes
---@return string? bytes nil at the end
---@raise connect
function Stream:read(max) return self.call:read(max) end

---Ends it. Harmless a second time.
function Stream:close() self.call:close() end
Stream.__close = Stream.close

local function start(url, options)
  local body, kind = content_of(options)
  local call = require("core.web").open {
    url = with_query(url, options.query), method = (options.method or body and "POST" or "GET"):upper(), body = body,
    headers = lines_of(options.headers, kind), ca_file = options.ca_file, redirects = options.redirects, connect_timeout = CONNECT,
  }
  local ok, status, headers = pcall(call.head, call)
  if not ok then
    call:close()
    error(status, 0)
  end
  return setmetatable({ call = call, status = status, headers = headers }, Stream)
end

-- All that is left, at most `max` bytes.
local function rest(stream, max, url)
  local out, n = {}, 0
  for bytes in function() return stream:read() end do
    n = n + #bytes
    if n > max then
      Error {
        category = "fail", code = "too_large", message = ("%s answers with more than %d bytes"):format(host_of(url), max),
        hint = "max_size = BYTES",
      }
    end
    out[#out + 1] = bytes
  end
  return table.concat(out)
end

local function check_status(stream, url, options)
  if stream.status < 400 or options.any_status then return end
  local _ <close> = stream
  refuse(url, stream.status, require("ui.text").clean((try(rest, stream, 65536, url) or ""):gsub("%s+", " ")))
end

---Starts a request and returns when the head of the answer is there; the body is read from the stream: `local s <close> = http.open(url)`.
---@async
---@param url string
---@param options? http.Options
---@return http.Stream
---@raise connect, timeout, auth "bad_certificate", usage "bad_url", and "http_status" by the status
---@raise unsupported "no_libcurl"
function M.open(url, options)
  options = options or {}
  local stream = require("task").deadline(options.timeout or TIMEOUT, start, url, options)
  check_status(stream, url, options)
  return stream
end

---A request, with its whole answer.
---@async
---@param url string
---@param options? http.Options
---@return http.Response
---@raise connect, timeout, auth "bad_certificate", usage "bad_url", fail "too_large", and "http_status" by the status
---@raise unsupported "no_libcurl"
function M.request(url, options)
  options = options or {}
  return require("task").deadline(options.timeout or TIMEOUT, function()
    local stream <close> = start(url, options)
    check_status(stream, url, options)
    local body = rest(stream, options.max_size or MAX_SIZE, url)
    return setmetatable({ status = stream.status, headers = stream.headers, body = body }, Response)
  end)
end

local function by(method)
  return function(url, options)
    return M.request(url, setmetatable({ method = method }, { __index = options or {} }))
  end
end

---The same as request, with that method.
---@type fun(url: string, options?: http.Options): http.Response
M.get = by "GET"
---@type fun(url: string, options?: http.Options): http.Response
M.post = by "POST"
---@type fun(url: string, options?: http.Options): http.Response
M.put = by "PUT"
---@type fun(url: string, options?: http.Options): http.Response
M.delete = by "DELETE"

---Writes what a URL has into a file, which appears only when it is whole.
---@async
---@param url string
---@param path string
---@param options? http.Options
---@return integer bytes
---@raise what open raises, and fs
function M.download(url, path, options)
  local fs = require "fs"
  local stream <close> = M.open(url, options)
  local part, done, n = path .. ".part", false, 0
  local _ <close> = defer(function()
    if not done then try(fs.remove, part) end
  end)
  do
    local file <close> = fs.open(part, "w")
    for bytes in function() return stream:read() end do
      n = n + #bytes
      file:write(bytes)
    end
    file:sync()
  end
  fs.rename(part, path)
  done = true
  return n
end

return M
