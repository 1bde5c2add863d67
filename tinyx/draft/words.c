/* words.c - systemd's command lines: quoting and variables. */
#include "draft/words.h"

#include "draft/specifiers.h"

#include <string.h>

#define SPACES " \t\n\f\r" /* what g_ascii_isspace() takes for a space */

/* ---- quoting ----------------------------------------------------------- */

/* Adds to WORD what a backslash stands for with the text AT that follows it: systemd.syntax(7),
 * "QUOTING". Returns the last character of that text that belongs to it. Where it stands for
 * nothing, both stay as they are, as with systemd. */
static const char *
put_escaped(GString *word, const char *at) {
  static const char from[] = "abfnrtvs\\\"';", to[] = "\a\b\f\n\r\t\v \\\"';";
  static const struct {
    char c;
    gsize digits;
  } numbers[] = {{'x', 2}, {'u', 4}, {'U', 8}};
  const char *found = strchr(from, *at);
  if (found != NULL) {
    g_string_append_c(word, to[found - from]);
    return at;
  }
  for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
    if (*at == numbers[i].c && specifiers_put_number(word, at + 1, numbers[i].digits, 16))
      return at + numbers[i].digits;
  if (specifiers_put_number(word, at, 3, 8))
    return at + 2;
  g_string_append_c(word, '\\');
  g_string_append_c(word, *at);
  return at;
}

/* The word that begins at *AT, without its quotes; *AT moves behind it. NULL where a quote does not
 * end. g_free. */
static char *
take_word(const char **at) {
  g_autoptr(GString) word = g_string_new(NULL);
  const char *c = *at;
  char quote = '\0';
  for (; *c != '\0' && (quote != '\0' || !g_ascii_isspace(*c)); c++) {
    if (*c == '\\' && c[1] != '\0')
      c = put_escaped(word, c + 1);
    else if (quote != '\0' && *c == quote)
      quote = '\0';
    else if (quote == '\0' && (*c == '"' || *c == '\''))
      quote = *c;
    else
      g_string_append_c(word, *c);
  }
  *at = c;
  return quote == '\0' ? g_string_free(g_steal_pointer(&word), FALSE) : NULL;
}

char **
words_split(const char *value, const WordsContext *context, GError **error) {
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
  for (const char *at = value; *(at += strspn(at, SPACES)) != '\0';) {
    g_autofree char *word = take_word(&at);
    if (word == NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "'%s' has a quote that does not end",
                  value);
      return NULL;
    }
    char *resolved = specifiers_resolve(word, context, error);
    if (resolved == NULL)
      return NULL;
    g_ptr_array_add(words, resolved);
  }
  g_ptr_array_add(words, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

static gboolean
is_separator(const char *at) {
  return *at == ';' && (at[1] == '\0' || g_ascii_isspace(at[1]));
}

char **
words_commands(const char *value) {
  g_autoptr(GStrvBuilder) commands = g_strv_builder_new();
  for (const char *at = value; *(at += strspn(at, SPACES ";")) != '\0';) {
    const char *begin = at;
    while (*(at += strspn(at, SPACES)) != '\0' && !is_separator(at))
      g_free(take_word(&at));
    g_autofree char *command = g_strchomp(g_strndup(begin, (gsize)(at - begin)));
    g_strv_builder_add(commands, command);
  }
  return g_strv_builder_end(commands);
}

/* ---- variables --------------------------------------------------------- */

static const char *
value_of(const WordsContext *context, const char *name) {
  const char *value =
      context->environment != NULL ? g_hash_table_lookup(context->environment, name) : NULL;
  return value != NULL ? value : "";
}

static gsize
name_length(const char *text) {
  return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}

/* WORD with the value of each ${VAR}, and a dollar for "$$". Any other dollar stays as it is: a
 * shell that the command runs may want it. */
static char *
put_in(const char *word, const WordsContext *context) {
  GString *text = g_string_new(NULL);
  for (const char *c = word; *c != '\0'; c++) {
    gsize length = *c == '$' && c[1] == '{' ? name_length(c + 2) : 0;
    if (*c == '$' && c[1] == '$') {
      g_string_append_c(text, *c++);
    } else if (length > 0 && c[2 + length] == '}') {
      g_autofree char *name = g_strndup(c + 2, length);
      g_string_append(text, value_of(context, name));
      c += 2 + length;
    } else {
      g_string_append_c(text, *c);
    }
  }
  return g_string_free(text, FALSE);
}

char **
words_command(const char *value, const WordsContext *context, GError **error) {
  g_auto(GStrv) words = words_split(value, context, error);
  g_autoptr(GStrvBuilder) all = g_strv_builder_new();
  for (guint i = 0; words != NULL && words[i] != NULL; i++) {
    if (words[i][0] == '$' && words[i][1] != '\0' &&
        name_length(words[i] + 1) == strlen(words[i] + 1)) {
      g_auto(GStrv) more = NULL;
      WordsContext plain = *context;
      g_autofree char *literal = g_strdup(value_of(context, words[i] + 1));
      plain.environment = NULL;
      /* A value's own % is not a specifier. */
      g_auto(GStrv) parts = g_strsplit(literal, "%", -1);
      g_autofree char *escaped_text = g_strjoinv("%%", parts);
      more = words_split(escaped_text, &plain, error);
      if (more == NULL) {
        g_prefix_error(error, "the value of %s: ", words[i]);
        return NULL;
      }
      g_strv_builder_addv(all, (const char **)more);
    } else {
      g_autofree char *word = put_in(words[i], context);
      g_strv_builder_add(all, word);
    }
  }
  return words != NULL ? g_strv_builder_end(all) : NULL;
}

/* WORD as a shell takes it; one that asks the guest is quoted by specifiers.h. */
static char *
shell_word(const char *word) {
  static const char plain[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%^";
  if (specifiers_is_live(word))
    return specifiers_shell_word(word);
  return word[0] != '\0' && word[strspn(word, plain)] == '\0' ? g_strdup(word)
                                                              : g_shell_quote(word);
}

char *
words_join(const char *const *words) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; words[i] != NULL; i++) {
    g_autofree char *quoted = shell_word(words[i]);
    g_string_append_printf(text, "%s%s", i > 0 ? " " : "", quoted);
  }
  return g_string_free(text, FALSE);
}
