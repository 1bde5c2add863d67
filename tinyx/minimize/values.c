/* values.c - kconfig-heuristics/values.config: other values of symbols that are worth a trial. */
#include "minimize/values.h"
#include "base/files.h"
#include "base/number.h"

#include "base/place.h"

#include "kernel/fragment.h"

#include <string.h>

ValueChoice *
value_choice_new(SymbolRequest *request, guint64 saves) {
  ValueChoice *choice = g_new0(ValueChoice, 1);
  choice->request = request;
  choice->saves = saves;
  return choice;
}

void
value_choice_free(gpointer data) {
  ValueChoice *choice = data;
  symbol_request_free(choice->request);
  g_free(choice);
}

static ValueChoice *
line_parse(const char *line, const char *origin, GError **error) {
  const char *end = line;
  guint64 saves;
  gsize blanks = number_take(&end, 10, G_MAXUINT64, &saves) ? strspn(end, " \t") : 0;
  if (blanks == 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: \"%s\" says no bytes; expected BYTES  CONFIG_NAME=VALUE  # REASON", origin,
                line);
    return NULL;
  }
  SymbolRequest *request = fragment_parse_line(end + blanks, origin, error);
  return request != NULL ? value_choice_new(request, saves) : NULL;
}

const ValueChoice *
value_choice_find(const GPtrArray *choices, const char *symbol) {
  for (guint i = 0; i < choices->len; i++) {
    const ValueChoice *choice = choices->pdata[i];
    if (strcmp(choice->request->symbol, symbol) == 0)
      return choice;
  }
  return NULL;
}

GPtrArray *
value_choices_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(GPtrArray) choices = g_ptr_array_new_with_free_func(value_choice_free);
  g_autofree char *copy = g_strndup(text, size);
  if (!g_utf8_validate(text, (gssize)size, NULL)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: expected UTF-8 text", file);
    return NULL;
  }
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = g_strchomp(lines[i]);
    if (*line == '\0' || *line == '#')
      continue;
    g_autofree char *origin = place_text(file, i + 1);
    ValueChoice *choice = line_parse(line, origin, error);
    if (choice == NULL)
      return NULL;
    gboolean twice = value_choice_find(choices, choice->request->symbol) != NULL;
    g_ptr_array_add(choices, choice);
    if (twice) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s: %s is here a second time; expected it once", origin,
                  choice->request->symbol);
      return NULL;
    }
  }
  return g_steal_pointer(&choices);
}

GPtrArray *
value_choices_load(const char *path, const char *name, GError **error) {
  g_autofree char *text = NULL;
  g_autoptr(GError) why = NULL;
  gsize size = 0;
  if (!file_read(path, FILE_OWN_MAX, &text, &size, &why)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", name, why->message);
    return NULL;
  }
  return value_choices_parse(text, size, name, error);
}
