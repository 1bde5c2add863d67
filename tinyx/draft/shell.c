/* shell.c - the plain variables of a shell script, without running it. */
#include "draft/shell.h"

#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define DEPTH 32       /* how deep values may name other variables */
#define VALUE_MAX 4096 /* bytes: a longer value is no plain one */

/* Where a variable gets its values, and what they make. */
typedef struct {
  GPtrArray *values; /* const char*: what follows "=" or ":=", in the script's order; of a line only
                      * the first */
  guint line;        /* of the last one */
  char *value;       /* NULL: none is plain */
  enum { UNKNOWN, IN_WORK, KNOWN } state;
} Variable;

struct Shell {
  GHashTable *variables; /* char* -> Variable* */
  gsize left;            /* of SHELL_ADDED_MAX */
};

static void
variable_free(gpointer data) {
  Variable *variable = data;
  g_ptr_array_unref(variable->values);
  g_free(variable->value);
  g_free(variable);
}

static void
note_assignment(Shell *shell, const char *name, gsize length, const char *value, guint line) {
  g_autofree char *key = g_strndup(name, length);
  Variable *variable = g_hash_table_lookup(shell->variables, key);
  if (variable == NULL) {
    variable = g_new0(Variable, 1);
    variable->values = g_ptr_array_new();
    g_hash_table_insert(shell->variables, g_steal_pointer(&key), variable);
  } else if (variable->line == line) {
    return;
  }
  variable->line = line;
  g_ptr_array_add(variable->values, (gpointer)value);
}

/* The assignments in the line that begins at LINE and ends at END: "NAME=", "export NAME=",
 * ": ${NAME:=", "&& NAME=". */
static void
find_assignments(Shell *shell, const char *line, const char *end, guint number) {
  if (line[strspn(line, " \t")] == '#')
    return;
  for (const char *at = line; at < end;) {
    gsize length = strspn(at, NAME_CHARACTERS);
    char before = at > line ? at[-1] : ' ';
    if (length > 0 && before != '$' && at[length] == '=')
      note_assignment(shell, at, length, at + length + 1, number);
    else if (length > 0 && before == '{' && strncmp(at + length, ":=", 2) == 0)
      note_assignment(shell, at, length, at + length + 2, number);
    at += length + 1;
  }
}

Shell *
shell_new(const char *text) {
  Shell *shell = g_new0(Shell, 1);
  guint number = 0;
  shell->variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, variable_free);
  shell->left = SHELL_ADDED_MAX;
  for (const char *line = text; *line != '\0';) {
    const char *end = line + strcspn(line, "\n");
    find_assignments(shell, line, end, ++number);
    line = *end == '\n' ? end + 1 : end;
  }
  return shell;
}

void
shell_free(Shell *shell) {
  if (shell == NULL)
    return;
  g_hash_table_unref(shell->variables);
  g_free(shell);
}

/* VALUE, which follows the "=" of an assignment, up to its end in its line and without its quotes;
 * NULL where it is longer than a plain value. g_free. */
static char *
value_text(const char *value) {
  char quote = value[0] == '"' || value[0] == '\'' ? value[0] : '\0';
  gsize room = strnlen(value, VALUE_MAX);
  const char *newline = memchr(value, '\n', room);
  gsize length = newline != NULL ? (gsize)(newline - value) : room;
  const char *end = quote != '\0' ? memchr(value + 1, quote, MAX(length, 1) - 1) : NULL;
  g_autofree char *line = g_strndup(value, length);
  if (end != NULL)
    return g_strndup(value + 1, (gsize)(end - value - 1));
  gsize bare = strcspn(line, " \t;&#");
  return bare < VALUE_MAX ? g_strndup(line, bare) : NULL;
}

/* VALUE without the variable NAME itself, whose earlier value is not known: OPTS="-f x $OPTS". */
static char *
without_self(const char *value, const char *name) {
  gsize length = strlen(name);
  GString *all = g_string_new(NULL);
  while (*value != '\0') {
    gboolean brace = value[0] == '$' && value[1] == '{';
    const char *begin = value + 1 + brace;
    if (*value == '$' && strncmp(begin, name, length) == 0 &&
        (brace ? begin[length] == '}'
               : begin[length] == '\0' || strchr(NAME_CHARACTERS, begin[length]) == NULL))
      value = begin + length + brace;
    else
      g_string_append_c(all, *value++);
  }
  return g_string_free(all, FALSE);
}

static char *expand(Shell *shell, const char *words, gsize most, int depth);

/* The first value of VARIABLE that is plain. */
static char *
make_value(Shell *shell, const Variable *variable, const char *name, int depth) {
  for (guint i = 0; i < variable->values->len; i++) {
    const char *value = variable->values->pdata[i];
    g_autofree char *plain = value_text(value);
    if (plain == NULL || plain[0] == '\0' || strstr(plain, "$(") != NULL || plain[0] == '`')
      continue;
    if (value[-2] == ':') /* ${NAME:=VALUE} */
      plain[strcspn(plain, "}")] = '\0';
    g_autofree char *others = without_self(plain, name);
    return expand(shell, others, VALUE_MAX, depth + 1);
  }
  return NULL;
}

/* The value of NAME, which stays SHELL's; NULL: it has none, or itself is in it. */
static const char *
find_value(Shell *shell, const char *name, int depth) {
  Variable *variable = g_hash_table_lookup(shell->variables, name);
  if (variable == NULL || variable->state == IN_WORK || depth > DEPTH)
    return NULL;
  if (variable->state == UNKNOWN) {
    variable->state = IN_WORK;
    variable->value = make_value(shell, variable, name, depth);
    variable->state = KNOWN;
  }
  return variable->value;
}

/* Adds to ALL the value of the "$..." at *AT, which is moved behind it, unless that has no room. */
static void
take_variable(Shell *shell, const char **at, GString *all, gsize most, int depth) {
  const char *begin = *at + 1;
  gboolean brace = *begin == '{';
  begin += brace;
  gsize length = strspn(begin, NAME_CHARACTERS);
  g_autofree char *name = g_strndup(begin, length);
  const char *end = begin + length;
  const char *close = brace ? memchr(end, '}', strnlen(end, VALUE_MAX)) : NULL;
  const char *other = brace && end[0] == ':' && end[1] == '-' ? end + 2 : NULL;
  const char *value = length > 0 ? find_value(shell, name, depth) : NULL;
  *at = brace && close != NULL ? close + 1 : end;
  if (value == NULL && other != NULL && close != NULL) {
    g_string_append_len(all, other, close - other);
  } else if (value != NULL && strlen(value) <= MIN(shell->left, most - MIN(most, all->len))) {
    g_string_append(all, value);
    shell->left -= strlen(value);
  }
}

/* MOST is how long values may make the result. */
static char *
expand(Shell *shell, const char *words, gsize most, int depth) {
  GString *all = g_string_new(NULL);
  for (const char *at = words; *at != '\0';) {
    if (*at != '$' || (at[1] != '{' && strchr(NAME_CHARACTERS, at[1]) == NULL) || at[1] == '\0')
      g_string_append_c(all, *at++);
    else
      take_variable(shell, &at, all, most, depth);
  }
  return g_string_free(all, FALSE);
}

char *
shell_variable(Shell *shell, const char *name) {
  return g_strdup(find_value(shell, name, 0));
}

char *
shell_expand(Shell *shell, const char *words) {
  return expand(shell, words, G_MAXSIZE, 0);
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
