/* test-bytecode.c - sources have the times that their compiled modules hold, in each archive. */
#include "base/files.h"
#include "rootfs/bytecode.h"
#include "rootfs/class-archive.h"

#include <string.h>
#include <unistd.h>

#define EPOCH 1000

static void
file_put(Tree *tree, const char *root, const char *path, const void *bytes, gsize size) {
  g_autofree char *copy = g_strconcat(root, path, NULL), *folder = g_path_get_dirname(copy);
  g_assert_true(dir_make(folder, NULL));
  g_assert_true(file_write(copy, bytes, size, 0644, NULL));
  g_assert_nonnull(
      tree_add_file(tree, path, copy, 0644, from_origin(ORIGIN_SCRIPT, "a test"), NULL));
}

/* A module of a source with SIZE bytes, from the time 0x01020304. */
static void
module_put(Tree *tree, const char *root, const char *path, guint8 flags, guint8 size) {
  const guint8 bytes[] = {0xa7, 0x0d, 0x0d, 0x0a, flags, 0, 0, 0, 4, 3, 2, 1, size, 0, 0, 0, 'x'};
  file_put(tree, root, path, bytes, sizeof bytes);
}

static void
test_times(void) {
  g_autofree char *root = g_dir_make_tmp("code-XXXXXX", NULL);
  g_autofree char *archive = g_build_filename(root, "image.cpio", NULL), *bytes = NULL;
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GError) error = NULL;
  gsize size;
  file_put(tree, root, "/m/good.py", "1234", 4);
  module_put(tree, root, "/m/__pycache__/good.cpython-311.pyc", 0, 4);
  file_put(tree, root, "/m/other.py", "12345", 5);
  module_put(tree, root, "/m/__pycache__/other.cpython-311.opt-1.pyc", 0, 4);
  file_put(tree, root, "/m/hashed.py", "1234", 4);
  module_put(tree, root, "/m/__pycache__/hashed.cpython-311.pyc", 1, 4);
  module_put(tree, root, "/m/__pycache__/alone.cpython-311.pyc", 0, 4);
  g_autofree char *before = tree_hash(tree, NULL);
  bytecode_times(tree);
  g_autofree char *after = tree_hash(tree, NULL);
  g_assert_cmpint(tree_find(tree, "/m/good.py")->mtime, ==, 0x01020304);
  g_assert_cmpint(tree_find(tree, "/m/other.py")->mtime, ==, 0); /* of another size */
  g_assert_cmpint(tree_find(tree, "/m/hashed.py")->mtime, ==, 0);
  g_assert_cmpstr(before, !=, after);
  g_assert_true(tree_write_cpio(tree, archive, NULL, EPOCH, &error));
  g_assert_no_error(error);
  g_assert_true(g_file_get_contents(archive, &bytes, &size, NULL));
  const char *name = memmem(bytes, size, "m/good.py", 9);
  g_assert_nonnull(name);
  g_assert_cmpint(memcmp(name - 110 + 46, "01020304", 8), ==, 0); /* c_mtime of its header */
  name = memmem(bytes, size, "m/other.py", 10);
  g_assert_cmpint(memcmp(name - 110 + 46, "000003E8", 8), ==, 0);
  dir_remove(root, NULL);
}

/* An archive of classes of /j/app.jar, with 4 bytes, from the time 0x65432101. */
static void
test_class_archive(void) {
  static const guint8 bytes[] = {'j', 's', 'a', 0, 0, 0, 0, 0, /* then the time, and the size */
                                 1, 0x21, 0x43, 0x65, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
                                 /* no time before the size of /j/other.jar */
                                 7, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 'x'};
  g_autofree char *root = g_dir_make_tmp("code-XXXXXX", NULL);
  g_autoptr(Tree) tree = tree_new();
  file_put(tree, root, "/j/app.jar", "1234", 4);
  file_put(tree, root, "/j/other.jar", "12345", 5);
  file_put(tree, root, "/j/app.txt", "1234", 4);
  class_archive_times(tree);
  g_assert_cmpint(tree_find(tree, "/j/app.jar")->mtime, ==, 0);
  file_put(tree, root, "/j/app.jsa", bytes, sizeof bytes);
  class_archive_times(tree);
  g_assert_cmpint(tree_find(tree, "/j/app.jar")->mtime, ==, 0x65432101);
  g_assert_cmpint(tree_find(tree, "/j/other.jar")->mtime, ==, 0);
  g_assert_cmpint(tree_find(tree, "/j/app.txt")->mtime, ==, 0);
  dir_remove(root, NULL);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/bytecode/times", test_times);
  g_test_add_func("/bytecode/class-archive", test_class_archive);
  return g_test_run();
}
