/* checks.c - checks the values of the keys of recipe.conf. */
#include "recipe/checks.h"

#include "base/dotconfig.h"
#include "recipe/capabilities.h"
#include "recipe/recipe.h"

#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

char *
recipe_check_command(const char *text) {
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) argv = NULL;
  if (!g_shell_parse_argv(text, NULL, &argv, &error))
    return g_strdup_printf("'%s': %s", text, error->message);
  if (argv[0][0] != '/')
    return g_strdup_printf("'%s'; expected the absolute path of a program", argv[0]);
  return NULL;
}

char *
recipe_check_path(const char *text) {
  return text[0] == '/' ? NULL : g_strdup_printf("'%s'; expected an absolute path", text);
}

/* The next colon in TEXT that has no backslash before it; NULL: there is none. */
static const char *
bare_colon(const char *text) {
  for (; *text != '\0' && *text != ':'; text++)
    if (*text == '\\' && (text[1] == ':' || text[1] == '\\'))
      text++;
  return *text == ':' ? text : NULL;
}

/* The SIZE bytes at TEXT without the backslashes before colons and backslashes. g_free. */
static char *
without_backslashes(const char *text, gsize size) {
  GString *plain = g_string_new(NULL);
  for (gsize i = 0; i < size; i++) {
    if (text[i] == '\\' && i + 1 < size && (text[i + 1] == ':' || text[i + 1] == '\\'))
      i++;
    g_string_append_c(plain, text[i]);
  }
  return g_string_free(plain, FALSE);
}

void
recipe_pair_split(const char *word, char **first, char **second) {
  const char *colon = bare_colon(word);
  *first = without_backslashes(word, colon != NULL ? (gsize)(colon - word) : strlen(word));
  *second = colon != NULL ? without_backslashes(colon + 1, strlen(colon + 1)) : NULL;
}

/* A colon separates the two paths; one of their own is in quotes, or behind a backslash. */
char *
recipe_check_file(const char *text) {
  const char *colon = bare_colon(text);
  if (colon == NULL || (colon != text && colon[1] == '/' && bare_colon(colon + 1) == NULL))
    return NULL;
  return g_strdup_printf("'%s'; expected PATH or PATH:TARGET with an absolute TARGET", text);
}

gboolean
recipe_variable_valid(const char *assignment) {
  gsize length = strcspn(assignment, "=");
  return length > 0 && !g_ascii_isdigit(assignment[0]) && strspn(assignment, LETTERS) == length;
}

char *
recipe_check_assignment(const char *text) {
  if (strchr(text, '=') != NULL && recipe_variable_valid(text))
    return NULL;
  return g_strdup_printf("'%s'; expected NAME=VALUE words, quoted where they have spaces; a name "
                         "is of letters, digits and '_'",
                         text);
}

char *
recipe_check_mount(const char *text) {
  static const char *const known[] = {"proc", "sys", "dev", "devpts", "shm", "run", "tmp", NULL};
  if (g_strv_contains(known, text))
    return NULL;
  g_autofree char *all = g_strjoinv(" ", (char **)known);
  return g_strdup_printf("'%s'; expected words of: %s", text, all);
}

char *
recipe_check_format(const char *text) {
  static const char *const known[] = {"cpio", "cpio.gz", "squashfs", NULL};
  if (g_strv_contains(known, text))
    return NULL;
  return g_strdup_printf("'%s'; expected cpio, cpio.gz or squashfs", text);
}

char *
recipe_check_capability(const char *text) {
  return capability_valid(text)
             ? NULL
             : g_strdup_printf("'%s'; expected names of capabilities(7) without CAP_, as in "
                               "net_bind_service, or all, or none",
                               text);
}

char *
recipe_check_option(const char *text) {
  gsize length = strspn(text, LETTERS);
  if (length == 0 || text[length] != '=' || text[length + 1] == '\0')
    return g_strdup_printf("'%s'; expected SYMBOL=y, SYMBOL=n or SYMBOL=value", text);
  if (g_str_has_prefix(text, "CONFIG_"))
    return g_strdup_printf("'%s'; expected the symbol without CONFIG_", text);
  const char *expected = config_value_check(text + length + 1);
  return expected != NULL ? g_strdup_printf("'%s'; expected %s", text, expected) : NULL;
}

char *
recipe_check_candidate(const char *text) {
  const char *equals = strchr(text, '=');
  g_autofree char *name = g_strndup(text, equals != NULL ? (gsize)(equals - text) : strlen(text));
  if (!config_name_valid(name))
    return g_strdup_printf("'%s'; expected SYMBOL or SYMBOL=value", text);
  const char *expected = equals != NULL ? config_value_check(equals + 1) : NULL;
  return expected != NULL ? g_strdup_printf("'%s'; expected %s", text, expected) : NULL;
}

gboolean
recipe_is_number(const char *account) {
  return account[0] != '\0' && account[strspn(account, "0123456789")] == '\0';
}

char *
recipe_check_signal(const char *text) {
  static const char *const names[] = {"TERM",  "INT",  "QUIT", "HUP",  "KILL", "USR1", "USR2",
                                      "WINCH", "ABRT", "ALRM", "CONT", "PWR",  NULL};
  return g_strv_contains(names, text)
             ? NULL
             : g_strdup_printf("'%s'; expected the name of a signal that ends programs, without "
                               "SIG: TERM, INT, QUIT, HUP, KILL, USR1, USR2, WINCH, ABRT, ALRM, "
                               "CONT or PWR",
                               text);
}
