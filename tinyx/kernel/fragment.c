#include "kernel/fragment.h"

#include "base/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "CONFIG_"
#define VANISH "may vanish: "
#define ON "on " /* "on FAMILY: " */

SymbolRequest *
symbol_request_new(const char *symbol, const char *value, const char *origin, const char *reason) {
  SymbolRequest *request = g_new0(SymbolRequest, 1);
  request->symbol = g_strdup(symbol);
  request->value = g_strdup(value);
  request->origin = g_strdup(origin);
  request->reason = g_strdup(reason);
  return request;
}

void
symbol_request_free(SymbolRequest *request) {
  if (request == NULL)
    return;
  g_free(request->symbol);
  g_free(request->value);
  g_free(request->origin);
  g_free(request->reason);
  g_free(request->family);
  g_free(request);
}

gboolean
config_name_valid(const char *name) {
  if (*name == '\0')
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum(*name) && *name != '_')
      return FALSE;
  return TRUE;
}

/* Kconfig's integers and hexadecimal numbers (sym_string_valid in scripts/kconfig/symbol.c). */
static gboolean
is_number(const char *value, gint64 *number) {
  gboolean hex = g_str_has_prefix(value, "0x") || g_str_has_prefix(value, "0X");
  const char *digits = hex ? value + 2 : value;
  char *end = NULL;

  if (!hex && *digits == '-')
    digits++;
  if (!g_ascii_isxdigit(*digits) || (!hex && !g_ascii_isdigit(*digits)))
    return FALSE;
  errno = 0;
  *number = hex ? (gint64)g_ascii_strtoull(digits, &end, 16) : g_ascii_strtoll(value, &end, 10);
  return errno == 0 && *end == '\0';
}

static gboolean
is_string(const char *value) {
  gsize length = strlen(value);
  if (length < 2 || value[0] != '"' || value[length - 1] != '"')
    return FALSE;
  for (gsize i = 1; i + 1 < length; i++) {
    if (value[i] == '"')
      return FALSE;
    if (value[i] == '\\' && ++i + 1 >= length)
      return FALSE;
  }
  return TRUE;
}

const char *
config_value_check(const char *value) {
  gint64 number;
  if (g_str_equal(value, "y") || g_str_equal(value, "n"))
    return NULL;
  if (g_str_equal(value, "m"))
    return "y or n: images have no modules";
  if (is_number(value, &number) || is_string(value))
    return NULL;
  return "y, n, a number or a \"string\"";
}

gboolean
config_value_equal(const char *asked, const char *got) {
  gint64 a, b;
  if (is_number(asked, &a) && is_number(got, &b))
    return a == b;
  return g_str_equal(asked, got);
}

const char *
config_value(GHashTable *config, const char *name) {
  const char *value = g_hash_table_lookup(config, name);
  return value != NULL ? value : "n";
}

/* Where the value that begins at TEXT ends: behind the closing quote, or at the first blank. */
static const char *
value_end(const char *text) {
  if (*text != '"')
    return text + strcspn(text, " \t#");
  for (text++; *text != '\0'; text++) {
    if (*text == '\\' && text[1] != '\0')
      text++;
    else if (*text == '"')
      return text + 1;
  }
  return text;
}

/* The word between "on " and ": " where *REASON begins so, which then goes on behind it; else NULL.
 */
static char *
take_family(const char **reason) {
  const char *word = *reason + strlen(ON);
  if (!g_str_has_prefix(*reason, ON))
    return NULL;
  gsize length = strspn(word, "abcdefghijklmnopqrstuvwxyz");
  if (length == 0 || !g_str_has_prefix(word + length, ": "))
    return NULL;
  *reason = word + length + strlen(": ");
  return g_strndup(word, length);
}

SymbolRequest *
fragment_parse_line(const char *line, const char *origin, GError **error) {
  const char *equals = strchr(line, '=');
  if (!g_str_has_prefix(line, PREFIX) || equals == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: \"%s\" sets no symbol; expected CONFIG_NAME=VALUE  # REASON", origin, line);
    return NULL;
  }
  g_autofree char *name = g_strndup(line + strlen(PREFIX), (gsize)(equals - line) - strlen(PREFIX));
  if (!config_name_valid(name)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: bad symbol name \"%s\"; expected letters, digits and '_'", origin, name);
    return NULL;
  }
  const char *end = value_end(equals + 1);
  g_autofree char *value = g_strndup(equals + 1, (gsize)(end - equals - 1));
  const char *expected = config_value_check(value);
  if (expected != NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s has the value \"%s\"; expected %s",
                origin, name, value, expected);
    return NULL;
  }
  const char *hash = end + strspn(end, " \t");
  g_autofree char *reason = g_strstrip(g_strdup(*hash == '#' ? hash + 1 : ""));
  if (*hash != '#' || *reason == '\0') {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: no reason for %s; expected \"  # REASON\" after the value", origin, name);
    return NULL;
  }
  const char *rest = reason;
  g_autofree char *family = take_family(&rest);
  gboolean may_vanish = g_str_has_prefix(rest, VANISH);
  SymbolRequest *request =
      symbol_request_new(name, value, origin, may_vanish ? rest + strlen(VANISH) : rest);
  request->may_vanish = may_vanish;
  request->family = g_steal_pointer(&family);
  return request;
}

/* The lines of TEXT; NULL with an error where it is no text. g_strfreev. */
static char **
text_lines(const char *text, gsize size, const char *file, GError **error) {
  const char *nul = memchr(text, '\0', size);
  const char *bad = NULL;
  if (nul == NULL && g_utf8_validate(text, (gssize)size, &bad)) {
    g_autofree char *copy = g_strndup(text, size);
    return g_strsplit(copy, "\n", -1);
  }
  if (nul != NULL)
    bad = nul;
  guint line = 1;
  for (const char *c = text; c < bad; c++)
    line += *c == '\n';
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s:%u: the byte 0x%02x is no text; expected UTF-8", file, line, (unsigned char)*bad);
  return NULL;
}

GPtrArray *
fragment_parse(const char *text, gsize size, const char *file, GError **error) {
  g_auto(GStrv) lines = text_lines(text, size, file, error);
  if (lines == NULL)
    return NULL;
  g_autoptr(GPtrArray) requests =
      g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = g_strchomp(lines[i]);
    if (*line == '\0' || *line == '#')
      continue;
    g_autofree char *origin = g_strdup_printf("%s:%u", file, i + 1);
    SymbolRequest *request = fragment_parse_line(line, origin, error);
    if (request == NULL)
      return NULL;
    g_ptr_array_add(requests, request);
    SymbolRequest *first = g_hash_table_lookup(seen, request->symbol);
    if (first != NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s: %s is here a second time (first at %s); expected it once", origin,
                  request->symbol, first->origin);
      return NULL;
    }
    g_hash_table_insert(seen, request->symbol, request);
  }
  return g_steal_pointer(&requests);
}

GPtrArray *
fragment_load(const char *path, const char *name, GError **error) {
  g_autofree char *text = NULL;
  gsize size = 0;
  g_autoptr(GError) local = NULL;
  if (!g_file_get_contents(path, &text, &size, &local)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", name, local->message);
    return NULL;
  }
  return fragment_parse(text, size, name, error);
}

/* One line of a .config: "CONFIG_A=value" or "# CONFIG_A is not set"; other comments say nothing.
 */
static gboolean
config_line(GHashTable *config, const char *line, const char *file, guint number, GError **error) {
  static const char not_set[] = " is not set";
  if (g_str_has_prefix(line, "# " PREFIX) && g_str_has_suffix(line, not_set)) {
    const char *name = line + strlen("# " PREFIX);
    g_autofree char *copy = g_strndup(name, strlen(name) - strlen(not_set));
    if (config_name_valid(copy)) {
      g_hash_table_insert(config, g_steal_pointer(&copy), g_strdup("n"));
      return TRUE;
    }
  }
  if (*line == '\0' || *line == '#')
    return TRUE;
  const char *equals = strchr(line, '=');
  if (!g_str_has_prefix(line, PREFIX) || equals == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s:%u: \"%s\" sets no symbol; expected CONFIG_NAME=VALUE or # CONFIG_NAME is not "
                "set",
                file, number, line);
    return FALSE;
  }
  g_autofree char *name = g_strndup(line + strlen(PREFIX), (gsize)(equals - line) - strlen(PREFIX));
  const char *expected = NULL;
  if (!config_name_valid(name))
    expected = "a name of letters, digits and '_'";
  else if (!g_str_equal(equals + 1, "m") && equals[1] != '\0')
    expected = config_value_check(equals + 1);
  if (expected != NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s:%u: bad setting \"%s\"; expected %s",
                file, number, line, expected);
    return FALSE;
  }
  g_hash_table_insert(config, g_steal_pointer(&name), g_strdup(equals + 1));
  return TRUE;
}

GHashTable *
config_parse(const char *text, gsize size, const char *file, GError **error) {
  g_auto(GStrv) lines = text_lines(text, size, file, error);
  if (lines == NULL)
    return NULL;
  g_autoptr(GHashTable) config = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; lines[i] != NULL; i++)
    if (!config_line(config, g_strchomp(lines[i]), file, i + 1, error))
      return NULL;
  return g_steal_pointer(&config);
}
