// Entry of the unit tests: Criterion's own, kept in one place so that options can be set for all.
#include <criterion/criterion.h>
#include <signal.h>

int main(int argc, char **argv) {
  (void)signal(SIGPIPE, SIG_IGN);  // hosts block it; the rooms under test have none
  struct criterion_test_set *tests = criterion_initialize();
  int result = criterion_handle_args(argc, argv, true) ? !criterion_run_all_tests(tests) : 0;
  criterion_finalize(tests);
  return result;
}
