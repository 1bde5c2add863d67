#include "recipe/keys.h"

#include "base/split.h"

#include <stdlib.h>
#include <string.h>

#define VARIABLE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

#define SEPARATORS " \t;,"

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
  *field = split_words(value, SEPARATORS);
  for (guint i = 0; (*field)[i] != NULL; i++)
    if ((*field)[i][0] != '/')
      return g_strdup_printf("'%s'; expected absolute paths", (*field)[i]);
  return NULL;
}

/* PATH or PATH:TARGET; a colon that no slash follows is part of neither. */
static char *
read_files(const char *value, char ***field) {
  *field = split_words(value, SEPARATORS);
  for (guint i = 0; (*field)[i] != NULL; i++) {
    const char *word = (*field)[i], *colon = strchr(word, ':');
    if (colon != NULL && (colon == word || colon[1] != '/' || strchr(colon + 1, ':') != NULL))
      return g_strdup_printf("'%s'; expected PATH or PATH:TARGET with an absolute TARGET", word);
  }
  return NULL;
}

static char *
read_format(const char *value, char **field) {
  static const char *const known[] = {"cpio", "cpio.gz", "squashfs", NULL};
  if (!g_strv_contains(known, value))
    return g_strdup_printf("'%s'; expected cpio, cpio.gz or squashfs", value);
  *field = g_strdup(value);
  return NULL;
}

static char *
read_options(const char *value, char ***field) {
  *field = split_words(value, SEPARATORS);
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

gboolean
recipe_is_number(const char *account) {
  return account[0] != '\0' && account[strspn(account, "0123456789")] == '\0';
}

gboolean
recipe_variable_valid(const char *assignment) {
  gsize length = strcspn(assignment, "=");
  return length > 0 && !g_ascii_isdigit(assignment[0]) &&
         strspn(assignment, VARIABLE_LETTERS) == length;
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
    if (strchr((*field)[i], '=') == NULL || !recipe_variable_valid((*field)[i]))
      return g_strdup_printf("'%s'; expected NAME=VALUE words, quoted where they have spaces; a "
                             "name is of letters, digits and '_'",
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
  if (value[0] != '/' && value[0] != '\0')
    return g_strdup_printf("'%s'; expected an absolute path", value);
  *field = value[0] != '\0' ? g_strdup(value) : NULL;
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
  if (value[0] != '\0')
    *field = g_path_is_absolute(value) ? g_strdup(value) : g_build_filename(folder, value, NULL);
  return NULL;
}

/* OWNER is the Recipe, or the RecipeRun for a key of [run]. */
char *
recipe_value_read(const Recipe *recipe, gpointer owner, const RecipeKey *key, const char *value) {
  void *field = G_STRUCT_MEMBER_P(owner, key->offset);
  switch (key->kind) {
  case TEXT:
  case SHELL:
    *(char **)field = value[0] != '\0' ? g_strdup(value) : NULL;
    return NULL;
  case LINE:
    return read_command(value, field);
  case WORDS:
    *(char ***)field = split_words(value, SEPARATORS);
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
  case FILES:
    return read_files(value, field);
  case FORMAT:
    return read_format(value, field);
  case SCRIPT:
    return read_script(value, recipe->folder, field);
  }
  return NULL;
}
