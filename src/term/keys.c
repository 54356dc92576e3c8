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
  bool inserted = e->insert && *e->insert && qd__libedit.el_winsertstr(el, e->insert) == 0;
  free(e->insert);
  e->insert = NULL;
  return inserted || e->remove > 0 ? CC_REFRESH : CC_NORM;
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

// The terminal marks what is pasted: its ends of lines are text, and so is a Tab.
static action paste(EditLine *el, wint_t key) {
  static const wchar_t END[] = L"\033[201~";
  (void)key;
  wchar_t *text = NULL;
  size_t n = 0;
  size_t room = 0;
  for (wchar_t c; n < PASTE_CAP && qd__libedit.el_wgetc(el, &c) == 1;) {
    if (n + 1 >= room) text = qd_xrealloc(text, (room = room ? room * 2 : 256) * sizeof *text);
    text[n++] = c == L'\r' ? L'\n' : c;
    text[n] = L'\0';
    size_t end = sizeof END / sizeof *END - 1;
    if (n < end || wcscmp(text + n - end, END) != 0) continue;
    text[n -= end] = L'\0';
    break;
  }
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    if (text[i] >= L' ' || text[i] == L'\n' || text[i] == L'\t') text[kept++] = text[i] == L'\x7f' ? L' ' : text[i];
  }
  while (kept > 0 && text[kept - 1] == L'\n') kept--;  // Enter is the user's
  if (text) text[kept] = L'\0';
  if (kept > 0) (void)qd__libedit.el_winsertstr(el, text);
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
