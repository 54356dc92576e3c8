// The directories of the program. Contract in paths.h.
#include "profile/paths.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/context.h"
#include "base/mem.h"

static char *join(const char *dir, const char *name) {
  size_t n = strlen(dir);
  while (n > 1 && dir[n - 1] == '/') n--;
  return qd_xasprintf("%.*s/%s", (int)n, dir, name);
}

static bool is_dir(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool exists(const char *path) {
  struct stat st;
  return lstat(path, &st) == 0;
}

static const char *absolute_env(const char *name) {
  const char *v = qd_getenv(name);
  return v && v[0] == '/' ? v : NULL;  // the XDG specification: a relative value is to be ignored
}

char *qd_user_home(void) {
  const char *home = absolute_env("HOME");
  if (home) return qd_xstrdup(home);
  char text[4096];
  struct passwd entry;
  struct passwd *found = NULL;
  if (getpwuid_r(getuid(), &entry, text, sizeof text, &found) != 0 || !found || !found->pw_dir || found->pw_dir[0] != '/') return NULL;
  return qd_xstrdup(found->pw_dir);
}

// $<variable>/qnap-docker, else ~/<otherwise>/qnap-docker.
static char *xdg(const char *variable, const char *user_home, const char *otherwise) {
  const char *dir = absolute_env(variable);
  if (dir) return join(dir, "qnap-docker");
  char *base = join(user_home, otherwise);
  char *path = join(base, "qnap-docker");
  free(base);
  return path;
}

static void use_home(qd_paths *p, char *home) {
  p->home = home;
  p->state = join(home, "state");
  p->cache = join(home, "cache");
}

qd_status qd_paths_find(qd_paths *out, qd_error *err) {
  qd_paths p = {0};
  const char *chosen = qd_getenv("QNAP_DOCKER_HOME");
  if (chosen && chosen[0]) {
    if (chosen[0] != '/') {
      (void)qd_fail(err, QD_CONFIG, "bad_home", "QNAP_DOCKER_HOME is '%s'", chosen);
      (void)qd_why(err, "it must be an absolute path, so that it means the same in every directory");
      return qd_hint(err, "export QNAP_DOCKER_HOME=\"$PWD/%s\"", chosen);
    }
    char *home = join(chosen, "");
    home[strlen(home) - (strlen(home) > 1)] = '\0';
    use_home(&p, home);
  } else {
    char *user_home = qd_user_home();
    if (!user_home) {
      (void)qd_fail(err, QD_CONFIG, "bad_home", "this account has no home directory to keep profiles in");
      return qd_hint(err, "export QNAP_DOCKER_HOME=/a/private/directory");
    }
    char *home = join(user_home, ".qnap-docker");
    char *config = xdg("XDG_CONFIG_HOME", user_home, ".config");
    if (!exists(home) && is_dir(config)) {
      p.home = qd_xstrdup(config);
      p.state = xdg("XDG_STATE_HOME", user_home, ".local/state");
      p.cache = xdg("XDG_CACHE_HOME", user_home, ".cache");
      free(home);
    } else {
      use_home(&p, home);
    }
    free(config);
    free(user_home);
  }
  const char *runtime = absolute_env("XDG_RUNTIME_DIR");
  p.run = runtime ? join(runtime, "qnap-docker") : join(p.home, "run");
  p.profiles = join(p.home, "profiles.yaml");
  p.known_hosts = join(p.home, "known_hosts");
  *out = p;
  return QD_OK;
}

void qd_paths_deinit(qd_paths *p) {
  free(p->home);
  free(p->state);
  free(p->cache);
  free(p->run);
  free(p->profiles);
  free(p->known_hosts);
  *p = (qd_paths){0};
}
