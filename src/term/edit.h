// A line editor on a terminal: libedit, which is opened on first use, on a stack of its own. It reads nothing itself: whoever has
// read bytes feeds them, and it runs until it wants more or has something to say. Never while it does not run does it touch the terminal.
#ifndef QD_TERM_EDIT_H
#define QD_TERM_EDIT_H

#include "base/buf.h"
#include "base/error.h"

typedef struct qd_edit qd_edit;

typedef enum qd_edit_event {
  QD_EDIT_MORE,       // all bytes are used up: feed
  QD_EDIT_LINE,       // a line was ended by Enter; qd_edit_text has it
  QD_EDIT_EOF,        // Ctrl-D on an empty line, or qd_edit_stop
  QD_EDIT_ABANDONED,  // Ctrl-C
  QD_EDIT_COMPLETE,   // Tab: answer with qd_edit_complete; qd_edit_text has what is typed so far, and the cursor
} qd_edit_event;

// On stdin and stdout. Errors: QD_UNSUPPORTED "no_libedit" where the library is not installed.
QD_MUST_USE qd_status qd_edit_new(qd_edit **out, qd_error *err);
// Ends the line that is edited; the terminal is as it was before. NULL ok.
void qd_edit_free(qd_edit *e);

// Shows `prompt` and edits a line that begins as `text`. What stands between two bytes 1 in the prompt takes no room (colours).
// Bytes that were fed and not used yet come first, so that it may end at once.
qd_edit_event qd_edit_begin(qd_edit *e, const char *prompt, qd_slice text);
// Only while a line is edited. What is not used by this line is kept for the next one.
qd_edit_event qd_edit_feed(qd_edit *e, qd_slice bytes);
// Only after QD_EDIT_COMPLETE: `remove` characters in front of the cursor give way to `insert`.
qd_edit_event qd_edit_complete(qd_edit *e, size_t remove, qd_slice insert);
// Of the last event: UTF-8, borrowed until the next call; out_cursor in bytes.
qd_slice qd_edit_text(const qd_edit *e, size_t *out_cursor);
// Gives up the line that is edited, as it stands; harmless without one.
void qd_edit_stop(qd_edit *e);

bool qd_edit_active(const qd_edit *e);
// Shows `text` (whole lines) above the line that is edited, which is drawn again below it. Only while a line is edited.
void qd_edit_above(qd_edit *e, qd_slice text);
// The terminal has another size.
void qd_edit_resize(qd_edit *e);

// What the arrow keys and Ctrl-R find; an entry may have several lines. The newest is added last.
void qd_edit_history_clear(qd_edit *e);
void qd_edit_history_add(qd_edit *e, const char *entry);

#endif
