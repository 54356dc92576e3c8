// Pending operations: the one place where work ends. Contract in op.h.
#include "loop/op.h"

#include <stdlib.h>

#include "base/mem.h"

static _Thread_local struct {
  unsigned left;  // 0: no fault planned
  qd_fault_kind kind;
  bool hit;
} fault;

void qd_op_fault_set(unsigned n, qd_fault_kind kind) {
  fault.left = n;
  fault.kind = kind;
  fault.hit = false;
}

bool qd_op_fault_hit(void) { return fault.hit; }

qd_op *qd_op_new(qd_loop *loop, const qd_op_kind *kind) {
  qd_op *op = qd_xcalloc(1, kind->size);
  op->kind = kind;
  op->loop = loop;
  op->refs = 1;
  return op;
}

void qd_op_ref(qd_op *op) { op->refs++; }

void qd_op_unref(qd_op *op) {
  if (--op->refs > 0) return;
  qd_timer_free(op->deadline);
  if (op->kind->drop) op->kind->drop(op);
  free(op->err);
  free(op);
}

static void on_deadline(void *ctx) { qd_op_cancel(ctx, QD_TIMEOUT); }

void qd_op_start(qd_op *op, uint64_t timeout_ms) {
  op->started = true;
  op->refs++;
  if (timeout_ms > 0) qd_op_limit(op, timeout_ms);
}

void qd_op_limit(qd_op *op, uint64_t ms) {
  if (op->done) return;
  uint64_t until = qd_loop_now(op->loop) + ms;
  if (op->deadline && op->deadline_at <= until) return;
  if (!op->deadline) op->deadline = qd_timer_new(op->loop, on_deadline, op);
  op->deadline_at = until;
  op->timeout_ms = ms;
  qd_timer_start(op->deadline, ms, 0);
}

// Few ops fail, and an error is large.
static qd_error *error_of(qd_op *op) {
  if (!op->err) op->err = qd_xcalloc(1, sizeof *op->err);
  return op->err;
}

static void fail_for(qd_op *op, qd_status reason) {
  qd_error *err = error_of(op);
  if (reason == QD_TIMEOUT && op->what) {
    qd_fail(err, QD_TIMEOUT, "timeout", "%s", op->what);
    qd_why(err, "it took longer than %llu.%llu s", (unsigned long long)(op->timeout_ms / 1000),
           (unsigned long long)(op->timeout_ms % 1000 / 100));
  } else if (reason == QD_TIMEOUT) {
    qd_fail(err, QD_TIMEOUT, "timeout", "%s took longer than %llu.%llu s", op->kind->name, (unsigned long long)(op->timeout_ms / 1000),
            (unsigned long long)(op->timeout_ms % 1000 / 100));
  } else {
    qd_fail(err, QD_CANCELLED, "cancelled", "%s was cancelled", op->kind->name);
  }
}

// Turns the planned result into a fault.
static void inject(qd_op *op) {
  fault.hit = true;
  switch (fault.kind) {
    case QD_FAULT_TIMEOUT:
      fail_for(op, QD_TIMEOUT);
      break;
    case QD_FAULT_LOST:
      qd_fail(error_of(op), QD_CONNECT, "connection_lost", "%s failed: the connection was lost (injected fault)", op->kind->name);
      break;
    default:
      fail_for(op, QD_CANCELLED);
      break;
  }
}

void qd_op_done(qd_op *op, const qd_error *err) {
  if (op->done) return;
  op->done = true;
  if (op->reason != QD_OK)
    fail_for(op, op->reason);
  else if (err)
    *error_of(op) = *err;
  if (fault.left > 0 && --fault.left == 0) inject(op);
  if (op->deadline) {
    qd_timer_free(op->deadline);
    op->deadline = NULL;
  }
  void (*wake)(void *, qd_op *) = op->wake;
  void *waiter = op->waiter;
  op->wake = NULL;
  op->waiter = NULL;  // it may wait for something else from here on, or be gone
  if (wake) wake(waiter, op);
  if (op->started) qd_op_unref(op);
}

void qd_op_cancel(qd_op *op, qd_status reason) {
  if (op->done || !op->started || op->reason != QD_OK) return;
  op->reason = reason;
  qd_op_ref(op);
  op->kind->cancel(op);
  qd_op_unref(op);
}
