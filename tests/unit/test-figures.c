/* test-figures.c - the figures of a recipe: recorded from a report, read back; damaged files are
 * reported. */
#include "image/figures.h"

#include "base/files.h"

#include <glib/gstdio.h>
#include <string.h>

static const char report[] =
    "{\"kernel\": {\"version\": \"6.1.1\", \"symbols_y\": 402, \"packed_bytes\": 1000},"
    " \"rootfs\": {\"bytes\": 2000, \"file\": \"initramfs.cpio.xz\"}, \"packages\": [1, 2, 3],"
    " \"least_memory_mb\": 12%s}";

static Recipe *
recipe_in(const char *folder) {
  static const char text[] = "[recipe]\ndescription=x\n[run]\ncommand=/x\n";
  g_autofree char *file = g_build_filename(folder, "web", "recipe.conf", NULL);
  g_autofree char *parent = g_path_get_dirname(file);
  g_autoptr(GError) error = NULL;
  g_mkdir_with_parents(parent, 0755);
  Recipe *recipe = recipe_parse(text, strlen(text), file, &error);
  g_assert_no_error(error);
  return recipe;
}

static void
put_report(const char *folder, const char *rest) {
  g_autofree char *path = g_build_filename(folder, "report.json", NULL);
  g_autofree char *head = g_strndup(report, (gsize)(strstr(report, "%s") - report));
  g_autofree char *text = g_strconcat(head, rest, "}", NULL);
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
test_round_trip(void) {
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp("tinyx-figures-XXXXXX", NULL);
  g_autoptr(Recipe) recipe = recipe_in(folder);
  g_auto(Figures) none = {0}, plain = {0}, locked = {0}, tested = {0};
  FigureTest passed = {.passed = TRUE, .memory = 32, .answer = 6.04};
  const FigureTest failed = {.memory = 32, .answer = -1};
  g_assert_true(figures_load(recipe, "xen-pv", &none, &error));
  g_assert_null(none.date);

  put_report(folder, "");
  g_assert_true(figures_record(recipe, "xen-pv", folder, &passed, &error));
  g_assert_no_error(error);
  g_assert_true(figures_load(recipe, "xen-pv", &plain, &error));
  g_assert_cmpuint(strlen(plain.date), ==, strlen("2026-01-01"));
  g_assert_cmpstr(plain.linux, ==, "6.1.1");
  g_assert_true(plain.passed && !plain.locked);
  g_assert_cmpint(plain.kernel_bytes, ==, 1000);
  g_assert_cmpint(plain.rootfs_bytes, ==, 2000);
  g_assert_cmpint(plain.symbols, ==, 402);
  g_assert_cmpint(plain.packages, ==, 3);
  g_assert_cmpint(plain.memory, ==, 32);
  g_assert_cmpint(plain.least_memory, ==, 12);
  g_assert_false(plain.least_tested);
  g_assert_cmpfloat_with_epsilon(plain.answer, 6.0, 0.001);

  /* The lock's least memory is what the test passes in. */
  put_report(folder, ", \"lock\": {\"least_memory_mb\": 24}");
  g_assert_true(figures_record(recipe, "xen-pv", folder, &failed, &error));
  g_assert_true(figures_load(recipe, "xen-pv", &locked, &error));
  g_assert_true(locked.locked && !locked.passed);
  g_assert_cmpint(locked.least_memory, ==, 24);
  g_assert_true(locked.least_tested);
  g_assert_cmpfloat(locked.answer, <, 0);

  /* What was tried in this very test counts more. */
  passed.least = 21;
  g_assert_true(figures_record(recipe, "xen-pv", folder, &passed, &error));
  g_assert_true(figures_load(recipe, "xen-pv", &tested, &error));
  g_assert_cmpint(tested.least_memory, ==, 21);
  g_assert_true(tested.least_tested);
  g_assert_true(dir_remove(folder, NULL));
}

static void
test_damaged(void) {
  static const char *const bad[] = {"[]", "{", "{\"kernel\": {}}"};
  g_autofree char *folder = g_dir_make_tmp("tinyx-figures-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "report.json", NULL);
  g_autofree char *tested = g_build_filename(folder, "web", "tested-xen-pv.json", NULL);
  g_autoptr(Recipe) recipe = recipe_in(folder);
  const FigureTest passed = {.passed = TRUE, .memory = 32, .answer = 1};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL, load = NULL;
    g_auto(Figures) figures = {0};
    g_assert_true(g_file_set_contents(path, bad[i], -1, NULL));
    g_assert_false(figures_record(recipe, "xen-pv", folder, &passed, &error));
    g_assert_nonnull(strstr(error->message, "report.json"));
    g_assert_false(g_file_test(tested, G_FILE_TEST_EXISTS));
    if (i == 2) /* an object, but an empty one: everything is unknown */
      continue;
    g_assert_true(g_file_set_contents(tested, bad[i], -1, NULL));
    g_assert_false(figures_load(recipe, "xen-pv", &figures, &load));
    g_assert_nonnull(strstr(load->message, "tested-xen-pv.json"));
    g_assert_cmpint(g_unlink(tested), ==, 0);
  }
  g_assert_true(dir_remove(folder, NULL));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/figures/round-trip", test_round_trip);
  g_test_add_func("/figures/damaged", test_damaged);
  return g_test_run();
}
