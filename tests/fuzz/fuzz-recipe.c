/* fuzz-recipe.c - recipe.conf, read by tinyx/recipe/recipe.c and written by tinyx/recipe/text.c. */
#include "recipe/recipe.h"

#include "fuzz.h"

#include <string.h>

#define FILE_NAME "/x/fuzz/recipe.conf"

/* What was written is read, and written again it is the same. */
static void
check_written(const Recipe *recipe) {
  g_autoptr(GError) error = NULL;
  g_autofree char *text = recipe_to_text(recipe, NULL);
  g_autoptr(Recipe) again = recipe_parse(text, strlen(text), FILE_NAME, &error);
  if (again == NULL)
    g_error("%s:\n%s", error->message, text);
  g_autofree char *second = recipe_to_text(again, NULL);
  if (strcmp(text, second) != 0)
    g_error("written\n%s\nand again\n%s", text, second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_parse(copy, size, FILE_NAME, &error);
  /* Either a recipe or a message, never both or neither. */
  if ((recipe == NULL) != (error != NULL))
    g_error("recipe %p, error %p", (void *)recipe, (void *)error);
  if (recipe != NULL)
    check_written(recipe);
  return 0;
}
