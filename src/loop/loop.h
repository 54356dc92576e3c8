// The event loop: around libuv's, its own or the caller's; single-threaded. Only loop/, net/ and ssh/ see uv.h.
#ifndef QD_LOOP_LOOP_H
#define QD_LOOP_LOOP_H

#include <stdint.h>

#include "base/error.h"
#include "base/list.h"

struct uv_loop_s;
struct uv_handle_s;

typedef struct qd_loop qd_loop;

// A loop with one of libuv's inside, made when it is first needed. Never NULL.
qd_loop *qd_loop_new(void);
// On a loop of libuv's that somebody else runs; qd_loop_turn must not be called inside one of its callbacks. Never NULL.
qd_loop *qd_loop_new_on(struct uv_loop_s *uv);
bool qd_loop_is_shared(const qd_loop *loop);
// Closes what is still open (debug builds name each handle on stderr), runs the close callbacks and frees.
// Returns how many handles had been left open by their owners: 0 is right. On somebody else's loop it frees when what lingers is over.
int qd_loop_free(qd_loop *loop);
struct uv_loop_s *qd_loop_uv(qd_loop *loop);

// One turn: waits for the next event when `wait`, else only takes what is ready.
// Returns false when nothing is left that could produce an event.
bool qd_loop_turn(qd_loop *loop, bool wait);
// Only what was deferred; no events are taken. true: there was something.
bool qd_loop_run_deferred(qd_loop *loop);
// From any thread: fn(ctx) runs on the loop soon, once libuv is in use. Several knocks may become one.
void qd_loop_on_knock(qd_loop *loop, void (*fn)(void *ctx), void *ctx);
void qd_loop_knock(qd_loop *loop);
// Turns until *done or nothing is left. For C callers and tests; scripts never use it.
void qd_loop_run_until(qd_loop *loop, const bool *done);
// Milliseconds on the monotonic clock, as of the current turn.
uint64_t qd_loop_now(qd_loop *loop);
// The same clock, as of now.
uint64_t qd_loop_clock(qd_loop *loop);

// Counts work that ends by itself soon after its owner let go of it (a killed child to reap, last bytes to send): +1 when
// it begins, -1 when it is over. qd_loop_free runs the loop until none is left.
void qd_loop_linger(qd_loop *loop, int delta);

// Calls fn(ctx) once from the loop, after the current callback has returned. The way to finish
// work "later" without re-entering the caller. The returned node is the caller's to cancel
// (qd_defer_cancel) until fn ran; memory belongs to the caller.
typedef struct qd_defer {
  qd_list link;
  void (*fn)(void *ctx);
  void *ctx;
} qd_defer;
void qd_loop_defer(qd_loop *loop, qd_defer *d, void (*fn)(void *ctx), void *ctx);
// The turn under way does not sleep: there is something to do behind it. libuv looks at timers first and then waits for descriptors, so
// what a timer made ready would wait for the next one.
void qd_loop_stay_awake(qd_loop *loop);
void qd_defer_init(qd_defer *d);
void qd_defer_cancel(qd_defer *d);

// libuv close callback that frees the handle's heap block.
void qd_uv_close_free(struct uv_handle_s *h);

#endif
