// Runs a fuzz target's corpus as a test: every file named on the command line goes through it once.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    FILE *f = fopen(argv[i], "rb");
    if (!f) {
      perror(argv[i]);
      return 1;
    }
    static uint8_t data[1 << 20];
    size_t n = fread(data, 1, sizeof data, f);
    (void)fclose(f);
    uint8_t *exact = malloc(n ? n : 1);  // its own block, so that a sanitizer sees reads past the end
    if (!exact) return 1;
    for (size_t k = 0; k < n; k++) exact[k] = data[k];
    (void)LLVMFuzzerTestOneInput(exact, n);
    free(exact);
  }
  return 0;
}
