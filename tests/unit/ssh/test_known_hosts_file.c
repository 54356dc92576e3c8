#include <stdio.h>
#include <stdlib.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "qd_test.h"
#include "ssh/known_hosts.h"

#define A_64 "AAAAC3NzaC1lZDI1NTE5AAAAIMQQxf06iE+x0i58QVCm0DWkuCNrdY1wj0CkYrF6zs1S"
#define B_64 "AAAAC3NzaC1lZDI1NTE5AAAAIEJlgqDtR12VzDHdLPCdrxTOav5YRokkDH5I7/tvDsHe"
#define KEY_A "ssh-ed25519 " A_64
#define KEY_B "ssh-ed25519 " B_64

static char dir[64];
static char path[128];
static qd_buf key_a;
static qd_error err;

static void set_up(void) {
  (void)snprintf(dir, sizeof dir, "/tmp/qd-kh-XXXXXX");
  cr_assert_not_null(mkdtemp(dir));
  (void)snprintf(path, sizeof path, "%s/home/known_hosts", dir);
  qd_buf_init(&key_a, 1000);
  cr_assert(qd__b64_decode(QD_SLICE(A_64), &key_a));
}

static void tear_down(void) {
  qd_buf_deinit(&key_a);
  char *home = qd_xasprintf("%s/home", dir);
  (void)unlink(path);
  cr_expect_eq(rmdir(home), 0, "nothing else is left behind");
  (void)rmdir(dir);
  free(home);
}

static void put(const char *text) {
  char *home = qd_xasprintf("%s/home", dir);
  (void)mkdir(home, 0700);
  free(home);
  FILE *f = fopen(path, "w");
  cr_assert_not_null(f);
  (void)fputs(text, f);
  (void)fclose(f);
}

static void holds(const char *want) {
  char got[8192];
  FILE *f = fopen(path, "r");
  cr_assert_not_null(f);
  size_t n = fread(got, 1, sizeof got - 1, f);
  got[n] = '\0';
  (void)fclose(f);
  cr_expect_str_eq(got, want);
}

QD_TEST(known_hosts_file, append_makes_file_and_directory_private) {
  set_up();
  cr_expect_eq(qd_known_hosts_append(path, "Nas1.local", 22, qd_buf_slice(&key_a), &err), QD_OK);
  cr_expect_eq(qd_known_hosts_append(path, "10.0.0.5", 2222, qd_buf_slice(&key_a), &err), QD_OK);
  cr_expect_eq(qd_known_hosts_append(path, "nas1.local", 22, qd_buf_slice(&key_a), &err), QD_OK, "already there");
  holds("nas1.local " KEY_A "\n[10.0.0.5]:2222 " KEY_A "\n");
  struct stat st;
  cr_assert_eq(stat(path, &st), 0);
  cr_expect_eq(st.st_mode & 0777, 0600);
  *strrchr(path, '/') = '\0';
  cr_assert_eq(stat(path, &st), 0);
  cr_expect_eq(st.st_mode & 0777, 0700);
  path[strlen(path)] = '/';
  tear_down();
}

QD_TEST(known_hosts_file, append_ends_an_unfinished_line) {
  set_up();
  put("other " KEY_B);
  cr_expect_eq(qd_known_hosts_append(path, "nas1", 22, qd_buf_slice(&key_a), &err), QD_OK);
  holds("other " KEY_B "\nnas1 " KEY_A "\n");
  tear_down();
}

QD_TEST(known_hosts_file, append_refuses_what_would_not_be_read_back) {
  set_up();
  put("");
  static const char *const hosts[] = {"", "a b", "a,b", "*", "!x", "#x", "@x", "a\nb", "|1|x"};
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
    cr_expect_eq(qd_known_hosts_append(path, hosts[i], 22, qd_buf_slice(&key_a), &err), QD_USAGE, "%s", hosts[i]);
  cr_expect_eq(qd_known_hosts_append(path, "nas1", 22, QD_SLICE("junk"), &err), QD_USAGE);
  cr_expect_str_eq(err.code, "bad_host_key");
  holds("");
  tear_down();
}

QD_TEST(known_hosts_file, replace_touches_this_host_alone) {
  set_up();
  put("# keep me\nnas1 " KEY_B " old\n nas1,10.0.0.5 " KEY_B " two names\r\n@revoked nas1 " KEY_B "\njunk\nnas* " KEY_B
      "\n|1|RJbgRRDJU0gXUxweBglKxcx8o9Y=|P7eZN8xjco1rv9Ys6aIG76nR4NU= " KEY_B "\n[nas1]:2222 " KEY_B "\nlast " KEY_B);
  cr_expect_eq(qd_known_hosts_replace(path, "NAS1", 22, qd_buf_slice(&key_a), &err), QD_OK);
  holds("# keep me\n 10.0.0.5 " KEY_B " two names\r\n@revoked nas1 " KEY_B "\njunk\nnas* " KEY_B "\n[nas1]:2222 " KEY_B "\nlast " KEY_B
        "\nnas1 " KEY_A "\n");
  cr_expect_eq(qd_known_hosts_replace(path, "nas1", 2222, (qd_slice){NULL, 0}, &err), QD_OK);
  holds("# keep me\n 10.0.0.5 " KEY_B " two names\r\n@revoked nas1 " KEY_B "\njunk\nnas* " KEY_B "\nlast " KEY_B "\nnas1 " KEY_A "\n");
  tear_down();
}

QD_TEST(known_hosts_file, load_reports_what_it_cannot_read) {
  set_up();
  put("nas1 " KEY_A "\n");
  qd_known_hosts kh;
  qd_known_hosts_init(&kh, "nas1", 22);
  cr_expect_eq(qd_known_hosts_load(&kh, path, &err), QD_OK);
  cr_expect_eq(kh.n, 1u);
  cr_expect_eq(qd_known_hosts_load(&kh, "/dev/null", &err), QD_OK);
  char *missing = qd_xasprintf("%s/none/x", dir);
  cr_expect_eq(qd_known_hosts_load(&kh, missing, &err), QD_OK);
  free(missing);
  cr_expect_eq(qd_known_hosts_load(&kh, dir, &err), QD_CONFIG);
  cr_expect_str_eq(err.code, "known_hosts_unreadable");
  cr_expect_eq(kh.n, 1u);
  qd_known_hosts_deinit(&kh);
  tear_down();
}
