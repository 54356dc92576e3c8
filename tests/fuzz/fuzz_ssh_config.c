// ssh_config text, read as a file (its Include lines give the text again) and as `ssh -G` output.
#include <stdint.h>
#include <stdlib.h>

#include "ssh/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(void *ctx, const char *pattern, qd_ssh_include *parser) {
  (void)pattern;
  qd_ssh_include_text(parser, "again", *(const qd_slice *)ctx);
}
static const char *lookup(const char *name) { return name[0] == 'A' ? "value" : NULL; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  qd_slice text = {(const char *)data, size < 8192 ? size : 8192};
  qd_ssh_config_env env = {.alias = "nas1", .local_user = "me", .home = "/home/me", .lookup = lookup, .include = again, .ctx = &text};
  for (int g = 0; g < 2; g++) {
    qd_ssh_config c;
    qd_ssh_config_init(&c);
    if (g)
      qd_ssh_config_parse_g(&c, &env, text);
    else
      qd_ssh_config_parse(&c, &env, text, "f", false);
    qd_ssh_config_finish(&c, &env);
    if (c.host_name == NULL || c.port < 0 || c.port > 65535 || c.notes.n > 32 || c.identity_files.n > 100) abort();
    qd_ssh_config_deinit(&c);
  }
  return 0;
}
