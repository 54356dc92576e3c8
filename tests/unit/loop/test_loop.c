// The loop's turns.
#include "loop/loop.h"

#include <unistd.h>

#include "loop/timer.h"
#include "qd_test.h"

typedef struct seen {
  qd_loop *loop;
  bool near, far;
} seen;

static void on_near(void *ctx) {
  seen *s = ctx;
  s->near = true;
  qd_loop_stay_awake(s->loop);
}

static void on_far(void *ctx) { ((seen *)ctx)->far = true; }

// libuv calls timers that are due first, and then sleeps until the next one.
QD_TEST(loop, does_not_sleep_on_what_a_timer_brought_about) {
  seen s = {.loop = qd_loop_new()};
  qd_timer *near = qd_timer_new(s.loop, on_near, &s);
  qd_timer *far = qd_timer_new(s.loop, on_far, &s);
  qd_timer_start(far, 2000, 0);
  qd_timer_start(near, 1, 0);
  (void)usleep(5000);  // it is due before the turn begins
  (void)qd_loop_turn(s.loop, true);
  cr_assert(s.near);
  cr_assert(!s.far);
  (void)qd_loop_turn(s.loop, true);  // awake for one turn alone
  cr_assert(s.far);
  qd_timer_free(near);
  qd_timer_free(far);
  cr_assert_eq(qd_loop_free(s.loop), 0);
}
