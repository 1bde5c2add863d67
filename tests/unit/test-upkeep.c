/* test-upkeep.c - what `tinyx outdated` reads: changelogs, apt's policy, images' folders. */
#include "base/files.h"
#include "base/strings.h"
#include "upkeep/changelog.h"
#include "upkeep/outdated.h"

#include <glib/gstdio.h>

static const char changelog[] = "web (1.2-3+deb12u2) bookworm-security; urgency=high\n\n"
                                "  * DSA-5678-1: CVE-2024-1111, CVE-2024-22222 (Closes: #1)\n"
                                "    not CVE-12-1, nor XCVE-2024-3333\n\n"
                                " -- A <a@b>  Mon, 01 Jan 2024 00:00:00 +0000\n\n"
                                "web (1.2-3+deb12u1) bookworm; urgency=medium\n\n"
                                "  * CVE-2024-1111 again, CVE-2023-4444\n\n"
                                " -- A <a@b>  Sun, 01 Jan 2023 00:00:00 +0000\n\n"
                                "web (1.2-3) unstable; urgency=medium\n\n"
                                "  * CVE-2020-5555\n";

static char *
advisories(const char *version) {
  g_autoptr(GPtrArray) names = changelog_advisories(changelog, version);
  return strings_join(names, " ");
}

static void
test_changelog(void) {
  static const char *const expected[][2] = {
      {"1.2-3+deb12u1", "CVE-2024-1111 CVE-2024-22222 DSA-5678-1"},
      {"1.2-3", "CVE-2023-4444 CVE-2024-1111 CVE-2024-22222 DSA-5678-1"},
      {"1.2-3+deb12u2", ""},
      {"2", ""},
      /* an upstream version alone, as a kernel's: its revisions are not newer */
      {"1.2", ""},
      {"1.1", "CVE-2020-5555 CVE-2023-4444 CVE-2024-1111 CVE-2024-22222 DSA-5678-1"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
    g_autofree char *got = advisories(expected[i][0]);
    g_assert_cmpstr(got, ==, expected[i][1]);
  }
  g_autoptr(GPtrArray) none = changelog_advisories("web (1\n\xff (2) x; CVE-2024-1111\n", "1");
  g_assert_cmpuint(none->len, ==, 1);
}

static void
test_policy(void) {
  static const char text[] = "web:\n  Installed: (none)\n  Candidate: 1.2-3+deb12u2\n"
                             "  Version table:\n"
                             "     1.2-3+deb12u2 500\n"
                             "        500 http://x bookworm-security/main amd64 Packages\n"
                             "     1.2-3 500\n"
                             "        500 http://x bookworm/main amd64 Packages\n"
                             "plain:\n  Installed: (none)\n  Candidate: 1:2.0\n  Version table:\n"
                             "     1:2.0 500\n"
                             "        500 http://x bookworm/main amd64 Packages\n"
                             "     1:1.9 500\n"
                             "        500 http://x bookworm-security/main amd64 Packages\n"
                             "gone:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n";
  g_autoptr(GHashTable) all = policy_parse(text);
  const Policy *web = g_hash_table_lookup(all, "web"), *plain = g_hash_table_lookup(all, "plain");
  const Policy *gone = g_hash_table_lookup(all, "gone");
  g_assert_cmpuint(g_hash_table_size(all), ==, 3);
  g_assert_cmpstr(web->candidate, ==, "1.2-3+deb12u2");
  g_assert_true(web->security);
  g_assert_cmpstr(plain->candidate, ==, "1:2.0");
  g_assert_false(plain->security);
  g_assert_null(gone->candidate);
  g_autoptr(GHashTable) none = policy_parse("N: nothing\n  Candidate: 1\n");
  g_assert_cmpuint(g_hash_table_size(none), ==, 0);
}

static void
make_image(const char *folder) {
  g_autofree char *path = g_build_filename(folder, "report.json", NULL);
  g_autoptr(GError) error = NULL;
  dir_make(folder, NULL);
  file_write(path, "{}", 2, 0644, &error);
  g_assert_no_error(error);
}

static void
check_folders(const char *name, const char *expected) {
  char *names[] = {(char *)name, NULL};
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) folders = outdated_folders(names, &error);
  g_autofree char *got = folders != NULL ? g_strjoinv(" ", folders) : NULL;
  g_assert_cmpstr(got, ==, expected);
  g_assert_true((error != NULL) == (expected == NULL));
}

static void
test_folders(void) {
  g_autofree char *base = g_dir_make_tmp("test-upkeep-XXXXXX", NULL);
  g_autofree char *before = g_get_current_dir();
  g_assert_cmpint(g_chdir(base), ==, 0);
  make_image("out/web/a");
  make_image("out/web/b");
  make_image("out/db/a");
  make_image("own");
  dir_make("empty", NULL);
  check_folders("web", "out/web/a out/web/b");
  check_folders("own", "own");
  check_folders("./own", "./own");
  check_folders("out/web", "out/web/a out/web/b");
  check_folders("empty", NULL);
  check_folders("wbe", NULL);
  check_folders(NULL, "out/db/a out/web/a out/web/b");
  g_assert_cmpint(g_chdir(before), ==, 0);
  dir_remove(base, NULL);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/upkeep/changelog", test_changelog);
  g_test_add_func("/upkeep/policy", test_policy);
  g_test_add_func("/upkeep/folders", test_folders);
  return g_test_run();
}
