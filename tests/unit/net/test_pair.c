#include "net/net.h"
#include "net_probe.h"
#include "qd_test.h"

QD_TEST(pair, carries_bytes_both_ways_and_half_closes) {
  qd_loop *loop = qd_loop_new();
  qd_stream *a;
  qd_stream *b;
  qd_net_pair(loop, &a, &b);
  probe pa;
  probe pb;
  probe_init(&pa, a);
  probe_init(&pb, b);
  qd_stream_read(a, true);
  cr_assert(qd_stream_write(a, QD_SLICE("ping")));
  qd_stream_shutdown(a);
  (void)qd_loop_turn(loop, false);
  cr_assert_eq(pb.got.n, 0, "reading is off at first");
  qd_stream_read(b, true);
  qd_loop_run_until(loop, &pb.ended);
  cr_assert(qd_slice_is(qd_buf_slice(&pb.got), "ping"));
  cr_assert_not(pb.failed);
  (void)qd_stream_write(b, QD_SLICE("pong"));
  qd_stream_close(b);
  qd_loop_run_until(loop, &pa.ended);
  cr_assert(qd_slice_is(qd_buf_slice(&pa.got), "pong"));
  cr_assert(qd_stream_write(a, QD_SLICE("into the void")));
  qd_stream_close(a);
  probe_deinit(&pa);
  probe_deinit(&pb);
  cr_assert_eq(qd_loop_free(loop), 0);
}

QD_TEST(pair, says_when_it_is_full_and_when_it_drained) {
  qd_loop *loop = qd_loop_new();
  qd_stream *a;
  qd_stream *b;
  qd_net_pair(loop, &a, &b);
  probe pa;
  probe pb;
  probe_init(&pa, a);
  probe_init(&pb, b);
  static const char block[64 * 1024];
  int n = 1;
  while (qd_stream_write(a, (qd_slice){block, sizeof block})) n++;
  cr_assert_eq(n, 4, "256 KiB is the high-water mark");
  qd_stream_read(b, true);
  qd_loop_run_until(loop, &pa.drained);
  cr_assert(pa.drained);
  cr_assert_geq(pb.got.n, 192 * 1024);
  qd_stream_close(a);
  qd_stream_close(b);
  probe_deinit(&pa);
  probe_deinit(&pb);
  cr_assert_eq(qd_loop_free(loop), 0);
}
