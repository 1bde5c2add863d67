/* test-tmpfiles.c - tmpfiles.d(5): lines as Debian's packages have them, bad ones, and what they
 * make of a tree. */
#include "rootfs/tmpfiles.h"

#include <string.h>

static GPtrArray *
parse(const char *text, GPtrArray *complaints) {
  return tmpfiles_parse(text, strlen(text), "f.conf", complaints);
}

static void
test_lines(void) {
  g_autoptr(GPtrArray) bad = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) entries = parse("# comment\n"
                                       "d /run/postgresql 2775 postgres :postgres - -\n"
                                       "D! %t/x 0755\n"
                                       "f /run/utmp 0664 root utmp - hello there\n"
                                       "L+ \"/etc/a b\" - - - - ../proc/mounts\n"
                                       "F /run/new\n"
                                       "x /tmp/systemd-private-%b-*\n"
                                       "a+ /var/log/journal - - - - d:group:adm:r-x\n"
                                       "f /etc/machine-%m\n",
                                       bad);
  g_assert_cmpuint(bad->len, ==, 0);
  g_assert_cmpuint(entries->len, ==, 5);
  const TmpfilesEntry *first = entries->pdata[0], *second = entries->pdata[1];
  g_assert_true(first->type == 'd' && first->mode == 02775);
  g_assert_cmpstr(first->user, ==, "postgres");
  g_assert_cmpstr(first->group, ==, "postgres");
  g_assert_cmpstr(first->origin, ==, "f.conf:2");
  g_assert_true(second->type == 'd' && second->user == NULL);
  g_assert_cmpstr(second->path, ==, "/run/x");
  const TmpfilesEntry *file = entries->pdata[2], *link = entries->pdata[3];
  g_assert_cmpstr(file->argument, ==, "hello there");
  g_assert_cmpstr(link->path, ==, "/etc/a b");
  g_assert_true(link->force && link->mode == -1);
  g_assert_true(((const TmpfilesEntry *)entries->pdata[4])->force);
}

static void
test_bad_lines(void) {
  static const struct {
    const char *text, *expected;
  } cases[] = {{"d\n", "f.conf:1: no path in \"d\"; expected TYPE PATH"},
               {"\n\ny /run/x\n", "f.conf:3: unknown type"},
               {"d run/x\n", "f.conf:1: the path is not absolute"},
               {"d /run/x 0899\n", "f.conf:1: the mode is not an octal number"},
               {"d /run/x 77777\n", "f.conf:1: the mode is not an octal number"}};
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GPtrArray) bad = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) entries = parse(cases[i].text, bad);
    g_assert_cmpuint(entries->len, ==, 0);
    g_assert_cmpuint(bad->len, ==, 1);
    if (!g_str_has_prefix(bad->pdata[0], cases[i].expected))
      g_error("\"%s\" does not begin with \"%s\"", (char *)bad->pdata[0], cases[i].expected);
  }
}

static void
add(Tree *tree, const char *path, const char *text) {
  tree_add_data(tree, path, text, -1, 0644, from_package("x", "x"), NULL);
}

/* z takes globs, Z all that is below as well; "~" leaves a file without x as it is. */
static void
test_adjust(void) {
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func(g_free);
  add(tree, "/etc/passwd", "root:x:0:0::/root:/bin/sh\ndb:x:7:8::/:/bin/sh\n");
  add(tree, "/etc/group", "root:x:0:\ndb:x:8:\n");
  add(tree, "/srv/a/one", "1");
  add(tree, "/srv/a/two", "2");
  add(tree, "/srv/b/three", "3");
  add(tree, "/usr/lib/tmpfiles.d/a.conf", "Z /srv/a ~2770 db db\nz /srv/*/three 0604 - db\n");
  tmpfiles_apply(tree, made);
  const TreeEntry *folder = tree_find(tree, "/srv/a"), *one = tree_find(tree, "/srv/a/one");
  const TreeEntry *three = tree_find(tree, "/srv/b/three");
  g_assert_cmpuint(folder->mode, ==, 02770);
  g_assert_cmpuint(folder->uid, ==, 7);
  g_assert_cmpuint(one->mode, ==, 0660);
  g_assert_cmpuint(one->gid, ==, 8);
  g_assert_cmpuint(three->mode, ==, 0604);
  g_assert_cmpuint(three->uid, ==, 0);
  g_assert_cmpuint(three->gid, ==, 8);
  g_assert_cmpuint(tree_find(tree, "/srv/b")->uid, ==, 0);
}

static void
test_apply(void) {
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func(g_free);
  add(tree, "/etc/passwd", "root:x:0:0::/:\ndb:x:70:71::/:\n");
  add(tree, "/etc/group", "root:x:0:\ndb:x:71:\n");
  tree_add_symlink(tree, "/var/run", "/run", from_package("x", "x"), NULL);
  add(tree, "/usr/lib/tmpfiles.d/a.conf", "d /run/a 0700 db db\n");
  add(tree, "/etc/tmpfiles.d/a.conf",
      "d /var/run/a 0711 db db\nd /var/lib/db - db\nc /dev/x 0600 - "
      "- - 10:200\n");
  add(tree, "/usr/lib/tmpfiles.d/b.conf",
      "d /var/lib/db 0777\nL /var/lib/db/l - - - - a\n"
      "z /run/a - - root\n");
  add(tree, "/etc/kept", "kept");
  add(tree, "/usr/lib/tmpfiles.d/c.conf", "f /etc/kept 0600\nf+ /run/n 0640 - db - text\n");
  tmpfiles_apply(tree, made);
  const TreeEntry *a = tree_find(tree, "/run/a"), *lib = tree_find(tree, "/var/lib/db");
  g_assert_true(a != NULL && a->mode == 0711 && a->uid == 70 && a->gid == 0);
  g_assert_true(lib != NULL && lib->mode == 0755 && lib->uid == 70 && lib->gid == 0);
  g_assert_cmpint(lib->reason.kind, ==, REASON_TMPFILES);
  g_assert_cmpstr(lib->reason.by, ==, "/etc/tmpfiles.d/a.conf:2");
  g_assert_cmpstr(tree_find(tree, "/var/lib/db/l")->target, ==, "a");
  const TreeEntry *node = tree_find(tree, "/dev/x"), *text = tree_find(tree, "/run/n");
  g_assert_true(node->type == TREE_CHAR && node->rdev_major == 10 && node->rdev_minor == 200);
  g_assert_true(text->gid == 71 && text->mode == 0640 && text->size == 4);
  g_assert_cmpuint(tree_find(tree, "/etc/kept")->mode, ==, 0644);
  g_assert_cmpuint(made->len, ==, 1);
  g_assert_cmpstr(made->pdata[0], ==, "/var/lib/db");
  g_assert_null(tree_find(tree, "/usr/lib/tmpfiles.d"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tmpfiles/lines", test_lines);
  g_test_add_func("/tmpfiles/bad-lines", test_bad_lines);
  g_test_add_func("/tmpfiles/adjust", test_adjust);
  g_test_add_func("/tmpfiles/apply", test_apply);
  return g_test_run();
}
