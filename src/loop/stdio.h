// The process's own descriptors (stdin, stdout, stderr), whatever is behind them: terminal, pipe, socket, file. Reading
// waits for input and writing for the reader, on the loop; the descriptors' flags, which other processes share, stay as
// they are.
#ifndef QD_LOOP_STDIO_H
#define QD_LOOP_STDIO_H

#include "base/slice.h"
#include "loop/loop.h"

typedef struct qd_stdio qd_stdio;

// Wraps `fd`, which stays the caller's. Never NULL.
qd_stdio *qd_stdio_new(qd_loop *loop, int fd);
// Forgets waiting requests (their functions are not called) and frees. NULL ok.
void qd_stdio_free(qd_stdio *s);

// A request; memory is the caller's until its function ran or it was cancelled. Zeroed before its first use.
typedef struct qd_stdio_req {
  qd_list link;
  qd_stdio *stream;  // NULL: not waiting
  // err NULL: it worked; for reads `n` bytes are in the buffer, 0 at the end of the input.
  void (*fn)(void *ctx, size_t n, const qd_error *err);
  void *ctx;
  char *buffer;    // reads
  qd_slice bytes;  // writes: what is left
  size_t size;     // reads: of the buffer
} qd_stdio_req;

// Reads what is there, at most req->size bytes into req->buffer; waits when nothing is. fn may be called before this
// returns. Requests are served in order. Errors: QD_FAIL, "read_failed".
void qd_stdio_read(qd_stdio *s, qd_stdio_req *req);
// Writes all of req->bytes; waits for the reader. fn may be called before this returns. Requests are served in order.
// Errors: QD_FAIL; "reader_gone" (exit code 141 is the caller's to set), "write_failed".
void qd_stdio_write(qd_stdio *s, qd_stdio_req *req);
// The function is not called any more; harmless on a request that does not wait.
void qd_stdio_cancel(qd_stdio_req *req);

#endif
