// Signals that end programs: counted, claimed, or left to a child on the same terminal.
#include <criterion/criterion.h>
#include <signal.h>
#include <uv.h>

#include "loop/interrupt.h"

typedef struct told {
  int count, signo;
  bool ends;
} told;

static void on_count(void *ctx, int count, bool ends) {
  ((told *)ctx)->count = count;
  ((told *)ctx)->ends = ends;
}
static void on_signal(void *ctx, int signo) { ((told *)ctx)->signo = signo; }

static void on_close(uv_handle_t *handle) { (void)handle; }

// Lets the loop see what came in; it does not turn unless something is awaited.
static void turn(qd_loop *loop) {
  uv_timer_t awaited;
  (void)uv_timer_init(qd_loop_uv(loop), &awaited);
  (void)uv_timer_start(&awaited, NULL, 1000000, 0);
  (void)uv_run(qd_loop_uv(loop), UV_RUN_NOWAIT);
  uv_close((uv_handle_t *)&awaited, on_close);
  (void)uv_run(qd_loop_uv(loop), UV_RUN_NOWAIT);
}

// A shell starts what runs in its background with SIGINT ignored, and what is ignored stays so.
static void as_in_the_foreground(void) {
  (void)signal(SIGINT, SIG_DFL);
  (void)signal(SIGTERM, SIG_DFL);
}

TestSuite(interrupt, .init = as_in_the_foreground);

Test(interrupt, what_is_a_childs_is_neither_told_nor_counted) {
  qd_loop *loop = qd_loop_new();
  told t = {0};
  qd_interrupt_install(loop, on_count, NULL, &t);
  cr_assert(qd_interrupt_claim(on_signal, &t, false));
  for (int i = 0; i < 5; i++) (void)raise(SIGINT);
  turn(loop);
  cr_assert_eq(t.signo, 0);
  (void)raise(SIGTERM);
  turn(loop);
  cr_assert_eq(t.signo, SIGTERM);
  qd_interrupt_release();
  (void)raise(SIGINT);
  turn(loop);
  cr_assert_eq(t.count, 1);
  qd_interrupt_remove();
  (void)qd_loop_free(loop);
}

Test(interrupt, the_third_in_a_row_ends_the_process, .exit_code = 130) {
  qd_loop *loop = qd_loop_new();
  told t = {0};
  qd_interrupt_install(loop, on_count, NULL, &t);
  cr_assert(qd_interrupt_claim(on_signal, &t, true));
  for (int i = 0; i < 3; i++) (void)raise(SIGINT);
  cr_assert(false, "not reached");
}
