#include "recipe/recipe.h"

#include "base/files.h"
#include "base/near.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define RECIPE_FILE "recipe.conf"
#define NAME_MAX_LENGTH 48 /* it becomes a host name (64) and part of a domain's name */

/* ---- the keys -------------------------------------------------------- */

typedef enum { TEXT, LINE, WORDS, PATHS, QUOTED, NUMBER, PORT, ON_EXIT, OPTIONS, SCRIPT } ValueKind;

typedef struct {
  const char *group, *key;
  ValueKind kind;
  gsize offset;
  gboolean required;
} KeySpec;

#define AT(field) offsetof(Recipe, field)
static const KeySpec specs[] = {
    {"recipe", "description", TEXT, AT(description), TRUE},
    {"recipe", "packages", WORDS, AT(packages), FALSE},
    {"run", "command", LINE, AT(command), TRUE},
    {"run", "user", TEXT, AT(user), FALSE},
    {"run", "group", TEXT, AT(group), FALSE},
    {"run", "directory", TEXT, AT(directory), FALSE},
    {"run", "environment", QUOTED, AT(environment), FALSE},
    {"run", "on-exit", ON_EXIT, AT(on_exit), FALSE},
    {"image", "include", PATHS, AT(include), FALSE},
    {"image", "exclude", PATHS, AT(exclude), FALSE},
    {"image", "writable", PATHS, AT(writable), FALSE},
    {"image", "applets", WORDS, AT(applets), FALSE},
    {"image", "mounts", WORDS, AT(mounts), FALSE},
    {"image", "port", PORT, AT(port), FALSE},
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
};

static const KeySpec *
spec_find(const char *group, const char *key) {
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
    if (strcmp(specs[i].group, group) == 0 && strcmp(specs[i].key, key) == 0)
      return &specs[i];
  return NULL;
}

static gboolean
group_known(const char *group) {
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
      g_string_append_printf(text, " [%s]", specs[i].group);
    else if (group != NULL && strcmp(specs[i].group, group) == 0)
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

static char *
read_value(Recipe *recipe, const KeySpec *spec, const char *value) {
  void *field = G_STRUCT_MEMBER_P(recipe, spec->offset);
  switch (spec->kind) {
  case TEXT:
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
  case ON_EXIT:
    return read_on_exit(value, field);
  case OPTIONS:
    return read_options(value, field);
  case SCRIPT:
    return read_script(value, recipe->folder, field);
  }
  return NULL;
}

static gboolean
read_key(Recipe *recipe, GKeyFile *keys, const Lines *lines, const KeySpec *spec, GError **error) {
  g_autoptr(GError) escape = NULL;
  g_autofree char *value = g_key_file_get_string(keys, spec->group, spec->key, &escape);
  g_autofree char *wrong = NULL;
  int line = line_of(lines, spec->group, spec->key);
  if (line == 0 || escape != NULL) {
    if (line != 0)
      wrong = g_strdup("not valid text (UTF-8, and \\s \\n \\t \\r \\\\ as escapes)");
    else if (!spec->required)
      return TRUE;
    else {
      set_line_error(error, recipe->file, 0, "the key '%s' in [%s] is missing; it is required",
                     spec->key, spec->group);
      return FALSE;
    }
  } else {
    wrong = read_value(recipe, spec, g_strstrip(value));
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

static void
fill_defaults(Recipe *recipe) {
  for (guint i = 0; i < G_N_ELEMENTS(specs); i++) {
    void *field = G_STRUCT_MEMBER_P(recipe, specs[i].offset);
    ValueKind kind = specs[i].kind;
    if ((kind == WORDS || kind == PATHS || kind == QUOTED || kind == OPTIONS) &&
        *(char ***)field == NULL)
      *(char ***)field = g_new0(char *, 1);
  }
  if (recipe->directory == NULL)
    recipe->directory = g_strdup("/");
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
    if (!read_key(recipe, keys, &lines, &specs[i], error))
      return FALSE;
  fill_defaults(recipe);
  return mounts_valid(recipe, &lines, error);
}

Recipe *
recipe_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Recipe) recipe = g_new0(Recipe, 1);
  g_autofree char *copy = g_strndup(text, size);
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
  if (recipe->packages[0] == NULL && !g_file_test(files, G_FILE_TEST_IS_DIR)) {
    set_line_error(error, recipe->file, 0,
                   "neither packages= nor a folder files/; an image needs one of them");
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
  g_free(recipe->name);
  g_free(recipe->folder);
  g_free(recipe->file);
  g_free(recipe);
}
