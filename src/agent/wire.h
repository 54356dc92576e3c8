// What a command and the connection holder say to each other over the unix socket: frames of a type byte, a 32-bit big-endian
// length and a body. Data frames carry bytes; all others carry a list of strings (32-bit big-endian length, bytes).
// One connection is one login, one channel or one question about the holder:
//
//   ENTER target flags      -> QUESTION..., answered by ANSWER; then SESSION info, or FAILED error
//   OPEN target kind what   -> OPENED, or FAILED error; then DATA, ERRDATA, END, CLOSED status from the holder and DATA, END from
//                              the command, in any order; LOST error
//   PREPARE target          -> nothing: a command will follow
//   STATUS, STOP, RETIRE    -> TOLD ...
//
// Each connection begins with HELLO version from both sides.
#ifndef QD_AGENT_WIRE_H
#define QD_AGENT_WIRE_H

#include "agent/agent.h"
#include "base/buf.h"
#include "ssh/ssh.h"

enum {
  QD__WIRE_VERSION = QD_AGENT_VERSION,
  QD__WIRE_HEAD = 5,
  QD__WIRE_CONTROL_MAX = 256 * 1024,  // body of a frame that is no data
  QD__WIRE_DATA_MAX = 64 * 1024,      // body of a data frame
  QD__WIRE_STRINGS_MAX = 512,
};

typedef enum qd__frame_type {
  QD__HELLO = 'V',
  QD__ENTER = 'L',
  QD__QUESTION = 'Q',
  QD__ANSWER = 'A',
  QD__SESSION = 'S',
  QD__OPEN = 'O',
  QD__PREPARE = 'P',
  QD__OPENED = 'o',
  QD__FAILED = 'F',
  QD__DATA = 'd',
  QD__ERRDATA = 'e',
  QD__END = 'E',
  QD__CLOSED = 'C',
  QD__LOST = 'X',
  QD__STATUS = 's',
  QD__STOP = 'q',
  QD__RETIRE = 'r',
  QD__TOLD = 't',
} qd__frame_type;

// --- writing

// A frame of strings: begin, its strings, end. What passes the buffer's cap is left out, which the buffer remembers.
void qd__wire_begin(qd_buf *b, qd__frame_type type, size_t *at);
void qd__frame_put(qd_buf *b, qd_slice s);
void qd__frame_puts(qd_buf *b, const char *s);  // NULL: ""
void qd__frame_putn(qd_buf *b, long long n);
void qd__wire_end(qd_buf *b, size_t at);
// The head of a data frame of n bytes.
void qd__wire_data_head(char head[QD__WIRE_HEAD], qd__frame_type type, size_t n);

// --- reading

typedef struct qd__wire {
  char head[QD__WIRE_HEAD];
  size_t have;  // of the head
  size_t left;  // of the body of a data frame
  size_t want;  // length of the body of a control frame
  qd_buf body;  // of a control frame
} qd__wire;

typedef struct qd__frame {
  qd__frame_type type;
  qd_slice bytes;  // of a data frame: a piece of it, borrowed from the input
  size_t count;    // strings of any other, borrowed until the next call
  qd_slice strings[QD__WIRE_STRINGS_MAX];
} qd__frame;

void qd__wire_init(qd__wire *w);
void qd__wire_deinit(qd__wire *w);  // wipes what it held
// Takes the next frame, or a piece of a data frame, off the front of `bytes`. *out_got false: all bytes are used up. Errors:
// QD_CONNECT "bad_agent_frame" (unknown type, too long, strings that do not fill the body).
QD_MUST_USE qd_status qd__wire_next(qd__wire *w, qd_slice *bytes, qd__frame *out, bool *out_got, qd_error *err);
// The i-th string NUL-terminated, or "" where there is none: `room` bytes at most, cut.
void qd__frame_cstr(const qd__frame *f, size_t i, char *out, size_t room);
long long qd__frame_number(const qd__frame *f, size_t i);  // 0 where it is none

// --- meanings

void qd__wire_error(qd_buf *b, qd__frame_type type, const qd_error *err);
void qd__frame_error(const qd__frame *f, qd_error *out);
// `target`: the strings that the session is known by from now on (string 8 of the frame).
void qd__wire_info(qd_buf *b, const char *name, const qd_ssh_info *info, qd_slice target);
void qd__frame_info(const qd__frame *f, char name[256], qd_ssh_info *out);

// A target as strings, from which the other side makes it again; agent_socket is taken as it stands. It is also what a session is known by:
// the states of the files that it was logged in with are a part of it, so that a changed known_hosts or key file leads to a new login.
void qd__wire_target(qd_buf *b, const qd_ssh_target *t);
typedef struct qd__target {
  qd_ssh_target t;  // strings in `text`
  char *text;
  const char **lists;
} qd__target;
// The strings from `from` on. Errors: QD_CONNECT "bad_agent_frame".
QD_MUST_USE qd_status qd__frame_target(const qd__frame *f, size_t from, qd__target *out, qd_error *err);
void qd__target_deinit(qd__target *t);

#endif
