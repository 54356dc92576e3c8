// Questions about the holder. Contract in agent.h.
#include <stdlib.h>

#include "agent/remote.h"
#include "base/mem.h"

#define MOST 4096  // NASes that are listed

typedef struct row {
  qd_agent_holds holds;
  char who[512], auth[32], state[32];
} row;

struct qd_agent_ask {
  qd__talk talk;
  void (*done)(void *ctx, const qd_agent_status *status, const qd_error *err);
  void *ctx;
  bool began;
  qd_agent_status status;
  row **rows;
  size_t count, room;
  qd_defer later;
};

static void ask_free(void *ctx) {
  qd_agent_ask *q = ctx;
  for (size_t i = 0; i < q->count; i++) free(q->rows[i]);
  free(q->rows);
  free(q);
}

void qd_agent_ask_cancel(qd_agent_ask *q) {
  qd__talk_close(&q->talk);
  qd_loop_defer(q->talk.loop, &q->later, ask_free, q);
}

static void on_gone(void *ctx, const qd_error *err) {
  qd_agent_ask *q = ctx;
  qd_error copy = *err;
  qd_agent_ask_cancel(q);
  q->done(q->ctx, NULL, &copy);
}

static void first(qd_agent_ask *q, const qd__frame *f) {
  q->began = true;
  q->status.version = (int)qd__frame_number(f, 0);
  q->status.pid = (int)qd__frame_number(f, 1);
  q->status.up = (long)qd__frame_number(f, 2);
  q->status.idle = (long)qd__frame_number(f, 3);
  q->status.commands = (int)qd__frame_number(f, 4);
}

static void one_more(qd_agent_ask *q, const qd__frame *f) {
  if (q->count == MOST) return;
  if (q->count == q->room) {
    q->room = q->room ? q->room * 2 : 16;
    q->rows = qd_xrealloc(q->rows, q->room * sizeof *q->rows);
  }
  row *r = q->rows[q->count++] = qd_xcalloc(1, sizeof *r);
  qd__frame_cstr(f, 0, r->who, sizeof r->who);
  qd__frame_cstr(f, 1, r->auth, sizeof r->auth);
  qd__frame_cstr(f, 2, r->state, sizeof r->state);
  r->holds = (qd_agent_holds){r->who,
                              r->auth,
                              r->state,
                              (int)qd__frame_number(f, 3),
                              (int)qd__frame_number(f, 4),
                              (int)qd__frame_number(f, 5),
                              (long)qd__frame_number(f, 6)};
}

static void finish(qd_agent_ask *q) {
  qd_agent_holds *all = qd_xcalloc(q->count + 1, sizeof *all);
  for (size_t i = 0; i < q->count; i++) all[i] = q->rows[i]->holds;
  q->status.holds = all;
  q->status.count = q->count;
  qd_agent_ask_cancel(q);
  q->done(q->ctx, &q->status, NULL);
  free(all);
}

static void on_frame(void *ctx, const qd__frame *f) {
  qd_agent_ask *q = ctx;
  if (f->type == QD__TOLD && !q->began)
    first(q, f);
  else if (f->type == QD__TOLD)
    one_more(q, f);
  else if (f->type == QD__END)
    finish(q);
}

qd_agent_ask *qd_agent_ask_start(qd_loop *loop, const char *path, qd_agent_question question,
                                 void (*done)(void *ctx, const qd_agent_status *status, const qd_error *err), void *ctx) {
  static const qd__frame_type TYPES[] = {QD__STATUS, QD__STOP, QD__RETIRE};
  qd_agent_ask *q = qd_xcalloc(1, sizeof *q);
  q->done = done;
  q->ctx = ctx;
  q->talk.on_frame = on_frame;
  q->talk.on_gone = on_gone;
  q->talk.ctx = q;
  qd_defer_init(&q->later);
  qd__talk_open(&q->talk, loop, path);
  char head[QD__WIRE_HEAD];
  qd__wire_data_head(head, TYPES[question], 0);
  (void)qd__talk_write(&q->talk, (qd_slice){head, sizeof head});
  return q;
}
