/* recipe.c - recipes: read from recipe.conf, made, freed, and found by their names. */
#include "recipe/recipe.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/keylines.h"
#include "base/near.h"
#include "base/place.h"
#include "base/split.h"
#include "recipe/keys.h"

#include <string.h>

#define RECIPE_FILE "recipe.conf"
#define NAME_MAX_LENGTH 48 /* it becomes a host name (64) and part of a domain's name */

gboolean
recipe_name_valid(const char *name) {
  gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-+.");
  return length > 0 && name[length] == '\0' && length <= NAME_MAX_LENGTH && name[0] != '-' &&
         name[0] != '.' && name[0] != '+';
}

static gboolean
is_key(const char *section, const char *name) {
  return recipe_key_find(section, name) != NULL;
}

static const KeyLinesFormat conf_format = {
    .first = "recipe",
    .is_section = recipe_section_valid,
    .is_key = is_key,
    .expected = recipe_keys_expected,
};

/* ---- made and freed ---------------------------------------------------- */

/* Calls DO_KEY for each key whose field is in OWNER: a RecipeRun if OF_RUN, else a Recipe. */
static void
for_each_key(gpointer owner, gboolean of_run, void (*do_key)(const RecipeKey *, gpointer)) {
  guint count;
  const RecipeKey *table = recipe_keys(&count);
  for (guint i = 0; i < count; i++)
    if (recipe_key_of_run(&table[i]) == of_run)
      do_key(&table[i], owner);
}

RecipeRun *
recipe_run_new(const char *name) {
  RecipeRun *run = g_rc_box_new0(RecipeRun);
  run->name = g_strdup(name);
  for_each_key(run, TRUE, recipe_key_reset);
  return run;
}

RecipeRun *
recipe_run_ref(RecipeRun *run) {
  return g_rc_box_acquire(run);
}

static void
run_clear(gpointer data) {
  RecipeRun *run = data;
  g_free(run->name);
  for_each_key(run, TRUE, recipe_key_clear);
}

void
recipe_run_unref(RecipeRun *run) {
  g_rc_box_release_full(run, run_clear);
}

Recipe *
recipe_new(const char *name) {
  Recipe *recipe = g_new0(Recipe, 1);
  recipe->name = g_strdup(name);
  recipe->runs = g_ptr_array_new_with_free_func((GDestroyNotify)recipe_run_unref);
  for_each_key(recipe, FALSE, recipe_key_reset);
  return recipe;
}

void
recipe_free(Recipe *recipe) {
  if (recipe == NULL)
    return;
  for_each_key(recipe, FALSE, recipe_key_clear);
  g_ptr_array_unref(recipe->runs);
  g_clear_pointer(&recipe->lines, g_hash_table_unref);
  g_free(recipe->name);
  g_free(recipe->folder);
  g_free(recipe->file);
  g_free(recipe->given);
  g_free(recipe);
}

/* ---- read -------------------------------------------------------------- */

static gboolean
set_missing_error(const Recipe *recipe, const char *section, const RecipeKey *key, GError **error) {
  place_set_error(error, recipe->file, 0, "the key '%s' in [%s] is missing; it is required",
                  key->name, section);
  return FALSE;
}

/* Reads KEY of SECTION from KEYS into its field in OWNER. Without it the field keeps its default.
 */
static gboolean
read_key(const Recipe *recipe, gpointer owner, GKeyFile *keys, const char *section,
         const RecipeKey *key, GError **error) {
  guint line = key_lines_find(recipe->lines, section, key->name);
  g_autofree char *wrong = NULL;
  if (line == 0)
    return !key->required || set_missing_error(recipe, section, key, error);
  g_autoptr(GError) escape = NULL;
  g_autofree char *value = g_key_file_get_string(keys, section, key->name, &escape);
  if (escape != NULL) /* GKeyFile returns a value in that case, too */
    wrong = g_strdup("not valid text (UTF-8, and \\s \\n \\t \\r \\\\ as escapes)");
  else
    wrong = recipe_key_read(key, owner, recipe->folder, g_strstrip(value));
  if (wrong == NULL && key->required && value[0] == '\0')
    wrong = g_strdup("empty; a value is required");
  if (wrong == NULL)
    return TRUE;
  place_set_error(error, recipe->file, line, "%s: %s", key->name, wrong);
  return FALSE;
}

/* Reads the keys of the run in RUN_SECTION into OWNER, a RecipeRun; or, where that is NULL, the
 * keys of all other sections into OWNER, the Recipe. */
static gboolean
read_keys_of(const Recipe *recipe, gpointer owner, GKeyFile *keys, const char *run_section,
             GError **error) {
  guint count;
  const RecipeKey *table = recipe_keys(&count);
  for (guint i = 0; i < count; i++)
    if (recipe_key_of_run(&table[i]) == (run_section != NULL) &&
        !read_key(recipe, owner, keys, run_section != NULL ? run_section : table[i].section,
                  &table[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
read_run(Recipe *recipe, GKeyFile *keys, const char *section, const char *name, GError **error) {
  RecipeRun *run = recipe_run_new(name);
  g_ptr_array_add(recipe->runs, run);
  if (!read_keys_of(recipe, run, keys, section, error))
    return FALSE;
  if (run->pid_file == NULL || run->forks)
    return TRUE;
  place_set_error(error, recipe->file, key_lines_find(recipe->lines, section, "pid-file"),
                  "pid-file: only for a command that ends once its daemon runs; expected forks=yes "
                  "as well");
  return FALSE;
}

static gboolean
read_runs(Recipe *recipe, GKeyFile *keys, GError **error) {
  g_auto(GStrv) sections = g_key_file_get_groups(keys, NULL);
  if (!read_run(recipe, keys, RECIPE_SECTION_RUN, "", error))
    return FALSE;
  for (guint i = 0; sections[i] != NULL; i++)
    if (g_str_has_prefix(sections[i], RECIPE_SECTION_RUN_NAMED) &&
        !read_run(recipe, keys, sections[i], sections[i] + strlen(RECIPE_SECTION_RUN_NAMED), error))
      return FALSE;
  return TRUE;
}

/* A guest without a network has no port that a test could ask. */
static gboolean
check_ports(const Recipe *recipe, GError **error) {
  gboolean ready = recipe->ready_port != 0;
  if (recipe->vifs > 0 || recipe->port == 0)
    return TRUE;
  place_set_error(error, recipe->file,
                  ready ? key_lines_find(recipe->lines, "test", "ready")
                        : key_lines_find(recipe->lines, "image", "port"),
                  "%s: there is no network (vifs=0); expected no port, or vifs=1",
                  ready ? "ready" : "port");
  return FALSE;
}

static gboolean
check_ends(const Recipe *recipe, GError **error) {
  if (!recipe->ends || recipe_on_exit(recipe) == RECIPE_POWEROFF)
    return TRUE;
  place_set_error(error, recipe->file, key_lines_find(recipe->lines, "test", "ends"),
                  "ends: nothing ends the domain; expected on-exit=poweroff in [run] as well");
  return FALSE;
}

/* The defaults that follow from other keys. */
static void
derive_defaults(Recipe *recipe) {
  if (recipe->port == 0)
    recipe->port = recipe->ready_port;
  if (key_lines_find(recipe->lines, "test", "ends") == 0)
    recipe->ends = recipe_is_job(recipe);
}

/* TEXT is NUL-terminated. */
static gboolean
read_text(Recipe *recipe, const char *text, gsize size, GError **error) {
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_autoptr(GError) parse = NULL;
  if (!place_check_text(text, size, recipe->file, error))
    return FALSE;
  if (g_str_has_prefix(text, "\xef\xbb\xbf")) {
    place_set_error(error, recipe->file, 1,
                    "a byte order mark comes before the text; expected UTF-8 without one");
    return FALSE;
  }
  recipe->lines = key_lines_scan(&conf_format, text, recipe->file, error);
  if (recipe->lines == NULL)
    return FALSE;
  if (!g_key_file_load_from_data(keys, text, size, G_KEY_FILE_NONE, &parse)) {
    place_set_error(error, recipe->file, 0, "%s", parse->message);
    return FALSE;
  }
  if (!read_keys_of(recipe, recipe, keys, NULL, error) || !read_runs(recipe, keys, error))
    return FALSE;
  derive_defaults(recipe);
  return check_ports(recipe, error) && check_ends(recipe, error);
}

Recipe *
recipe_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autofree char *whole = path_absolute(file), *folder = g_path_get_dirname(whole);
  g_autofree char *name = g_path_get_basename(folder);
  g_autofree char *copy = g_strndup(text, size);
  g_autoptr(Recipe) recipe = recipe_new(name);
  recipe->file = g_steal_pointer(&whole);
  recipe->folder = g_steal_pointer(&folder);
  if (!recipe_name_valid(recipe->name)) {
    place_set_error(error, recipe->file, 0,
                    "'%s' cannot be a recipe's name; expected up to %d of a-z 0-9 - + .",
                    recipe->name, NAME_MAX_LENGTH);
    return NULL;
  }
  if (!read_text(recipe, copy, size, error))
    return NULL;
  return g_steal_pointer(&recipe);
}

/* ---- found ------------------------------------------------------------- */

/* Files that the recipe names in its own folder must exist. */
static gboolean
recipe_check_files(Recipe *recipe, GError **error) {
  g_autofree char *standard = g_build_filename(recipe->folder, "test.sh", NULL);
  g_autofree char *files = g_build_filename(recipe->folder, "files", NULL);
  if (recipe->test_script == NULL && g_file_test(standard, G_FILE_TEST_EXISTS))
    recipe->test_script = g_steal_pointer(&standard);
  if (recipe->test_script != NULL && !g_file_test(recipe->test_script, G_FILE_TEST_EXISTS)) {
    g_autofree char *place = recipe_place(recipe, "test", "script");
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: %s does not exist; expected a shell script", place, recipe->test_script);
    return FALSE;
  }
  if (recipe->test_script != NULL && !file_check(recipe->test_script, RECIPE_SCRIPT_MAX, error)) {
    recipe_prefix_error(recipe, "test", "script", error);
    return FALSE;
  }
  if (recipe->test_at_boot != NULL && !g_file_test(recipe->test_at_boot, G_FILE_TEST_IS_DIR)) {
    g_autofree char *place = recipe_place(recipe, "test", "at-boot");
    return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: %s is no folder; expected one with files",
                      place, recipe->test_at_boot);
  }
  if (recipe->packages[0] == NULL && recipe->applets[0] == NULL && recipe->files[0] == NULL &&
      !g_file_test(files, G_FILE_TEST_IS_DIR)) {
    place_set_error(
        error, recipe->file, 0,
        "neither packages= nor files= nor a folder files/ nor applets=; an image needs one of "
        "them");
    return FALSE;
  }
  return TRUE;
}

char **
recipe_names(GError **error) {
  g_autofree char *folder = data_path("recipes");
  g_autoptr(GPtrArray) all = folder_names(folder, NULL, error);
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();
  for (guint i = 0; all != NULL && i < all->len; i++) {
    g_autofree char *file = g_build_filename(folder, all->pdata[i], RECIPE_FILE, NULL);
    if (g_file_test(file, G_FILE_TEST_IS_REGULAR))
      g_strv_builder_add(names, all->pdata[i]);
  }
  return all != NULL ? g_strv_builder_end(names) : NULL;
}

/* NAME is no recipe; but a folder here may be one, whose '/' was forgotten. */
static void
set_unknown_error(GError **error, const char *name) {
  g_autoptr(GError) unread = NULL;
  g_auto(GStrv) names = recipe_names(&unread);
  g_autofree char *here = g_build_filename(name, RECIPE_FILE, NULL), *near = NULL;
  if (names == NULL) {
    g_propagate_error(error, g_steal_pointer(&unread));
    return;
  }
  if (g_file_test(here, G_FILE_TEST_IS_REGULAR)) {
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "'%s' is not a recipe that comes with tinyx; did you mean the folder './%s'?", name,
               name);
    return;
  }
  near = near_or_all(name, (const char *const *)names, "there are");
  tinyx_fail(error, TINYX_ERROR_INPUT,
             "'%s' is not a recipe%s (a folder is given with a '/', as ./%s)", name, near, name);
}

/* TRUE if NAME is a folder's, and not the name of a recipe that comes with tinyx. */
static gboolean
is_folder_word(const char *name) {
  return strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

Recipe *
recipe_load(const char *name, GError **error) {
  g_autofree char *relative = g_build_filename("recipes", name, NULL);
  g_autofree char *folder = is_folder_word(name) ? path_absolute(name) : data_path(relative);
  g_autofree char *file = g_build_filename(folder, RECIPE_FILE, NULL);
  g_autofree char *text = NULL;
  g_autoptr(Recipe) recipe = NULL;
  g_autoptr(GError) read = NULL;
  gsize size;
  if (name[0] == '\0') {
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "a recipe's name is empty; expected one, or a folder with a '/'");
    return NULL;
  }
  if (!is_folder_word(name) &&
      (!recipe_name_valid(name) || !g_file_test(file, G_FILE_TEST_EXISTS))) {
    set_unknown_error(error, name);
    return NULL;
  }
  if (!file_read(file, RECIPE_BYTES_MAX, &text, &size, &read)) {
    gboolean is_file = g_file_test(folder, G_FILE_TEST_IS_REGULAR);
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: no recipe: %s%s", folder, read->message,
                is_file ? "; expected the folder in which recipe.conf is" : "");
    return NULL;
  }
  recipe = recipe_parse(text, size, file, error);
  if (recipe == NULL || !recipe_check_files(recipe, error))
    return NULL;
  recipe->given = g_strdup(name);
  return g_steal_pointer(&recipe);
}

/* ---- for messages ------------------------------------------------------ */

char *
recipe_line_place(const Recipe *recipe, const char *section, const char *key) {
  return place_text(recipe->file, key_lines_find(recipe->lines, section, key));
}

char *
recipe_argument(const Recipe *recipe) {
  return split_shell_word(recipe->given != NULL ? recipe->given : recipe->name);
}

char *
recipe_place(const Recipe *recipe, const char *section, const char *key) {
  g_autofree char *line = recipe_line_place(recipe, section, key);
  return g_strdup_printf("%s: %s", line, key);
}

void
recipe_prefix_error(const Recipe *recipe, const char *section, const char *key, GError **error) {
  if (error == NULL || !g_error_matches(*error, TINYX_ERROR, TINYX_ERROR_INPUT))
    return;
  g_autofree char *place = recipe_place(recipe, section, key);
  g_prefix_error(error, "%s: ", place);
}

char *
recipe_run_place(const Recipe *recipe, const RecipeRun *run, const char *key) {
  g_autofree char *section = recipe_run_section(run);
  return recipe_place(recipe, section, key);
}

RecipeOnExit
recipe_on_exit(const Recipe *recipe) {
  const RecipeRun *first = recipe->runs->pdata[0];
  return first->on_exit;
}

gboolean
recipe_is_reached(const Recipe *recipe) {
  return recipe->vifs > 0 && (recipe->port > 0 || recipe->ready_port > 0 || recipe->ready_udp > 0);
}

gboolean
recipe_is_job(const Recipe *recipe) {
  return recipe_on_exit(recipe) == RECIPE_POWEROFF && recipe->ready_port == 0;
}
