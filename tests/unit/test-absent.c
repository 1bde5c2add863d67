/* test-absent.c - paths in a file's bytes, and rules of what an image may lack. */
#include "base/error.h"
#include "facts/paths.h"
#include "kernel/known-paths.h"
#include "recipe/capabilities.h"
#include "rootfs/absent-rules.h"

#include "bad-rules.h"

#include <string.h>

static void
note_path(gpointer data, const char *path) {
  g_string_append_printf(data, "%s\n", path);
}

static void
check_paths(const char *bytes, gsize size, gboolean comments, const char *expected) {
  g_autoptr(GString) found = g_string_new(NULL);
  /* A copy of just these bytes: a sanitizer sees a step beyond them. */
  g_autofree char *copy = g_memdup2(bytes, size);
  paths_find(copy, size, comments, note_path, found);
  g_assert_cmpstr(found->str, ==, expected);
}

static void
test_paths(void) {
  static const struct {
    const char *text, *paths;
  } cases[] = {
      {"/dev/null", "/dev/null\n"},
      {"x=/dev/null;y='/etc/x y'", "/dev/null\n/etc/x\n"},
      {"a/b ./c ../d ~/e $x/f ${y}/g %s/h http://i *.j/k", ""},
      {"/dev/loop%d /dev/%s/x%03lu. /a%%b /c%", "/dev/loop*\n/dev/*/x*\n/a\n/c\n"},
      {"//dev///null// /", "/dev/null\n"},
      {"/usr/bin/python3.%", "/usr/bin/python3\n"},
      {"/dev/shm\x01/dev/pts\xc3", ""},
      {"/dev/a\n/dev/b\t(/dev/c)", "/dev/a\n/dev/b\n/dev/c\n"},
      {"/", ""},
      {"", ""},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
    check_paths(cases[i].text, strlen(cases[i].text), FALSE, cases[i].paths);
  check_paths("/a\0/b\0b/c", 9, FALSE, "/a\n/b\n");
}

static void
test_long_paths(void) {
  g_autoptr(GString) text = g_string_new("/");
  while (text->len < PATHS_LONGEST)
    g_string_append_c(text, 'x');
  g_autofree char *expected = g_strconcat(text->str, "\n", NULL);
  check_paths(text->str, text->len, FALSE, expected);
  g_string_append_c(text, 'x');
  check_paths(text->str, text->len, FALSE, "");
}

static void
test_comments(void) {
  static const char text[] = "#!/bin/sh\n  # /dev/a\ncat /dev/b # /dev/c\n#/dev/d";
  check_paths(text, strlen(text), TRUE, "/dev/b\n/dev/c\n");
  check_paths(text, strlen(text), FALSE, "/bin/sh\n/dev/a\n/dev/b\n/dev/c\n/dev/d\n");
}

static void
test_rules(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) strings = g_ptr_array_new();
  static const char text[] =
      "# comment\n"
      "family X.25 when import x25_a x25_b unless CONFIG_X25 /usr/x* => [kernel] "
      "options=X25=y NET=y  # old\n"
      "node pump when string /dev/pump unless /dev/pump => [image] mounts=dev  # water\n"
      "unmissed /dev/a*  # a\n"
      "except lib*.so  # b\n"
      "account setuid setgid  # c\n"
      "account kill  # d\n";
  g_autoptr(AbsentRules) rules = absent_rules_parse(text, strlen(text), "f", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(rules->rules->len, ==, 2);
  const AbsentRule *rule = rules->rules->pdata[0];
  g_assert_cmpstr(rule->kind, ==, "family");
  g_assert_cmpstr(rule->name, ==, "X.25");
  g_assert_cmpuint(rule->facts->len, ==, 2);
  g_assert_cmpstr(rule->has[0], ==, "CONFIG_X25");
  g_assert_cmpstr(rule->has[1], ==, "/usr/x*");
  g_assert_null(rule->has[2]);
  g_assert_cmpstr(rule->cure, ==, "[kernel] options=X25=y NET=y");
  g_assert_cmpstr(rule->reason, ==, "old");
  g_assert_cmpstr(rules->unmissed->pdata[0], ==, "/dev/a*");
  g_assert_cmpstr(rules->excepts->pdata[0], ==, "lib*.so");
  g_autofree char *account = capabilities_text(rules->account);
  g_assert_cmpstr(account, ==, "kill setgid setuid");
  absent_rules_wanted(rules, names, strings);
  g_assert_true(g_hash_table_contains(names, "x25_b"));
  g_assert_cmpstr(strings->pdata[0], ==, "/dev/pump");
}

static void
test_bad_rules(void) {
  static const BadRules cases[] = {
      {"family x when import a unless CONFIG_A => [kernel] with=a", " # REASON"},
      {"\ndevice x when import a unless CONFIG_A => [kernel] with=a  # b", "f:2: "},
      {"device x when import a unless CONFIG_A => [kernel] with=a  # b", "family, helper, locale"},
      {"family x when import a unless => [kernel] with=a  # b", "KIND NAME when"},
      {"family x when import unless CONFIG_A => [kernel] with=a  # b", "KIND NAME when"},
      {"family x when import a => [kernel] with=a  # b", "KIND NAME when"},
      {"family x when guess a unless CONFIG_A => [kernel] with=a  # b", "a condition: import"},
      {"family x when call a:b unless CONFIG_A => [kernel] with=a  # b", "a condition: import"},
      {"family x when import a unless CONFIG_A => kernel with=a  # b", "KIND NAME when"},
      {"family x when import a unless CONFIG_A => [kernel]  # b", "KIND NAME when"},
      {"family x when import a unless CONFIG_A  # b", "KIND NAME when"},
      {"family  # b", "KIND NAME when"},
      {"family x when  # b", "KIND NAME when"},
      {"unmissed dev  # b", "unmissed"},
      {"unmissed /a /b  # c", "unmissed"},
      {"account everything  # b", "names of capabilities(7)"},
      {"except  # b", "KIND NAME when"},
  };
  BAD_RULES_REFUSED(absent_rules_parse, cases);
}

static void
test_known_paths(void) {
  static const char text[] = "there /dev/null* /dev/N  # nodes\n"
                             "left /dev/loop* /proc/N/io  # disks of files\n";
  static const BadRules bad[] = {{"left /a", "f:1: "},
                                 {"\ngone /a  # b", "f:2: "},
                                 {"left  # b", "there|left GLOB...  # REASON"}};
  g_autoptr(GError) error = NULL;
  g_autoptr(KnownPaths) paths = known_paths_parse(text, strlen(text), "f", &error);
  g_assert_no_error(error);
  g_assert_cmpstr(known_paths_reason(paths, "/dev/null"), ==, "nodes");
  g_assert_cmpstr(known_paths_reason(paths, "/dev/*"), ==, "nodes");
  g_assert_cmpstr(known_paths_reason(paths, "/proc/*/io"), ==, "disks of files");
  g_assert_null(known_paths_reason(paths, "/dev/x"));
  BAD_RULES_REFUSED(known_paths_parse, bad);
}

/* Ours. */
static void
test_data(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(AbsentRules) rules = absent_rules_load(&error);
  g_assert_no_error(error);
  g_assert_cmpuint(rules->rules->len, >, 0);
  g_autoptr(KnownPaths) paths = known_paths_load(&error);
  g_assert_no_error(error);
  g_assert_nonnull(known_paths_reason(paths, "/dev/watchdog"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/absent/paths", test_paths);
  g_test_add_func("/absent/long-paths", test_long_paths);
  g_test_add_func("/absent/comments", test_comments);
  g_test_add_func("/absent/rules", test_rules);
  g_test_add_func("/absent/bad-rules", test_bad_rules);
  g_test_add_func("/absent/known-paths", test_known_paths);
  g_test_add_func("/absent/data", test_data);
  return g_test_run();
}
