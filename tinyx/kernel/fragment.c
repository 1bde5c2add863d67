/* fragment.c - the parser of configuration fragments, and the requests that they hold. */
#include "kernel/fragment.h"
#include "base/files.h"

#include "base/place.h"
#include "base/split.h"

#include <string.h>

#define PREFIX "CONFIG_"
#define VANISH "may vanish: "
#define ON "on " /* "on FAMILY, PLATFORM: " */

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
  g_strfreev(request->only_on);
  g_free(request);
}

const SymbolRequest *
symbol_request_find(const GPtrArray *requests, const char *symbol) {
  for (guint i = 0; requests != NULL && i < requests->len; i++) {
    const SymbolRequest *request = requests->pdata[i];
    if (strcmp(request->symbol, symbol) == 0)
      return request;
  }
  return NULL;
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

/* The words between "on " and ": ", with commas between them, where *REASON begins so, which then
 * goes on behind that; else NULL. */
static char **
take_platforms(const char **reason) {
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  const char *word = *reason + strlen(ON);
  if (!g_str_has_prefix(*reason, ON))
    return NULL;
  for (;;) {
    gsize length = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-");
    g_autofree char *name = g_strndup(word, length);
    gboolean more = g_str_has_prefix(word + length, ", ");
    if (length == 0 || !(more || g_str_has_prefix(word + length, ": ")))
      return NULL;
    g_strv_builder_add(words, name);
    word += length + strlen(": ");
    if (!more)
      break;
  }
  *reason = word;
  return g_strv_builder_end(words);
}

gboolean
symbol_request_is_for(const SymbolRequest *request, const Platform *platform) {
  const char *const *only_on = (const char *const *)request->only_on;
  return only_on == NULL || g_strv_contains(only_on, platform->name) ||
         g_strv_contains(only_on, platform->family);
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
  g_auto(GStrv) only_on = take_platforms(&rest);
  gboolean may_vanish = g_str_has_prefix(rest, VANISH);
  rest += may_vanish ? strlen(VANISH) : 0;
  rest += strspn(rest, " \t");
  SymbolRequest *request = symbol_request_new(name, value, origin, rest);
  request->may_vanish = may_vanish;
  request->only_on = g_steal_pointer(&only_on);
  return request;
}

/* Two lines for one symbol contradict each other unless they are for different platforms. */
static gboolean
overlap(const SymbolRequest *one, const SymbolRequest *other) {
  if (strcmp(one->symbol, other->symbol) != 0)
    return FALSE;
  if (one->only_on == NULL || other->only_on == NULL)
    return TRUE;
  for (char **word = one->only_on; *word != NULL; word++)
    if (g_strv_contains((const char *const *)other->only_on, *word))
      return TRUE;
  return FALSE;
}

static const SymbolRequest *
find_same(const GPtrArray *requests, const SymbolRequest *request) {
  for (guint i = 0; i < requests->len; i++)
    if (overlap(requests->pdata[i], request))
      return requests->pdata[i];
  return NULL;
}

gboolean
fragment_check_platforms(const GPtrArray *requests, GError **error) {
  g_auto(GStrv) known = NULL;
  for (guint i = 0; i < requests->len; i++) {
    const SymbolRequest *request = requests->pdata[i];
    for (char **word = request->only_on; word != NULL && *word != NULL; word++) {
      if (known == NULL && (known = platform_known_words(error)) == NULL)
        return FALSE;
      if (g_strv_contains((const char *const *)known, *word))
        continue;
      g_autofree char *all = g_strjoinv(", ", known);
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s: %s is for '%s', which is no platform and no family; expected one of: %s",
                  request->origin, request->symbol, *word, all);
      return FALSE;
    }
  }
  return TRUE;
}

GPtrArray *
fragment_parse(const char *text, gsize size, const char *file, GError **error) {
  g_auto(GStrv) lines = split_lines(text, size, file, error);
  if (lines == NULL)
    return NULL;
  g_autoptr(GPtrArray) requests =
      g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);

  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = g_strchomp(lines[i]);
    if (*line == '\0' || *line == '#')
      continue;
    g_autofree char *origin = place_text(file, i + 1);
    SymbolRequest *request = fragment_parse_line(line, origin, error);
    if (request == NULL)
      return NULL;
    const SymbolRequest *first = find_same(requests, request);
    g_ptr_array_add(requests, request);
    if (first != NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s: %s is here a second time (first at %s); expected it once", origin,
                  request->symbol, first->origin);
      return NULL;
    }
  }
  return g_steal_pointer(&requests);
}

GPtrArray *
fragment_load(const char *path, const char *name, GError **error) {
  g_autofree char *text = NULL;
  gsize size = 0;
  g_autoptr(GError) local = NULL;
  if (!file_read(path, FILE_OWN_MAX, &text, &size, &local)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", name, local->message);
    return NULL;
  }
  return fragment_parse(text, size, name, error);
}
