// One pending operation: result, deadline, cancel. qd_op_done() is the only way that work ends,
// and with it the one place where faults are injected (QNAP_DOCKER_FAULT, see tests/fault; each thread has its own).
//
// Life: qd_op_new (one reference: its anchor) -> qd_op_start (second reference: the worker)
// -> qd_op_done (drops the worker's reference, wakes the waiter) -> qd_op_unref by the anchor.
#ifndef QD_LOOP_OP_H
#define QD_LOOP_OP_H

#include "loop/timer.h"

typedef struct lua_State lua_State;
typedef struct qd_op qd_op;

typedef struct qd_op_kind {
  const char *name;  // "ssh.connect"
  size_t size;       // of the struct whose first member is qd_op
  // Results of a successful op on L's stack; returns their number. Only script/ calls it. NULL: no results.
  int (*push)(lua_State *L, qd_op *op);
  // Stops the work; the completion still comes through qd_op_done (at once or later). Idempotent.
  void (*cancel)(qd_op *op);
  // The last reference went: free what the op holds (not the op itself). May be NULL.
  void (*drop)(qd_op *op);
} qd_op_kind;

struct qd_op {
  const qd_op_kind *kind;
  qd_loop *loop;
  int refs;
  bool started;
  bool done;
  qd_status reason;      // why it is being cancelled: QD_CANCELLED or QD_TIMEOUT, QD_OK otherwise
  qd_error *err;         // NULL: it worked
  qd_timer *deadline;    // NULL when none is armed
  uint64_t deadline_at;  // on the loop's clock; means something while `deadline` is set
  uint64_t timeout_ms;
  const char *what;  // headline of a timeout ("cannot list the containers of nas1"), kept alive by the kind; NULL: its name
  void (*wake)(void *waiter, qd_op *op);  // told once, from qd_op_done
  void *waiter;
};

// Zeroed, kind->size bytes. Never NULL.
qd_op *qd_op_new(qd_loop *loop, const qd_op_kind *kind);
// The work begins now. After timeout_ms milliseconds it is cancelled and fails with QD_TIMEOUT (0: no deadline).
void qd_op_start(qd_op *op, uint64_t timeout_ms);
// Not later than `ms` from now: arms the deadline, or brings an armed one forward.
void qd_op_limit(qd_op *op, uint64_t ms);
// err NULL: success. A second call is harmless. After a cancel the op's error is the reason, whatever `err` says.
// May free the op when nobody else holds it.
void qd_op_done(qd_op *op, const qd_error *err);
// Asks the work to stop for `reason`. Nothing happens on an op that is done or was not started.
void qd_op_cancel(qd_op *op, qd_status reason);
void qd_op_ref(qd_op *op);
void qd_op_unref(qd_op *op);

// Fault injection for tests: the nth qd_op_done from now on fails (0 = off).
typedef enum { QD_FAULT_LOST, QD_FAULT_TIMEOUT, QD_FAULT_CANCEL, QD_FAULT_KINDS } qd_fault_kind;
void qd_op_fault_set(unsigned n, qd_fault_kind kind);
// Whether the planned fault was hit.
bool qd_op_fault_hit(void);

#endif
