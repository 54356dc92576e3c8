// What the keys do beyond libedit's own bindings.
#include <stdlib.h>

#include "base/mem.h"
#include "term/inside.h"

#define PASTE_CAP ((size_t)1 << 20)

typedef unsigned char action;  // what libedit is to do then: CC_…

// Tab: the caller answers with what is to be inserted.
static action complete(EditLine *el, wint_t key) {
  (void)key;
  qd_edit *e = qd__edit_of(el);
  qd__edit_take_text(e);
  e->remove = 0;
  if (!qd__edit_report(e, QD_EDIT_COMPLETE)) return CC_NORM;
  if (e->remove > 0) qd__libedit.el_deletestr(el, (int)e->remove);
  wchar_t *insert = qd__edit_widen(e->insert);
  if (*insert) (void)qd__libedit.el_winsertstr(el, insert);
  free(insert);
  return CC_REFRESH;
}

// Ctrl-C: the line stays to be seen, with ^C behind it, and ends by libedit's own way of ending lines.
static action abandon(EditLine *el, wint_t key) {
  (void)key;
  const LineInfoW *line = qd__libedit.el_wline(el);
  (void)qd__libedit.el_cursor(el, (int)(line->lastchar - line->cursor));
  (void)qd__libedit.el_winsertstr(el, L"^C");
  qd__edit_of(el)->abandoned = true;
  qd__libedit.el_wpush(el, L"\n");
  return CC_REFRESH;
}

// Ctrl-Z: the terminal is given back while the process is stopped.
static action suspend(EditLine *el, wint_t key) {
  (void)key;
  (void)qd__libedit.el_set(el, EL_PREP_TERM, 0);
  bool go_on = qd__edit_report(qd__edit_of(el), QD__SUSPEND);
  (void)qd__libedit.el_set(el, EL_PREP_TERM, 1);
  if (go_on) (void)qd__libedit.el_set(el, EL_REFRESH);
  return CC_NORM;
}

// Up to the mark of its end, without it. The caller frees.
static wchar_t *read_paste(EditLine *el) {
  static const wchar_t END[] = L"\033[201~";
  enum { LENGTH = sizeof END / sizeof *END - 1 };
  size_t n = 0;
  size_t room = 256;
  wchar_t *text = qd_xcalloc(room, sizeof *text);
  for (wchar_t c; n < PASTE_CAP && qd__libedit.el_wgetc(el, &c) == 1;) {
    if (n + 1 >= room) text = qd_xrealloc(text, (room *= 2) * sizeof *text);
    text[n++] = c;
    text[n] = L'\0';
    if (n < LENGTH || wcscmp(text + n - LENGTH, END) != 0) continue;
    text[n - LENGTH] = L'\0';
    break;
  }
  return text;
}

// The terminal marks what is pasted: its ends of lines are text, and so is a Tab. Other control characters are left out.
static action paste(EditLine *el, wint_t key) {
  (void)key;
  wchar_t *text = read_paste(el);
  size_t n = 0;
  for (const wchar_t *p = text; *p; p++) {
    wchar_t c = *p == L'\r' ? L'\n' : *p;
    if ((c >= L' ' && c != 0x7f) || c == L'\n' || c == L'\t') text[n++] = c;
  }
  while (n > 0 && text[n - 1] == L'\n') n--;  // Enter is the user's
  text[n] = L'\0';
  if (n > 0) (void)qd__libedit.el_winsertstr(el, text);
  free(text);
  return CC_REFRESH;
}

void qd__edit_bind(qd_edit *e) {
  static const struct {
    const wchar_t *name;
    action (*fn)(EditLine *el, wint_t key);
  } OWN[] = {{L"qd-complete", complete}, {L"qd-abandon", abandon}, {L"qd-suspend", suspend}, {L"qd-paste", paste}};
  static const wchar_t *const KEYS[][2] = {
      {L"\t", L"qd-complete"},         {L"^C", L"qd-abandon"},          {L"^Z", L"qd-suspend"},
      {L"\033[200~", L"qd-paste"},     {L"^R", L"em-inc-search-prev"},  {L"^S", L"em-inc-search-next"},
      {L"^U", L"vi-kill-line-prev"},   {L"^W", L"ed-delete-prev-word"}, {L"^L", L"ed-clear-screen"},
      {L"\033[A", L"ed-prev-history"}, {L"\033[B", L"ed-next-history"}, {L"\033[C", L"ed-next-char"},
      {L"\033[D", L"ed-prev-char"},    {L"\033[H", L"ed-move-to-beg"},  {L"\033[F", L"ed-move-to-end"},
      {L"\033OA", L"ed-prev-history"}, {L"\033OB", L"ed-next-history"}, {L"\033OC", L"ed-next-char"},
      {L"\033OD", L"ed-prev-char"},    {L"\033OH", L"ed-move-to-beg"},  {L"\033OF", L"ed-move-to-end"},
      {L"\033[1~", L"ed-move-to-beg"}, {L"\033[4~", L"ed-move-to-end"}, {L"\033[3~", L"ed-delete-next-char"},
      {L"\033[1;5C", L"em-next-word"}, {L"\033[1;5D", L"ed-prev-word"}, {L"\033[1;3C", L"em-next-word"},
      {L"\033[1;3D", L"ed-prev-word"},
  };
  for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++) (void)qd__libedit.el_wset(e->el, EL_ADDFN, OWN[i].name, L"", OWN[i].fn);
  for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) (void)qd__libedit.el_wset(e->el, EL_BIND, KEYS[i][0], KEYS[i][1], NULL);
}
