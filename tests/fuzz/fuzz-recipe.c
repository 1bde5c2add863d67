/* fuzz-recipe.c - any bytes as recipe.conf: tinyx/recipe/recipe.c. */
#include "recipe/recipe.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_parse((const char *)data, size, "/x/fuzz/recipe.conf", &error);
  /* Either a recipe or a message, never both or neither. */
  if ((recipe == NULL) != (error != NULL))
    g_error("recipe %p, error %p", (void *)recipe, (void *)error);
  return 0;
}
