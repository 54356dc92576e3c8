"""server.py PORT_FILE [CERT KEY]: answers what http_test.sh asks. Writes its port into PORT_FILE when it listens."""
import gzip
import http.server
import json
import os
import ssl
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_any(self):
        path = self.path.split("?")[0]
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path == "/echo":
            doc = {"method": self.command, "path": self.path, "body": sent.decode("latin-1"),
                   "headers": {k.lower(): v for k, v in self.headers.items()}}
            self.say(200, json.dumps(doc).encode(), [("X-Two", "a"), ("X-Two", "b"), ("X-Empty", "")])
        elif path.startswith("/status/"):
            self.say(int(path[8:]), b"the \x1b[31mreason\n")
        elif path == "/redirect":
            self.say(302, b"not this", [("Location", "/echo")])
        elif path == "/loop":
            self.say(302, b"", [("Location", "/loop")])
        elif path == "/gzip":
            self.say(200, gzip.compress(b"unpacked" * 1000), [("Content-Encoding", "gzip")])
        elif path == "/bomb":
            self.say(200, gzip.compress(b"\0" * (64 << 20)), [("Content-Encoding", "gzip")])
        elif path == "/slow":
            time.sleep(30)
            self.say(200, b"late")
        elif path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
            self.wfile.flush()
            self.connection.shutdown(2)
            self.close_connection = True
        elif path == "/big":
            self.send_response(200)
            self.send_header("Content-Length", str(32 << 20))
            self.end_headers()
            for i in range(32):
                self.wfile.write(bytes([i]) * (1 << 20))
        else:
            self.say(404, b"nothing here")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_any


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(sys.argv[1] + ".new", "w") as out:
    out.write(str(server.server_address[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
