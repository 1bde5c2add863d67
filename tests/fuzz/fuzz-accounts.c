/* fuzz-accounts.c - any bytes as passwd(5) and group(5) of a root: tinyx/rootfs/glue-users.c. */
#include "rootfs/glue-private.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"root", "x", "", "7", "4294967295", "-1", "a:b"};
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(Tree) tree = tree_new();
  const TreeFrom from = from_package("fuzz", "fuzz");
  tree_add_data(tree, "/etc/passwd", copy, (gssize)size, 0644, from, NULL);
  tree_add_data(tree, "/etc/group", copy, (gssize)size, 0644, from, NULL);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_auto(GlueUser) user = {0};
    unsigned gid = 0;
    /* (uid_t)-1 means "as it is" to chown(2). */
    if (glue_user(tree, names[i], &user) &&
        (user.name == NULL || user.uid == G_MAXUINT32 || user.gid == G_MAXUINT32))
      g_error("the user %s: %u", names[i], user.uid);
    if (glue_group(tree, names[i], &gid) && gid == G_MAXUINT32)
      g_error("the group %s: %u", names[i], gid);
  }
  return 0;
}
