/* fuzz-mounts.c - any bytes as rootfs/mounts.rules: tinyx/rootfs/glue-mounts.c. */
#include "rootfs/glue-private.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = g_memdup2(data, size);
  g_autoptr(MountRules) rules =
      mount_rules_parse(copy != NULL ? copy : "", copy != NULL ? size : 0, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  if (rules == NULL)
    return 0;
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/bin/x", "#!", -1, 0755, "fuzz", "fuzz");
  g_auto(GStrv) words = mount_rules_match(rules, tree);
  return 0;
}
