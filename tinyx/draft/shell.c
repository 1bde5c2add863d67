/* shell.c - the plain variables of a shell script, without running it. */
#include "draft/shell.h"

#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define DEPTH 8      /* how deep values may name other variables */
#define LOOKUPS 2000 /* of variables in one call: each may name others, which may name others */

typedef struct {
  const char *text;
  int left; /* lookups that are left of LOOKUPS */
} Shell;

/* VALUE, which follows the "=" of an assignment, up to its end and without its quotes; g_free. */
static char *
value_text(const char *value) {
  char quote = value[0] == '"' || value[0] == '\'' ? value[0] : '\0';
  const char *end = quote != '\0' ? strchr(value + 1, quote) : NULL;
  if (end != NULL)
    return g_strndup(value + 1, (gsize)(end - value - 1));
  return g_strndup(value, strcspn(value, " \t;&#"));
}

/* What follows the "=" of an assignment to NAME in LINE: "NAME=", "export NAME=", ": ${NAME:=",
 * "&& NAME=". NULL: there is none. */
static const char *
assignment(const char *line, const char *name) {
  gsize length = strlen(name);
  for (const char *at = strstr(line, name); at != NULL; at = strstr(at + 1, name)) {
    if (at > line && strchr(NAME_CHARACTERS "$", at[-1]) != NULL)
      continue;
    if (at[length] == '=')
      return at + length + 1;
    if (at > line && at[-1] == '{' && strncmp(at + length, ":=", 2) == 0)
      return at + length + 2;
  }
  return NULL;
}

static char *expand(Shell *shell, const char *words, int depth);

/* VALUE without the variable NAME itself, whose earlier value is not known: OPTS="-f x $OPTS". */
static char *
without_self(const char *value, const char *name) {
  g_autofree char *plain = g_strconcat("$", name, NULL);
  g_autofree char *braced = g_strdup_printf("${%s}", name);
  g_auto(GStrv) parts = g_strsplit(value, braced, -1);
  g_autofree char *half = g_strjoinv("", parts);
  GString *all = g_string_new(NULL);
  for (const char *at = half; *at != '\0';) {
    gsize length = strlen(plain);
    if (strncmp(at, plain, length) == 0 &&
        (at[length] == '\0' || strchr(NAME_CHARACTERS, at[length]) == NULL))
      at += length;
    else
      g_string_append_c(all, *at++);
  }
  return g_string_free(all, FALSE);
}

static char *
variable(Shell *shell, const char *name, int depth) {
  if (depth > DEPTH || shell->left-- <= 0)
    return NULL;
  g_auto(GStrv) lines = g_strsplit(shell->text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *value =
        lines[i][strspn(lines[i], " \t")] != '#' ? assignment(lines[i], name) : NULL;
    g_autofree char *plain = value != NULL ? value_text(value) : NULL;
    if (plain == NULL || plain[0] == '\0' || strstr(plain, "$(") != NULL || plain[0] == '`')
      continue;
    if (value[-2] == ':') /* ${NAME:=VALUE} */
      plain[strcspn(plain, "}")] = '\0';
    g_autofree char *others = without_self(plain, name);
    return expand(shell, others, depth + 1);
  }
  return NULL;
}

/* The value of the "$..." at *AT, which is moved behind it; g_free. */
static char *
take_variable(Shell *shell, const char **at, int depth) {
  const char *begin = *at + 1;
  gboolean brace = *begin == '{';
  begin += brace;
  gsize length = strspn(begin, NAME_CHARACTERS);
  g_autofree char *name = g_strndup(begin, length);
  const char *end = begin + length, *close = brace ? strchr(end, '}') : NULL;
  const char *other = brace && end[0] == ':' && end[1] == '-' ? end + 2 : NULL;
  g_autofree char *value = length > 0 ? variable(shell, name, depth) : NULL;
  *at = brace && close != NULL ? close + 1 : end;
  if (value == NULL && other != NULL && close != NULL)
    value = g_strndup(other, (gsize)(close - other));
  return value != NULL ? g_steal_pointer(&value) : g_strdup("");
}

static char *
expand(Shell *shell, const char *words, int depth) {
  GString *all = g_string_new(NULL);
  for (const char *at = words; *at != '\0';) {
    if (*at != '$' || (at[1] != '{' && strchr(NAME_CHARACTERS, at[1]) == NULL) || at[1] == '\0') {
      g_string_append_c(all, *at++);
      continue;
    }
    g_autofree char *value = take_variable(shell, &at, depth);
    g_string_append(all, value);
  }
  return g_string_free(all, FALSE);
}

char *
shell_variable(const char *text, const char *name) {
  Shell shell = {.text = text, .left = LOOKUPS};
  return variable(&shell, name, 0);
}

char *
shell_expand(const char *text, const char *words) {
  Shell shell = {.text = text, .left = LOOKUPS};
  return expand(&shell, words, 0);
}

char *
shell_without_comments(const char *text) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  GString *all = g_string_new(NULL);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][strspn(lines[i], " \t")] != '#' || i == 0)
      g_string_append_printf(all, "%s\n", lines[i]);
  return g_string_free(all, FALSE);
}
