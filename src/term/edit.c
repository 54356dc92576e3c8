// The editor's life and the turns between it and its caller. Contract in edit.h.
#include "term/edit.h"

#include <langinfo.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "term/inside.h"

#define INPUT_CAP ((size_t)4 << 20)
#define TEXT_CAP ((size_t)4 << 20)
#define HISTORY_SIZE 2000

// --- turns

// Both sides: gives the turn away and waits for it.
static void pass_turn(qd_edit *e, bool to_editor) {
  (void)pthread_mutex_lock(&e->mutex);
  e->editors_turn = to_editor;
  (void)pthread_cond_broadcast(&e->changed);
  while (e->editors_turn == to_editor) (void)pthread_cond_wait(&e->changed, &e->mutex);
  (void)pthread_mutex_unlock(&e->mutex);
}

static qd_edit_event give(qd_edit *e, qd__order order) {
  e->order = order;
  pass_turn(e, true);
  while (e->event == QD__SUSPEND) {  // here, where the signal is not blocked: the process stops before kill returns
    (void)kill(getpid(), SIGTSTP);
    e->order = QD__GO_ON;
    pass_turn(e, true);
  }
  return (qd_edit_event)e->event;
}

static void show_above(qd_edit *e) {
  qd__edit_erase(e);
  (void)fwrite(e->above.p, 1, e->above.n, stdout);
  (void)qd__libedit.el_set(e->el, EL_REFRESH);
  (void)fflush(stdout);
}

static void redraw_resized(qd_edit *e) {
  qd__libedit.el_resize(e->el);
  qd__edit_erase(e);
  (void)qd__libedit.el_set(e->el, EL_REFRESH);
  (void)fflush(stdout);
}

bool qd__edit_report(qd_edit *e, int event) {
  e->event = event;
  for (;;) {
    pass_turn(e, false);
    switch (e->order) {
      case QD__ABOVE:
        show_above(e);
        break;
      case QD__RESIZED:
        redraw_resized(e);
        break;
      case QD__STOP:
      case QD__QUIT:
        e->stopping = true;
        return false;
      case QD__BEGIN:
      case QD__GO_ON:
        return true;
    }
  }
}

// --- the editor's stack

// The next character of the input; false: its bytes are not all there. A byte that begins none is skipped.
static bool next_char(qd_edit *e, wchar_t *out) {
  while (e->input.n > 0) {
    mbstate_t state = {0};
    size_t n = mbrtowc(out, e->input.p, e->input.n, &state);
    if (n == (size_t)-2) return false;
    bool bad = n == (size_t)-1;
    qd_buf_consume(&e->input, bad || n == 0 ? 1 : n);
    if (!bad && n != 0) return true;
  }
  return false;
}

wchar_t *qd__edit_widen(const char *text) {
  size_t left = strlen(text);
  wchar_t *out = qd_xcalloc(left + 1, sizeof *out);
  for (size_t n = 0; left > 0;) {
    mbstate_t state = {0};
    size_t size = mbrtowc(out + n, text, left, &state);
    bool bad = size > left;  // no character, or half of one
    if (bad) out[n] = L'\0';
    if (!bad) n++;
    text += bad ? 1 : size;
    left -= bad ? 1 : size;
  }
  return out;
}

qd_edit *qd__edit_of(EditLine *el) {
  void *e = NULL;
  (void)qd__libedit.el_get(el, EL_CLIENTDATA, &e);
  return e;
}

static int get_char(EditLine *el, wchar_t *out) {
  qd_edit *e = qd__edit_of(el);
  while (!e->stopping) {
    if (next_char(e, out)) return 1;
    (void)qd__edit_report(e, QD_EDIT_MORE);
  }
  return 0;
}

static char *prompt_of(EditLine *el) { return qd__edit_of(el)->prompt; }

static void add_utf8(qd_edit *e, const wchar_t *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t size = wcrtomb(bytes, p[i], &state);
    if (size != (size_t)-1) (void)qd_buf_add(&e->text, bytes, size);
  }
}

void qd__edit_take_text(qd_edit *e) {
  const LineInfoW *line = qd__libedit.el_wline(e->el);
  qd_buf_clear(&e->text);
  add_utf8(e, line->buffer, (size_t)(line->cursor - line->buffer));
  e->cursor = e->text.n;
  add_utf8(e, line->cursor, (size_t)(line->lastchar - line->cursor));
}

// Characters are UTF-8 here whatever the locale says, as everything that the program prints; the process's locale stays as it is.
static locale_t utf8_locale(void) {
  static const char *const NAMES[] = {"", "C.UTF-8", "en_US.UTF-8"};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    locale_t found = newlocale(LC_CTYPE_MASK, NAMES[i], (locale_t)0);
    if (found && strcmp(nl_langinfo_l(CODESET, found), "UTF-8") == 0) return found;
    if (found) freelocale(found);
  }
  return (locale_t)0;
}

static void open_library(qd_edit *e) {
  e->el = qd__libedit.el_init("qnap-docker", stdin, stdout, stderr);
  e->history = qd__libedit.history_init();
  if (!e->el || !e->history) abort();
  HistEvent event;
  (void)qd__libedit.history(e->history, &event, H_SETSIZE, HISTORY_SIZE);
  (void)qd__libedit.el_set(e->el, EL_CLIENTDATA, e);
  (void)qd__libedit.el_set(e->el, EL_GETCFN, get_char);
  (void)qd__libedit.el_set(e->el, EL_PROMPT_ESC, prompt_of, '\1');
  (void)qd__libedit.el_set(e->el, EL_EDITOR, "emacs");
  (void)qd__libedit.el_set(e->el, EL_HIST, qd__libedit.history, e->history);
  (void)qd__libedit.el_set(e->el, EL_SIGNAL, 0);
  (void)qd__libedit.el_set(e->el, EL_SETTY, "-d", "-isig", "-ixon", NULL);  // Ctrl-C, Ctrl-Z and Ctrl-S are keys
  qd__edit_bind(e);
}

static void set_pasting(bool on) {
  (void)fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
  (void)fflush(stdout);
}

// One line, from the prompt to what ended it.
static qd_edit_event edit_line(qd_edit *e) {
  e->abandoned = false;
  wchar_t *begin = qd__edit_widen(e->insert);
  if (*begin) qd__libedit.el_wpush(e->el, begin);
  free(begin);
  set_pasting(true);
  int n = 0;
  const wchar_t *line = qd__libedit.el_wgets(e->el, &n);
  set_pasting(false);
  if (!line || n <= 0) return QD_EDIT_EOF;
  if (e->abandoned) return QD_EDIT_ABANDONED;
  qd_buf_clear(&e->text);
  add_utf8(e, line, line[n - 1] == L'\n' ? (size_t)n - 1 : (size_t)n);
  e->cursor = e->text.n;
  return QD_EDIT_LINE;
}

static void *life(void *arg) {
  qd_edit *e = arg;
  locale_t locale = utf8_locale();
  if (locale) (void)uselocale(locale);
  open_library(e);
  while (e->order != QD__QUIT) {
    bool go_on = true;
    if (e->order == QD__BEGIN) {
      e->stopping = false;
      e->event = (int)edit_line(e);
      e->active = false;
      go_on = e->order != QD__QUIT;
    }
    if (go_on) pass_turn(e, false);
  }
  qd__libedit.history_end(e->history);
  qd__libedit.el_end(e->el);
  (void)uselocale(LC_GLOBAL_LOCALE);
  if (locale) freelocale(locale);
  (void)pthread_mutex_lock(&e->mutex);
  e->editors_turn = false;
  (void)pthread_cond_broadcast(&e->changed);
  (void)pthread_mutex_unlock(&e->mutex);
  return NULL;
}

// --- the caller's side

// The editor's stack takes no signals: their handlers belong to the caller's.
static int start_thread(qd_edit *e) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  e->editors_turn = true;
  e->order = QD__GO_ON;  // opens the library and comes back
  int failed = pthread_create(&e->thread, NULL, life, e);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failed;
}

qd_status qd_edit_new(qd_edit **out, qd_error *err) {
  qd_status st = qd__edit_library_ready(err);
  if (st != QD_OK) return st;
  qd_edit *e = qd_xcalloc(1, sizeof *e);
  qd_buf_init(&e->input, INPUT_CAP);
  qd_buf_init(&e->text, TEXT_CAP);
  (void)pthread_mutex_init(&e->mutex, NULL);
  (void)pthread_cond_init(&e->changed, NULL);
  if (start_thread(e) != 0) abort();
  (void)pthread_mutex_lock(&e->mutex);
  while (e->editors_turn) (void)pthread_cond_wait(&e->changed, &e->mutex);
  (void)pthread_mutex_unlock(&e->mutex);
  *out = e;
  return QD_OK;
}

void qd_edit_free(qd_edit *e) {
  if (!e) return;
  (void)give(e, QD__QUIT);
  (void)pthread_join(e->thread, NULL);
  (void)pthread_cond_destroy(&e->changed);
  (void)pthread_mutex_destroy(&e->mutex);
  qd_buf_deinit(&e->input);
  qd_buf_deinit(&e->text);
  free(e->prompt);
  free(e->insert);
  free(e);
}

qd_edit_event qd_edit_begin(qd_edit *e, const char *prompt, qd_slice text) {
  free(e->prompt);
  e->prompt = qd_xstrdup(prompt);
  free(e->insert);
  e->insert = qd_xstrndup(text.p, text.n);
  e->active = true;
  return give(e, QD__BEGIN);
}

qd_edit_event qd_edit_feed(qd_edit *e, qd_slice bytes) {
  (void)qd_buf_add(&e->input, bytes.p, bytes.n);  // beyond its cap: dropped
  return give(e, QD__GO_ON);
}

qd_edit_event qd_edit_complete(qd_edit *e, size_t remove, qd_slice insert) {
  e->remove = remove;
  free(e->insert);
  e->insert = qd_xstrndup(insert.p, insert.n);
  return give(e, QD__GO_ON);
}

qd_slice qd_edit_text(const qd_edit *e, size_t *out_cursor) {
  *out_cursor = e->cursor;
  return qd_buf_slice(&e->text);
}

void qd_edit_stop(qd_edit *e) {
  if (e->active) (void)give(e, QD__STOP);
}

bool qd_edit_active(const qd_edit *e) { return e->active; }

void qd_edit_above(qd_edit *e, qd_slice text) {
  if (!e->active) return;
  int event = e->event;
  e->above = text;
  (void)give(e, QD__ABOVE);
  e->event = event;
}

void qd_edit_resize(qd_edit *e) {
  if (e->active) (void)give(e, QD__RESIZED);
}

void qd_edit_history_clear(qd_edit *e) {
  HistEvent event;
  (void)qd__libedit.history(e->history, &event, H_CLEAR);
}

void qd_edit_history_add(qd_edit *e, const char *entry) {
  HistEvent event;
  (void)qd__libedit.history(e->history, &event, H_ENTER, entry);
}
