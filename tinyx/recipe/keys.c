#include "recipe/keys.h"

#include "base/files.h"

#include <stddef.h>
#include <string.h>

#define AT(field) offsetof(Recipe, field)
#define IN_RUN(field) offsetof(RecipeRun, field) /* the keys of [run] and [run NAME] */
static const RecipeKey specs[] = {
    {"recipe", "description", TEXT, AT(description), TRUE},
    {"recipe", "packages", WORDS, AT(packages), FALSE},
    {"recipe", "files", FILES, AT(files), FALSE},
    {"run", "command", LINE, IN_RUN(command), TRUE},
    {"run", "before", SHELL, IN_RUN(before), FALSE},
    {"run", "user", TEXT, IN_RUN(user), FALSE},
    {"run", "group", TEXT, IN_RUN(group), FALSE},
    {"run", "directory", PATH, IN_RUN(directory), FALSE},
    {"run", "environment", QUOTED, IN_RUN(environment), FALSE},
    {"run", "on-exit", ON_EXIT, IN_RUN(on_exit), FALSE},
    {"run", "forks", YES_NO, IN_RUN(forks), FALSE},
    {"run", "pid-file", PATH, IN_RUN(pid_file), FALSE},
    {"image", "include", PATHS, AT(include), FALSE},
    {"image", "exclude", PATHS, AT(exclude), FALSE},
    {"image", "writable", PATHS, AT(writable), FALSE},
    {"image", "applets", WORDS, AT(applets), FALSE},
    {"image", "mounts", WORDS, AT(mounts), FALSE},
    {"image", "format", FORMAT, AT(format), FALSE},
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
    {"test", "ready-udp", PORT, AT(ready_udp), FALSE},
    {"test", "timeout", NUMBER, AT(test_timeout), FALSE},
    {"test", "ends", YES_NO, AT(ends), FALSE},
    {"test", "weak", YES_NO, AT(weak_test), FALSE},
};

const RecipeKey *
recipe_keys(guint *count) {
  *count = G_N_ELEMENTS(specs);
  return specs;
}

gboolean
recipe_key_of_run(const RecipeKey *key) {
  return strcmp(key->group, RUN) == 0;
}

/* The group whose keys GROUP has: "run" for "run NAME". */
static const char *
group_kind(const char *group) {
  return g_str_has_prefix(group, RUN_MORE) ? RUN : group;
}

static const RecipeKey *
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

void
recipe_set_error(GError **error, const char *file, int line, const char *format, ...) {
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
scan_group(RecipeLines *lines, const char *line, int number, char **group, GError **error) {
  const char *end = strchr(line, ']');
  g_autofree char *mark = NULL, *expected = NULL;
  if (end == NULL || end[1] != '\0') {
    recipe_set_error(error, lines->file, number, "'%s' is not a group; expected [name]", line);
    return FALSE;
  }
  g_free(*group);
  *group = g_strndup(line + 1, (gsize)(end - line - 1));
  if (!group_known(*group)) {
    expected = expected_names(NULL);
    recipe_set_error(error, lines->file, number, "unknown group [%s]; %s", *group, expected);
    return FALSE;
  }
  mark = g_strdup_printf("[%s]", *group);
  if (!g_hash_table_insert(lines->lines, g_steal_pointer(&mark), GINT_TO_POINTER(number))) {
    recipe_set_error(error, lines->file, number, "group [%s] is there twice", *group);
    return FALSE;
  }
  return TRUE;
}

static gboolean
scan_key(RecipeLines *lines, const char *line, int number, const char *group, GError **error) {
  const char *equals = strchr(line, '=');
  g_autofree char *key = NULL, *expected = NULL;
  if (group == NULL || equals == NULL || equals == line) {
    recipe_set_error(error, lines->file, number, "'%s' is neither a group nor a key; expected %s",
                     line, group == NULL ? "[recipe] first" : "key=value");
    return FALSE;
  }
  key = g_strchomp(g_strndup(line, (gsize)(equals - line)));
  if (spec_find(group, key) == NULL) {
    expected = expected_names(group);
    recipe_set_error(error, lines->file, number, "unknown key '%s' in [%s]; %s", key, group,
                     expected);
    return FALSE;
  }
  if (!g_hash_table_insert(lines->lines, g_strdup_printf("%s/%s", group, key),
                           GINT_TO_POINTER(number))) {
    recipe_set_error(error, lines->file, number, "key '%s' is there twice in [%s]", key, group);
    return FALSE;
  }
  return TRUE;
}

/* GKeyFile has no line numbers, so the lines are looked at before it reads them. */
gboolean
recipe_lines_scan(RecipeLines *lines, const char *text, GError **error) {
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

int
recipe_line(const RecipeLines *lines, const char *group, const char *key) {
  g_autofree char *name = g_strdup_printf("%s/%s", group, key);
  return GPOINTER_TO_INT(g_hash_table_lookup(lines->lines, name));
}
