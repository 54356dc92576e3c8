// The line editor on a pseudo-terminal: bytes in pieces, events, what is kept for the next line.
#include "term/edit.h"

#include <pty.h>
#include <stdlib.h>
#include <unistd.h>

#include "qd_test.h"

#define NOTHING ((qd_slice){"", 0})

static int master;

// Each test is a process of its own: the terminal becomes its stdin and stdout. What is shown is not read, and fits the terminal's buffer.
static qd_edit *open_on_terminal(void) {
  int slave;
  struct winsize size = {.ws_row = 24, .ws_col = 80};
  cr_assert_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
  cr_assert(dup2(slave, STDIN_FILENO) == STDIN_FILENO && dup2(slave, STDOUT_FILENO) == STDOUT_FILENO);
  (void)close(slave);
  (void)setenv("TERM", "xterm", 1);
  qd_edit *e = NULL;
  qd_error err = QD_ERROR_INIT;
  cr_assert_eq(qd_edit_new(&e, &err), QD_OK, "%s", err.message);
  return e;
}

static qd_edit_event feed(qd_edit *e, const char *bytes) { return qd_edit_feed(e, qd_slice_of(bytes)); }

static void text_is(const qd_edit *e, const char *text, size_t cursor) {
  size_t at;
  qd_slice is = qd_edit_text(e, &at);
  cr_assert(qd_slice_is(is, text), "%.*s", (int)is.n, is.p);
  cr_assert_eq(at, cursor);
}

QD_TEST(edit, a_line_comes_in_pieces) {
  qd_edit *e = open_on_terminal();
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "a\xc3"), QD_EDIT_MORE);  // half of é
  cr_assert_eq(feed(e, "\xa9\xe6\x97"), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\xa5z\033"), QD_EDIT_MORE);  // half of a key
  cr_assert_eq(feed(e, "[D"), QD_EDIT_MORE);         // left
  cr_assert_eq(feed(e, "y\r"), QD_EDIT_LINE);
  text_is(e, "a\xc3\xa9\xe6\x97\xa5yz", 8);
  cr_assert_not(qd_edit_active(e));
  qd_edit_free(e);
}

QD_TEST(edit, what_comes_early_is_the_next_lines) {
  qd_edit *e = open_on_terminal();
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "one\rtwo\rthr"), QD_EDIT_LINE);
  text_is(e, "one", 3);
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_LINE);
  text_is(e, "two", 3);
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "ee\r"), QD_EDIT_LINE);
  text_is(e, "three", 5);
  qd_edit_free(e);
}

QD_TEST(edit, a_completion_is_answered) {
  qd_edit *e = open_on_terminal();
  cr_assert_eq(qd_edit_begin(e, "> ", QD_SLICE("say \xe6\x97\xa5")), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\tx\r"), QD_EDIT_COMPLETE);
  text_is(e, "say \xe6\x97\xa5", 7);
  qd_edit_above(e, QD_SLICE("choices\n"));
  cr_assert_eq(qd_edit_complete(e, 1, QD_SLICE("hello")), QD_EDIT_LINE);
  text_is(e, "say hellox", 10);
  qd_edit_free(e);
}

QD_TEST(edit, lines_are_given_up) {
  qd_edit *e = open_on_terminal();
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "half\003"), QD_EDIT_ABANDONED);
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\004"), QD_EDIT_EOF);
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "half\022ha"), QD_EDIT_MORE);  // inside a search
  qd_edit_stop(e);
  cr_assert_not(qd_edit_active(e));
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\033[200~half"), QD_EDIT_MORE);  // inside what is pasted
  qd_edit_free(e);
}

QD_TEST(edit, a_paste_is_text_whatever_it_holds) {
  qd_edit *e = open_on_terminal();
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\033[200~do\r\tx\003\033]0;t\007\r"), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "end\r\033[201~"), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\r"), QD_EDIT_LINE);
  text_is(e, "do\n\tx]0;t\nend", 13);
  qd_edit_free(e);
}

QD_TEST(edit, history_has_entries_of_several_lines) {
  qd_edit *e = open_on_terminal();
  qd_edit_history_add(e, "first");
  qd_edit_history_add(e, "do\nend");
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\033[A\r"), QD_EDIT_LINE);
  text_is(e, "do\nend", 6);
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\022fir\033\r"), QD_EDIT_LINE);
  text_is(e, "first", 5);
  qd_edit_history_clear(e);
  cr_assert_eq(qd_edit_begin(e, "> ", NOTHING), QD_EDIT_MORE);
  cr_assert_eq(feed(e, "\033[A\r"), QD_EDIT_LINE);
  text_is(e, "", 0);
  qd_edit_free(e);
}

QD_TEST(edit, what_is_no_utf8_is_left_out) {
  qd_edit *e = open_on_terminal();
  cr_assert_eq(qd_edit_begin(e, "> ", QD_SLICE("\xff\xc3")), QD_EDIT_MORE);
  cr_assert_eq(feed(e,
                    "a\xff\xfe\x80"
                    "b\r"),
               QD_EDIT_LINE);
  text_is(e, "ab", 2);
  qd_edit_free(e);
}
