// Authentication by question: keyboard-interactive and password.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ssh/auth.h"

#define MAX_QUESTIONS 16  // in one login; a server could go on for ever
#define MAX_PROMPTS 8     // in one keyboard-interactive request

void qd__auth_forget(char *secret) {
  if (secret) qd_wipe(secret, strlen(secret));
  free(secret);
}

qd_status qd__auth_ask(qd__auth *a, const qd_ssh_question *q, char **out, qd_error *err) {
  *out = NULL;
  if (a->declined) return QD_OK;
  if (++a->questions > MAX_QUESTIONS) {
    (void)qd_fail(err, QD_AUTH, "auth_password_rejected", "%s asks without end", a->w->name);
    return qd_why(err, "%d questions were answered and the login is still not granted", MAX_QUESTIONS);
  }
  return a->w->ask(a->w, q, out, err);
}

// "Password:" and the like, the one question that --password-stdin can answer.
static bool is_password(const char *text) {
  for (const char *p = text; *p; p++) {
    static const char WORD[] = "assword";
    size_t i = 0;
    while (WORD[i] && tolower((unsigned char)p[i]) == WORD[i]) i++;
    if (WORD[i] == '\0') return true;
  }
  return false;
}

static void fill_prompt(qd__auth *a, qd_ssh_question *q, qd_slice instruction, qd_slice prompt, bool echo, bool only) {
  char said[256];
  char asked[200];
  qd__clean_text(said, sizeof said, instruction);
  qd__clean_text(asked, sizeof asked, prompt);
  size_t n = strlen(asked);
  while (n && (asked[n - 1] == ' ' || asked[n - 1] == ':')) asked[--n] = '\0';
  bool password = only && !echo && is_password(asked);
  *q = (qd_ssh_question){.kind = password ? QD_SSH_ASK_PASSWORD : QD_SSH_ASK_PROMPT, .echo = echo, .attempt = a->attempts + 1};
  (void)snprintf(q->text, sizeof q->text, "%s%s%s%s%.40s", said, said[0] ? "\n" : "", asked[0] ? asked : "Answer", " for ", a->w->name);
}

static char *answer_one(qd__auth *a, const qd_ssh_question *q) {
  char *text = NULL;
  if (a->failed == QD_OK) a->failed = qd__auth_ask(a, q, &text, &a->err);
  if (a->failed == QD_OK && text == NULL) a->declined = true;
  if (text) a->answered++;
  return text ? text : qd_xstrdup("");
}

static void on_prompts(const char *name, int name_n, const char *instruction, int instruction_n, int n,
                       const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts, LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, void **abstract) {
  (void)name;
  (void)name_n;
  qd__auth *a = ((qd__worker *)*abstract)->auth;
  for (int i = 0; i < n; i++) {
    qd_ssh_question q;
    qd_slice said = {instruction, i == 0 && instruction_n > 0 ? (size_t)instruction_n : 0};
    fill_prompt(a, &q, said, (qd_slice){(const char *)prompts[i].text, prompts[i].length}, prompts[i].echo != 0, n == 1);
    responses[i].text = i < MAX_PROMPTS ? answer_one(a, &q) : qd_xstrdup("");
    responses[i].length = (unsigned int)strlen(responses[i].text);
  }
}

// The server's "no" to an answer that was given.
static void count_refusal(qd__auth *a, qd__outcome *out) {
  a->attempts++;
  *out = a->attempts == 1 ? QD__MAYBE_PARTIAL : QD__REFUSED;  // look once whether the list of methods has changed
}

qd_status qd__auth_try_interactive(qd__auth *a, qd__outcome *out, qd_error *err) {
  qd__worker *w = a->w;
  int rc;
  qd_status st;
  a->answered = 0;
  QD__DRIVE(w, rc, st, err,
            libssh2_userauth_keyboard_interactive_ex(w->session, w->target->user, (unsigned int)strlen(w->target->user), on_prompts));
  if (a->failed != QD_OK) {
    *err = a->err;
    return a->failed;
  }
  if (st != QD_OK) return st;
  *out = rc == 0 ? QD__ACCEPTED : QD__REFUSED;
  if (rc == 0) return QD_OK;
  if (rc != LIBSSH2_ERROR_AUTHENTICATION_FAILED && rc != LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED) return qd__auth_broken(a, rc, err);
  if (a->answered == 0)
    a->no_interactive = true;
  else if (!a->declined)
    count_refusal(a, out);
  return QD_OK;
}

static qd_status expired(const qd__auth *a, qd_error *err) {
  (void)qd_fail(err, QD_AUTH, "password_expired", "the password of %s has expired", a->w->name);
  (void)qd_why(err, "the NAS asks for a new password before it lets anybody in");
  return qd_hint(err, "change it on the NAS (Control Panel > Users), then log in again");
}

qd_status qd__auth_try_password(qd__auth *a, qd__outcome *out, qd_error *err) {
  qd__worker *w = a->w;
  qd_ssh_question q = {.kind = QD_SSH_ASK_PASSWORD, .attempt = a->attempts + 1};
  (void)snprintf(q.text, sizeof q.text, "Password for %.400s", w->name);
  char *password = NULL;
  qd_status st = qd__auth_ask(a, &q, &password, err);
  if (st != QD_OK) return st;
  *out = QD__REFUSED;
  if (password == NULL) {
    a->declined = true;
    return QD_OK;
  }
  int rc;
  QD__DRIVE(w, rc, st, err,
            libssh2_userauth_password_ex(w->session, w->target->user, (unsigned int)strlen(w->target->user), password,
                                         (unsigned int)strlen(password), NULL));
  qd__auth_forget(password);
  if (st != QD_OK) return st;
  if (rc == 0) *out = QD__ACCEPTED;
  if (rc == LIBSSH2_ERROR_PASSWORD_EXPIRED) return expired(a, err);
  if (rc != 0 && rc != LIBSSH2_ERROR_AUTHENTICATION_FAILED) return qd__auth_broken(a, rc, err);
  if (rc != 0) count_refusal(a, out);
  return QD_OK;
}
