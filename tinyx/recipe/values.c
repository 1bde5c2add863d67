/* values.c - reads the values of a recipe's keys from text, writes them as text, and frees them. */
#include "recipe/keys.h"

#include "base/number.h"

#include <stdlib.h>
#include <string.h>

#define SEPARATORS " \t\n\r\f;,"

static const char *const on_exit_words[] = {
    [RECIPE_RESPAWN] = "respawn", [RECIPE_POWEROFF] = "poweroff", [RECIPE_REBOOT] = "reboot"};

/* ---- reading ----------------------------------------------------------- */

static char *
check(const RecipeKey *key, const char *text) {
  return key->check != NULL ? key->check(text) : NULL;
}

static void
set_string(char **field, char *value) {
  g_free(*field);
  *field = value;
}

static char *
read_string(const RecipeKey *key, const char *text, char **field) {
  if (text[0] == '\0') {
    set_string(field, g_strdup(key->standard));
    return NULL;
  }
  char *wrong = check(key, text);
  if (wrong == NULL)
    set_string(field, g_strdup(text));
  return wrong;
}

static char *
read_file(const RecipeKey *key, const char *folder, const char *text, char **field) {
  g_autofree char *path = text[0] == '\0' || g_path_is_absolute(text)
                              ? g_strdup(text)
                              : g_build_filename(folder, text, NULL);
  return read_string(key, path, field);
}

/* Puts WORDS into FIELD, unless one of them is wrong. Takes WORDS. */
static char *
set_list(const RecipeKey *key, char **words, char ***field) {
  char *wrong = NULL;
  for (guint i = 0; words[i] != NULL && wrong == NULL; i++)
    wrong = check(key, words[i]);
  if (wrong != NULL) {
    g_strfreev(words);
    return wrong;
  }
  g_strfreev(*field);
  *field = words;
  return NULL;
}

/* The word at *TEXT, up to a separator, without its quotes; *TEXT is behind it then. NULL: a quote
 * has no end. PAIRS: colons and backslashes in quotes get a backslash. */
static char *
list_word(const char **text, gboolean pairs) {
  g_autoptr(GString) word = g_string_new(NULL);
  char quote = '\0';
  for (; **text != '\0' && (quote != '\0' || strchr(SEPARATORS, **text) == NULL); (*text)++) {
    char at = **text;
    if (quote == '\0' ? at == '"' || at == '\'' : at == quote) {
      quote = quote == '\0' ? at : '\0';
      continue;
    }
    if (pairs && quote != '\0' && (at == ':' || at == '\\'))
      g_string_append_c(word, '\\');
    g_string_append_c(word, at);
  }
  return quote == '\0' ? g_string_free(g_steal_pointer(&word), FALSE) : NULL;
}

static char *
read_list(const RecipeKey *key, const char *text, char ***field) {
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  while (*(text += strspn(text, SEPARATORS)) != '\0') {
    const char *start = text;
    g_autofree char *word = list_word(&text, key->type == RECIPE_KEY_PAIRS);
    if (word == NULL)
      return g_strdup_printf("'%s'; expected the other quote; a name with one is in quotes of the "
                             "other kind",
                             start);
    g_strv_builder_add(words, word);
  }
  return set_list(key, g_strv_builder_end(words), field);
}

/* The end of the word at TEXT: at a separator that stands in no "string". One without an end goes
 * on to the end of TEXT, and is refused as a value. */
static const char *
symbol_word_end(const char *text) {
  gboolean quoted = FALSE;
  for (; *text != '\0' && (quoted || strchr(SEPARATORS, *text) == NULL); text++) {
    if (quoted && *text == '\\' && text[1] != '\0')
      text++;
    else if (*text == '"')
      quoted = !quoted;
  }
  return text;
}

/* SYMBOL=VALUE words as .config has them: CMDLINE="a b" is one. g_strfreev. */
static char **
split_symbols(const char *text) {
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  while (*(text += strspn(text, SEPARATORS)) != '\0') {
    const char *end = symbol_word_end(text);
    g_autofree char *word = g_strndup(text, (gsize)(end - text));
    g_strv_builder_add(words, word);
    text = end;
  }
  return g_strv_builder_end(words);
}

static char *
read_quoted(const RecipeKey *key, const char *text, char ***field) {
  g_autoptr(GError) error = NULL;
  char **words = NULL;
  if (text[0] != '\0' && !g_shell_parse_argv(text, NULL, &words, &error))
    return g_strdup_printf("'%s': %s", text, error->message);
  return set_list(key, words != NULL ? words : g_new0(char *, 1), field);
}

static char *
read_number(const RecipeKey *key, const char *text, int *field) {
  guint64 number;
  if (!number_parse(text, (guint64)key->most, &number) || (gint64)number < key->least)
    return g_strdup_printf("'%s'; expected a whole number from %d to %d", text, key->least,
                           key->most);
  *field = (int)number;
  return NULL;
}

static char *
read_yes_no(const char *text, gboolean *field) {
  gboolean yes = strcmp(text, "yes") == 0;
  if (!yes && strcmp(text, "no") != 0)
    return g_strdup_printf("'%s'; expected yes or no", text);
  *field = yes;
  return NULL;
}

static char *
read_on_exit(const char *text, RecipeOnExit *field) {
  for (guint i = 0; i < G_N_ELEMENTS(on_exit_words); i++)
    if (strcmp(text, on_exit_words[i]) == 0) {
      *field = (RecipeOnExit)i;
      return NULL;
    }
  return g_strdup_printf("'%s'; expected respawn, poweroff or reboot", text);
}

char *
recipe_key_read(const RecipeKey *key, gpointer owner, const char *folder, const char *text) {
  void *field = G_STRUCT_MEMBER_P(owner, key->offset);
  switch (key->type) {
  case RECIPE_KEY_STRING:
    return read_string(key, text, field);
  case RECIPE_KEY_FILE:
    return read_file(key, folder, text, field);
  case RECIPE_KEY_LIST:
  case RECIPE_KEY_PAIRS:
    return read_list(key, text, field);
  case RECIPE_KEY_SYMBOLS:
    return set_list(key, split_symbols(text), field);
  case RECIPE_KEY_QUOTED:
    return read_quoted(key, text, field);
  case RECIPE_KEY_NUMBER:
    return read_number(key, text, field);
  case RECIPE_KEY_YES_NO:
    return read_yes_no(text, field);
  case RECIPE_KEY_ON_EXIT:
    return read_on_exit(text, field);
  }
  g_assert_not_reached();
}

/* ---- writing ----------------------------------------------------------- */

/* NULL for a list without words. QUOTED: what would end a word is in quotes. */
static char *
write_list(char **words, gboolean quoted) {
  if (words == NULL || words[0] == NULL)
    return NULL;
  GString *text = g_string_new(NULL);
  for (guint i = 0; words[i] != NULL; i++) {
    if (i > 0)
      g_string_append_c(text, ' ');
    for (const char *at = words[i]; *at != '\0'; at++) {
      gboolean bare = !quoted || strchr(SEPARATORS "\"'", *at) == NULL;
      const char *quote = bare ? "" : *at == '"' ? "'" : "\"";
      g_string_append_printf(text, "%s%c%s", quote, *at, quote);
    }
  }
  return g_string_free(text, FALSE);
}

/* NAME='VALUE', with quotes around the value only, which people read more easily. */
static char *
write_quoted(char **words) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; words != NULL && words[i] != NULL; i++) {
    gsize bare = strcspn(words[i], "=");
    bare += words[i][bare] == '=';
    g_autofree char *value = g_shell_quote(words[i] + bare);
    g_string_append_printf(text, "%s%.*s%s", i > 0 ? " " : "", (int)bare, words[i], value);
  }
  return text->len > 0 ? g_string_free(text, FALSE) : (g_string_free(text, TRUE), NULL);
}

/* PATH, relative to FOLDER if it is below it; g_free. */
static char *
write_file(const char *path, const char *folder) {
  gsize length = folder != NULL ? strlen(folder) : 0;
  if (path != NULL && length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/' &&
      path[length + 1] != '/' && path[length + 1] != '\0' && !g_ascii_isspace(path[length + 1]))
    return g_strdup(path + length + 1);
  return g_strdup(path);
}

char *
recipe_key_write(const RecipeKey *key, gconstpointer owner, const char *folder) {
  const void *field = G_STRUCT_MEMBER_P(owner, key->offset);
  switch (key->type) {
  case RECIPE_KEY_STRING:
    return g_strdup(*(char *const *)field);
  case RECIPE_KEY_FILE:
    return write_file(*(char *const *)field, folder);
  case RECIPE_KEY_LIST:
  case RECIPE_KEY_PAIRS:
  case RECIPE_KEY_SYMBOLS:
    return write_list(*(char **const *)field, key->type != RECIPE_KEY_SYMBOLS);
  case RECIPE_KEY_QUOTED:
    return write_quoted(*(char **const *)field);
  case RECIPE_KEY_NUMBER: {
    int number = *(const int *)field;
    return number < key->least ? NULL : g_strdup_printf("%d", number);
  }
  case RECIPE_KEY_YES_NO:
    return g_strdup(*(const gboolean *)field ? "yes" : "no");
  case RECIPE_KEY_ON_EXIT:
    return g_strdup(on_exit_words[*(const RecipeOnExit *)field]);
  }
  g_assert_not_reached();
}

/* ---- defaults, and the end --------------------------------------------- */

void
recipe_key_clear(const RecipeKey *key, gpointer owner) {
  void *field = G_STRUCT_MEMBER_P(owner, key->offset);
  switch (key->type) {
  case RECIPE_KEY_STRING:
  case RECIPE_KEY_FILE:
    g_clear_pointer((char **)field, g_free);
    break;
  case RECIPE_KEY_LIST:
  case RECIPE_KEY_PAIRS:
  case RECIPE_KEY_SYMBOLS:
  case RECIPE_KEY_QUOTED:
    g_clear_pointer((char ***)field, g_strfreev);
    break;
  case RECIPE_KEY_NUMBER:
  case RECIPE_KEY_YES_NO:
  case RECIPE_KEY_ON_EXIT:
    *(int *)field = 0;
    break;
  }
}

void
recipe_key_reset(const RecipeKey *key, gpointer owner) {
  recipe_key_clear(key, owner);
  if (key->type == RECIPE_KEY_LIST || key->type == RECIPE_KEY_PAIRS ||
      key->type == RECIPE_KEY_SYMBOLS || key->type == RECIPE_KEY_QUOTED)
    *(char ***)G_STRUCT_MEMBER_P(owner, key->offset) = g_new0(char *, 1);
  if (key->standard == NULL)
    return;
  g_autofree char *wrong = recipe_key_read(key, owner, NULL, key->standard);
  if (wrong != NULL)
    g_error("the default of %s in the table: %s", key->name, wrong);
}
