/* text.c - writes a recipe as the text of recipe.conf, by the table of its keys. */
#include "recipe/keys.h"

#include "base/plain.h"
#include "recipe/recipe.h"

#include <string.h>

/* VALUE as GKeyFile escapes it; made by GKeyFile itself, since it has no function for that alone.
 * g_free. */
static char *
escaped(const char *value) {
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_key_file_set_string(keys, "g", "k", value);
  return g_key_file_get_value(keys, "g", "k", NULL);
}

static void
append_comment(GString *text, GHashTable *comments, const char *name) {
  const char *comment = comments != NULL ? g_hash_table_lookup(comments, name) : NULL;
  g_auto(GStrv) lines = g_strsplit(comment != NULL ? comment : "", "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    plain_append(text, "# %s\n", lines[i]);
}

/* TRUE if TEXT is the default of KEY. */
static gboolean
is_standard(const RecipeKey *key, const Recipe *recipe, gconstpointer owner, const char *text) {
  if (G_STRUCT_MEMBER_P(owner, key->offset) == (gconstpointer)&recipe->ends)
    return strcmp(text, recipe_is_job(recipe) ? "yes" : "no") == 0;
  if (key->type == RECIPE_KEY_YES_NO)
    return strcmp(text, "no") == 0;
  return g_strcmp0(text, key->standard) == 0;
}

/* Adds SECTION with the values in OWNER that are not the defaults; nothing where all are. */
static void
append_section(GString *text, const Recipe *recipe, gconstpointer owner, const char *section,
               GHashTable *comments) {
  g_autofree char *header = g_strdup_printf("[%s]", section);
  g_autoptr(GString) lines = g_string_new(NULL);
  guint count;
  const RecipeKey *keys = recipe_keys(&count);
  for (guint i = 0; i < count; i++) {
    const RecipeKey *key = &keys[i];
    if (recipe_key_find(section, key->name) != key)
      continue;
    g_autofree char *value = recipe_key_write(key, owner, recipe->folder);
    if (value == NULL || is_standard(key, recipe, owner, value))
      continue;
    g_autofree char *name = g_strdup_printf("%s/%s", section, key->name);
    g_autofree char *line = escaped(value);
    append_comment(lines, comments, name);
    g_string_append_printf(lines, "%s=%s\n", key->name, line);
  }
  if (lines->len == 0)
    return;
  g_string_append_printf(text, "%s%s\n", text->len > 0 ? "\n" : "", header);
  append_comment(text, comments, header);
  g_string_append(text, lines->str);
}

char *
recipe_run_section(const RecipeRun *run) {
  return run->name[0] == '\0' ? g_strdup(RECIPE_SECTION_RUN)
                              : g_strconcat(RECIPE_SECTION_RUN_NAMED, run->name, NULL);
}

char *
recipe_to_text(const Recipe *recipe, GHashTable *comments) {
  GString *text = g_string_new(NULL);
  const char *last = "";
  guint count;
  const RecipeKey *keys = recipe_keys(&count);
  append_comment(text, comments, "");
  for (guint i = 0; i < count; i++) {
    if (strcmp(keys[i].section, last) == 0)
      continue;
    last = keys[i].section;
    if (!recipe_key_of_run(&keys[i]))
      append_section(text, recipe, recipe, last, comments);
    for (guint j = 0; recipe_key_of_run(&keys[i]) && j < recipe->runs->len; j++) {
      g_autofree char *section = recipe_run_section(recipe->runs->pdata[j]);
      append_section(text, recipe, recipe->runs->pdata[j], section, comments);
    }
  }
  return g_string_free(text, FALSE);
}
