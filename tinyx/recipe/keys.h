#pragma once

/* The keys of recipe.conf, where in the file each stands, and how their values are read. */

#include "recipe/recipe.h"

#define RUN "run"
#define RUN_MORE "run " /* [run NAME] */

typedef enum {
  TEXT,
  LINE,
  SHELL,
  PATH,
  WORDS,
  PATHS,
  QUOTED,
  NUMBER,
  PORT,
  VIFS,
  YES_NO,
  ON_EXIT,
  OPTIONS,
  FILES,
  FORMAT,
  SCRIPT
} ValueKind;

/* A key that recipe.conf knows. */
typedef struct {
  const char *group, *key;
  ValueKind kind;
  gsize offset; /* of its field in Recipe; of the keys of [run], in RecipeRun */
  gboolean required;
} RecipeKey;

typedef struct {
  const char *file;
  GHashTable *lines; /* "group/key" or "[group]" -> line number */
} RecipeLines;

/* All keys; COUNT gets their number. Nothing to free. */
const RecipeKey *recipe_keys(guint *count);

gboolean recipe_key_of_run(const RecipeKey *key);

/* Finds each group and key of TEXT in its line; a line that is neither, and one that is unknown or
   there twice, is an error that names file, line and what was expected. */
gboolean recipe_lines_scan(RecipeLines *lines, const char *text, GError **error);

/* The line of KEY in GROUP, from 1; 0: it is not there. */
int recipe_line(const RecipeLines *lines, const char *group, const char *key);

/* TINYX_ERROR_INPUT, "FILE:LINE: TEXT"; without a line if LINE is 0. */
void recipe_set_error(GError **error, const char *file, int line, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* VALUE into the field of KEY in OWNER: the Recipe, or the RecipeRun for a key of [run].
   Returns what is wrong with it (to be freed), or NULL. */
char *recipe_value_read(const Recipe *recipe, gpointer owner, const RecipeKey *key,
                        const char *value);
