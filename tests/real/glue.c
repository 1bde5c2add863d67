/* glue.c - the glue and BusyBox for the recipe folder TINYX_TEST_GLUE, without any file of Debian,
 * written as a tar to OUT (FORMAT=squashfs: the glue for a disk). Run by
 * tests/slow/21-busybox.sh. */
#include "rootfs/glue.h"
#include "rootfs/busybox.h"

#include <stdio.h>
#include <stdlib.h>

static void
test_build(void) {
  const char *name = g_getenv("TINYX_TEST_GLUE");
  RootfsFormat format =
      g_strcmp0(g_getenv("FORMAT"), "squashfs") == 0 ? ROOTFS_SQUASHFS : ROOTFS_CPIO;
  g_autoptr(GError) error = NULL;
  if (name == NULL) {
    g_test_skip("builds BusyBox: run by tests/slow/21-busybox.sh");
    return;
  }
  g_autoptr(Recipe) recipe = recipe_load(name, &error);
  g_assert_no_error(error);
  const char *given = g_getenv("PLATFORM");
  g_autoptr(Platform) platform = platform_load(given != NULL ? given : PLATFORM_DEFAULT, &error);
  g_assert_no_error(error);
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(Facts) facts = facts_new();
  g_autofree char *lost = NULL;
  g_assert_true(glue_decide_log(recipe, TRUE, facts, &lost, &error));
  g_auto(GStrv) applets = glue_applets(recipe, format, NULL, facts, &error);
  tree_add_data(tree, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nguest:x:7:8::/home/guest:\n", -1,
                0644, from_package("test", "users"), NULL);
  tree_add_data(tree, "/etc/group", "root:x:0:\nguest:x:8:\nextra:x:9:guest\n", -1, 0644,
                from_package("test", "groups"), NULL);
  tree_add_dir(tree, "/var/lib/state", 0755, from_package("test", "owned"), NULL)->uid = 7;
  if (!busybox_add(tree, (const char *const *)applets, NULL, &error) ||
      !glue_add(tree, recipe, platform, format, NULL, facts, &error) ||
      !tree_write_tar(tree, g_getenv("OUT"), 0, &error)) {
    fprintf(stderr, "%s\n", error->message);
    exit(10 + error->code); /* the script looks at the message */
  }
  for (guint i = 0; applets[i] != NULL; i++)
    printf("# applet=%s\n", applets[i]);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/glue-real/build", test_build);
  return g_test_run();
}
