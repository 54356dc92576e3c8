---@meta
-- core.web: outbound HTTP by libcurl, which is opened on first use (src/bind/web.c). Scripts use the module `http`.

---@class core.web
local web = {}

---One request.
---@class core.web.Call
local Call = {} -- luacheck: ignore

---Waits for the head of the answer; redirects have been followed.
---@async
---@return integer status
---@return table<string, string> headers names in lower case, values of one name joined by ", "
---@raise connect, timeout, auth "bad_certificate", usage "bad_url"
function Call:head() end

---The next bytes of the body; nil at its end.
---@async
---@param max? integer bytes (64 KiB)
---@return string?
---@raise connect
function Call:read(max) end

---Ends it.
function Call:close() end

---@class core.web.Request
---@field url string
---@field method? string ("GET")
---@field headers? string[] "Name: value"
---@field body? string
---@field redirects? integer how many are followed (5)
---@field connect_timeout? number seconds
---@field ca_file? string certificates of the authorities to trust (the system's)

---@param request core.web.Request
---@return core.web.Call
---@raise unsupported "no_libcurl"
---@raise usage "bad_method", "bad_header"
function web.open(request) end

return web
