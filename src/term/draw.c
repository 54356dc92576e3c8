// Where the cursor stands: libedit does not tell on which row of prompt and line, so it is counted as libedit draws.
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "term/inside.h"

#define CONTROL_CELLS 2  // ^X
#define TAB_STOP 8

typedef struct {
  int columns;
  int row;
  int column;
} place;

static void pass(place *at, wchar_t c) {
  int cells = wcwidth(c);
  if (c == L'\n') {
    at->row++;
    at->column = 0;
    return;
  }
  if (c == L'\t') cells = TAB_STOP - at->column % TAB_STOP;
  if (cells < 0) cells = c < L' ' || c == 0x7f ? CONTROL_CELLS : c > 0xffff ? 8 : 7;  // ^X, \U+10ffff, \U+ffff
  if (cells > 1 && c != L'\t' && at->column + cells > at->columns) {                  // a wide one goes to the next row whole
    at->row++;
    at->column = 0;
  }
  at->column += cells;
  while (at->column >= at->columns) {
    at->row++;
    at->column -= at->columns;
  }
}

static void pass_prompt(place *at, const char *prompt) {
  bool visible = true;
  mbstate_t state = {0};
  for (size_t left = strlen(prompt); left > 0;) {
    wchar_t c;
    size_t n = mbrtowc(&c, prompt, left, &state);
    if (n == 0 || n > left) return;
    if (c == L'\1')
      visible = !visible;
    else if (visible)
      pass(at, c);
    prompt += n;
    left -= n;
  }
}

void qd__edit_erase(qd_edit *e) {
  struct winsize size = {0};
  (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  place at = {.columns = size.ws_col > 0 ? size.ws_col : 80};
  pass_prompt(&at, e->prompt);
  const LineInfoW *line = qd__libedit.el_wline(e->el);
  for (const wchar_t *p = line->buffer; p < line->cursor; p++) pass(&at, *p);
  if (at.row > 0) (void)fprintf(stdout, "\033[%dA", at.row);
  (void)fputs("\r\033[J", stdout);
}
