/* fuzz-tmpfiles.c - any bytes as tmpfiles.d(5), tinyx/rootfs/tmpfiles.c: parsed, then applied to a
 * small tree. */
#include "rootfs/tmpfiles.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = g_strndup((const char *)data, size);
  g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) entries = tmpfiles_parse(copy, strlen(copy), "fuzz", complaints);
  for (guint i = 0; i < entries->len; i++) {
    const TmpfilesEntry *entry = entries->pdata[i];
    if (!g_path_is_absolute(entry->path) || entry->mode > 07777 || entry->mode < -1)
      g_error("%s: path %s, mode %o", entry->origin, entry->path, (unsigned)entry->mode);
  }
  if (complaints->len > 0)
    return 0; /* tmpfiles_apply would print them */
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/etc/passwd", "root:x:0:0::/:\n", -1, 0644, from_package("fuzz", "fuzz"),
                NULL);
  tree_add_data(tree, "/usr/lib/tmpfiles.d/fuzz.conf", copy, -1, 0644, from_package("fuzz", "fuzz"),
                NULL);
  tmpfiles_apply(tree, made);
  return 0;
}
