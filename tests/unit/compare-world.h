/* compare-world.h - recipes and files for the tests of tinyx compare. */
#ifndef TESTS_COMPARE_WORLD_H
#define TESTS_COMPARE_WORLD_H

#include "base/files.h"
#include "recipe/recipe.h"

#include <string.h>

/* TEXT as the recipe "web" in FOLDER, which need not exist. */
static inline Recipe *
recipe_of(const char *folder, const char *text) {
  g_autofree char *file = g_build_filename(folder, "web", "recipe.conf", NULL);
  g_autoptr(GError) error = NULL;
  Recipe *recipe = recipe_parse(text, strlen(text), file, &error);
  g_assert_no_error(error);
  return recipe;
}

static inline void
put_file(const char *folder, const char *name, const void *data, gsize size) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autoptr(GError) error = NULL;
  g_assert_true(file_write(path, data, size, 0644, &error));
}

#endif
