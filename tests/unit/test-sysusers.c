/* test-sysusers.c - sysusers.d(5): lines, which files are read, and what a draft makes of them. */
#include "draft/draft.h"
#include "draft/sysusers.h"
#include "draft/users.h"

#include <string.h>

/* Each entry as "TYPE NAME ID GROUP GECOS HOME SHELL". */
static char *
entries_text(const GPtrArray *entries) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < entries->len; i++) {
    const SysusersEntry *entry = entries->pdata[i];
    const char *const words[] = {entry->group, entry->gecos, entry->home, entry->shell};
    g_string_append_printf(text, "%c %s %d", entry->type, entry->name, (int)entry->id);
    for (guint j = 0; j < G_N_ELEMENTS(words); j++)
      g_string_append_printf(text, " %s", words[j] != NULL ? words[j] : "-");
    g_string_append_c(text, '\n');
  }
  return g_string_free(text, FALSE);
}

static void
test_lines(void) {
  static const char text[] =
      "# c\n\nu a\nu! b 120 \"B b\" /var/lib/b /bin/sh\nu c -:d -  %S/c\nu e 5:6\n"
      "g f 7\ng h -\ng i /usr/bin/i\nm a f\nr - 500-900\n";
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(sysusers_entry_free);
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  sysusers_parse(text, "x.conf", entries, complaints);
  g_autofree char *got = entries_text(entries);
  g_assert_cmpstr(got, ==,
                  "u a -1 - - - -\nu b 120 - B b /var/lib/b /bin/sh\nu c -1 d - /var/lib/c -\n"
                  "u e 5 6 - - -\ng f 7 - - - -\ng h -1 - - - -\ng i -1 - - - -\nm a -1 f - - -\n");
  g_assert_cmpuint(complaints->len, ==, 0);
  g_assert_cmpstr(((SysusersEntry *)entries->pdata[1])->origin, ==, "x.conf:4");
}

static void
test_bad_lines(void) {
  static const char *const bad[][2] = {
      {"x a", "f:1: 'x a' is passed over; expected a type of u, g, m or r"},
      {"u", "f:1: 'u' is passed over; expected a name of letters, digits, _ . and -"},
      {"u a:b", "f:1: 'u a:b' is passed over; expected a name of letters, digits, _ . and -"},
      {"u a x",
       "f:1: 'u a x' is passed over; expected a number, a number and a group, a path or -"},
      {"g a 1:b",
       "f:1: 'g a 1:b' is passed over; expected a number, a number and a group, a path or -"},
      {"u a - x:y", "f:1: 'u a - x:y' is passed over; expected no colon in what passwd(5) has"},
      {"m a", "f:1: 'm a' is passed over; expected the name of a group"},
      {"u a \"b", "f:1: 'u a \"b' has a quote that does not end"}};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(sysusers_entry_free);
    g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
    sysusers_parse(bad[i][0], "f", entries, complaints);
    g_assert_cmpuint(entries->len, ==, 0);
    g_assert_cmpuint(complaints->len, ==, 1);
    g_assert_cmpstr(complaints->pdata[0], ==, bad[i][1]);
  }
}

static void
put(Tree *tree, const char *path, const char *text, TreeOrigin origin) {
  tree_add_data(tree, path, text, -1, 0644, (TreeFrom){.origin = origin, .package = "x"}, NULL);
}

/* That in /etc hides that of its name in /usr/lib; the base's are made already. */
static void
test_draft(void) {
  static const char *const packages[] = {"x", NULL}, *const commands[] = {"/usr/sbin/x", NULL},
                           *const none[] = {NULL};
  const DraftOptions options = {.packages = packages, .commands = commands};
  g_autoptr(Tree) tree = tree_new();
  g_auto(Draft) draft = {0};
  g_autoptr(GError) error = NULL;
  put(tree, "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nhere:x:101:101::/:/bin/sh\n",
      ORIGIN_PACKAGE);
  put(tree, "/etc/group", "root:x:0:\nhere:x:101:\nadm:x:4:root\n", ORIGIN_PACKAGE);
  put(tree, "/etc/sysusers.d/a.conf", "u a 101 \"A\" /srv/a\nu here\nm a adm\nm here adm\n",
      ORIGIN_PACKAGE);
  put(tree, "/usr/lib/sysusers.d/a.conf", "u hidden\n", ORIGIN_PACKAGE);
  put(tree, "/usr/lib/sysusers.d/b.conf", "g b 77\nu c 78:b\nm d e\nu\n", ORIGIN_PACKAGE);
  put(tree, "/usr/lib/sysusers.d/base.conf", "u base\n", ORIGIN_BASE);
  g_assert_true(draft_from_tree(&options, tree, none, &draft, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(g_hash_table_lookup(draft.files, "/etc/passwd"), ==,
                  "root:x:0:0:root:/root:/bin/sh\nhere:x:101:101::/:/bin/sh\n"
                  "a:x:900:900:A:/srv/a:/usr/sbin/nologin\nc:x:78:77:c:/:/usr/sbin/nologin\n"
                  "d:x:901:901:d:/:/usr/sbin/nologin\n");
  g_assert_cmpstr(g_hash_table_lookup(draft.files, "/etc/group"), ==,
                  "root:x:0:\nhere:x:101:\nadm:x:4:root,a,here\nb:x:77:\na:x:900:\nd:x:901:\n"
                  "e:x:902:d\n");
  g_autofree char *text = draft_text(&draft);
  g_assert_nonnull(strstr(text,
                          "# note: the user a of /etc/sysusers.d/a.conf:1 is made by no package; "
                          "it is in files/etc/passwd\n"));
  g_assert_nonnull(strstr(text, "# note: /usr/lib/sysusers.d/b.conf:4: 'u' is passed over; "));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/sysusers/lines", test_lines);
  g_test_add_func("/sysusers/bad-lines", test_bad_lines);
  g_test_add_func("/sysusers/draft", test_draft);
  return g_test_run();
}
