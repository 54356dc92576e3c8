#include "loop/op.h"
#include "loop/work.h"

#include "qd_test.h"

typedef struct test_op {
  qd_op base;
  int *dropped;
  int cancels;
} test_op;

static void on_cancel(qd_op *op) {
  ((test_op *)op)->cancels++;
  qd_op_done(op, NULL);
}
static void on_drop(qd_op *op) { (*((test_op *)op)->dropped)++; }
static const qd_op_kind KIND = {"test.op", sizeof(test_op), NULL, on_cancel, on_drop};

static test_op *make(qd_loop *loop, int *dropped) {
  test_op *op = (test_op *)qd_op_new(loop, &KIND);
  op->dropped = dropped;
  return op;
}

static void on_wake(void *count, qd_op *op) {
  (void)op;
  (*(int *)count)++;
}

QD_TEST(op, wakes_once_and_frees_after_both_owners) {
  qd_loop *loop = qd_loop_new();
  int dropped = 0;
  int woken = 0;
  test_op *op = make(loop, &dropped);
  op->base.wake = on_wake;
  op->base.waiter = &woken;
  qd_op_start(&op->base, 0);
  qd_op_done(&op->base, NULL);
  qd_op_done(&op->base, NULL);
  cr_assert_eq(woken, 1);
  cr_assert_null(op->base.err);
  cr_assert_eq(dropped, 0);
  qd_op_unref(&op->base);
  cr_assert_eq(dropped, 1);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(op, deadline_cancels_with_timeout) {
  qd_loop *loop = qd_loop_new();
  int dropped = 0;
  test_op *op = make(loop, &dropped);
  qd_op_start(&op->base, 5);
  while (!op->base.done && qd_loop_turn(loop, true)) {
  }
  cr_assert_eq(op->base.err->category, QD_TIMEOUT);
  cr_assert_eq(op->cancels, 1);
  qd_op_unref(&op->base);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(op, limit_only_brings_the_deadline_forward) {
  qd_loop *loop = qd_loop_new();
  int dropped = 0;
  test_op *op = make(loop, &dropped);
  qd_op_start(&op->base, 1000);
  uint64_t at = op->base.deadline_at;
  qd_op_limit(&op->base, 5000);
  cr_assert_eq(op->base.deadline_at, at);
  qd_op_limit(&op->base, 10);
  cr_assert_lt(op->base.deadline_at, at);
  qd_op_done(&op->base, NULL);
  qd_op_unref(&op->base);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(op, planned_fault_hits_the_nth) {
  qd_loop *loop = qd_loop_new();
  int dropped = 0;
  qd_op_fault_set(2, QD_FAULT_TIMEOUT);
  for (int i = 1; i <= 3; i++) {
    test_op *op = make(loop, &dropped);
    qd_op_start(&op->base, 0);
    qd_op_done(&op->base, NULL);
    cr_assert_eq(op->base.err ? op->base.err->category : QD_OK, i == 2 ? QD_TIMEOUT : QD_OK, "op %d", i);
    qd_op_unref(&op->base);
  }
  cr_assert(qd_op_fault_hit());
  qd_op_fault_set(0, QD_FAULT_LOST);
  cr_assert_eq(qd_loop_free(loop), 0);
}

static void count_up(void *n) { (*(int *)n)++; }

QD_TEST(loop, deferred_runs_next_turn_unless_cancelled) {
  qd_loop *loop = qd_loop_new();
  qd_defer a;
  qd_defer b;
  int n = 0;
  qd_defer_init(&a);
  qd_defer_init(&b);
  qd_loop_defer(loop, &a, count_up, &n);
  qd_loop_defer(loop, &b, count_up, &n);
  qd_defer_cancel(&b);
  cr_assert_eq(n, 0);
  (void)qd_loop_turn(loop, true);
  cr_assert_eq(n, 1);
  cr_assert_eq(qd_loop_free(loop), 0);
}

typedef struct job {
  int worked;
  bool done;
} job;
static void do_work(void *ctx) { ((job *)ctx)->worked++; }
static void work_done(void *ctx) { ((job *)ctx)->done = true; }

QD_TEST(loop, work_is_answered_on_the_loop) {
  qd_loop *loop = qd_loop_new();
  job j = {0, false};
  qd_work_start(loop, do_work, work_done, &j);
  qd_loop_run_until(loop, &j.done);
  cr_assert(j.done);
  cr_assert_eq(j.worked, 1);
  cr_assert_eq(qd_loop_free(loop), 0);
}
