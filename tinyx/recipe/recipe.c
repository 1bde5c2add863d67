#include "recipe/recipe.h"

#include "base/files.h"
#include "base/near.h"
#include "recipe/keys.h"

#include <string.h>

#define RECIPE_FILE "recipe.conf"
#define NAME_MAX_LENGTH 48 /* it becomes a host name (64) and part of a domain's name */

/* The key of SPEC in GROUP, a group of its kind. */
static gboolean
read_key(const Recipe *recipe, gpointer owner, GKeyFile *keys, const RecipeLines *lines,
         const char *group, const RecipeKey *spec, GError **error) {
  g_autoptr(GError) escape = NULL;
  g_autofree char *value = g_key_file_get_string(keys, group, spec->key, &escape);
  g_autofree char *wrong = NULL;
  int line = recipe_line(lines, group, spec->key);
  if (line == 0 || escape != NULL) {
    if (line != 0)
      wrong = g_strdup("not valid text (UTF-8, and \\s \\n \\t \\r \\\\ as escapes)");
    else if (!spec->required)
      return TRUE;
    else {
      recipe_set_error(error, recipe->file, 0, "the key '%s' in [%s] is missing; it is required",
                       spec->key, group);
      return FALSE;
    }
  } else {
    wrong = recipe_value_read(recipe, owner, spec, g_strstrip(value));
    if (wrong == NULL && spec->required && value[0] == '\0')
      wrong = g_strdup("empty; a value is required");
  }
  if (wrong == NULL)
    return TRUE;
  recipe_set_error(error, recipe->file, line, "%s: %s", spec->key, wrong);
  return FALSE;
}

gboolean
recipe_name_valid(const char *name) {
  gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-+.");
  return length > 0 && name[length] == '\0' && length <= NAME_MAX_LENGTH && name[0] != '-' &&
         name[0] != '.' && name[0] != '+';
}

static void
run_free(gpointer data) {
  RecipeRun *run = data;
  g_free(run->name);
  g_free(run->command);
  g_free(run->before);
  g_free(run->user);
  g_free(run->group);
  g_free(run->directory);
  g_free(run->pid_file);
  g_strfreev(run->environment);
  g_free(run);
}

static gboolean
read_run(Recipe *recipe, GKeyFile *keys, const RecipeLines *lines, const char *group,
         GError **error) {
  RecipeRun *run = g_new0(RecipeRun, 1);
  g_ptr_array_add(recipe->runs, run);
  run->name = g_strdup(strcmp(group, RUN) == 0 ? "" : group + strlen(RUN_MORE));
  guint count;
  const RecipeKey *specs = recipe_keys(&count);
  for (guint i = 0; i < count; i++)
    if (recipe_key_of_run(&specs[i]) &&
        !read_key(recipe, run, keys, lines, group, &specs[i], error))
      return FALSE;
  if (run->directory == NULL)
    run->directory = g_strdup("/");
  if (run->environment == NULL)
    run->environment = g_new0(char *, 1);
  if (run->pid_file == NULL || run->forks)
    return TRUE;
  recipe_set_error(
      error, recipe->file, recipe_line(lines, group, "pid-file"),
      "pid-file: only for a command that ends once its daemon runs; expected forks=yes "
      "as well");
  return FALSE;
}

static gboolean
read_runs(Recipe *recipe, GKeyFile *keys, const RecipeLines *lines, GError **error) {
  g_auto(GStrv) groups = g_key_file_get_groups(keys, NULL);
  if (!read_run(recipe, keys, lines, RUN, error))
    return FALSE;
  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix(groups[i], RUN_MORE) && !read_run(recipe, keys, lines, groups[i], error))
      return FALSE;
  return TRUE;
}

char *
recipe_line_place(const Recipe *recipe, const char *group, const char *key) {
  const RecipeLines lines = {.file = recipe->file, .lines = recipe->lines};
  int line = recipe->lines != NULL ? recipe_line(&lines, group, key) : 0;
  return line > 0 ? g_strdup_printf("%s:%d", recipe->file, line) : g_strdup(recipe->file);
}

char *
recipe_place(const Recipe *recipe, const char *group, const char *key) {
  g_autofree char *line = recipe_line_place(recipe, group, key);
  return g_strdup_printf("%s: %s", line, key);
}

void
recipe_prefix_error(const Recipe *recipe, const char *group, const char *key, GError **error) {
  if (error == NULL || !g_error_matches(*error, TINYX_ERROR, TINYX_ERROR_INPUT))
    return;
  g_autofree char *place = recipe_place(recipe, group, key);
  g_prefix_error(error, "%s: ", place);
}

char *
recipe_run_place(const Recipe *recipe, const RecipeRun *run, const char *key) {
  g_autofree char *group =
      run->name[0] != '\0' ? g_strconcat(RUN_MORE, run->name, NULL) : g_strdup(RUN);
  return recipe_place(recipe, group, key);
}

RecipeOnExit
recipe_on_exit(const Recipe *recipe) {
  const RecipeRun *first = recipe->runs->pdata[0];
  return first->on_exit;
}

static void
fill_defaults(Recipe *recipe) {
  guint count;
  const RecipeKey *specs = recipe_keys(&count);
  for (guint i = 0; i < count; i++) {
    void *field = G_STRUCT_MEMBER_P(recipe, specs[i].offset);
    ValueKind kind = specs[i].kind;
    if (recipe_key_of_run(&specs[i]))
      continue;
    if ((kind == WORDS || kind == PATHS || kind == QUOTED || kind == OPTIONS || kind == FILES) &&
        *(char ***)field == NULL)
      *(char ***)field = g_new0(char *, 1);
  }
  if (recipe->memory == 0)
    recipe->memory = 32;
  if (recipe->test_timeout == 0)
    recipe->test_timeout = RECIPE_TIMEOUT;
  if (recipe->port == 0)
    recipe->port = recipe->ready_port;
}

static gboolean
mounts_valid(const Recipe *recipe, const RecipeLines *lines, GError **error) {
  static const char *const known[] = {"proc", "sys", "dev", "devpts", "shm", "run", "tmp", NULL};
  for (guint i = 0; recipe->mounts[i] != NULL; i++)
    if (!g_strv_contains(known, recipe->mounts[i])) {
      recipe_set_error(error, recipe->file, recipe_line(lines, "image", "mounts"),
                       "mounts: '%s'; expected words of: proc sys dev devpts shm run tmp",
                       recipe->mounts[i]);
      return FALSE;
    }
  return TRUE;
}

/* Nobody can be asked on a port of a domain without a network. */
static gboolean
ports_valid(const Recipe *recipe, const RecipeLines *lines, GError **error) {
  gboolean ready = recipe->ready_port != 0;
  if (recipe->vifs > 0 || recipe->port == 0)
    return TRUE;
  recipe_set_error(
      error, recipe->file,
      ready ? recipe_line(lines, "test", "ready") : recipe_line(lines, "image", "port"),
      "%s: there is no network (vifs=0); expected no port, or vifs=1", ready ? "ready" : "port");
  return FALSE;
}

/* An application without a port that powers the machine off at its end is a job. */
static gboolean
ends_valid(Recipe *recipe, const RecipeLines *lines, GError **error) {
  gboolean poweroff = recipe_on_exit(recipe) == RECIPE_POWEROFF;
  int line = recipe_line(lines, "test", "ends");
  if (line == 0)
    recipe->ends = poweroff && recipe->ready_port == 0;
  if (poweroff || !recipe->ends)
    return TRUE;
  recipe_set_error(error, recipe->file, line,
                   "ends: nothing ends the domain; expected on-exit=poweroff in [run] as well");
  return FALSE;
}

static int
line_of(const char *text, const char *at) {
  int line = 1;
  for (; text < at; text++)
    line += *text == '\n';
  return line;
}

static gboolean
read_keys(Recipe *recipe, const char *text, gsize size, GError **error) {
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_autoptr(GError) parse = NULL;
  const char *bad;
  recipe->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  RecipeLines lines = {.file = recipe->file, .lines = recipe->lines};
  if (!g_utf8_validate(text, (gssize)size, &bad)) { /* a NUL is not valid either */
    recipe_set_error(error, recipe->file, line_of(text, bad), "not a text file; expected UTF-8");
    return FALSE;
  }
  if (g_str_has_prefix(text, "\xef\xbb\xbf")) {
    recipe_set_error(error, recipe->file, 1,
                     "a byte order mark comes before the text; expected UTF-8 without one");
    return FALSE;
  }
  if (!recipe_lines_scan(&lines, text, error))
    return FALSE;
  if (!g_key_file_load_from_data(keys, text, size, G_KEY_FILE_NONE, &parse)) {
    recipe_set_error(error, recipe->file, 0, "%s", parse->message);
    return FALSE;
  }
  guint count;
  const RecipeKey *specs = recipe_keys(&count);
  for (guint i = 0; i < count; i++)
    if (!recipe_key_of_run(&specs[i]) &&
        !read_key(recipe, recipe, keys, &lines, specs[i].group, &specs[i], error))
      return FALSE;
  if (!read_runs(recipe, keys, &lines, error))
    return FALSE;
  fill_defaults(recipe);
  return mounts_valid(recipe, &lines, error) && ports_valid(recipe, &lines, error) &&
         ends_valid(recipe, &lines, error);
}

Recipe *
recipe_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Recipe) recipe = g_new0(Recipe, 1);
  g_autofree char *copy = g_strndup(text, size);
  recipe->runs = g_ptr_array_new_with_free_func(run_free);
  recipe->vifs = 1;
  recipe->file = path_absolute(file);
  recipe->folder = g_path_get_dirname(recipe->file);
  recipe->name = g_path_get_basename(recipe->folder);
  if (!recipe_name_valid(recipe->name)) {
    recipe_set_error(error, recipe->file, 0,
                     "'%s' cannot be a recipe's name; expected up to %d of a-z 0-9 - + .",
                     recipe->name, NAME_MAX_LENGTH);
    return NULL;
  }
  if (!read_keys(recipe, copy, size, error))
    return NULL;
  return g_steal_pointer(&recipe);
}

/* What the recipe names in its own folder must be there. */
static gboolean
recipe_check_files(Recipe *recipe, GError **error) {
  g_autofree char *standard = g_build_filename(recipe->folder, "test.sh", NULL);
  g_autofree char *files = g_build_filename(recipe->folder, "files", NULL);
  if (recipe->test_script == NULL && g_file_test(standard, G_FILE_TEST_EXISTS))
    recipe->test_script = g_steal_pointer(&standard);
  if (recipe->test_script != NULL && !g_file_test(recipe->test_script, G_FILE_TEST_IS_REGULAR)) {
    g_autofree char *place = recipe_place(recipe, "test", "script");
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s %s; expected a shell script", place,
                recipe->test_script,
                g_file_test(recipe->test_script, G_FILE_TEST_IS_DIR) ? "is a folder"
                                                                     : "does not exist");
    return FALSE;
  }
  if (recipe->packages[0] == NULL && recipe->applets[0] == NULL && recipe->files[0] == NULL &&
      !g_file_test(files, G_FILE_TEST_IS_DIR)) {
    recipe_set_error(
        error, recipe->file, 0,
        "neither packages= nor files= nor a folder files/ nor applets=; an image needs one of "
        "them");
    return FALSE;
  }
  return TRUE;
}

static int
compare_names(gconstpointer a, gconstpointer b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

char **
recipe_names(GError **error) {
  g_autofree char *folder = data_path("recipes");
  g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  const char *name;
  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *file = g_build_filename(folder, name, RECIPE_FILE, NULL);
    if (g_file_test(file, G_FILE_TEST_IS_REGULAR))
      g_ptr_array_add(names, g_strdup(name));
  }
  g_ptr_array_sort(names, compare_names);
  g_ptr_array_add(names, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static void
set_unknown_error(GError **error, const char *name) {
  static const char *const none[] = {NULL};
  g_auto(GStrv) names = recipe_names(NULL);
  g_autofree char *all = names != NULL ? g_strjoinv(" ", names) : g_strdup("");
  g_autofree char *near = near_text(name, names != NULL ? (const char *const *)names : none);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "'%s' is not a recipe%s; there are: %s (a folder is given with a '/', as ./%s)", name,
              near, all, name);
}

Recipe *
recipe_load(const char *name, GError **error) {
  g_autofree char *relative = g_build_filename("recipes", name, NULL);
  g_autofree char *folder = strchr(name, '/') != NULL ? path_absolute(name) : data_path(relative);
  g_autofree char *file = g_build_filename(folder, RECIPE_FILE, NULL);
  g_autofree char *text = NULL;
  g_autoptr(Recipe) recipe = NULL;
  g_autoptr(GError) read = NULL;
  gsize size;
  if (strchr(name, '/') == NULL &&
      (!recipe_name_valid(name) || !g_file_test(file, G_FILE_TEST_EXISTS))) {
    set_unknown_error(error, name);
    return NULL;
  }
  if (!g_file_get_contents(file, &text, &size, &read)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: no recipe: %s", folder, read->message);
    return NULL;
  }
  recipe = recipe_parse(text, size, file, error);
  if (recipe == NULL || !recipe_check_files(recipe, error))
    return NULL;
  return g_steal_pointer(&recipe);
}

void
recipe_free(Recipe *recipe) {
  if (recipe == NULL)
    return;
  guint count;
  const RecipeKey *specs = recipe_keys(&count);
  for (guint i = 0; i < count; i++) {
    void *field = G_STRUCT_MEMBER_P(recipe, specs[i].offset);
    if (recipe_key_of_run(&specs[i]))
      continue;
    switch (specs[i].kind) {
    case TEXT:
    case LINE:
    case FORMAT:
    case SCRIPT:
      g_free(*(char **)field);
      break;
    case WORDS:
    case PATHS:
    case QUOTED:
    case OPTIONS:
    case FILES:
      g_strfreev(*(char ***)field);
      break;
    default:
      break;
    }
  }
  g_ptr_array_unref(recipe->runs);
  g_clear_pointer(&recipe->lines, g_hash_table_unref);
  g_free(recipe->name);
  g_free(recipe->folder);
  g_free(recipe->file);
  g_free(recipe);
}
