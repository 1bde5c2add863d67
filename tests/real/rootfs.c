/* rootfs.c - writes the root file system of a recipe, from real packages. Run by
 * tests/slow/20-rootfs.sh. */
#include "rootfs/rootfs.h"
#include "base/files.h"

#include <string.h>

static gboolean
text_write(const char *out, const char *name, const char *text, GError **error) {
  g_autofree char *path = g_build_filename(out, name, NULL);
  return file_write(path, text, strlen(text), 0644, error);
}

static gboolean
lists_write(const RootfsPlan *plan, const char *out, GError **error) {
  g_autoptr(GString) packages = g_string_new(NULL);
  g_autoptr(GString) facts = g_string_new(NULL);
  g_autoptr(GString) notes = g_string_new(NULL);
  g_autofree char *manifest = tree_manifest_text(plan->tree, NULL);
  for (guint i = 0; i < facts_list(plan->facts)->len; i++) {
    g_autofree char *name = fact_name(facts_list(plan->facts)->pdata[i]);
    g_string_append_printf(facts, "%s\n", name);
  }
  for (guint i = 0; i < plan->notes->len; i++)
    g_string_append_printf(notes, "%s\n", (char *)plan->notes->pdata[i]);
  for (guint i = 0; i < facts_notes(plan->facts)->len; i++)
    g_string_append_printf(notes, "%s\n", (char *)facts_notes(plan->facts)->pdata[i]);
  for (guint i = 0; i < plan->packages->len; i++) {
    const RootfsPackage *package = plan->packages->pdata[i];
    g_string_append_printf(packages, "%s\t%s\t%u\t%" G_GUINT64_FORMAT "\t%s\n", package->name,
                           package->version, package->files, package->bytes, package->reason);
  }
  return text_write(out, "packages", packages->str, error) &&
         text_write(out, "facts", facts->str, error) &&
         text_write(out, "notes", notes->str, error) && text_write(out, "key", plan->key, error) &&
         text_write(out, "manifest.txt", manifest, error);
}

static gboolean
plan_write(const char *name, const char *out, GError **error) {
  gboolean squashfs = g_strcmp0(g_getenv("FORMAT"), "squashfs") == 0;
  RootfsFormat format = squashfs ? ROOTFS_SQUASHFS : ROOTFS_CPIO;
  const char *given = g_getenv("PLATFORM");
  g_autoptr(Platform) platform = platform_load(given != NULL ? given : PLATFORM_DEFAULT, error);
  g_autoptr(Recipe) recipe = platform != NULL ? recipe_load(name, error) : NULL;
  if (recipe == NULL)
    return FALSE;
  if (g_getenv("KEY_ONLY") != NULL) {
    g_autofree char *key = rootfs_input_key(recipe, platform, format, error);
    return key != NULL && text_write(out, "key", key, error);
  }
  g_autoptr(RootfsPlan) plan = rootfs_plan(recipe, platform, format, NULL, TRUE, error);
  g_autofree char *tar = g_build_filename(out, "rootfs.tar", NULL);
  g_autofree char *image =
      g_build_filename(out, squashfs ? "rootfs.squashfs" : "rootfs.cpio", NULL);
  return plan != NULL && lists_write(plan, out, error) &&
         tree_write_tar(plan->tree, tar, 1, error) &&
         (squashfs ? tree_write_squashfs(plan->tree, image, 1, error)
                   : tree_write_cpio(plan->tree, image, NULL, 1, error));
}

static void
test_real(void) {
  const char *recipe = g_getenv("TINYX_TEST_RECIPE"), *out = g_getenv("OUT");
  g_autoptr(GError) error = NULL;
  if (recipe == NULL || out == NULL) {
    g_test_skip("takes a minute and a network: run by tests/slow/20-rootfs.sh");
    return;
  }
  if (!plan_write(recipe, out, &error)) {
    g_printerr("error: %s\n", error->message);
    g_test_fail();
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rootfs/real", test_real);
  return g_test_run();
}
