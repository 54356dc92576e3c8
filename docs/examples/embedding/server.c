// A libuv server with the host inside: each line that a client sends is a Lua script; its result, or its error, is the line that comes
// back. Scripts of all clients run side by side on the server's own loop, and one that waits keeps nobody from being served. A client
// that goes away cancels its script. Usage: server SOCKET; the line "quit" ends it.
#include <qd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define LONGEST 4096

typedef struct server {
  uv_loop_t loop;
  uv_pipe_t listener;
  qd_host *host;
} server;

typedef struct client {
  uv_pipe_t pipe;  // first: freed when it is closed
  server *server;
  qd_run *run;  // one at a time
  size_t size;
  char line[LONGEST];
} client;

typedef struct reply {
  uv_write_t request;  // first
  char text[];
} reply;

static void on_closed(uv_handle_t *handle) { free(handle); }

static void hang_up(client *c) {
  if (uv_is_closing((uv_handle_t *)&c->pipe)) return;
  qd_run_free(c->run);  // cancels it; nobody is told any more
  c->run = NULL;
  uv_close((uv_handle_t *)&c->pipe, on_closed);
}

static void on_sent(uv_write_t *request, int status) {
  (void)status;
  free(request);
}

static void answer(client *c, const char *word, const char *text) {
  size_t size = strlen(word) + strlen(text) + 3;
  reply *r = malloc(sizeof *r + size);
  if (!r) return;
  snprintf(r->text, size, "%s %s\n", word, text);
  uv_buf_t buf = uv_buf_init(r->text, (unsigned)(size - 1));
  if (uv_write(&r->request, (uv_stream_t *)&c->pipe, &buf, 1, on_sent) != 0) free(r);
}

static void take_lines(client *c);

static void on_done(void *ctx, qd_run *run) {
  client *c = ctx;
  const qd_failure *f = qd_run_failure(run);
  const char *result = qd_run_result(run, NULL);
  if (f)
    answer(c, f->code, f->message);
  else
    answer(c, "ok", result ? result : "null");
  qd_run_free(run);
  c->run = NULL;
  take_lines(c);
}

// Ends what keeps the loop: the listener here, the clients when they hang up. main() frees the host.
static void quit(server *s) {
  if (!uv_is_closing((uv_handle_t *)&s->listener)) uv_close((uv_handle_t *)&s->listener, NULL);
}

static void take_lines(client *c) {
  char *end = memchr(c->line, '\n', c->size);
  if (c->run || !end) return;
  size_t n = (size_t)(end - c->line);
  if (n == 4 && memcmp(c->line, "quit", 4) == 0) {
    quit(c->server);
    hang_up(c);
    return;
  }
  qd_run_options options = QD_RUN_OPTIONS_INIT;
  options.done = on_done;
  options.ctx = c;
  options.capture = 1;  // what it prints is not ours to show
  c->run = qd_script(c->server->host, c->line, n, "=line", NULL, &options);
  c->size -= n + 1;
  memmove(c->line, end + 1, c->size);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  client *c = (client *)handle;
  (void)suggested;
  *buf = uv_buf_init(c->line + c->size, (unsigned)(LONGEST - c->size));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
  client *c = (client *)stream;
  (void)buf;
  if (n < 0) {  // UV_ENOBUFS too: a line is longer than we take
    hang_up(c);
    return;
  }
  c->size += (size_t)n;
  take_lines(c);
}

static void on_client(uv_stream_t *listener, int status) {
  server *s = listener->data;
  client *c = status == 0 ? calloc(1, sizeof *c) : NULL;
  if (!c) return;
  c->server = s;
  uv_pipe_init(&s->loop, &c->pipe, 0);
  if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0 || uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read) != 0) hang_up(c);
}

int main(int argc, char **argv) {
  static server s;
  if (argc != 2 || uv_loop_init(&s.loop) != 0) return 2;
  qd_host_options options = QD_HOST_OPTIONS_INIT;
  options.loop = &s.loop;
  options.memory_limit = (size_t)64 << 20;
  s.host = qd_host_new(&options);
  uv_pipe_init(&s.loop, &s.listener, 0);
  s.listener.data = &s;
  int rc = s.host ? uv_pipe_bind(&s.listener, argv[1]) : UV_EINVAL;
  if (rc == 0) rc = uv_listen((uv_stream_t *)&s.listener, 16, on_client);
  if (rc == 0) {
    printf("listening\n");
    fflush(stdout);
  } else {
    fprintf(stderr, "cannot listen on %s: %s\n", argv[1], uv_strerror(rc));
    quit(&s);
  }
  uv_run(&s.loop, UV_RUN_DEFAULT);
  qd_host_free(s.host);
  uv_run(&s.loop, UV_RUN_DEFAULT);  // the host's handles close
  return uv_loop_close(&s.loop) == 0 && rc == 0 ? 0 : 1;
}
