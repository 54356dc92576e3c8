// Selectors: names, lists, globs, groups, labels, and what is left out of them (docs: --profile).
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "profile/store_room.h"

// One part of a list, taken apart.
typedef struct selector {
  const char *part;  // as written, without '!'
  bool leave_out;    // it began with '!'
  enum { BY_NAME, BY_GROUP, BY_LABEL } by;
  const char *pattern;  // of the name, the group or the label's value; NULL: any value
  char *label;          // its name; freed by the owner
} selector;

static bool is_glob(const char *s) { return strpbrk(s, "*?[") != NULL; }

static selector read_part(const char *part) {
  selector s = {.part = part, .by = BY_NAME};
  s.leave_out = part[0] == '!';
  if (s.leave_out) s.part++;
  s.pattern = s.part;
  if (strncmp(s.part, "group:", 6) == 0) {
    s.by = BY_GROUP;
    s.pattern += 6;
  } else if (strncmp(s.part, "label:", 6) == 0) {
    s.by = BY_LABEL;
    s.label = qd_xstrdup(s.part + 6);
    char *equals = strchr(s.label, '=');
    s.pattern = equals ? s.part + 6 + (equals - s.label) + 1 : NULL;
    if (equals) *equals = '\0';
  }
  return s;
}

static bool fits(const char *pattern, const char *subject) {
  return is_glob(pattern) ? fnmatch(pattern, subject, 0) == 0 : strcmp(pattern, subject) == 0;
}

// A label's value may be a number or a truth value, which is matched as it is written.
static bool label_fits(const selector *s, const qd_json *value) {
  if (!value) return false;
  if (!s->pattern) return true;
  if (qd_json_is_null(value)) return fits(s->pattern, "");
  if (qd_json_type_of(value) == QD_JSON_STRING) return fits(s->pattern, qd_json_get_cstr(value, ""));
  qd_buf text;
  qd_buf_init(&text, 200);
  bool match = qd_json_write(value, NULL, &text) && fits(s->pattern, text.p);
  qd_buf_deinit(&text);
  return match;
}

static bool matches(const qd_profiles *p, const selector *s, const char *name) {
  if (s->by == BY_NAME) return fits(s->pattern, name);
  const qd_json *profile = qd_profiles_find(p, qd_slice_of(name));
  if (s->by == BY_LABEL) return label_fits(s, qd_json_member(qd_json_member(profile, "labels"), s->label));
  const char *group = qd_json_get_cstr(qd_json_member(profile, "group"), "");
  return *group && fits(s->pattern, group);
}

static qd_status nothing_matches(const qd_profiles *p, const selector *s, qd_error *err) {
  if (s->by == BY_NAME && !is_glob(s->part)) {
    (void)qd__profiles_not_found(p, qd_slice_of(s->part), err);
    if (access(s->part, F_OK) != 0) return err->category;
    (void)qd_why(err, "there is a file of that name here: the shell may have replaced a * by file names");
    return qd_hint(err, "quote the pattern: --profile '*'");
  }
  (void)qd_fail(err, QD_NOT_FOUND, "profile_not_found", "no profile matches '%.100s'", s->part);
  if (qd_profiles_count(p) == 0) {
    (void)qd_why(err, "no NAS is set up yet");
    return qd_hint(err, "qnap-docker init HOST");
  }
  static const char *const WHY[] = {"the names have no such form", "no profile has that group", "no profile has that label"};
  (void)qd_why(err, "%s", WHY[s->by]);
  return qd_hint(err, "qnap-docker profile list");
}

static qd_status nothing_left(qd_error *err) {
  (void)qd_fail(err, QD_NOT_FOUND, "profile_not_found", "no profile is left");
  (void)qd_why(err, "what begins with '!' leaves out all that the rest of --profile names");
  return qd_hint(err, "qnap-docker profile list");
}

static bool holds(const qd_json *names, const char *name) {
  for (size_t i = 0; i < qd_json_count(names); i++) {
    if (strcmp(qd_json_get_cstr(qd_json_at(names, i), ""), name) == 0) return true;
  }
  return false;
}

// Which names are meant: those of `in`, in their order, without those of `out`.
typedef struct selection {
  const qd_profiles *p;
  qd_json *in;
  qd_json *out;
  bool includes;  // there was a part without '!'
} selection;

static qd_status select_part(selection *sel, const char *part, qd_error *err) {
  selector s = read_part(part);
  qd_json *names = s.leave_out ? sel->out : sel->in;
  sel->includes = sel->includes || !s.leave_out;
  bool found = false;
  for (size_t i = 0; i < qd_profiles_count(sel->p); i++) {
    const char *name = qd_profiles_name_at(sel->p, i);
    if (!matches(sel->p, &s, name)) continue;
    found = true;
    if (!holds(names, name)) qd_json_append(names, qd_json_string(qd_slice_of(name)));
  }
  // A pattern may leave out nothing; a name that does not exist is a slip.
  bool may_miss = s.leave_out && (s.by != BY_NAME || is_glob(s.part));
  qd_status status = found || may_miss ? QD_OK : nothing_matches(sel->p, &s, err);
  free(s.label);
  return status;
}

static qd_status bad_selector(const char *what, qd_error *err) {
  (void)qd_fail(err, QD_USAGE, "bad_selector", "--profile %s", what);
  return qd_hint(err, "name a profile: qnap-docker profile list");
}

static qd_status select_list(selection *sel, const char *list, qd_error *err) {
  if (!*list) return bad_selector("is empty", err);
  qd_status status = QD_OK;
  while (status == QD_OK && *list) {
    size_t n = strcspn(list, ",");
    char *part = qd_xstrndup(list, n);
    if (strcmp(part, "!") == 0)
      status = bad_selector("has a '!' without a name behind it", err);
    else if (n > 0)
      status = select_part(sel, part, err);
    free(part);
    list += n + (list[n] == ',' ? 1 : 0);
  }
  return status;
}

// Takes the names that are left out away.
static qd_status take_out(selection *sel, qd_error *err) {
  if (!sel->includes && qd_json_count(sel->out) == 0) return bad_selector("names no profile", err);
  for (size_t i = 0; !sel->includes && i < qd_profiles_count(sel->p); i++)
    qd_json_append(sel->in, qd_json_string(qd_slice_of(qd_profiles_name_at(sel->p, i))));
  for (size_t i = qd_json_count(sel->in); i > 0; i--) {
    if (holds(sel->out, qd_json_get_cstr(qd_json_at(sel->in, i - 1), ""))) qd_json_free(qd_json_remove_at(sel->in, i - 1));
  }
  return qd_json_count(sel->in) > 0 ? QD_OK : nothing_left(err);
}

qd_status qd_profiles_select(const qd_profiles *p, const char *const *selectors, size_t n, qd_json **out_names, qd_error *err) {
  selection sel = {p, qd_json_array(), qd_json_array(), false};
  qd_status status = QD_OK;
  for (size_t i = 0; status == QD_OK && i < n; i++) status = select_list(&sel, selectors[i], err);
  if (status == QD_OK) status = take_out(&sel, err);
  qd_json_free(sel.out);
  if (status == QD_OK)
    *out_names = sel.in;
  else
    qd_json_free(sel.in);
  return status;
}
