// Inside term/: the editor's two sides. Its own stack is a thread that runs only while the caller waits for it: at any time exactly one of
// both has the turn, so nothing here needs a lock of its own.
#ifndef QD_TERM_INSIDE_H
#define QD_TERM_INSIDE_H

#include <locale.h>
#include <pthread.h>
#include <wchar.h>

#include "term/edit.h"
#include "term/lib.h"

// What the caller wants of the editor when it gives it the turn.
typedef enum {
  QD__BEGIN,
  QD__GO_ON,  // bytes were added, or a completion answered
  QD__ABOVE,  // show `above`
  QD__RESIZED,
  QD__STOP,  // leave the line
  QD__QUIT,  // leave the thread
} qd__order;

#define QD__SUSPEND (QD_EDIT_COMPLETE + 1)  // an event that the caller never sees: Ctrl-Z

struct qd_edit {
  EditLine *el;
  History *history;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool editors_turn;
  qd__order order;
  int event;       // qd_edit_event or QD__SUSPEND
  bool active;     // a line is edited
  bool stopping;   // the editor is to see the end of its input
  bool abandoned;  // the line ends by Ctrl-C
  char *prompt;
  qd_buf input;   // bytes not used yet
  qd_buf text;    // of the last event
  size_t cursor;  // in `text`
  size_t remove;  // a completion: characters in front of the cursor
  char *insert;   // a completion, or what the line begins with; owned
  qd_slice above;
};

// The editor that libedit's callbacks are called for.
qd_edit *qd__edit_of(EditLine *el);
// On the editor's stack: UTF-8 as wide characters; what is not UTF-8 is left out. The caller frees.
wchar_t *qd__edit_widen(const char *text);
// keys.c: what the keys do beyond libedit's own bindings. Called once, on the editor's stack.
void qd__edit_bind(qd_edit *e);
// On the editor's stack: gives the turn back with `event` until the caller wants to go on. false: the line is to be left.
bool qd__edit_report(qd_edit *e, int event);
// Puts what stands in the editor's line into e->text.
void qd__edit_take_text(qd_edit *e);

// draw.c: clears the rows of prompt and line; the cursor is then where the prompt began.
void qd__edit_erase(qd_edit *e);

#endif
