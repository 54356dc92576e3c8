// peak FILE COMMAND...: runs COMMAND and writes the most memory that it held (resident, KiB) into FILE. Exit code: its own.
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 3) return 125;
  pid_t child = fork();
  if (child == 0) {
    (void)execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(127);
  }
  (void)signal(SIGINT, SIG_IGN);
  int status;
  struct rusage used;
  if (child < 0 || wait4(child, &status, 0, &used) != child) return 125;
  FILE *f = fopen(argv[1], "w");
  if (!f || fprintf(f, "%ld\n", used.ru_maxrss) < 0 || fclose(f) != 0) return 125;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
