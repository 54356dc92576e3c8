// Go's Sprintf: the format string, its arguments, and the %!verb(...) notes for what does not fit.
#include <stdio.h>
#include <stdlib.h>

#include "data/template_print.h"

#define WIDTH_MAX 1000000

typedef struct printf_run {
  qd__printer p;
  qd_slice format;
  qd__value *argv;
  size_t argc;
  size_t i;    // in the format
  size_t arg;  // next argument
  bool reordered, good_arg, after_index;
} printf_run;

static void add(printf_run *r, const char *s) { (void)qd_buf_adds(r->p.f.out, s); }

static char at(const printf_run *r) { return r->i < r->format.n ? r->format.p[r->i] : '\0'; }

static void flags(printf_run *r) {
  qd__fmt *f = &r->p.f;
  for (; r->i < r->format.n; r->i++) switch (r->format.p[r->i]) {
      case '#':
        f->sharp = true;
        break;
      case '0':
        f->zero = true;
        break;
      case '+':
        f->plus = true;
        break;
      case '-':
        f->minus = true;
        break;
      case ' ':
        f->space = true;
        break;
      default:
        return;
    }
}

// Decimal digits at the place; false: none, or more than WIDTH_MAX (then *out is 0 and the digits are passed over).
static bool number(printf_run *r, size_t end, int *out) {
  size_t start = r->i;
  *out = 0;
  for (; r->i < end && r->format.p[r->i] >= '0' && r->format.p[r->i] <= '9'; r->i++) {
    if (*out > WIDTH_MAX) {
      *out = 0;
      r->i = end;
      return false;
    }
    *out = *out * 10 + (r->format.p[r->i] - '0');
  }
  return r->i > start;
}

// "[3]": the argument to take next.
static void arg_index(printf_run *r) {
  r->after_index = false;
  if (at(r) != '[') return;
  r->reordered = true;
  size_t rest = r->format.n - r->i;
  const char *close = rest >= 3 ? memchr(r->format.p + r->i + 1, ']', rest - 1) : NULL;
  if (!close) {
    r->i++;
    r->good_arg = false;
    return;
  }
  size_t end = (size_t)(close - r->format.p);
  int n;
  r->i++;
  bool ok = number(r, end, &n) && r->i == end;
  r->i = end + 1;
  r->after_index = ok;
  if (ok && n >= 1 && (size_t)n <= r->argc)
    r->arg = (size_t)n - 1;
  else
    r->good_arg = false;
}

// "*": a width or precision from the arguments.
static bool from_argument(printf_run *r, int *out) {
  *out = 0;
  if (r->arg >= r->argc) return false;
  const qd__value *v = &r->argv[r->arg++];
  if ((v->kind != K_INT && v->kind != K_UINT) || v->i > WIDTH_MAX || v->i < -WIDTH_MAX) return false;
  *out = (int)v->i;
  return true;
}

static void width(printf_run *r) {
  qd__fmt *f = &r->p.f;
  if (at(r) != '*') {
    f->has_width = number(r, r->format.n, &f->width);
    if (r->after_index && f->has_width) r->good_arg = false;
    return;
  }
  r->i++;
  f->has_width = from_argument(r, &f->width);
  if (!f->has_width) add(r, "%!(BADWIDTH)");
  if (f->width < 0) {
    f->width = -f->width;
    f->minus = true;
  }
  r->after_index = false;
}

static void precision(printf_run *r) {
  qd__fmt *f = &r->p.f;
  if (r->i + 1 > r->format.n || at(r) != '.') return;
  r->i++;
  if (r->after_index) r->good_arg = false;
  arg_index(r);
  if (at(r) != '*') {
    f->has_prec = true;
    if (!number(r, r->format.n, &f->prec)) f->prec = 0;
    return;
  }
  r->i++;
  f->has_prec = from_argument(r, &f->prec);
  if (f->prec < 0) {
    f->prec = 0;
    f->has_prec = false;
  }
  if (!f->has_prec) add(r, "%!(BADPREC)");
  r->after_index = false;
}

static void note(printf_run *r, uint32_t verb, const char *what) {
  add(r, "%!");
  qd__rune_add(r->p.f.out, verb);
  add(r, what);
}

static bool verb(printf_run *r) {
  qd__fmt *f = &r->p.f;
  *f = (qd__fmt){.out = f->out};
  r->good_arg = true;
  r->after_index = false;
  flags(r);
  arg_index(r);
  width(r);
  precision(r);
  if (!r->after_index) arg_index(r);
  if (r->i >= r->format.n) {
    add(r, "%!(NOVERB)");
    return false;
  }
  uint32_t c;
  r->i += qd__rune(r->format, r->i, &c);
  if (c == '%') {
    add(r, "%");
  } else if (!r->good_arg) {
    note(r, c, "(BADINDEX)");
  } else if (r->arg >= r->argc) {
    note(r, c, "(MISSING)");
  } else {
    if (c == 'v') {
      f->sharp_v = f->sharp;
      f->sharp = false;
      f->plus_v = f->plus;
      f->plus = false;
    }
    qd__print_arg(&r->p, &r->argv[r->arg++], c);
  }
  return true;
}

static void extra(printf_run *r) {
  r->p.f = (qd__fmt){.out = r->p.f.out};
  add(r, "%!(EXTRA ");
  for (size_t i = r->arg; i < r->argc; i++) {
    const qd__value *v = &r->argv[i];
    if (i > r->arg) add(r, ", ");
    if (v->kind == K_INVALID || v->kind == K_IFACE) {
      add(r, "<nil>");
      continue;
    }
    add(r, v->type->name);
    add(r, "=");
    qd__print_arg(&r->p, v, 'v');
  }
  add(r, ")");
}

void qd__sprintf(qd__exec *x, qd_slice format, qd__value *argv, size_t argc, qd_buf *out) {
  printf_run r = {.p = {.x = x, .f = {.out = out}}, .format = format, .argv = argv, .argc = argc};
  while (r.i < format.n) {
    const char *percent = memchr(format.p + r.i, '%', format.n - r.i);
    size_t end = percent ? (size_t)(percent - format.p) : format.n;
    (void)qd_buf_add(out, format.p + r.i, end - r.i);
    r.i = end + 1;
    if (!percent || !verb(&r)) break;
  }
  if (!r.reordered && r.arg < argc) extra(&r);
}

static bool is_string(const qd__value *v) { return v->kind == K_STRING; }

void qd__sprint(qd__exec *x, qd__value *argv, size_t argc, qd_buf *out) {
  qd__printer p = {.x = x, .f = {.out = out}};
  for (size_t i = 0; i < argc; i++) {
    if (i && !is_string(&argv[i]) && !is_string(&argv[i - 1])) (void)qd_buf_addc(out, ' ');
    qd__print_arg(&p, &argv[i], 'v');
  }
}

void qd__sprintln(qd__exec *x, qd__value *argv, size_t argc, qd_buf *out) {
  qd__printer p = {.x = x, .f = {.out = out}};
  for (size_t i = 0; i < argc; i++) {
    if (i) (void)qd_buf_addc(out, ' ');
    qd__print_arg(&p, &argv[i], 'v');
  }
  (void)qd_buf_addc(out, '\n');
}

void qd__print_value(qd__exec *x, const qd__value *v, char verb_, qd_buf *out) {
  qd__printer p = {.x = x, .f = {.out = out}};
  qd__print_arg(&p, v, (unsigned char)verb_);
}
