/* test-deb822.c - Debian control data: stanzas, relations; the order of versions against dpkg
 * --compare-versions. */
#include "base/proc.h"
#include "deps/deb822.h"
#include "deps/package-list.h"

#include "bad-rules.h"

#include <string.h>

static void
test_paragraphs(void) {
  static const char text[] = "# comment\nPackage: a\nDescription: short\n long\n .\n end\n\n\n"
                             "PACKAGE:b\nEmpty:\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) stanzas = deb822_parse(text, strlen(text), "f", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(stanzas->len, ==, 2);
  g_assert_cmpint(((Deb822Stanza *)stanzas->pdata[0])->line, ==, 2);
  g_assert_cmpstr(deb822_get(stanzas->pdata[0], "package"), ==, "a");
  g_assert_cmpstr(deb822_get(stanzas->pdata[0], "Description"), ==, "short\nlong\n.\nend");
  g_assert_cmpstr(deb822_get(stanzas->pdata[1], "Package"), ==, "b");
  g_assert_cmpstr(deb822_get(stanzas->pdata[1], "Empty"), ==, "");
  g_assert_null(deb822_get(stanzas->pdata[1], "Version"));
}

static void
test_bad_paragraphs(void) {
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"A: 1\nno colon\n", "f:2: no field name in \"no colon\"; expected \"Name: value\""},
      {" x\n", "f:1: a continuation of nothing: \" x\"; expected a field first"},
      {"A: 1\n\n x\n", "f:3: a continuation of nothing: \" x\"; expected a field first"},
      {"A: 1\nB: 2\na: 3\n", "f:3: a second field \"a\"; expected each field once in a paragraph"},
      {": 1\n", "f:1: no field name in \": 1\"; expected \"Name: value\""},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(deb822_parse(cases[i].text, strlen(cases[i].text), "f", &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_cmpstr(error->message, ==, cases[i].message);
  }
}

static void
test_relations(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) groups =
      deb822_relations_parse("libc6 (>= 2.35), aa:any | bb (<< 1:2~), cc(=1)", "f", 1, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(groups->len, ==, 3);
  const GPtrArray *second = groups->pdata[1];
  const Deb822Relation *a = second->pdata[0], *b = second->pdata[1];
  const Deb822Relation *c = g_ptr_array_index((GPtrArray *)groups->pdata[2], 0);
  g_assert_cmpstr(a->name, ==, "aa");
  g_assert_true(deb822_relation_accepts(a, NULL));
  g_assert_cmpstr(b->name, ==, "bb");
  g_assert_true(deb822_relation_accepts(b, "1:1.9"));
  g_assert_false(deb822_relation_accepts(b, "1:2"));
  g_assert_false(deb822_relation_accepts(b, NULL));
  g_assert_true(deb822_relation_accepts(c, "1"));
  g_assert_false(deb822_relation_accepts(c, "1.0.1"));
}

static void
test_bad_relations(void) {
  static const char *const cases[] = {"aa (>= 1", "aa (1)",      "aa ()",       "aa | ",
                                      ", aa",     "Aa",          "aa bb",       "aa (>= 1) x",
                                      "aa,,bb",   "aa (>= 1 2)", "aa (>= (1))", "a"};
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    if (deb822_relations_parse(cases[i], "f", 7, &error) != NULL)
      g_error("accepted: %s", cases[i]);
    g_assert_true(g_str_has_prefix(error->message, "f:7: not a relation:"));
  }
}

static int
dpkg_order(const char *a, const char *b) {
  static const char *const operators[] = {"lt", "eq", "gt"};
  for (int i = 0; i < 3; i++) {
    const char *argv[] = {"dpkg", "--compare-versions", a, operators[i], b, NULL};
    ProcSpec spec = {.argv = argv, .deadline = 20, .flags = PROC_ANY_STATUS};
    g_auto(ProcResult) result = {0};
    g_autoptr(GError) error = NULL;
    proc_run(&spec, &result, &error);
    g_assert_no_error(error);
    if (result.status == 0)
      return i - 1;
  }
  g_assert_not_reached();
}

static void
test_versions(void) {
  static const char *const versions[] = {"1",       "1.0",      "1.0-1",  "1.0-1~bpo", "1.0~rc1",
                                         "1.00",    "1:0.1",    "2.0+b1", "2.0.1",     "1.0a",
                                         "1.0-1.1", "09-9+deb", "10"};
  for (gsize i = 0; i < G_N_ELEMENTS(versions); i++)
    for (gsize k = i; k < G_N_ELEMENTS(versions); k++) {
      int ours = deb822_version_compare(versions[i], versions[k]);
      int theirs = dpkg_order(versions[i], versions[k]);
      if ((ours > 0) - (ours < 0) != theirs)
        g_error("%s, %s: %d, but dpkg says %d", versions[i], versions[k], ours, theirs);
      int back = deb822_version_compare(versions[k], versions[i]);
      g_assert_cmpint((back > 0) - (back < 0), ==, -theirs);
    }
}

static void
test_lists(void) {
  static const BadRules bad[] = {
      {"apt\n", "f:1: \"apt\"; expected \"# reason\" after the name"},
      {"\nApt # x\n", "f:2: \"Apt\"; expected a Debian package's name"},
      {"apt # x\napt # y\n", "f:2: \"apt\"; expected each package once"},
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) list = package_list_parse("# c\n\n apt  # why\n", 17, "f", &error);
  g_assert_no_error(error);
  g_assert_cmpstr(g_hash_table_lookup(list, "apt"), ==, "why");
  BAD_RULES_REFUSED(package_list_parse, bad);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/deb822/paragraphs", test_paragraphs);
  g_test_add_func("/deb822/bad-paragraphs", test_bad_paragraphs);
  g_test_add_func("/deb822/relations", test_relations);
  g_test_add_func("/deb822/bad-relations", test_bad_relations);
  g_test_add_func("/deb822/versions-as-dpkg", test_versions);
  g_test_add_func("/deb822/package-lists", test_lists);
  return g_test_run();
}
