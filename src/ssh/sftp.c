// An SFTP client over a channel: one request at a time, each a short conversation. Contract in sftp.h.
#include "ssh/sftp.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ssh/session.h"
#include "ssh/sftp_wire.h"

#define PACKET_MAX ((size_t)256 * 1024)  // OpenSSH's own limit
#define PIECE ((size_t)32 * 1024)
#define ENTRIES_MAX ((size_t)100000)
#define OPEN_READ 1u
#define OPEN_REPLACE (2u | 8u | 16u)  // write, create, truncate
#define POSIX_RENAME "posix-rename@openssh.com"

typedef enum stage { OPEN_IT, DO_IT, CLOSE_IT } stage;

struct qd_ssh_sftp_op {
  qd_ssh_sftp_op *next;
  qd_ssh_sftp_verb verb;
  char *path, *to;
  qd_buf data;  // written from, or read into
  size_t at;    // bytes done
  uint32_t mode;
  size_t max;
  stage stage;
  char handle[256];
  size_t handle_n;
  qd_ssh_stat stat;
  qd_ssh_sftp_entry *entries;
  size_t count, room;
  bool failed;  // err says why; only the handle is left to close
  qd_error err;
  qd_ssh_sftp_done *done;  // NULL: cancelled
  void *ctx;
};

struct qd_ssh_sftp {
  qd_ssh *ssh;
  qd_ssh_chan *chan;  // NULL: not opened, or gone
  bool ready;         // versions were exchanged
  bool broken;        // err says why: every request fails
  bool freed;
  bool posix_rename;
  qd_error err;
  qd_buf in, out;
  uint32_t id;            // of the request under way
  qd_ssh_sftp_op *queue;  // its head is under way when `busy`
  bool busy;
  qd_defer later;
};

static void op_free(qd_ssh_sftp_op *op) {
  for (size_t i = 0; i < op->count; i++) free(op->entries[i].name);
  free(op->entries);
  qd_buf_deinit(&op->data);
  free(op->path);
  free(op->to);
  free(op);
}

static void finish(qd_ssh_sftp_op *op) {
  qd_ssh_sftp_result r = {qd_buf_slice(&op->data), op->stat, op->entries, op->count};
  if (op->done) op->done(op->ctx, &r, op->failed ? &op->err : NULL);
  op_free(op);
}

static void send_packet(qd_ssh_sftp *f) {
  qd__sftp_end(&f->out);
  (void)qd_ssh_chan_write(f->chan, qd_buf_slice(&f->out));
}

static void put_handle(qd_ssh_sftp *f, const qd_ssh_sftp_op *op) { qd__sftp_string(&f->out, (qd_slice){op->handle, op->handle_n}); }

static void ask_with_path(qd_ssh_sftp *f, const qd_ssh_sftp_op *op) {
  static const int type[] = {
      [QD_SFTP_READ] = FXP_OPEN,   [QD_SFTP_WRITE] = FXP_OPEN,    [QD_SFTP_STAT] = FXP_STAT,     [QD_SFTP_READDIR] = FXP_OPENDIR,
      [QD_SFTP_MKDIR] = FXP_MKDIR, [QD_SFTP_RENAME] = FXP_RENAME, [QD_SFTP_REMOVE] = FXP_REMOVE, [QD_SFTP_RMDIR] = FXP_RMDIR};
  bool extended = op->verb == QD_SFTP_RENAME && f->posix_rename;
  qd__sftp_begin(&f->out, extended ? FXP_EXTENDED : type[op->verb], f->id);
  if (extended) qd__sftp_string(&f->out, QD_SLICE(POSIX_RENAME));
  qd__sftp_string(&f->out, qd_slice_of(op->path));
  if (op->verb == QD_SFTP_READ) {
    qd__sftp_u32(&f->out, OPEN_READ);
    qd__sftp_u32(&f->out, 0);
  } else if (op->verb == QD_SFTP_WRITE) {
    qd__sftp_u32(&f->out, OPEN_REPLACE);
    qd__sftp_mode(&f->out, op->mode);
  } else if (op->verb == QD_SFTP_MKDIR) {
    qd__sftp_mode(&f->out, op->mode);
  } else if (op->verb == QD_SFTP_RENAME) {
    qd__sftp_string(&f->out, qd_slice_of(op->to));
  }
}

// The next question of the request under way.
static void ask(qd_ssh_sftp *f, qd_ssh_sftp_op *op) {
  f->id++;
  if (op->stage == OPEN_IT) {
    ask_with_path(f, op);
  } else if (op->stage == CLOSE_IT) {
    qd__sftp_begin(&f->out, FXP_CLOSE, f->id);
    put_handle(f, op);
  } else if (op->verb == QD_SFTP_READDIR) {
    qd__sftp_begin(&f->out, FXP_READDIR, f->id);
    put_handle(f, op);
  } else if (op->verb == QD_SFTP_READ) {
    qd__sftp_begin(&f->out, FXP_READ, f->id);
    put_handle(f, op);
    qd__sftp_u64(&f->out, op->at);
    qd__sftp_u32(&f->out, PIECE);
  } else {
    size_t n = op->data.n - op->at < PIECE ? op->data.n - op->at : PIECE;
    qd__sftp_begin(&f->out, FXP_WRITE, f->id);
    put_handle(f, op);
    qd__sftp_u64(&f->out, op->at);
    qd__sftp_string(&f->out, (qd_slice){op->data.p + op->at, n});
    op->at += n;
  }
  send_packet(f);
}

static void begin_next(qd_ssh_sftp *f) {
  if (f->busy || !f->ready || !f->queue) return;
  f->busy = true;
  ask(f, f->queue);
}

static void fail_status(const qd_ssh_sftp *f, qd_ssh_sftp_op *op, uint32_t code, qd_slice text) {
  static const char *const verbs[] = {"read", "write", "look at", "list", "make the directory", "rename", "remove", "remove the directory"};
  op->failed = true;
  const char *verb = verbs[op->verb];
  if (code == FX_NO_SUCH_FILE) {
    qd_fail(&op->err, QD_NOT_FOUND, "no_such_file", "cannot %s %s on %s", verb, op->path, f->ssh->name);
    qd_why(&op->err, "there is no such file or directory");
  } else if (code == FX_PERMISSION_DENIED) {
    qd_fail(&op->err, QD_AUTH, "permission_denied", "cannot %s %s on %s", verb, op->path, f->ssh->name);
    qd_why(&op->err, "the account has no right to");
  } else {
    qd_fail(&op->err, code == FX_OP_UNSUPPORTED ? QD_UNSUPPORTED : QD_FAIL, "sftp_failed", "cannot %s %s on %s", verb, op->path,
            f->ssh->name);
    char said[200];
    size_t n = 0;
    for (size_t i = 0; i < text.n && n + 1 < sizeof said; i++)
      if (text.p[i] >= ' ' && text.p[i] < 0x7f) said[n++] = text.p[i];
    said[n] = '\0';
    qd_why(&op->err, "the server said: %s", n > 0 ? said : "failure");
  }
}

static bool add_entry(qd_ssh_sftp_op *op, qd_slice name, qd_ssh_stat st) {
  if (qd_slice_is(name, ".") || qd_slice_is(name, "..")) return true;
  if (op->count == ENTRIES_MAX || name.n > 4096 || memchr(name.p, '\0', name.n)) return false;
  if (op->count == op->room) {
    op->room = op->room ? op->room * 2 : 64;
    op->entries = qd_xrealloc(op->entries, op->room * sizeof *op->entries);
  }
  op->entries[op->count++] = (qd_ssh_sftp_entry){qd_xstrndup(name.p, name.n), st};
  return true;
}

static void too_large(const qd_ssh_sftp *f, qd_ssh_sftp_op *op) {
  op->failed = true;
  op->stage = CLOSE_IT;
  qd_fail(&op->err, QD_FAIL, "file_too_large", "%s on %s is too large", op->path, f->ssh->name);
  qd_why(&op->err, op->verb == QD_SFTP_READ ? "it has more than %zu bytes" : "it has more than %zu entries",
         op->verb == QD_SFTP_READ ? op->max : ENTRIES_MAX);
}

static bool has_handle(const qd_ssh_sftp_op *op) { return op->verb <= QD_SFTP_WRITE || op->verb == QD_SFTP_READDIR; }

// The takers: what an answer means for the request. False: it makes no sense.
static bool take_status(qd_ssh_sftp *f, qd_ssh_sftp_op *op, qd__sftp_cursor *c) {
  uint32_t code = qd__sftp_get_u32(c);
  if (c->bad) return false;
  if (code == FX_OK) return op->stage == CLOSE_IT || (op->stage == OPEN_IT ? op->verb >= QD_SFTP_MKDIR : op->verb == QD_SFTP_WRITE);
  bool at_end = code == FX_EOF && op->stage == DO_IT && op->verb != QD_SFTP_WRITE;
  if (!at_end && !op->failed) fail_status(f, op, code, qd__sftp_get_string(c));
  if (op->stage == DO_IT) op->stage = CLOSE_IT;
  return true;
}

static bool take_handle(qd_ssh_sftp_op *op, qd__sftp_cursor *c) {
  qd_slice handle = qd__sftp_get_string(c);
  if (c->bad || handle.n > sizeof op->handle || op->stage != OPEN_IT || !has_handle(op)) return false;
  memcpy(op->handle, handle.p, handle.n);
  op->handle_n = handle.n;
  op->stage = DO_IT;
  return true;
}

static bool take_data(qd_ssh_sftp *f, qd_ssh_sftp_op *op, qd__sftp_cursor *c) {
  qd_slice bytes = qd__sftp_get_string(c);
  if (c->bad || bytes.n == 0 || op->verb != QD_SFTP_READ || op->stage != DO_IT) return false;
  op->at += bytes.n;
  if (!qd_buf_add(&op->data, bytes.p, bytes.n)) too_large(f, op);
  return true;
}

static bool take_names(qd_ssh_sftp *f, qd_ssh_sftp_op *op, qd__sftp_cursor *c) {
  if (op->verb != QD_SFTP_READDIR || op->stage != DO_IT) return false;
  for (uint32_t n = qd__sftp_get_u32(c); n > 0 && !c->bad && !op->failed; n--) {
    qd_slice name = qd__sftp_get_string(c);
    (void)qd__sftp_get_string(c);  // the line that "ls -l" would show
    qd_ssh_stat st = qd__sftp_get_attrs(c);
    if (!c->bad && !add_entry(op, name, st)) too_large(f, op);
  }
  return !c->bad;
}

static bool take_answer(qd_ssh_sftp *f, qd_ssh_sftp_op *op, int type, qd__sftp_cursor *c) {
  switch (type) {
    case FXP_STATUS:
      return take_status(f, op, c);
    case FXP_HANDLE:
      return take_handle(op, c);
    case FXP_DATA:
      return take_data(f, op, c);
    case FXP_NAME:
      return take_names(f, op, c);
    case FXP_ATTRS:
      op->stat = qd__sftp_get_attrs(c);
      return !c->bad && op->verb == QD_SFTP_STAT;
    default:
      return false;
  }
}

static void break_down(qd_ssh_sftp *f, const qd_error *err) {
  f->broken = true;
  f->ready = f->busy = false;
  f->err = *err;
  if (f->chan) qd_ssh_chan_release(f->chan);
  f->chan = NULL;
  qd_ssh_sftp_op *op = f->queue;
  f->queue = NULL;
  for (qd_ssh_sftp_op *next; op; op = next) {
    next = op->next;
    op->failed = true;
    op->err = f->err;
    if (f->freed) op->done = NULL;  // by the one told before
    finish(op);
  }
}

static void make_no_sense(qd_ssh_sftp *f) {
  qd_error err;
  qd_fail(&err, QD_CONNECT, "sftp_failed", "the SFTP server of %s cannot be understood", f->ssh->name);
  qd_why(&err, "it sent something that is no answer");
  break_down(f, &err);
}

static void on_packet(qd_ssh_sftp *f, int type, qd__sftp_cursor c) {
  if (!f->ready) {
    uint32_t version = qd__sftp_get_u32(&c);
    if (type != FXP_VERSION || c.bad || version < 3) {
      make_no_sense(f);
      return;
    }
    while (c.rest.n > 0 && !c.bad) {
      if (qd_slice_is(qd__sftp_get_string(&c), POSIX_RENAME)) f->posix_rename = true;
      (void)qd__sftp_get_string(&c);
    }
    f->ready = true;
    return;
  }
  uint32_t id = qd__sftp_get_u32(&c);
  if (!f->busy || c.bad || id != f->id) {
    make_no_sense(f);
    return;
  }
  qd_ssh_sftp_op *op = f->queue;
  stage before = op->stage;
  if (!take_answer(f, op, type, &c)) {
    make_no_sense(f);
    return;
  }
  if (op->stage == DO_IT && (!op->done || (op->verb == QD_SFTP_WRITE && op->at == op->data.n))) op->stage = CLOSE_IT;
  bool over = before == CLOSE_IT || op->stage == OPEN_IT;
  if (over) {
    f->busy = false;
    f->queue = op->next;
    finish(op);
  } else {
    ask(f, op);
  }
}

static uint32_t packet_size(const qd_ssh_sftp *f) {
  qd__sftp_cursor c = {{f->in.p, 4}, false};
  return qd__sftp_get_u32(&c);
}

static void on_data(void *ctx, int stream, qd_slice bytes) {
  qd_ssh_sftp *f = ctx;
  if (stream != 0 || f->broken) return;
  (void)qd_buf_add(&f->in, bytes.p, bytes.n);
  while (!f->freed && !f->broken && f->in.n >= 4) {
    size_t n = packet_size(f);
    if (n == 0 || n > PACKET_MAX || f->in.overflow) {
      make_no_sense(f);
      return;
    }
    if (f->in.n < 4 + n) break;
    qd_slice packet = {f->in.p + 4, n};
    char *copy = qd_xstrndup(packet.p, packet.n);  // an answer may free or feed this client
    qd_buf_consume(&f->in, 4 + n);
    on_packet(f, (unsigned char)copy[0], (qd__sftp_cursor){{copy + 1, n - 1}, false});
    free(copy);
    if (!f->freed && !f->broken) begin_next(f);
  }
}

static void on_open(void *ctx, const qd_error *err) {
  qd_ssh_sftp *f = ctx;
  if (err) {
    f->chan = NULL;
    break_down(f, err);
    return;
  }
  qd_ssh_chan_read(f->chan, true);
  qd_buf_clear(&f->out);  // INIT has a version where others have an id
  qd__sftp_begin(&f->out, FXP_INIT, 3);
  send_packet(f);
}

static void on_lost(void *ctx, const qd_error *err) {
  qd_ssh_sftp *f = ctx;
  f->chan = NULL;
  break_down(f, err);
}

static void on_eof(void *ctx) {
  qd_ssh_sftp *f = ctx;
  qd_error err;
  qd_fail(&err, QD_UNSUPPORTED, "sftp_unavailable", "%s does not offer file transfer by SFTP", f->ssh->name);
  qd_why(&err, "its SFTP server ended");
  qd_hint(&err, "switch SFTP on: Control Panel > Network & File Services > FTP, or do without");
  break_down(f, &err);
}

static const qd_ssh_chan_events EVENTS = {on_open, on_data, on_eof, NULL, NULL, on_lost};

static void run_queue(void *ctx) {
  qd_ssh_sftp *f = ctx;
  if (f->freed) {
    qd_ssh_unref(f->ssh);
    qd_buf_deinit(&f->in);
    qd_buf_deinit(&f->out);
    free(f);
  } else if (f->broken) {
    qd_error err = f->err;
    break_down(f, &err);
  } else {
    if (!f->chan) f->chan = qd_ssh_chan_open(f->ssh, QD_SSH_CHAN_SUBSYSTEM, "sftp", false, &EVENTS, f);
    begin_next(f);
  }
}

qd_ssh_sftp *qd_ssh_sftp_new(qd_ssh *s) {
  qd_ssh_sftp *f = qd_xcalloc(1, sizeof *f);
  f->ssh = s;
  qd_ssh_ref(s);
  qd_buf_init(&f->in, PACKET_MAX + (size_t)128 * 1024);
  qd_buf_init(&f->out, PACKET_MAX);
  qd_defer_init(&f->later);
  return f;
}

void qd_ssh_sftp_free(qd_ssh_sftp *f) {
  if (!f || f->freed) return;
  f->freed = true;
  if (f->chan) qd_ssh_chan_release(f->chan);
  f->chan = NULL;
  for (qd_ssh_sftp_op *op = f->queue; op;) {
    qd_ssh_sftp_op *next = op->next;
    op_free(op);
    op = next;
  }
  f->queue = NULL;
  qd_loop_defer(f->ssh->loop, &f->later, run_queue, f);
}

qd_ssh_sftp_op *qd_ssh_sftp_start(qd_ssh_sftp *f, const qd_ssh_sftp_request *request, qd_ssh_sftp_done *done, void *ctx) {
  qd_ssh_sftp_op *op = qd_xcalloc(1, sizeof *op);
  op->verb = request->verb;
  op->path = qd_xstrdup(request->path);
  op->to = qd_xstrdup(request->to);
  qd_buf_init(&op->data, request->verb == QD_SFTP_READ ? request->max : request->data.n);
  if (request->verb == QD_SFTP_WRITE) (void)qd_buf_add(&op->data, request->data.p, request->data.n);
  op->mode = request->mode;
  op->max = request->max;
  op->done = done;
  op->ctx = ctx;
  qd_ssh_sftp_op **end = &f->queue;
  while (*end) end = &(*end)->next;
  *end = op;
  qd_loop_defer(f->ssh->loop, &f->later, run_queue, f);
  return op;
}

void qd_ssh_sftp_cancel(qd_ssh_sftp_op *op) { op->done = NULL; }
