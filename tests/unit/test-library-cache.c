/* test-library-cache.c - the loader's index for an image, as ldconfig(8) reads it. */
#include "base/files.h"
#include "base/proc.h"
#include "rootfs/library-cache.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const char *const paths[] = {
    "/usr/local/lib/libfoo.so.2",
    "/usr/local/lib/libfoo.so.10",
    "/usr/lib/x86_64-linux-gnu/libfoo.so.2",
    "/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfoo.so.2",
    "/usr/local/lib/plugin.so",
    "/srv/libelsewhere.so.1",
    "/usr/local/lib/libfoo.so.4294967297", /* 1, where the loader counts */
};

/* A root with ld.so.conf, and a tree with this program (of type ET_DYN) at COUNT of the paths. */
static Tree *
tree_of(const char *root, guint first, guint count) {
  static const char conf[] = "# here\ninclude ld.so.conf.d/*.conf\n", local[] = "/usr/local/lib\n";
  g_autofree char *etc = g_build_filename(root, "etc/ld.so.conf.d", NULL);
  g_autofree char *main_conf = g_build_filename(root, "etc/ld.so.conf", NULL);
  g_autofree char *more = g_build_filename(etc, "local.conf", NULL);
  Tree *tree = tree_new();
  g_assert_true(dir_make(etc, NULL));
  g_assert_true(file_write(main_conf, conf, strlen(conf), 0644, NULL));
  g_assert_true(file_write(more, local, strlen(local), 0644, NULL));
  for (guint i = first; i < first + count; i++)
    tree_add_file(tree, paths[i], "/proc/self/exe", 0644, from_origin(ORIGIN_RECIPE, "a test"),
                  NULL);
  return tree;
}

/* The lines of ldconfig -p for the index of TREE, without the first. g_free. */
static char *
read_back(const Tree *tree, const char *root) {
  g_autofree char *file = g_build_filename(root, "cache", NULL), *out = NULL;
  g_autoptr(GError) error = NULL;
  gsize size;
  const char *bytes = g_bytes_get_data(tree_find(tree, "/etc/ld.so.cache")->data, &size);
  const char *const argv[] = {"/sbin/ldconfig", "-p", "-C", file, NULL};
  g_assert_true(file_write(file, bytes, size, 0644, NULL));
  g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL,
                             NULL, &error));
  const char *rest = strchr(out, '\n');
  g_assert_nonnull(rest);
  return g_strdup(rest + 1);
}

/* Falling names, in which 10 is more than 2; a folder of ld.so.conf before the loader's own, a
 * variant before what is for any processor; no plugins, and nothing of other folders. */
static void
test_order(void) {
  g_autofree char *root = g_dir_make_tmp("cache-XXXXXX", NULL);
  g_autoptr(Tree) tree = tree_of(root, 0, G_N_ELEMENTS(paths));
  g_autoptr(GError) error = NULL;
  g_assert_true(library_cache_add(tree, root, &error));
  g_assert_no_error(error);
  g_assert_cmpint(tree_find(tree, "/etc/ld.so.cache")->reason.kind, ==, REASON_LOADER);
  if (!g_file_test("/sbin/ldconfig", G_FILE_TEST_IS_EXECUTABLE)) {
    g_test_skip("no /sbin/ldconfig, which reads it back");
    return;
  }
  g_autofree char *lines = read_back(tree, root);
  g_assert_true(g_str_has_prefix(
      lines, "\tlibfoo.so.10 (libc6,x86-64) => /usr/local/lib/libfoo.so.10\n"
             "\tlibfoo.so.2 (libc6,x86-64, hwcap: \"x86-64-v3\") => "
             "/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfoo.so.2\n"
             "\tlibfoo.so.2 (libc6,x86-64) => /usr/local/lib/libfoo.so.2\n"
             "\tlibfoo.so.2 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libfoo.so.2\n"));
  g_assert_true(strstr(lines, "libfoo.so.4294967297 (") > strstr(lines, "libfoo.so.2 ("));
  g_assert_null(strstr(lines, "plugin"));
  g_assert_null(strstr(lines, "elsewhere"));
  dir_remove(root, NULL);
}

/* Where all is in the loader's own folders, there is no index; the recipe's own one stays. */
static void
test_none(void) {
  g_autofree char *root = g_dir_make_tmp("cache-XXXXXX", NULL);
  g_autoptr(Tree) tree = tree_of(root, 2, 2);
  g_assert_true(library_cache_add(tree, root, NULL));
  g_assert_null(tree_find(tree, "/etc/ld.so.cache"));
  tree_add_data(tree, "/etc/ld.so.cache", "own", -1, 0644, from_origin(ORIGIN_RECIPE, "a test"),
                NULL);
  g_assert_true(library_cache_add(tree, root, NULL));
  g_assert_cmpuint(tree_find(tree, "/etc/ld.so.cache")->size, ==, 3);
  dir_remove(root, NULL);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/library-cache/order", test_order);
  g_test_add_func("/library-cache/none", test_none);
  return g_test_run();
}
