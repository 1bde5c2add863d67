/* test-diagnose.c - failed calls on a guest's console, and the lines that cure them. */
#include "trace/diagnose.h"

#include "base/files.h"

#include "bad-rules.h"

#include <string.h>

static GPtrArray *
diagnose(const char *console) {
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = data_path("kconfig-heuristics");
  g_autoptr(FailureRules) rules = failure_rules_load(&error);
  g_assert_no_error(error);
  g_autoptr(RuleSet) features = rules_load(folder, &error);
  g_assert_no_error(error);
  return diagnose_console(rules, features, console);
}

static void
test_cures(void) {
  static const struct {
    const char *line, *error, *cure;
  } cases[] = {
      {"epoll_create1(EPOLL_CLOEXEC) = -1 ENOSYS (Function not implemented)", "ENOSYS",
       "[kernel] with=epoll"},
      {"socket(AF_INET6, SOCK_STREAM, IPPROTO_IP) = -1 EAFNOSUPPORT (Address family not "
       "supported by protocol)",
       "EAFNOSUPPORT", "[kernel] with=ipv6"},
      {"openat(AT_FDCWD, \"/proc/self/exe\", O_RDONLY) = -1 ENOENT (No such file or directory)",
       "ENOENT", "[image] mounts=proc"},
      {"connect(3, {sa_family=AF_UNIX, sun_path=\"/dev/log\"}, 110) = -1 ENOENT (No such file)",
       "ENOENT", "[kernel] with=syslog"},
      {"openat(AT_FDCWD, \"/dev/fuse-x\", O_RDWR) = -1 ENOENT (No such file or directory)",
       "ENOENT", "[image] mounts=dev"},
      {"clock_getres(CLOCK_PROCESS_CPUTIME_ID, 0x7ffd) = -1 EINVAL (Invalid argument)", "EINVAL",
       "[kernel] with=posix-timers"},
      {"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET}) = -1 EACCES (Permission denied)",
       "EACCES", "[kernel] with=file-locking"},
      {"no_such_call(1) = -1 ENOSYS (Function not implemented)", "ENOSYS", NULL},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *console = g_strdup_printf(
        "Linux\r\ntinyx: failed: %s\r\ntinyx: failed: %s\r\nend\r\n", cases[i].line, cases[i].line);
    g_autoptr(GPtrArray) list = diagnose(console);
    g_assert_cmpuint(list->len, ==, 1);
    const FailedCall *failed = list->pdata[0];
    g_assert_cmpstr(failed->error, ==, cases[i].error);
    g_assert_cmpstr(failed->cure, ==, cases[i].cure);
    g_assert_true((failed->cure == NULL) == (failed->reason == NULL));
    g_assert_true(g_str_has_prefix(cases[i].line, failed->call));
  }
}

/* Of a trace only what an image can lack counts, each cure once. */
static void
test_trace(void) {
  static const char text[] =
      "100 execve(\"/confine\", [\"/confine\"], 0x7f /* 5 vars */) = 0\n"
      "100 openat(3, \"/sys/class/x\", O_PATH) = -1 ENOENT (No such file or directory)\n"
      "100 execve(\"/bin/none\", [\"x\"], 0x7f) = -1 ENOENT (No such file or directory)\n"
      "100 execve(\"/bin/x\", [\"x\"], 0x7f /* 5 vars */) = 0\n"
      "101 openat(AT_FDCWD, \"/dev/fuse-x\", O_RDWR) = -1 ENOENT (No such file or directory)\n"
      "102 openat(AT_FDCWD, \"/dev/fuse-y\", O_RDWR) = -1 ENOENT (No such file or directory)\n"
      "101 openat(AT_FDCWD, \"/etc/none\", O_RDONLY) = -1 ENOENT (No such file or directory)\n"
      "101 openat(AT_FDCWD, \"/dev/null\", O_RDWR) = 3</dev/null>\n"
      "101 openat(AT_FDCWD, \"/proc/x\", O_RDONLY) = -1 EACCES (Permission denied)\n"
      "101 <... openat resumed>) = -1 ENOSYS (Function not implemented)\n"
      "epoll_create1(0) = -1 ENOSYS (Function not implemented)";
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = data_path("kconfig-heuristics");
  g_autoptr(FailureRules) rules = failure_rules_load(&error);
  g_autoptr(RuleSet) features = rules_load(folder, &error);
  g_autoptr(GPtrArray) list = diagnose_list_new();
  g_assert_no_error(error);
  diagnose_trace(rules, features, text, list);
  g_assert_cmpuint(list->len, ==, 2);
  const FailedCall *node = list->pdata[0], *call = list->pdata[1];
  g_assert_cmpstr(node->call, ==, "openat(AT_FDCWD, \"/dev/fuse-x\", O_RDWR)");
  g_assert_cmpstr(node->cure, ==, "[image] mounts=dev");
  g_assert_cmpstr(call->cure, ==, "[kernel] with=epoll");
}

/* A guest may print anything. */
static void
test_hostile(void) {
  static const char *const lines[] = {"",
                                      "(",
                                      "x(",
                                      "x() = -1 ",
                                      "x() = -1 (",
                                      "x() = 3",
                                      "x(\"",
                                      "x(\"\\",
                                      "x({{{{{{) = -1 E",
                                      "open(\"/dev/\xff\xfe\") = -1 ",
                                      "x = -1 ENOENT"};
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
    g_autofree char *console = g_strdup_printf("tinyx: failed: %s\n", lines[i]);
    g_autoptr(GPtrArray) list = diagnose(console);
    g_assert_cmpuint(list->len, ==, 0);
  }
}

static void
test_bad_rules(void) {
  static const BadRules bad[] = {
      {"ENOENT open * => [image] mounts=dev\n", "f:1: bad line \"ENOENT open * => [image] mount"},
      {"\nENOENT open => [image] x  # y\n", "f:2: bad line"},
      {"ENOENT open * => with=x  # y\n", "expected ERROR CALL PATTERN => [SECTION] LINE"}};
  BAD_RULES_REFUSED(failure_rules_parse, bad);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/diagnose/cures", test_cures);
  g_test_add_func("/diagnose/trace", test_trace);
  g_test_add_func("/diagnose/hostile", test_hostile);
  g_test_add_func("/diagnose/bad-rules", test_bad_rules);
  return g_test_run();
}
