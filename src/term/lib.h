// Inside term/: libedit's functions, opened on first use. The one list of them.
#ifndef QD_TERM_LIB_H
#define QD_TERM_LIB_H

#include <histedit.h>

#include "base/error.h"

#define QD__EDIT_FUNCTIONS(X) \
  X(el_beep)                  \
  X(el_cursor)                \
  X(el_deletestr)             \
  X(el_end)                   \
  X(el_get)                   \
  X(el_init)                  \
  X(el_resize)                \
  X(el_set)                   \
  X(el_wgetc)                 \
  X(el_wgets)                 \
  X(el_winsertstr)            \
  X(el_wline)                 \
  X(el_wpush)                 \
  X(el_wset)                  \
  X(history)                  \
  X(history_end)              \
  X(history_init)

typedef struct qd__edit_lib {
#define QD_MEMBER(name) __typeof__(&(name)) name;  // NOLINT(bugprone-macro-parentheses): it names the member
  QD__EDIT_FUNCTIONS(QD_MEMBER)
#undef QD_MEMBER
} qd__edit_lib;

// Theirs, once qd__edit_library_ready has succeeded.
extern qd__edit_lib qd__libedit;
// QD_UNSUPPORTED "no_libedit", with the package to install.
QD_MUST_USE qd_status qd__edit_library_ready(qd_error *err);

#endif
