/* bundle.c - the root in which a test runs. */
#include "guest/bundle.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/proc.h"
#include "base/program.h"
#include "rootfs/rootfs.h"

#define KIND "test-bundle"
#define LAYOUT "1" /* changes when this file puts other things into it */

static char **
bundle_packages(const Recipe *recipe) {
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  g_strv_builder_add(builder, "busybox-static");
  for (guint i = 0; recipe->test_packages != NULL && recipe->test_packages[i] != NULL; i++)
    g_strv_builder_add(builder, recipe->test_packages[i]);
  return g_strv_builder_end(builder);
}

static gboolean
is_unpacked(const char *path, gpointer unpacked) {
  g_autofree char *there = g_build_filename(unpacked, path, NULL);
  return g_file_test(there, G_FILE_TEST_EXISTS);
}

/* Absolute paths are files of the packages; a bare name that no package has is BusyBox's. */
static char *
find_program(const char *unpacked, const char *name) {
  return name[0] == '/' ? g_strdup(name) : program_find(name, is_unpacked, (gpointer)unpacked);
}

/* The names that BusyBox answers to, by itself: it is the program for this machine's processor. */
static char **
applets(const char *unpacked, GError **error) {
  g_autofree char *busybox = g_build_filename(unpacked, "bin/busybox", NULL);
  const char *const argv[] = {busybox, "--list", NULL};
  ProcSpec spec = {.argv = argv, .deadline = 30, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  return proc_run(&spec, &result, error) ? g_strsplit(g_strchomp(result.out), "\n", -1) : NULL;
}

static gboolean
add_programs(Tree *tree, const char *unpacked, const Recipe *recipe, GError **error) {
  g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) names = applets(unpacked, error);
  if (names == NULL)
    return FALSE;
  g_ptr_array_add(programs, g_strdup("/bin/busybox"));
  for (guint i = 0; recipe->test_programs != NULL && recipe->test_programs[i] != NULL; i++) {
    const char *name = recipe->test_programs[i];
    char *path = find_program(unpacked, name);
    if (path == NULL && !g_strv_contains((const char *const *)names, name)) {
      g_autofree char *place = recipe_place(recipe, "test", "programs");
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s: '%s' is in none of the test packages, nor in BusyBox", place, name);
      return FALSE;
    }
    if (path != NULL)
      g_ptr_array_add(programs, path);
  }
  g_ptr_array_add(programs, NULL);
  if (!tree_add_programs(tree, unpacked, (const char *const *)programs->pdata, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *path = g_build_filename("/bin", names[i], NULL);
    g_autofree char *other = g_build_filename("/usr/bin", names[i], NULL);
    if (tree_resolve(tree, path) == NULL && tree_resolve(tree, other) == NULL &&
        tree_add_symlink(
            tree,
            tree_find(tree, "/bin") != NULL && tree_find(tree, "/bin")->type == TREE_SYMLINK ? other
                                                                                             : path,
            "busybox", from_origin(ORIGIN_BUSYBOX, "tools of the test script"), error) == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_devices(Tree *tree, GError **error) {
  static const struct {
    const char *path;
    unsigned minor;
  } devices[] = {{"/dev/null", 3}, {"/dev/zero", 5}, {"/dev/urandom", 9}};
  for (guint i = 0; i < G_N_ELEMENTS(devices); i++)
    if (tree_add_node(tree, devices[i].path, TREE_CHAR, 0666, 1, devices[i].minor,
                      from_origin(ORIGIN_BUNDLE, "device"), error) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
make_tree(Tree *tree, const char *unpacked, const Recipe *recipe, GError **error) {
  if (!add_programs(tree, unpacked, recipe, error))
    return FALSE;
  if (recipe->test_script != NULL) {
    g_autofree char *name = g_path_get_basename(recipe->test_script);
    g_autofree char *path = g_build_filename("/test", name, NULL);
    if (tree_add_file(tree, path, recipe->test_script, 0755, from_origin(ORIGIN_RECIPE, "the test"),
                      error) == NULL)
      return FALSE;
  }
  if (tree_find(tree, "/etc") == NULL &&
      tree_add_dir(tree, "/etc", 0755, from_origin(ORIGIN_BUNDLE, "configuration"), error) == NULL)
    return FALSE;
  return tree_add_dir(tree, "/tmp", 01777, from_origin(ORIGIN_BUNDLE, "temporary files"), error) !=
             NULL &&
         add_devices(tree, error) &&
         tree_add_data(tree, "/etc/passwd", "root:x:0:0:root:/tmp:/bin/sh\n", -1, 0644,
                       from_origin(ORIGIN_BUNDLE, "users"), error) != NULL;
}

static char *
bundle_key(const Recipe *recipe, const char *unpacked, GError **error) {
  const char *script = recipe->test_script;
  g_autofree char *sum = script != NULL ? file_sha256(script, error) : g_strdup("none");
  g_autofree char *programs =
      recipe->test_programs != NULL ? g_strjoinv(" ", recipe->test_programs) : g_strdup("");
  return sum != NULL ? sha256_of_strings(LAYOUT, unpacked, sum, programs,
                                         script != NULL ? script : "", NULL)
                     : NULL;
}

static char *
make_bundle(const char *key, const char *unpacked, const Recipe *recipe, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  g_autofree char *folder = cache_begin(KIND, key, error);
  g_autofree char *path = folder != NULL ? g_build_filename(folder, "bundle.tar", NULL) : NULL;
  if (folder == NULL)
    return NULL;
  if (make_tree(tree, unpacked, recipe, error) && tree_write_tar(tree, path, 0, error))
    return cache_commit(folder, KIND, key, error);
  cache_discard(folder);
  return NULL;
}

char *
test_bundle(const Recipe *recipe, GError **error) {
  g_auto(GStrv) packages = bundle_packages(recipe);
  g_autofree char *unpacked = NULL, *key = NULL, *folder = NULL;
  g_autoptr(CacheLock) lock = NULL;
  unpacked = debian_unpack((const char *const *)packages, TRUE, error);
  if (unpacked == NULL || (key = bundle_key(recipe, unpacked, error)) == NULL ||
      (lock = cache_lock(KIND, key, error)) == NULL) {
    g_prefix_error(error, "test programs of %s: ", recipe->name);
    return NULL;
  }
  folder = cache_lookup(KIND, key);
  if (folder == NULL)
    folder = make_bundle(key, unpacked, recipe, error);
  return folder != NULL ? g_build_filename(folder, "bundle.tar", NULL) : NULL;
}
