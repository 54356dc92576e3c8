---@meta
-- Types of core.docker, and option tables of the stdlib module docker.

---A Docker Engine: connections, API version, requests. Made by core.docker.engine().
---@class docker.Engine
local Engine = {}

---@class docker.Request
---@field path string behind the version: "/containers/json"; names in it through core.docker.escape
---@field method? string default "GET"
---@field query? table true and false become 1 and 0, a list repeats its key, a table is sent as JSON; `filters` takes
--- {name = "web"}, {label = {"a", "b=c"}}, {dangling = true}
---@field body? table|string a table is sent as JSON
---@field headers? table<string, string>
---@field timeout? number seconds until the answer (a stream: until its head); default 60, 0 none
---@field idle? number seconds without a byte from the engine after which it fails
---@field what? string headline of a failure
---@field object? string what it is about, for the Error
---@field ok? table<integer, boolean>|integer[] statuses from 400 on that are no failure
---@field raw? boolean the body is not decoded
---@field nulls? boolean keep null members as json.null (default: they are absent)
---@field max_body? integer bytes of an answer that is read as a whole (default 64 MiB)
---@field pipeline? boolean a quick GET that may share a connection with others
---@field bulk? boolean many bytes one way: a connection of its own
---@field upload? boolean (stream) the body is written to the stream
---@field unversioned? boolean the path goes out as it is

---@class docker.Response
---@field status integer
---@field headers table<string, string> names in lower case
---@field body? any decoded JSON, else a string

---Sends a request and reads the whole answer. A status from 400 on raises an Error with `engine` and `engine_status`.
---@async
---@param options docker.Request
---@return docker.Response
function Engine:request(options) end

---Sends a request; returns once the answer's head is there (an upload: at once).
---@async
---@param options docker.Request
---@return docker.Stream
function Engine:stream(options) end

---Sends a request that upgrades the connection to a stream in both directions.
---@async
---@param options docker.Request
---@return docker.Stream
function Engine:hijack(options) end

---The API version that requests go out with, asking for it when it is not known yet.
---@async
---@param timeout? number seconds (default 60)
---@return string "1.41"
function Engine:api(timeout) end

---What is known without asking.
---@return {api?: string, server?: string}
function Engine:facts() end

---@return {requests: integer, connections: integer, bytes_in: integer, bytes_out: integer, idle: integer, busy: integer}
function Engine:stats() end

---Opens connections until there are n (at most 4): several requests are about to be made at once. Does not wait.
---@param n integer
function Engine:warm(n) end

---Closes all connections; what is under way fails with "connection_closed".
function Engine:close() end

---@class docker.Stream
---@field status? integer of the answer, once its head is there
---@field headers table<string, string> empty before
local Stream = {}

---The next bytes, nil at the end.
---@async
---@param max? integer (default 64 KiB)
---@param timeout? number seconds
---@return string?
function Stream:read(max, timeout) end

---The next bytes of one output of a multiplexed stream, nil at the end.
---@async
---@param max? integer
---@param timeout? number seconds
---@return "stdout"|"stderr"|"system"|nil
---@return string? bytes
function Stream:frame(max, timeout) end

---The next JSON document, nil at the end.
---@async
---@param timeout? number seconds
---@return any
function Stream:next(timeout) end

---The whole answer, once it is complete (after an upload).
---@async
---@param timeout? number seconds
---@return docker.Response
function Stream:response(timeout) end

---Waits while the engine is slower than the writer.
---@async
---@param bytes string
---@return boolean taken false: the engine takes no more
function Stream:write(bytes) end

---The end of an upload.
function Stream:finish() end

---The end of our direction of a hijacked stream.
function Stream:shutdown() end

---Cancels what is not complete.
function Stream:close() end

---@class docker.CommitOptions
---@field repo? string name of the image, without its tag
---@field tag? string
---@field author? string
---@field message? string
---@field changes? string[] instructions of a Dockerfile
---@field pause? boolean hold its processes meanwhile (default: yes)

---@class docker.AttachOptions
---@field stdin? boolean
---@field stdout? boolean
---@field stderr? boolean
---@field logs? boolean the output so far first
---@field stream? boolean default true
---@field tty? boolean known by the caller; asked for otherwise
---@field detach_keys? string

---@class docker.ExecOptions
---@field cmd string[]
---@field env? string[] "KEY=value"
---@field user? string
---@field workdir? string
---@field tty? boolean
---@field stdin? boolean default false
---@field stdout? boolean default true
---@field stderr? boolean default true
---@field privileged? boolean
---@field detach_keys? string
---@field console_size? integer[] {height, width}

---@class docker.LogOptions
---@field follow? boolean
---@field stdout? boolean default: both
---@field stderr? boolean
---@field tail? integer|string lines from the end; "all"
---@field since? number|string unix time
---@field until_? number|string unix time (also as ["until"])
---@field timestamps? boolean
---@field inner_stamps? boolean with timestamps, a line that the engine keeps in pieces has the stamps of the later ones in its text
---@field details? boolean
---@field chunks? boolean records with bytes as they came instead of lines
---@field tty? boolean known by the caller; asked for otherwise

---@class docker.PullOptions
---@field ref string "nginx", "registry:5000/web:1.2", "nginx@sha256:..."
---@field platform? string "linux/arm64"
---@field auth? docker.Auth
---@field all_tags? boolean
---@field on_progress? fun(doc: docker.Progress)

---@class docker.PushOptions
---@field auth? docker.Auth
---@field platform? string API 1.46
---@field all_tags? boolean
---@field on_progress? fun(doc: docker.Progress)
