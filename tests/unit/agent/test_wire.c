#include "agent/wire.h"
#include "qd_test.h"

static qd_status feed(qd__wire *w, const char *p, size_t n, size_t step, qd__frame *last, size_t *frames, qd_error *err) {
  *frames = 0;
  for (size_t at = 0; at < n; at += step) {
    qd_slice bytes = {p + at, n - at < step ? n - at : step};
    for (;;) {
      bool got = false;
      qd_status status = qd__wire_next(w, &bytes, last, &got, err);
      if (status != QD_OK) return status;
      if (!got) break;
      (*frames)++;
    }
  }
  return QD_OK;
}

QD_TEST(agent_wire, strings_come_back_at_any_split) {
  qd_buf b;
  size_t at;
  qd_buf_init(&b, 1 << 20);
  qd__wire_begin(&b, QD__CLOSED, &at);
  qd__frame_put(&b, (qd_slice){"a\0b", 3});
  qd__frame_puts(&b, NULL);
  qd__frame_putn(&b, -42);
  qd__wire_end(&b, at);
  for (size_t step = 1; step <= b.n; step++) {
    qd__wire w;
    qd__frame f;
    size_t frames;
    qd_error err;
    qd__wire_init(&w);
    cr_assert_eq(feed(&w, b.p, b.n, step, &f, &frames, &err), QD_OK);
    cr_assert_eq(frames, 1);
    cr_assert_eq(f.type, QD__CLOSED);
    cr_assert_eq(f.count, 3);
    cr_assert(qd_slice_eq(f.strings[0], (qd_slice){"a\0b", 3}));
    cr_assert_eq(f.strings[1].n, 0);
    cr_assert_eq(qd__frame_number(&f, 2), -42);
    cr_assert_eq(qd__frame_number(&f, 3), 0);
    qd__wire_deinit(&w);
  }
  qd_buf_deinit(&b);
}

QD_TEST(agent_wire, data_is_handed_on_as_it_comes_and_empty_frames_say_nothing) {
  char bytes[2 * QD__WIRE_HEAD + 5];
  qd__wire_data_head(bytes, QD__DATA, 0);
  qd__wire_data_head(bytes + QD__WIRE_HEAD, QD__ERRDATA, 5);
  memcpy(bytes + 2 * QD__WIRE_HEAD, "hello", 5);
  qd__wire w;
  qd__frame f;
  qd_error err;
  bool got;
  qd__wire_init(&w);
  qd_slice in = {bytes, sizeof bytes - 2};
  cr_assert_eq(qd__wire_next(&w, &in, &f, &got, &err), QD_OK);
  cr_assert(got && f.type == QD__ERRDATA && qd_slice_is(f.bytes, "hel"));
  in = (qd_slice){bytes + sizeof bytes - 2, 2};
  cr_assert_eq(qd__wire_next(&w, &in, &f, &got, &err), QD_OK);
  cr_assert(got && qd_slice_is(f.bytes, "lo"));
  cr_assert_eq(qd__wire_next(&w, &in, &f, &got, &err), QD_OK);
  cr_assert_not(got);
  qd__wire_deinit(&w);
}

static void refused(const char *p, size_t n) {
  qd__wire w;
  qd__frame f;
  size_t frames;
  qd_error err;
  qd__wire_init(&w);
  cr_assert_eq(feed(&w, p, n, n, &f, &frames, &err), QD_CONNECT);
  cr_assert_str_eq(err.code, "bad_agent_frame");
  qd__wire_deinit(&w);
}

QD_TEST(agent_wire, what_is_no_frame_is_refused) {
  refused("?\0\0\0\0", 5);                  // unknown type
  refused("d\0\1\0\1", 5);                  // data longer than a frame may be
  refused("t\0\x10\0\0", 5);                // a list longer than a frame may be
  refused("t\0\0\0\3abc", 8);               // no room for a length
  refused("t\0\0\0\5\0\0\0\2a", 10);        // a string that goes on behind the body
  refused("t\0\0\0\4\xff\xff\xff\xff", 9);  // as long as can be
}

QD_TEST(agent_wire, errors_come_back) {
  qd_error err;
  qd_error back;
  (void)qd_fail(&err, QD_AUTH, "host_key_changed", "the key of %s changed", "nas1");
  (void)qd_why(&err, "why");
  (void)qd_hint(&err, "one\ntwo");
  qd_buf b;
  qd_buf_init(&b, 1 << 20);
  qd__wire_error(&b, QD__FAILED, &err);
  qd__wire w;
  qd__frame f;
  size_t frames;
  qd__wire_init(&w);
  cr_assert_eq(feed(&w, b.p, b.n, b.n, &f, &frames, &back), QD_OK);
  qd__frame_error(&f, &back);
  cr_assert_eq(back.category, QD_AUTH);
  cr_assert_str_eq(back.code, "host_key_changed");
  cr_assert_str_eq(back.message, "the key of nas1 changed");
  cr_assert_str_eq(back.why, "why");
  cr_assert_str_eq(back.hint, "one\ntwo");
  qd__wire_deinit(&w);
  qd_buf_deinit(&b);
}

static qd_status target_through(const qd_ssh_target *t, qd__target *out) {
  qd_buf b;
  size_t at;
  qd_buf_init(&b, 1 << 20);
  qd__wire_begin(&b, QD__ENTER, &at);
  qd__wire_target(&b, t);
  qd__wire_end(&b, at);
  qd__wire w;
  qd__frame f;
  size_t frames;
  qd_error err;
  qd__wire_init(&w);
  cr_assert_eq(feed(&w, b.p, b.n, b.n, &f, &frames, &err), QD_OK);
  qd_status status = qd__frame_target(&f, 0, out, &err);
  qd__wire_deinit(&w);
  qd_buf_deinit(&b);
  return status;
}

QD_TEST(agent_wire, a_target_comes_back) {
  const char *const keys[] = {"/k/one", "/k/two", NULL};
  const char *const none[] = {NULL};
  const char *const hosts[] = {"/h", NULL};
  qd_ssh_target t = {.host = "10.0.0.7",
                     .alias = "nas",
                     .port = 2222,
                     .user = "admin",
                     .agent_socket = "/a",
                     .identity_files = keys,
                     .default_identities = none,
                     .known_hosts = hosts,
                     .identities_only = true,
                     .pinned_key = "SHA256:x"};
  qd__target back;
  cr_assert_eq(target_through(&t, &back), QD_OK);
  cr_assert_str_eq(back.t.host, "10.0.0.7");
  cr_assert_str_eq(back.t.alias, "nas");
  cr_assert_eq(back.t.port, 2222);
  cr_assert_str_eq(back.t.user, "admin");
  cr_assert_str_eq(back.t.agent_socket, "/a");
  cr_assert_str_eq(back.t.pinned_key, "SHA256:x");
  cr_assert_str_eq(back.t.identity_files[1], "/k/two");
  cr_assert_null(back.t.identity_files[2]);
  cr_assert_null(back.t.default_identities[0]);
  cr_assert_str_eq(back.t.known_hosts[0], "/h");
  cr_assert(back.t.identities_only && !back.t.no_agent && !back.t.legacy_crypto && !back.t.libssh2_only);
  qd__target_deinit(&back);
  t.port = 70000;
  cr_assert_eq(target_through(&t, &back), QD_CONNECT);
}
