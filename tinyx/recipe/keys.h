/* keys.h - the table of the keys of recipe.conf: their sections, types, checks and defaults.
 *
 * The table is the only list of the keys. Recipes are read, written and freed by it;
 * tinyx-recipe(5) says what each key means, and a test compares the two.
 */
#ifndef TINYX_RECIPE_KEYS_H
#define TINYX_RECIPE_KEYS_H

#include "recipe/recipe.h"

#define RECIPE_SECTION_RUN "run"
#define RECIPE_SECTION_RUN_NAMED "run " /* and a name: [run NAME] */

/* The type of a key's field, and how its text is read. */
typedef enum {
  RECIPE_KEY_STRING,  /* char*; NULL: the recipe does not say */
  RECIPE_KEY_FILE,    /* char*: a path; a relative one is below the recipe's folder */
  RECIPE_KEY_LIST,    /* char**: words between spaces, commas and semicolons, which stand for
                         themselves in quotes; never NULL */
  RECIPE_KEY_PAIRS,   /* char**: the same, of A:B; a colon in quotes gets a backslash, and so does a
                         backslash (recipe_pair_split) */
  RECIPE_KEY_SYMBOLS, /* char**: SYMBOL=VALUE words, of which a "string" has spaces; never NULL */
  RECIPE_KEY_QUOTED,  /* char**: words as a shell splits them; never NULL */
  RECIPE_KEY_NUMBER,  /* int */
  RECIPE_KEY_YES_NO,  /* gboolean */
  RECIPE_KEY_ON_EXIT  /* RecipeOnExit */
} RecipeKeyType;

typedef struct {
  const char *section, *name;
  RecipeKeyType type;
  gsize offset;      /* of the field in Recipe; of the keys of [run], in RecipeRun */
  gboolean required; /* the key must be there, and have a value */
  /* What is wrong with the value, or with one word of a list (to be freed), or NULL. NULL instead
   * of a function: everything is right. */
  char *(*check)(const char *text);
  int least, most;      /* of a number */
  const char *standard; /* the text of the value where the key is not there; NULL: none, 0, no */
} RecipeKey;

/* All keys, a section's beside each other; COUNT gets their number. Nothing to free. */
const RecipeKey *recipe_keys(guint *count);
/* The key NAME of SECTION, which may be "run NAME"; NULL: there is none. */
const RecipeKey *recipe_key_find(const char *section, const char *name);
/* TRUE if the field of KEY is in RecipeRun. */
gboolean recipe_key_of_run(const RecipeKey *key);
/* TRUE if a recipe may have [SECTION]. */
gboolean recipe_section_valid(const char *section);
/* "expected one of: a b" for the keys of SECTION, or for the sections (NULL). g_free. */
char *recipe_keys_expected(const char *section);

/* In all of these OWNER is the Recipe, or the RecipeRun for a key of [run]. */

/* Reads TEXT into the field of KEY, in place of what is there. FOLDER is the recipe's. Returns what
 * is wrong with TEXT (to be freed), and leaves the field then; or NULL. */
char *recipe_key_read(const RecipeKey *key, gpointer owner, const char *folder, const char *text);
/* The text that recipe_key_read() reads as the value of KEY; NULL where there is none. g_free. */
char *recipe_key_write(const RecipeKey *key, gconstpointer owner, const char *folder);
/* Puts the default of KEY into its field, in place of what is there. */
void recipe_key_reset(const RecipeKey *key, gpointer owner);
/* Frees the value, and leaves nothing in the field. */
void recipe_key_clear(const RecipeKey *key, gpointer owner);

#endif
