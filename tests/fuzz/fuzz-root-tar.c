/* fuzz-root-tar.c - any bytes as the tar of an installation: tinyx/rootfs/import.c. */
#include "base/files.h"
#include "rootfs/import.h"

#include "fuzz.h"

#include <glib/gstdio.h>

/* The list that is written of it is read again. */
static void
check_list(Tree *tree) {
  g_autoptr(GError) error = NULL;
  g_autofree char *text = tree_manifest_text(tree, NULL);
  g_autoptr(Tree) again = tree_parse_manifest(text, strlen(text), "list", &error);
  if (again == NULL)
    g_error("%s\n%s", error->message, text);
}

/* BESIDE is where a tar may want to be, and must not. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *top = g_dir_make_tmp("tinyx-fuzz-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename(top, "root", NULL);
  g_autoptr(GHashTable) fresh = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GDir) beside = NULL;
  g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
  g_autoptr(Tree) tree = import_tar_bytes(copy, size, "fuzz.tar", folder, fresh, &error);
  if ((tree == NULL) != (error != NULL))
    g_error("tree %p, error %p", (void *)tree, (void *)error);
  if (tree != NULL)
    check_list(tree);
  beside = g_dir_open(top, 0, NULL);
  for (const char *name; (name = g_dir_read_name(beside)) != NULL;)
    if (strcmp(name, "root") != 0)
      g_error("%s was made outside of the folder", name);
  g_assert_true(dir_remove(top, NULL));
  return 0;
}
