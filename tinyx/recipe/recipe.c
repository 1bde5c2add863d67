#include "recipe/recipe.h"

#include "base/files.h"
#include "base/near.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define RECIPE_FILE "recipe.conf"
#define NAME_MAX_LENGTH 48 /* it becomes a host name (64) and part of a domain's name */

/* ---- the keys -------------------------------------------------------- */

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
  SCRIPT
} ValueKind;

typedef struct {
  const char *group, *key;
  ValueKind kind;
  gsize offset;
  gboolean required;
} KeySpec;

#define AT(field) offsetof(Recipe, field)
#define IN_RUN(field) offsetof(RecipeRun, field) /* the keys of [run] and [run NAME] */
static const KeySpec specs[] = {
    {"recipe", "description", TEXT, AT(description), TRUE},
    {"recipe", "packages", WORDS, AT(packages), FALSE},
    {"run", "command", LINE, IN_RUN(command), TRUE},
    {"run", "before", SHELL, IN_RUN(before), FALSE},
    {"run", "user", TEXT, IN_RUN(user), FALSE},
    {"run", "group", TEXT, IN_RUN(group), FALSE},
    {"run", "directory", TEXT, IN_RUN(directory), FALSE},
    {"run", "environment", QUOTED, IN_RUN(environment), FALSE},
    {"run", "on-exit", ON_EXIT, IN_RUN(on_exit), FALSE},
    {"run", "forks", YES_NO, IN_RUN(forks), FALSE},
    {"run", "pid-file", PATH, IN_RUN(pid_file), FALSE},
    {"image", "include", PATHS, AT(include), FALSE},
    {"image", "exclude", PATHS, AT(exclude), FALSE},
    {"image", "writable", PATHS, AT(writable), FALSE},
    {"image", "applets", WORDS, AT(applets), FALSE},
    {"image", "mounts", WORDS, AT(mounts), FALSE},
    {"image", "port", PORT, AT(port), FALSE},
    {"image", "vifs", VIFS, AT(vifs), FALSE},
    {"image", "memory", NUMBER, AT(memory), FALSE},
    {"kernel", "options", OPTIONS, AT(options), FALSE},
    {"kernel", "candidates", WORDS, AT(candidates), FALSE},
    {"kernel", "with", WORDS, AT(with), FALSE},
    {"kernel", "without", WORDS, AT(without), FALSE},
    {"test", "script", SCRIPT, AT(test_script), FALSE},
    {"test", "programs", PATHS, AT(test_programs), FALSE},
    {"test", "packages", WORDS, AT(test_packages), FALSE},
    {"test", "ready", PORT, AT(ready_port), FALSE},
    {"test", "timeout", NUMBER, AT(test_timeout), FALSE},
    {"test", "ends", YES_NO, AT(ends), FALSE},
    {"test", "weak", YES_NO, AT(weak_test), FALSE},
};

#define RUN "run"
#define RUN_MORE "run " /* [run NAME] */

/* The group whose keys GROUP has: "run" for "run NAME". */
static const char *
group_kind(const char *group) {
  return g_str_has_prefix(group, RUN_MORE) ? RUN : group;
}

static const KeySpec *
spec_find(const char *group, const char *key) {
  group = group_kind(group);
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
    if (strcmp(specs[i].group, group) == 0 && strcmp(specs[i].key, key) == 0)
      return &specs[i];
  return NULL;
}

/* NAME of [run NAME] becomes part of a file's name, and of a message. */
static gboolean
group_known(const char *group) {
  const char *name = group_kind(group) != group ? group + strlen(RUN_MORE) : "x";
  gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
  group = group_kind(group);
  if (length == 0 || name[length] != '\0')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
    if (strcmp(specs[i].group, group) == 0)
      return TRUE;
  return FALSE;
}

/* "expected one of: a, b" for the keys of GROUP, or for the groups (NULL). */
static char *
expected_names(const char *group) {
  GString *text = g_string_new("expected one of:");
  const char *last = "";
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++) {
    if (group == NULL && strcmp(specs[i].group, last) != 0)
      g_string_append_printf(text, strcmp(specs[i].group, RUN) == 0 ? " [%s] [run NAME]" : " [%s]",
                             specs[i].group);
    else if (group != NULL && strcmp(specs[i].group, group_kind(group)) == 0)
      g_string_append_printf(text, " %s", specs[i].key);
    last = specs[i].group;
  }
  return g_string_free(text, FALSE);
}

/* ---- lines: where each key stands ------------------------------------ */

typedef struct {
  const char *file;
  GHashTable *lines; /* "group/key" or "[group]" -> line number */
} Lines;

static void set_line_error(GError **error, const char *file, int line, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static void
set_line_error(GError **error, const char *file, int line, const char *format, ...) {
  va_list args;
  g_autofree char *text = NULL;
  va_start(args, format);
  text = g_strdup_vprintf(format, args);
  va_end(args);
  if (line > 0)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s:%d: %s", file, line, text);
  else
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", file, text);
}

static gboolean
scan_group(Lines *lines, const char *line, int number, char **group, GError **error) {
  const char *end = strchr(line, ']');
  g_autofree char *mark = NULL, *expected = NULL;
  if (end == NULL || end[1] != '\0') {
    set_line_error(error, lines->file, number, "'%s' is not a group; expected [name]", line);
    return FALSE;
  }
  g_free(*group);
  *group = g_strndup(line + 1, (gsize)(end - line - 1));
  if (!group_known(*group)) {
    expected = expected_names(NULL);
    set_line_error(error, lines->file, number, "unknown group [%s]; %s", *group, expected);
    return FALSE;
  }
  mark = g_strdup_printf("[%s]", *group);
  if (!g_hash_table_insert(lines->lines, g_steal_pointer(&mark), GINT_TO_POINTER(number))) {
    set_line_error(error, lines->file, number, "group [%s] is there twice", *group);
    return FALSE;
  }
  return TRUE;
}

static gboolean
scan_key(Lines *lines, const char *line, int number, const char *group, GError **error) {
  const char *equals = strchr(line, '=');
  g_autofree char *key = NULL, *expected = NULL;
  if (group == NULL || equals == NULL || equals == line) {
    set_line_error(error, lines->file, number, "'%s' is neither a group nor a key; expected %s",
                   line, group == NULL ? "[recipe] first" : "key=value");
    return FALSE;
  }
  key = g_strchomp(g_strndup(line, (gsize)(equals - line)));
  if (spec_find(group, key) == NULL) {
    expected = expected_names(group);
    set_line_error(error, lines->file, number, "unknown key '%s' in [%s]; %s", key, group,
                   expected);
    return FALSE;
  }
  if (!g_hash_table_insert(lines->lines, g_strdup_printf("%s/%s", group, key),
                           GINT_TO_POINTER(number))) {
    set_line_error(error, lines->file, number, "key '%s' is there twice in [%s]", key, group);
    return FALSE;
  }
  return TRUE;
}

/* GKeyFile has no line numbers, so the lines are looked at before it reads them. */
static gboolean
scan_lines(Lines *lines, const char *text, GError **error) {
  g_auto(GStrv) all = g_strsplit(text, "\n", -1);
  g_autofree char *group = NULL;
  for (int i = 0; all[i] != NULL; i++) {
    const char *line = g_strstrip(all[i]);
    if (line[0] == '\0' || line[0] == '#')
      continue;
    if (line[0] == '[' ? !scan_group(lines, line, i + 1, &group, error)
                       : !scan_key(lines, line, i + 1, group, error))
      return FALSE;
  }
  return TRUE;
}

static int
line_of(const Lines *lines, const char *group, const char *key) {
  g_autofree char *name = g_strdup_printf("%s/%s", group, key);
  return GPOINTER_TO_INT(g_hash_table_lookup(lines->lines, name));
}

/* ---- values ---------------------------------------------------------- */

static char **
split_words(const char *value) {
  g_auto(GStrv) raw = g_strsplit_set(value, " \t;,", -1);
  GPtrArray *words = g_ptr_array_new();
  for (guint i = 0; raw[i] != NULL; i++)
    if (raw[i][0] != '\0')
      g_ptr_array_add(words, g_strdup(raw[i]));
  g_ptr_array_add(words, NULL);
  return (char **)g_ptr_array_free(words, FALSE);
}

/* What is wrong with VALUE, or NULL; the value goes to FIELD. */
static char *
read_number(const char *value, int least, int most, int *field) {
  char *end;
  long number = strtol(value, &end, 10);
  if (*value == '\0' || *end != '\0' || number < least || number > most)
    return g_strdup_printf("'%s'; expected a whole number from %d to %d", value, least, most);
  *field = (int)number;
  return NULL;
}

static char *
read_paths(const char *value, char ***field) {
  *field = split_words(value);
  for (guint i = 0; (*field)[i] != NULL; i++)
    if ((*field)[i][0] != '/')
      return g_strdup_printf("'%s'; expected absolute paths", (*field)[i]);
  return NULL;
}

static char *
read_options(const char *value, char ***field) {
  *field = split_words(value);
  for (guint i = 0; (*field)[i] != NULL; i++) {
    const char *word = (*field)[i];
    gsize length = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    if (length == 0 || word[length] != '=' || word[length + 1] == '\0')
      return g_strdup_printf("'%s'; expected SYMBOL=y, SYMBOL=n or SYMBOL=value", word);
    if (g_str_has_prefix(word, "CONFIG_"))
      return g_strdup_printf("'%s'; expected the symbol without CONFIG_", word);
  }
  return NULL;
}

static char *
read_command(const char *value, char **field) {
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) argv = NULL;
  if (!g_shell_parse_argv(value, NULL, &argv, &error))
    return g_strdup_printf("'%s': %s", value, error->message);
  if (argv[0][0] != '/')
    return g_strdup_printf("'%s'; expected the absolute path of a program", argv[0]);
  *field = g_strdup(value);
  return NULL;
}

static char *
read_quoted(const char *value, char ***field) {
  g_autoptr(GError) error = NULL;
  if (value[0] == '\0')
    return NULL;
  g_clear_pointer(field, g_strfreev);
  if (!g_shell_parse_argv(value, NULL, field, &error)) {
    *field = g_new0(char *, 1);
    return g_strdup_printf("'%s': %s", value, error->message);
  }
  for (guint i = 0; (*field)[i] != NULL; i++)
    if (strchr((*field)[i], '=') == NULL || (*field)[i][0] == '=')
      return g_strdup_printf("'%s'; expected NAME=VALUE words, quoted where they have spaces",
                             (*field)[i]);
  return NULL;
}

static char *
read_yes_no(const char *value, gboolean *field) {
  *field = strcmp(value, "yes") == 0;
  if (*field || strcmp(value, "no") == 0)
    return NULL;
  return g_strdup_printf("'%s'; expected yes or no", value);
}

static char *
read_path(const char *value, char **field) {
  if (value[0] != '/')
    return g_strdup_printf("'%s'; expected an absolute path", value);
  *field = g_strdup(value);
  return NULL;
}

static char *
read_on_exit(const char *value, RecipeOnExit *field) {
  static const char *const names[] = {"respawn", "poweroff", "reboot"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (strcmp(value, names[i]) == 0) {
      *field = (RecipeOnExit)i;
      return NULL;
    }
  return g_strdup_printf("'%s'; expected respawn, poweroff or reboot", value);
}

static char *
read_script(const char *value, const char *folder, char **field) {
  *field = g_path_is_absolute(value) ? g_strdup(value) : g_build_filename(folder, value, NULL);
  return NULL;
}

/* OWNER is the Recipe, or the RecipeRun for a key of [run]. */
static char *
read_value(const Recipe *recipe, gpointer owner, const KeySpec *spec, const char *value) {
  void *field = G_STRUCT_MEMBER_P(owner, spec->offset);
  switch (spec->kind) {
  case TEXT:
  case SHELL:
    *(char **)field = value[0] != '\0' ? g_strdup(value) : NULL;
    return NULL;
  case LINE:
    return read_command(value, field);
  case WORDS:
    *(char ***)field = split_words(value);
    return NULL;
  case PATHS:
    return read_paths(value, field);
  case QUOTED:
    return read_quoted(value, field);
  case NUMBER:
    return read_number(value, 1, 1 << 20, field);
  case PORT:
    return read_number(value, 1, 65535, field);
  case VIFS:
    return read_number(value, 0, RECIPE_VIFS_MAX, field);
  case YES_NO:
    return read_yes_no(value, field);
  case PATH:
    return read_path(value, field);
  case ON_EXIT:
    return read_on_exit(value, field);
  case OPTIONS:
    return read_options(value, field);
  case SCRIPT:
    return read_script(value, recipe->folder, field);
  }
  return NULL;
}

/* The key of SPEC in GROUP, a group of its kind. */
static gboolean
read_key(const Recipe *recipe, gpointer owner, GKeyFile *keys, const Lines *lines,
         const char *group, const KeySpec *spec, GError **error) {
  g_autoptr(GError) escape = NULL;
  g_autofree char *value = g_key_file_get_string(keys, group, spec->key, &escape);
  g_autofree char *wrong = NULL;
  int line = line_of(lines, group, spec->key);
  if (line == 0 || escape != NULL) {
    if (line != 0)
      wrong = g_strdup("not valid text (UTF-8, and \\s \\n \\t \\r \\\\ as escapes)");
    else if (!spec->required)
      return TRUE;
    else {
      set_line_error(error, recipe->file, 0, "the key '%s' in [%s] is missing; it is required",
                     spec->key, group);
      return FALSE;
    }
  } else {
    wrong = read_value(recipe, owner, spec, g_strstrip(value));
    if (wrong == NULL && spec->required && value[0] == '\0')
      wrong = g_strdup("empty; a value is required");
  }
  if (wrong == NULL)
    return TRUE;
  set_line_error(error, recipe->file, line, "%s: %s", spec->key, wrong);
  return FALSE;
}

/* ---- the whole ------------------------------------------------------- */

static gboolean
name_valid(const char *name) {
  gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-+.");
  return length > 0 && name[length] == '\0' && length <= NAME_MAX_LENGTH && name[0] != '-' &&
         name[0] != '.' && name[0] != '+';
}

static gboolean
is_run(const KeySpec *spec) {
  return strcmp(spec->group, RUN) == 0;
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
read_run(Recipe *recipe, GKeyFile *keys, const Lines *lines, const char *group, GError **error) {
  RecipeRun *run = g_new0(RecipeRun, 1);
  g_ptr_array_add(recipe->runs, run);
  run->name = g_strdup(strcmp(group, RUN) == 0 ? "" : group + strlen(RUN_MORE));
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
    if (is_run(&specs[i]) && !read_key(recipe, run, keys, lines, group, &specs[i], error))
      return FALSE;
  if (run->directory == NULL)
    run->directory = g_strdup("/");
  if (run->environment == NULL)
    run->environment = g_new0(char *, 1);
  if (run->pid_file == NULL || run->forks)
    return TRUE;
  set_line_error(error, recipe->file, line_of(lines, group, "pid-file"),
                 "pid-file: only for a command that ends once its daemon runs; expected forks=yes "
                 "as well");
  return FALSE;
}

static gboolean
read_runs(Recipe *recipe, GKeyFile *keys, const Lines *lines, GError **error) {
  g_auto(GStrv) groups = g_key_file_get_groups(keys, NULL);
  if (!read_run(recipe, keys, lines, RUN, error))
    return FALSE;
  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix(groups[i], RUN_MORE) && !read_run(recipe, keys, lines, groups[i], error))
      return FALSE;
  return TRUE;
}

RecipeOnExit
recipe_on_exit(const Recipe *recipe) {
  const RecipeRun *first = recipe->runs->pdata[0];
  return first->on_exit;
}

static void
fill_defaults(Recipe *recipe) {
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++) {
    void *field = G_STRUCT_MEMBER_P(recipe, specs[i].offset);
    ValueKind kind = specs[i].kind;
    if (is_run(&specs[i]))
      continue;
    if ((kind == WORDS || kind == PATHS || kind == QUOTED || kind == OPTIONS) &&
        *(char ***)field == NULL)
      *(char ***)field = g_new0(char *, 1);
  }
  if (recipe->memory == 0)
    recipe->memory = 32;
  if (recipe->test_timeout == 0)
    recipe->test_timeout = 60;
  if (recipe->port == 0)
    recipe->port = recipe->ready_port;
}

static gboolean
mounts_valid(const Recipe *recipe, const Lines *lines, GError **error) {
  static const char *const known[] = {"proc", "sys", "dev", "devpts", "shm", "run", "tmp", NULL};
  for (guint i = 0; recipe->mounts[i] != NULL; i++)
    if (!g_strv_contains(known, recipe->mounts[i])) {
      set_line_error(error, recipe->file, line_of(lines, "image", "mounts"),
                     "mounts: '%s'; expected words of: proc sys dev devpts shm run tmp",
                     recipe->mounts[i]);
      return FALSE;
    }
  return TRUE;
}

/* Nobody can be asked on a port of a domain without a network. */
static gboolean
ports_valid(const Recipe *recipe, const Lines *lines, GError **error) {
  gboolean ready = recipe->ready_port != 0;
  if (recipe->vifs > 0 || recipe->port == 0)
    return TRUE;
  set_line_error(error, recipe->file,
                 ready ? line_of(lines, "test", "ready") : line_of(lines, "image", "port"),
                 "%s: there is no network (vifs=0); expected no port, or vifs=1",
                 ready ? "ready" : "port");
  return FALSE;
}

/* An application without a port that powers the machine off at its end is a job. */
static gboolean
ends_valid(Recipe *recipe, const Lines *lines, GError **error) {
  gboolean poweroff = recipe_on_exit(recipe) == RECIPE_POWEROFF;
  int line = line_of(lines, "test", "ends");
  if (line == 0)
    recipe->ends = poweroff && recipe->ready_port == 0;
  if (poweroff || !recipe->ends)
    return TRUE;
  set_line_error(error, recipe->file, line,
                 "ends: nothing ends the domain; expected on-exit=poweroff in [run] as well");
  return FALSE;
}

static gboolean
read_keys(Recipe *recipe, const char *text, gsize size, GError **error) {
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GError) parse = NULL;
  Lines lines = {.file = recipe->file, .lines = table};
  if (memchr(text, '\0', size) != NULL || !g_utf8_validate(text, (gssize)size, NULL)) {
    set_line_error(error, recipe->file, 0, "not a text file; expected UTF-8");
    return FALSE;
  }
  if (!scan_lines(&lines, text, error))
    return FALSE;
  if (!g_key_file_load_from_data(keys, text, size, G_KEY_FILE_NONE, &parse)) {
    set_line_error(error, recipe->file, 0, "%s", parse->message);
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
    if (!is_run(&specs[i]) &&
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
  if (!name_valid(recipe->name)) {
    set_line_error(error, recipe->file, 0,
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
    set_line_error(error, recipe->file, 0, "the test script %s does not exist",
                   recipe->test_script);
    return FALSE;
  }
  if (recipe->packages[0] == NULL && recipe->applets[0] == NULL &&
      !g_file_test(files, G_FILE_TEST_IS_DIR)) {
    set_line_error(
        error, recipe->file, 0,
        "neither packages= nor a folder files/ nor applets=; an image needs one of them");
    return FALSE;
  }
  return TRUE;
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
  g_ptr_array_sort_with_data(names, (GCompareDataFunc)(void (*)(void))g_strcmp0, NULL);
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
  if (strchr(name, '/') == NULL && (!name_valid(name) || !g_file_test(file, G_FILE_TEST_EXISTS))) {
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
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++) {
    void *field = G_STRUCT_MEMBER_P(recipe, specs[i].offset);
    if (is_run(&specs[i]))
      continue;
    switch (specs[i].kind) {
    case TEXT:
    case LINE:
    case SCRIPT:
      g_free(*(char **)field);
      break;
    case WORDS:
    case PATHS:
    case QUOTED:
    case OPTIONS:
      g_strfreev(*(char ***)field);
      break;
    default:
      break;
    }
  }
  g_ptr_array_unref(recipe->runs);
  g_free(recipe->name);
  g_free(recipe->folder);
  g_free(recipe->file);
  g_free(recipe);
}
