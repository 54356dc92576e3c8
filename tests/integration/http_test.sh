#!/bin/bash
# http for scripts: against a real server (http/server.py), with TLS, too.
# shellcheck disable=SC2016 # Lua's quotes
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { it "http for scripts" && skip "no python3 here, which serves" && exit 0; }
serve() { # serve NAME [CERT KEY]: its port is in $port
  python3 "$here/http/server.py" "$WORK/$1.port" "${@:2}" >"$WORK/$1.log" 2>&1 &
  servers+=($!)
  wait_for test -s "$WORK/$1.port"
  port=$(<"$WORK/$1.port")
}
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; finish' EXIT
serve plain
U=http://127.0.0.1:$port

# script LUA: `say(...)` prints; an error is told by its category and code.
script() {
  cat >"$WORK/s.lua" <<LUA
local http, U, json = require "http", "$U", require "json"
local function say(...) print(...) end
local _, err = try(function()
$1
end)
if err then print(err.category, err.code, err.message, err.why) end
LUA
  qd __script "$WORK/s.lua"
}

it "get: status, headers, body; the query behind the URL"
script 'local r = http.get(U .. "/echo?x=1", { query = { q = "a b&c", n = 2 } })
say(r.status, r.headers["x-two"], r.headers["x-empty"] == "", r:json().path, r:json().headers["user-agent"]:match "^qnap%-docker/" ~= nil)'
expect_code 0 && expect_out '200	a, b	true	/echo?x=1&n=2&q=a%20b%26c	true'

it "post: JSON, a form, bytes; put and delete; headers of one's own"
script 'say(http.post(U .. "/echo", { json = { a = 1 } }):json().body)
local r = http.post(U .. "/echo", { form = { ["ä"] = "1+1", b = true }, headers = { ["X-Own"] = "yes" } }):json()
say(r.body, r.headers["content-type"], r.headers["x-own"])
say(http.put(U .. "/echo", { body = "bytes" }):json().method, http.delete(U .. "/echo"):json().method, http.request(U .. "/echo", { body = "" }):json().method)
say(http.post(U .. "/echo", { body = "x", headers = { ["Content-Type"] = "text/plain" } }):json().headers["content-type"])
say(http.request(U .. "/echo", { method = "HEAD" }).body == "")'
expect_code 0 && expect_out '{"a":1}' && expect_out '%C3%A4=1%2B1&b=true	application/x-www-form-urlencoded	yes' && expect_out 'PUT	DELETE	POST' &&
  expect_out text/plain && expect_out true

it "an answer of 400 or more is an error of its kind, unless it is asked for"
for pair in 401:auth 403:auth 404:not_found 409:conflict 500:fail 504:timeout; do
  script "http.get(U .. '/status/${pair%:*}')"
  expect_out "${pair#*:}	http_status	127.0.0.1:$port refused the request	HTTP status ${pair%:*}: the"
  [[ $out == *$'\e'* ]] && fail "what a peer says is shown without control characters"
done
script 'say(http.get(U .. "/status/500", { any_status = true }).status)'
expect_out 500

it "redirects are followed, not for ever, and not where they are not wanted"
script 'say(http.get(U .. "/redirect"):json().path); say(http.get(U .. "/redirect", { redirects = 0 }).status); http.get(U .. "/loop")'
expect_out /echo && expect_out 302 && expect_out 'fail	too_many_redirects'

it "what is packed is unpacked, up to max_size"
script 'say(#http.get(U .. "/gzip").body); http.get(U .. "/bomb")'
expect_out 8000 && expect_out 'fail	too_large'

it "a body that breaks off, one that does not come, nobody there, no such host, no URL"
script 'http.get(U .. "/cut")'
expect_out 'connect	connection_lost'
script 'http.get(U .. "/slow", { timeout = 0.3 })'
expect_out 'timeout	timeout'
script 'http.get("http://127.0.0.1:1/token-in-the-path")'
expect_out 'connect	unreachable	127.0.0.1:1 cannot be reached' && expect "a path may hold a secret" [ "${out/token/}" = "$out" ]
script 'http.get("http://nowhere.invalid/")'
expect_out 'connect	unknown_host	nowhere.invalid cannot be found'
for url in file:///etc/passwd gopher://x/ 'http://' ftp://x/; do
  script "http.get('$url')"
  expect_out 'usage	bad_url'
done

it "a header of several lines, and a method that is none, are refused"
script 'http.get(U .. "/echo", { headers = { X = "a\r\nHost: evil" } })'
expect_out 'usage	bad_header'
script 'http.request(U .. "/echo", { method = "GET / HTTP/1.1\r\nX: " })'
expect_out 'usage	bad_method'

it "a stream is read with backpressure, a download appears when it is whole"
script 'local s <close> = http.open(U .. "/big")
local n, first = 0, s:read(10)
require("task").sleep(0.3)
for bytes in function() return s:read() end do n = n + #bytes end
say(#first, n + #first == 32 << 20)
say(http.download(U .. "/big", "'"$WORK"'/big"), #require("fs").read("'"$WORK"'/big"))
local _, err = try(http.download, U .. "/cut", "'"$WORK"'/cut")
say(err.code, require("fs").exists("'"$WORK"'/cut"), require("fs").exists("'"$WORK"'/cut.part"))'
expect_out '10	true' && expect_out '33554432	33554432' && expect_out 'connection_lost	false	false'

it "many at once"
script 'local rs = require("task").map({ 1, 2, 3, 4, 5, 6, 7, 8 }, function(i) return http.get(U .. "/echo", { query = { i = i } }):json().path end)
say(table.concat(rs, " "))'
expect_out '/echo?i=1 /echo?i=2 /echo?i=3 /echo?i=4 /echo?i=5 /echo?i=6 /echo?i=7 /echo?i=8'

it "an interruption ends a request that waits"
cat >"$WORK/wait.lua" <<LUA
print "asks"
require("http").get "$U/slow"
LUA
env --default-signal=INT "$QD_PROGRAM" __script "$WORK/wait.lua" >"$WORK/out" 2>&1 &
pid=$!
wait_for grep -q asks "$WORK/out"
kill -INT $pid
wait $pid
code=$?
expect_code 130

it "TLS: who cannot prove who they are is refused; by their authority they are known"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/key" -out "$WORK/cert" -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  2>/dev/null
serve tls "$WORK/cert" "$WORK/key"
U=https://localhost:$port
script 'http.get(U .. "/echo")'
expect_out "auth	bad_certificate	localhost:$port did not prove who it is"
script 'say(http.get(U .. "/echo", { ca_file = "'"$WORK"'/cert" }).status)'
expect_out 200
script 'http.get("https://127.0.0.1:'"$port"'/echo", { ca_file = "'"$WORK"'/cert" })'
expect_out 'auth	bad_certificate'
