/* test-draft-write.c - a draft with a given command, and as a folder. */
#include "base/files.h"
#include "draft/draft-private.h"
#include "draft/service.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *const none[] = {NULL};

/* Package x, which has the program /usr/sbin/x, with COMMAND. */
static gboolean
draft_of(const char *command, int port, Draft *draft, GError **error) {
  const char *const packages[] = {"x", NULL}, *const commands[] = {command, NULL};
  const DraftOptions options = {
      .packages = packages, .commands = commands, .ports = &port, .n_ports = 1};
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/usr/sbin/x", "x", -1, 0755, from_package("x", "new"), NULL);
  return draft_from_tree(&options, tree, none, draft, error);
}

static void
test_command(void) {
  static const char *const cases[][2] = {
      {"x -p 1234 'a b'", "/usr/sbin/x -p 1234 'a b'"},
      {"/opt/y  -p 1234", "/opt/y  -p 1234"},
      {"y -z",
       "--command 'y -z': no package brings a program y; expected one, or its absolute path"},
      {"x 'a", "--command 'x 'a': Text ended before matching quote"}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(Draft) draft = {0};
    g_autoptr(GError) error = NULL;
    if (!draft_of(cases[i][0], 0, &draft, &error)) {
      g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
      g_assert_true(g_str_has_prefix(error->message, cases[i][1]));
      continue;
    }
    const Service *service = draft.services->pdata[0];
    g_assert_cmpstr(service->run->command, ==, cases[i][1]);
  }
}

static void
test_testable(void) {
  g_auto(Draft) without = {0}, with = {0};
  g_assert_true(draft_of("x", 0, &without, NULL));
  g_assert_false(draft_is_testable(&without));
  g_autofree char *text = draft_text(&without);
  g_assert_nonnull(strstr(text, "no port is known: this recipe cannot be tested yet"));
  g_assert_true(draft_of("x", 80, &with, NULL));
  g_assert_true(draft_is_testable(&with));
}

/* What names another platform's console or disk has a note; its own, and longer names, do not. */
static void
test_devices(void) {
  static const struct {
    const char *command, *platform, *note;
  } cases[] = {
      {"x --log /dev/hvc0", "xen-pv", NULL},
      {"x --log /dev/hvc0", "xen-pvh", NULL},
      {"x --log /dev/hvc0", "qemu-microvm",
       "recipe.conf names /dev/hvc0, which is for another platform: guests of xen-pv have it, "
       "those "
       "of qemu-microvm do not"},
      {"x --disk=/dev/vda", "xen-pvh",
       "recipe.conf names /dev/vda, which is for another platform: guests of qemu-microvm have it, "
       "those of xen-pvh do not"},
      {"x --disk=/dev/vda9", "xen-pvh", NULL},
      {"x", "xen-pv", NULL}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(Draft) draft = {0};
    g_autoptr(Platform) platform = platform_load(cases[i].platform, NULL);
    g_assert_true(draft_of(cases[i].command, 80, &draft, NULL));
    guint before = draft.notes->len;
    draft_note_devices(&draft, platform);
    g_assert_cmpuint(draft.notes->len, ==, before + (cases[i].note != NULL));
    if (cases[i].note != NULL)
      g_assert_cmpstr(draft.notes->pdata[before], ==, cases[i].note);
  }
  g_auto(Draft) draft = {0};
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_assert_true(draft_of("x", 80, &draft, NULL));
  g_hash_table_insert(draft.files, g_strdup("files/etc/x.conf"), g_strdup("tty = /dev/ttyS0\n"));
  draft_note_devices(&draft, platform);
  g_autofree char *text = draft_text(&draft);
  g_assert_nonnull(strstr(text, "note: files/etc/x.conf names /dev/ttyS0, which is for another"));
}

static char *
content(const char *folder, const char *path) {
  g_autofree char *file = g_build_filename(folder, path, NULL);
  char *text = NULL;
  g_file_get_contents(file, &text, NULL, NULL);
  return text;
}

static void
test_folder(void) {
  g_auto(Draft) draft = {0};
  g_autoptr(GError) error = NULL;
  g_autofree char *top = g_dir_make_tmp("tinyx-draft-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename(top, "x", NULL);
  g_autofree char *bad = g_build_filename(top, "X", NULL);
  g_autofree char *test = g_build_filename(folder, "test.sh", NULL);
  g_assert_true(draft_of("x", 80, &draft, NULL));
  g_hash_table_replace(draft.files, g_strdup("/etc/a"), g_strdup("1"));
  g_assert_true(draft_write(&draft, folder, FALSE, &error));
  g_autofree char *first = content(folder, "files/etc/a");
  g_assert_cmpstr(first, ==, "1");

  g_assert_false(draft_write(&draft, folder, FALSE, &error));
  g_assert_nonnull(strstr(error->message, "x/recipe.conf is there already; expected another"));
  g_clear_error(&error);
  g_assert_false(draft_write(&draft, bad, TRUE, &error));
  g_assert_nonnull(strstr(error->message, "a recipe cannot be called 'X'; expected a folder (-o)"));
  g_assert_false(g_file_test(bad, G_FILE_TEST_EXISTS));
  g_clear_error(&error);

  /* An earlier draft's files go; what a person put beside them stays. */
  g_assert_true(g_file_set_contents(test, "exit 0\n", -1, NULL));
  g_hash_table_remove_all(draft.files);
  g_hash_table_replace(draft.files, g_strdup("/etc/b"), g_strdup("2"));
  g_assert_true(draft_write(&draft, folder, TRUE, &error));
  g_autofree char *gone = content(folder, "files/etc/a"), *second = content(folder, "files/etc/b");
  g_assert_null(gone);
  g_assert_cmpstr(second, ==, "2");
  g_assert_true(g_file_test(test, G_FILE_TEST_EXISTS));
  g_hash_table_remove_all(draft.files);
  g_assert_true(draft_write(&draft, folder, TRUE, &error));
  g_autofree char *empty = g_build_filename(folder, "files", NULL);
  g_assert_false(g_file_test(empty, G_FILE_TEST_EXISTS));

  /* What cannot be written leaves what was there. */
  g_hash_table_replace(draft.files, g_strdup("/etc/b/c"), g_strdup("3"));
  g_assert_true(draft_write(&draft, folder, TRUE, &error));
  g_hash_table_replace(draft.files, g_strdup("/etc/b"), g_strdup("4"));
  g_assert_false(draft_write(&draft, folder, TRUE, &error));
  g_autofree char *kept = content(folder, "files/etc/b/c");
  g_assert_cmpstr(kept, ==, "3");
  g_assert_true(dir_remove(top, NULL));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/draft-write/command", test_command);
  g_test_add_func("/draft-write/testable", test_testable);
  g_test_add_func("/draft-write/devices", test_devices);
  g_test_add_func("/draft-write/folder", test_folder);
  return g_test_run();
}
