// Interrupt signals. Contract in interrupt.h.
#include "loop/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/mem.h"

#define INTERRUPTED 130
#define LAST 3  // this many end the process

// The first three are ours all the time, the others while they are claimed.
static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};
enum { ENDING = 3, ALL = sizeof SIGNALS / sizeof *SIGNALS };

static struct {
  uv_async_t *async;
  volatile sig_atomic_t count;
  volatile sig_atomic_t ends;  // one of them was not SIGINT
  int told;
  void (*fn)(void *ctx, int count, bool ends);
  void (*at_once)(void *ctx, int count);
  void *ctx;
  void (*last_resort)(void);
  struct sigaction before[ALL];
  volatile sig_atomic_t claimed;
  volatile sig_atomic_t sigint_is_a_childs;  // while claimed
  volatile sig_atomic_t pending[ALL];
  void (*claim)(void *ctx, int signo);
  void *claim_ctx;
} state;

static void count_one(void) {
  int count = ++state.count;
  if (count >= LAST) {
    if (state.last_resort) state.last_resort();
    _exit(INTERRUPTED);
  }
  if (!state.claimed && state.at_once) state.at_once(state.ctx, count);
}

static void on_signal(int signo) {
  if (state.claimed && state.sigint_is_a_childs && signo == SIGINT) return;
  int saved = errno;
  if (state.claimed) {
    for (int i = 0; i < ALL; i++)
      if (SIGNALS[i] == signo) state.pending[i] = 1;
  }
  if (signo == SIGINT || signo == SIGTERM || (signo == SIGHUP && !state.claimed)) {
    if (signo != SIGINT) state.ends = 1;
    count_one();
  }
  if (state.async) (void)uv_async_send(state.async);
  errno = saved;
}

static void on_async(uv_async_t *async) {
  (void)async;
  if (!state.claimed) {
    while (state.told < state.count) state.fn(state.ctx, ++state.told, state.ends);
    return;
  }
  for (int i = 0; i < ALL; i++) {
    if (!state.pending[i]) continue;
    state.pending[i] = 0;
    if (state.claim) state.claim(state.claim_ctx, SIGNALS[i]);
  }
}

static void take(int from, int to) {
  struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  (void)sigemptyset(&sa.sa_mask);
  for (int i = from; i < to; i++) {
    (void)sigaction(SIGNALS[i], NULL, &state.before[i]);
    if (state.before[i].sa_handler != SIG_IGN) (void)sigaction(SIGNALS[i], &sa, NULL);  // nohup stays nohup
  }
}

static void give_back(int from, int to) {
  for (int i = from; i < to; i++) (void)sigaction(SIGNALS[i], &state.before[i], NULL);
}

void qd_interrupt_install(qd_loop *loop, void (*fn)(void *ctx, int count, bool ends), void (*at_once)(void *ctx, int count), void *ctx) {
  state.async = qd_xcalloc(1, sizeof *state.async);
  if (uv_async_init(qd_loop_uv(loop), state.async, on_async) != 0) abort();
  uv_unref((uv_handle_t *)state.async);
  qd_interrupt_forget();
  state.claimed = 0;
  state.fn = fn;
  state.at_once = at_once;
  state.ctx = ctx;
  take(0, ENDING);
}

void qd_interrupt_remove(void) {
  if (!state.async) return;
  qd_interrupt_release();
  give_back(0, ENDING);
  uv_close((uv_handle_t *)state.async, qd_uv_close_free);
  state.async = NULL;
}

void qd_interrupt_forget(void) {
  state.count = state.told = 0;
  state.ends = 0;
}

void qd_interrupt_last_resort(void (*fn)(void)) { state.last_resort = fn; }

bool qd_interrupt_claim(void (*fn)(void *ctx, int signo), void *ctx, bool keep_sigint) {
  if (state.claimed || !state.async) return false;
  state.claim = fn;
  state.claim_ctx = ctx;
  state.sigint_is_a_childs = !keep_sigint;
  for (int i = 0; i < ALL; i++) state.pending[i] = 0;
  state.claimed = 1;
  take(ENDING, ALL);
  return true;
}

void qd_interrupt_release(void) {
  if (!state.claimed) return;
  give_back(ENDING, ALL);
  state.claimed = 0;
  state.claim = NULL;
  qd_interrupt_forget();  // those were passed on
}
