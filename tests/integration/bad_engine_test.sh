#!/bin/bash
# An engine that answers nonsense: each gives an error in our form, with the right exit code, in time and in little memory.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
T=$WORK/t

# http STATUS-LINE-AND-HEAD (printf escapes, lines by \n) [BODY]: an answer into $T; Content-Length is added unless the head says how.
http() {
  local body=${2-}
  {
    printf '%b' "HTTP/1.1 $1\n" | sed 's/$/\r/'
    [[ $1 == *[Ll]ength:* || $1 == *Transfer-Encoding* ]] || printf 'Content-Length: %s\r\n' "$(printf '%b' "$body" | wc -c)"
    printf '\r\n'
    printf '%b' "$body"
  } >"$T"
}
# says MATCH THEN: a peer answers so; the profile "peer" leads to it.
says() {
  peer unix "$1" "$T" "$2"
  rm -f "$QNAP_DOCKER_HOME/profiles.yaml" && rm -rf "$QNAP_DOCKER_HOME/state"
  write_profile peer "host=unix://$peer_socket"
}
# refuses CODE ARGUMENTS...
refuses() {
  LIMIT=30 run "$programs/peak" "$WORK/peak" "$QD_PROGRAM" "${@:2}"
  expect_refusal "$1"
  expect "not $(<"$WORK/peak") KiB" [ "$(<"$WORK/peak")" -lt "${MOST:-200000}" ]
}
case $(ldd "$QD_PROGRAM") in *asan*) MOST=4000000 ;; esac
LIST=containers/json

it 'an answer that breaks off'
http '200 OK\nContent-Length: 1000' '[{"Id"'
says $LIST close
refuses 5 ps
it '10 GB announced'
http '200 OK\nContent-Length: 10000000000' '[]'
says $LIST hang
refuses 1 --timeout 20s ps
it 'a length that is no number'
http '200 OK\nContent-Length: many' '[]'
says $LIST close
refuses 5 ps
it 'a length beyond all numbers'
http '200 OK\nContent-Length: 99999999999999999999999999' '[]'
says $LIST close
refuses 5 ps
it 'two lengths'
http '200 OK\nContent-Length: 2\nContent-Length: 20' '[]'
says $LIST close
refuses 5 ps
it 'an answer without end'
http '200 OK\nTransfer-Encoding: chunked' ''
{ cat "$T" && printf '10000\r\n' && head -c 65536 /dev/zero | tr '\0' ' ' && printf '\r\n'; } >"$T.all" && mv "$T.all" "$T"
says $LIST repeat
refuses 5 ps
it 'a body without end'
{ printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n' && head -c 60000 /dev/zero | tr '\0' '['; } >"$T"
says $LIST repeat
refuses 1 --timeout 25s ps
it 'a header without end'
{ printf 'HTTP/1.1 200 OK\r\nX: ' && head -c 1000000 /dev/zero | tr '\0' x; } >"$T"
says $LIST repeat
refuses 5 ps
it '10,000 headers'
{ printf 'HTTP/1.1 200 OK\r\n' && seq 10000 | sed 's/.*/X-&: y\r/' && printf '\r\n[]'; } >"$T"
says $LIST close
refuses 5 ps
it 'JSON 100,000 deep'
{ printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n' && head -c 100000 /dev/zero | tr '\0' '['; } >"$T"
says $LIST close
refuses 5 ps
it 'half of a JSON document'
http '200 OK\nContent-Type: application/json' '[{"Id": "abc", "Names"'
says $LIST keep
refuses 5 ps
it 'text that is not UTF-8 in JSON'
http '200 OK\nContent-Type: application/json' '[{"Id":"\0377\0376","Names":["/\0300\0200"]}]'
says $LIST keep
on_tty ps </dev/null
expect_code 0 5
expect 'what is shown should be UTF-8' iconv -f UTF-8 -t UTF-8 -o /dev/null "$WORK/out"
it 'HTML in place of JSON'
http '200 OK\nContent-Type: text/html' '<html><body>Welcome to QTS</body></html>'
says $LIST keep
refuses 5 ps
it 'an empty answer'
http '200 OK' ''
says $LIST keep
refuses 5 ps
it 'no content where a list should be'
http '204 No Content' ''
says $LIST keep
refuses 5 ps
for json in true 17 '"text"' '{"message":"hm"}' '[1,2]' '[[]]' '[{}]' '[{"Id":7,"Names":"x"}]' '[{"Id":"a","Names":[1],"Created":"yesterday"}]'; do
  it "JSON of another shape: $json"
  http '200 OK\nContent-Type: application/json' "$json"
  says $LIST keep
  refuses 5 ps
done
it 'the connection is closed at once'
: >"$T"
says $LIST close
refuses 5 ps
it 'it greets like SSH'
printf 'SSH-2.0-OpenSSH_9.2\r\n' >"$T"
peer unix '*' "$T" hang
write_profile ssh "host=unix://$peer_socket"
refuses 5 --profile ssh ps
it 'an answer to nobody before the question'
http '200 OK' '[]'
peer unix '*' "$T" keep
write_profile early "host=unix://$peer_socket"
LIMIT=30 qd --profile early ps
expect_refusal 5 not_an_engine
it 'noise in chunks'
http '200 OK\nTransfer-Encoding: chunked' 'zz\r\nabc\r\n'
says $LIST close
refuses 5 ps
it 'a chunk beyond all numbers'
http '200 OK\nTransfer-Encoding: chunked' 'fffffffffffffffffff\r\nabc\r\n'
says $LIST close
refuses 5 ps
it 'chunks that break off'
http '200 OK\nTransfer-Encoding: chunked' '2\r\n[]\r\n'
says $LIST close
refuses 5 ps
it 'something older than HTTP'
printf 'hello there\r\n' >"$T"
says $LIST close
refuses 5 ps
it 'another place: redirect'
http '301 Moved Permanently\nLocation: http://169.254.169.254/' ''
says $LIST keep
refuses 5 ps
it 'a switch of protocols that nobody asked for'
http '101 Switching Protocols\nUpgrade: tcp\nConnection: Upgrade\nContent-Length: 0' ''
says $LIST keep
refuses 5 ps
it 'a server error with a page of 10 MB'
{ printf 'HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n' && head -c 10000000 /dev/zero | tr '\0' x; } >"$T"
says $LIST close
refuses 1 ps
it 'a server error with control characters: they do not reach the terminal'
http '500 Internal Server Error' '{"message":"\\u001b]0;owned\\u0007 \\u001b[2J evil\\r\\nsecond line"}'
says $LIST keep
refuses 1 ps
expect_no_err $'\033'
expect_no_err $'\a'
it 'control characters in a name: they do not reach a terminal'
http '200 OK\nContent-Type: application/json' '[{"Id":"0123456789abcdef","Names":["/x\\u001b[2Jy"],"Image":"i","ImageID":"sha256:0","Command":"c","Created":1,"Ports":[],"Labels":{},"State":"running","Status":"Up","Mounts":[]}]'
says $LIST keep
on_tty ps </dev/null
expect_code 0
expect_no_out $'\033[2J'
it 'it says nothing: --timeout'
: >"$T"
says $LIST hang
refuses 5 --timeout 2s ps
it 'a byte now and then: --timeout'
http '200 OK' '[                                                                                                         ]'
says $LIST drip
refuses 5 --timeout 2s ps
it 'the very first question is not answered: --timeout'
: >"$T"
says _ping hang
refuses 5 --timeout 2s ps

it 'an engine of the year 2014'
http '400 Bad Request\nApi-Version: 1.12' '{"message":"client version 1.40 is too new. Maximum supported API version is 1.12"}'
says '' keep
refuses 6 ps
it 'an engine of the far future'
http '400 Bad Request\nApi-Version: 1.99' '{"message":"client version 1.52 is too old. Minimum supported API version is 1.90, please upgrade your client to a newer version"}'
says '' keep
refuses 6 ps
for version in 9.99 banana -1.4 1. 99999999999.1 1.45.6.7; do
  it "API version $version"
  http "200 OK\\nApi-Version: $version" OK
  says _ping keep
  LIMIT=30 qd ps
  expect "an error in our form expected, not $code" [ "$code" != 0 ] && expect_refusal "$code"
done
it 'a web server that says 404 to everything'
http '404 Not Found\nContent-Type: text/html' '<h1>404</h1>'
says '' keep
refuses 5 ps

# --- streams -------------------------------------------------------------------------------------------------

INSPECT='{"Id":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","Name":"/x","State":{"Running":true,"Status":"running"},"Config":{"Tty":false,"Image":"i"},"HostConfig":{"LogConfig":{"Type":"json-file"}},"NetworkSettings":{"Ports":{}}}'
# streams BODY THEN: the log of the container x.
streams() {
  http '200 OK' "$INSPECT" && cp "$T" "$WORK/inspect"
  { printf 'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: close\r\n\r\n' && printf '%b' "$1"; } >"$T"
  peer unix /logs "$T" "$2" /x/json "$WORK/inspect" keep /json "$WORK/inspect" keep
  rm -f "$QNAP_DOCKER_HOME/profiles.yaml"
  write_profile peer "host=unix://$peer_socket"
}
it 'a frame that is neither stdout nor stderr'
streams '\0011\0000\0000\0000\0000\0000\0000\0005hello' close
refuses 5 logs x
it 'a frame of 4 GB'
streams '\0001\0000\0000\0000\0377\0377\0377\0377hello' close
refuses 5 logs x
it 'a frame that breaks off in its head'
streams '\0001\0000\0000' close
refuses 5 logs x
it 'a frame that breaks off in its bytes'
streams '\0001\0000\0000\0000\0000\0000\0000\0100hello' close
refuses 5 logs x
it 'HTML in place of a log'
streams '<html>not a log</html>' close
refuses 5 logs x

it 'a pull that is no JSON'
http '200 OK' '<html>proxy error</html>'
says images/create keep
refuses 5 pull busybox
it 'a pull that breaks off'
{ printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{"status":"Pulling"\r\n'; } >"$T"
says images/create close
refuses 5 pull busybox
it 'an error inside a pull that began well'
http '200 OK' '{"status":"Pulling from x"}\r\n{"errorDetail":{"message":"the disk is on fire"},"error":"the disk is on fire"}\r\n'
says images/create keep
refuses 1 pull busybox
expect_err 'the disk is on fire'

# --- sockets -------------------------------------------------------------------------------------------------

it 'no socket there'
rm -f "$QNAP_DOCKER_HOME/profiles.yaml"
write_profile peer "host=unix://$WORK/absent.sock"
refuses 5 ps
it 'a file in place of a socket'
: >"$WORK/file"
write_profile file "host=unix://$WORK/file"
refuses 5 --profile file ps
it 'a socket that nobody listens at'
peer unix && kill $! && wait $! 2>/dev/null
write_profile dead "host=unix://$peer_socket"
refuses 5 --profile dead ps
it 'a socket path that is too long for the system'
write_profile long "host=unix:///tmp/$(head -c 200 /dev/zero | tr '\0' x)"
refuses 2 --profile long ps
