// Interrupt signals. Contract in interrupt.h.
#include "loop/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"

#define INTERRUPTED 130

static struct {
  uv_async_t *async;
  volatile sig_atomic_t count;
  int told;
  void (*fn)(void *ctx, int count);
  void (*at_once)(void *ctx, int count);
  void *ctx;
  void (*last_resort)(void);
  struct sigaction before[3];
} state;

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(int signo) {
  (void)signo;
  int saved = errno;
  int count = ++state.count;
  if (count >= 3) {
    if (state.last_resort) state.last_resort();
    _exit(INTERRUPTED);
  }
  if (state.at_once) state.at_once(state.ctx, count);
  if (state.async) (void)uv_async_send(state.async);
  errno = saved;
}

static void on_async(uv_async_t *async) {
  (void)async;
  while (state.told < state.count) state.fn(state.ctx, ++state.told);
}

void qd_interrupt_install(qd_loop *loop, void (*fn)(void *ctx, int count), void (*at_once)(void *ctx, int count), void *ctx) {
  state.async = qd_xcalloc(1, sizeof *state.async);
  if (uv_async_init(qd_loop_uv(loop), state.async, on_async) != 0) abort();
  uv_unref((uv_handle_t *)state.async);
  state.count = 0;
  state.told = 0;
  state.fn = fn;
  state.at_once = at_once;
  state.ctx = ctx;
  struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  (void)sigemptyset(&sa.sa_mask);
  for (size_t i = 0; i < 3; i++) {
    (void)sigaction(SIGNALS[i], NULL, &state.before[i]);
    if (state.before[i].sa_handler != SIG_IGN) (void)sigaction(SIGNALS[i], &sa, NULL);  // nohup stays nohup
  }
}

void qd_interrupt_remove(void) {
  if (!state.async) return;
  for (size_t i = 0; i < 3; i++) (void)sigaction(SIGNALS[i], &state.before[i], NULL);
  uv_close((uv_handle_t *)state.async, qd_uv_close_free);
  state.async = NULL;
}

void qd_interrupt_last_resort(void (*fn)(void)) { state.last_resort = fn; }
