/* test-install.c - what an installation's list says of each file: a tar as the script leaves it,
 * and dpkg's database in it. */
#include "base/files.h"
#include "base/proc.h"
#include "rootfs/import.h"
#include "rootfs/install.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder, *from, *root; /* FROM goes into the tar, ROOT is where it comes out */
  GHashTable *fresh;
  Tree *tree;
} Fixture;

static void
put(const Fixture *fixture, const char *path, const char *text) {
  g_autoptr(GError) error = NULL;
  g_autofree char *file = g_strconcat(fixture->from, path, NULL);
  g_autofree char *folder = g_path_get_dirname(file);
  g_assert_true(dir_make(folder, &error));
  g_assert_true(file_write(file, text, strlen(text), 0644, &error));
}

static void
chmod_in(Fixture *fixture, const char *path, unsigned mode) {
  g_autofree char *file = g_strconcat(fixture->from, path, NULL);
  g_assert_cmpint(chmod(file, mode), ==, 0);
}

static void
set_up(Fixture *fixture, gconstpointer data) {
  static const char *const fresh[] = {"/usr",          "/usr/bin/app", "/etc/app.conf",
                                      "/etc/made",     "/etc/base",    "/usr/bin/two",
                                      "/usr/bin/link", "/etc/extra",   "/var/null"};
  (void)data;
  g_autoptr(GError) error = NULL;
  fixture->folder = g_dir_make_tmp("tinyx-install-XXXXXX", NULL);
  fixture->from = g_build_filename(fixture->folder, "from", NULL);
  fixture->root = g_build_filename(fixture->folder, "root", NULL);
  fixture->fresh = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < G_N_ELEMENTS(fresh); i++)
    g_hash_table_add(fixture->fresh, (gpointer)fresh[i]);
  /* MD5 of "as shipped": what every package here brought. */
  g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_MD5, "as shipped", -1);
  g_autofree char *sums = g_strdup_printf("%s  usr/bin/app\n%s  usr/bin/two\n", sum, sum);
  g_autofree char *base_sums = g_strdup_printf("%s  etc/base\n%s  usr/bin/old\n", sum, sum);
  g_autofree char *status = g_strdup_printf("Package: app\nConffiles:\n /etc/app.conf %s\n", sum);
  put(fixture, "/var/lib/dpkg/status", status);
  put(fixture, "/var/lib/dpkg/info/app.md5sums", sums);
  put(fixture, "/var/lib/dpkg/info/base.md5sums", base_sums);
  put(fixture, "/var/lib/dpkg/info/app.list",
      "/usr/bin/app\n/usr/bin/two\n/usr/bin/link\n/etc/app.conf\n/etc/extra\n");
  put(fixture, "/var/lib/dpkg/info/base.list", "/etc/base\n/usr/bin/old\n");
  put(fixture, "/usr/bin/app", "as shipped");
  put(fixture, "/usr/bin/old", "as shipped");
  put(fixture, "/etc/app.conf", "edited by a script");
  put(fixture, "/etc/base", "changed by the installation");
  put(fixture, "/etc/made", "as shipped");
  put(fixture, "/etc/extra", "without a sum");
  put(fixture, "/etc/machine", "by debootstrap");
  put(fixture, "/var/null", "tinyx: character device 1 3\n");
  put(fixture, "/var/mem", "tinyx: character device 1 1\n");
  put(fixture, "/var/long", "tinyx: character device 1 3\n\n");
  chmod_in(fixture, "/var/null", 0620);
  g_autofree char *one = g_strconcat(fixture->from, "/usr/bin/app", NULL);
  g_autofree char *two = g_strconcat(fixture->from, "/usr/bin/two", NULL);
  g_autofree char *symbolic = g_strconcat(fixture->from, "/usr/bin/link", NULL);
  g_assert_true(link(one, two) == 0 && symlink("app", symbolic) == 0);
  chmod_in(fixture, "/etc/extra", 04755);
  chmod_in(fixture, "/etc/machine", 0640);
  chmod_in(fixture, "/etc/made", 0666);
  chmod_in(fixture, "/usr/bin", 0700);
  chmod_in(fixture, "/etc", 01777);
  g_autofree char *tar = g_build_filename(fixture->folder, "root.tar", NULL);
  g_assert_true(dir_make(fixture->root, &error) &&
                proc_call(60, NULL, &error, "tar", "-C", fixture->from, "-cf", tar, ".", NULL));
  fixture->tree = import_tar(tar, fixture->root, fixture->fresh, &error);
  g_assert_no_error(error);
  /* As a cached list is loaded: with the copies as sources. */
  const GPtrArray *entries = tree_entries(fixture->tree);
  for (guint i = 0; i < entries->len; i++) {
    TreeEntry *entry = entries->pdata[i];
    if (entry->type != TREE_FILE)
      continue;
    g_free(entry->source);
    entry->source = g_build_filename(fixture->root, entry->path, NULL);
  }
}

static void
tear_down(Fixture *fixture, gconstpointer data) {
  (void)data;
  dir_remove(fixture->folder, NULL);
  g_free(fixture->folder);
  g_free(fixture->from);
  g_free(fixture->root);
  g_hash_table_unref(fixture->fresh);
  tree_free(fixture->tree);
}

/* What others could run, or read, in the cache: at most what they could in the installation. */
static void
test_modes(Fixture *fixture, gconstpointer data) {
  static const struct {
    const char *path;
    unsigned listed, here;
  } expected[] = {{"/etc/extra", 04755, 0755},
                  {"/etc/machine", 0640, 0640},
                  {"/etc/made", 0666, 0644},
                  {"/usr/bin", 0700, 0700},
                  {"/etc", 01777, 0755}};
  (void)data;
  for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
    const TreeEntry *entry = tree_find(fixture->tree, expected[i].path);
    g_autofree char *path = g_build_filename(fixture->root, expected[i].path, NULL);
    struct stat info;
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmphex(entry->mode, ==, expected[i].listed);
    g_assert_cmphex(info.st_mode & 07777, ==, expected[i].here);
  }
}

static void
test_states(Fixture *fixture, gconstpointer data) {
  static const struct {
    const char *path;
    TreeOrigin origin;
    TreeState state;
    const char *package;
  } expected[] = {
      {"/usr/bin/app", ORIGIN_PACKAGE, STATE_INSTALLED, "app"},
      {"/usr/bin/two", ORIGIN_PACKAGE, STATE_INSTALLED, "app"}, /* a hard link to it */
      {"/usr/bin/link", ORIGIN_PACKAGE, STATE_UNKNOWN, "app"},
      {"/etc/app.conf", ORIGIN_PACKAGE, STATE_CHANGED, "app"},
      {"/etc/extra", ORIGIN_PACKAGE, STATE_UNKNOWN, "app"},
      {"/etc/made", ORIGIN_SCRIPT, STATE_NEW, NULL},
      {"/etc/base", ORIGIN_PACKAGE, STATE_CHANGED, "base"},
      {"/usr/bin/old", ORIGIN_BASE, STATE_INSTALLED, "base"},
      {"/etc/machine", ORIGIN_BASE, STATE_NEW, NULL},
      {"/usr", ORIGIN_SCRIPT, STATE_NEW, NULL},
  };
  g_autoptr(GError) error = NULL;
  (void)data;
  g_assert_true(installation_compare(fixture->tree, fixture->root, &error));
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
    const TreeEntry *entry = tree_find(fixture->tree, expected[i].path);
    if (entry->origin != expected[i].origin || entry->state != expected[i].state)
      g_error("%s: %s, %s", entry->path, tree_origin_name(entry->origin),
              tree_state_name(entry->state));
    g_assert_cmpstr(entry->package, ==, expected[i].package);
    g_assert_cmpint(installation_is_new(entry), ==, expected[i].origin != ORIGIN_BASE);
  }
}

/* Each file is noted with its sum, by which damage is noticed later. */
static void
test_damage(Fixture *fixture, gconstpointer data) {
  g_autoptr(GError) error = NULL;
  (void)data;
  TreeEntry *one = tree_find(fixture->tree, "/usr/bin/app");
  TreeEntry *two = tree_find(fixture->tree, "/usr/bin/two");
  g_assert_cmpstr(one->sha256, ==, two->sha256);
  g_assert_true(installation_check(one, &error));
  g_assert_no_error(error);
  g_assert_true(file_write(one->source, "as chipped", 10, 0644, &error));
  g_assert_false(installation_check(one, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  g_clear_error(&error);
  g_clear_pointer(&two->sha256, g_free);
  g_assert_false(installation_check(two, &error)); /* nothing is known of it */
}

#define ADD(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)

/* A tar of FIRST and then SECOND, shell commands that make what the folder NAME is to have. */
static char *
tar_of_two(const Fixture *fixture, const char *first, const char *second) {
  g_autofree char *script =
      g_strdup_printf("mkdir two && cd two && %s && tar -Scf ../two.tar x && rm -r x && %s && "
                      "tar -Srf ../two.tar x && rm -r x",
                      first, second);
  const char *argv[] = {"sh", "-ec", script, NULL};
  const ProcSpec spec = {.argv = argv, .cwd = fixture->folder, .deadline = 60};
  g_autoptr(GError) error = NULL;
  proc_run(&spec, NULL, &error);
  g_assert_no_error(error);
  return g_build_filename(fixture->folder, "two.tar", NULL);
}

/* Links lie in the folder as links of this machine: what would be written through one is refused.
 */
static void
test_outside(Fixture *fixture, gconstpointer data) {
  static const char *const members[][2] = {
      {"ln -s ../outside x", "mkdir x && echo y >x/f"}, /* a folder in a link's place */
      {"mkdir x && ln -s ../../outside x/x", "mkdir -p x/x/x && echo y >x/x/x/f"},
      {"echo a >x", "echo b >x"}, /* twice */
      {"ln -s ../outside x", "mkdir x && mkdir x/x"},
      {"truncate -s 1G x", "truncate -s 1G x && echo y >>x"}};
  g_autofree char *outside = g_build_filename(fixture->folder, "outside", NULL);
  (void)data;
  g_assert_true(dir_make(outside, NULL));
  for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
    g_autofree char *name = g_strdup_printf("%s/import-%u", fixture->folder, i);
    g_autofree char *tar = tar_of_two(fixture, members[i][0], members[i][1]);
    g_autofree char *two = g_build_filename(fixture->folder, "two", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(dir_make(name, NULL));
    g_assert_null(import_tar(tar, name, fixture->fresh, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
    g_assert_cmpint(rmdir(two), ==, 0);
    g_autoptr(GDir) dir = g_dir_open(outside, 0, NULL);
    g_assert_null(g_dir_read_name(dir));
  }
}

/* What mknod(2) of a harmless device left is that device; what says so of another one, or not only
 * so, is a file. */
static void
test_nodes(Fixture *fixture, gconstpointer data) {
  const TreeEntry *null = tree_find(fixture->tree, "/var/null");
  g_autofree char *copy = g_build_filename(fixture->root, "var/null", NULL);
  (void)data;
  g_assert_cmpint(null->type, ==, TREE_CHAR);
  g_assert_cmphex(null->mode, ==, 0620);
  g_assert_cmpuint(null->rdev_major, ==, 1);
  g_assert_cmpuint(null->rdev_minor, ==, 3);
  g_assert_cmpint(null->origin, ==, ORIGIN_SCRIPT);
  g_assert_cmpint(access(copy, F_OK), !=, 0);
  g_assert_cmpint(tree_find(fixture->tree, "/var/mem")->type, ==, TREE_FILE);
  g_assert_cmpint(tree_find(fixture->tree, "/var/long")->type, ==, TREE_FILE);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  ADD("/install/modes", test_modes);
  ADD("/install/states", test_states);
  ADD("/install/damage", test_damage);
  ADD("/install/outside", test_outside);
  ADD("/install/nodes", test_nodes);
  return g_test_run();
}
