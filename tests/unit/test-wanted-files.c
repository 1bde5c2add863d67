/* test-wanted-files.c - files that programs open, and that an image lacks. */
#include "rootfs/wanted-files.h"

#include "bad-rules.h"

#include <string.h>

static const char rules_text[] = "# why\n/etc/ssl/ca.crt ca-certificates  # trust\n"
                                 "/usr/share/zoneinfo tzdata  # zones\nexcept libg*  # links it\n";

static void
test_notes(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(WantedFiles) files = wanted_files_parse(rules_text, strlen(rules_text), "f", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(wanted_files_strings(files)->len, ==, 2);
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(Facts) facts = facts_new();
  facts_add(facts, FACTS_FROM_BYTES, "/etc/ssl/ca.crt", "/usr/lib/libg.so.1");
  wanted_files_note(files, tree, facts);
  g_assert_cmpuint(facts_notes(facts)->len, ==, 0);
  facts_add(facts, FACTS_FROM_BYTES, "/etc/ssl/ca.crt", "/usr/bin/client");
  wanted_files_note(files, tree, facts);
  g_assert_cmpuint(facts_notes(facts)->len, ==, 1);
  g_assert_cmpstr(facts_notes(facts)->pdata[0], ==,
                  "not in the image: /etc/ssl/ca.crt, which /usr/bin/client opens: "
                  "packages=ca-certificates brings it");
  g_autoptr(Facts) again = facts_new();
  facts_add(again, FACTS_FROM_BYTES, "/etc/ssl/ca.crt", "/usr/bin/client");
  tree_add_data(tree, "/etc/ssl/ca.crt", "x", -1, 0644, from_package("x", "x"), NULL);
  wanted_files_note(files, tree, again);
  g_assert_cmpuint(facts_notes(again)->len, ==, 0);
}

static void
test_bad(void) {
  static const BadRules cases[] = {{"/a b\n", "f:1: bad line"},
                                   {"\n/a\n", "f:2: bad line"},
                                   {"a b  # c\n", "f:1: bad line"},
                                   {"/a b c  # d\n", "f:1: bad line"}};
  BAD_RULES_REFUSED(wanted_files_parse, cases);
}

/* What curl and a static program of Go would be without. */
static void
test_own(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(WantedFiles) files = wanted_files_load(&error);
  g_assert_no_error(error);
  g_assert_cmpuint(wanted_files_strings(files)->len, >=, 2);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/wanted-files/notes", test_notes);
  g_test_add_func("/wanted-files/bad", test_bad);
  g_test_add_func("/wanted-files/own", test_own);
  return g_test_run();
}
