/* scheme.c - whether a browser can open a recipe's port: what its test asks, and known ports. */
#include "guest/scheme.h"

#include "base/files.h"
#include "base/number.h"
#include "base/rulelines.h"
#include "base/split.h"

#include <string.h>

#define KNOWN "rootfs/ports.schemes"

typedef struct {
  int port;
  char *scheme; /* of the port; NULL: not seen yet */
} Search;

static char *
take_line(gpointer data, char *line, guint number) {
  Search *search = data;
  guint64 port;
  (void)number;
  g_autofree char *whole = g_strdup(line);
  if (rule_line_reason(line) == NULL)
    return rule_line_bad(whole, RULE_LINE_REASON);
  g_auto(GStrv) words = split_words(line, " \t");
  if (g_strv_length(words) != 2 || !number_parse(words[0], 65535, &port) || port == 0)
    return rule_line_bad(whole, "PORT SCHEME  # REASON");
  if ((int)port == search->port && search->scheme == NULL)
    search->scheme = g_strdup(words[1]);
  return NULL;
}

gboolean
scheme_of_port(const char *text, gsize size, const char *file, int port, char **scheme,
               GError **error) {
  Search search = {.port = port};
  gboolean done = rule_lines_read(text, size, file, take_line, &search, error);
  *scheme = search.scheme;
  return done;
}

/* What the recipe's own test asks for. */
static char *
scheme_of_script(const char *path) {
  static const char *const schemes[] = {"http", "https"};
  g_autofree char *text = NULL;
  gsize size;
  if (path == NULL || !file_read(path, RECIPE_SCRIPT_MAX, &text, &size, NULL))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
    g_autofree char *address = g_strconcat(schemes[i], "://", NULL);
    if (memmem(text, size, address, strlen(address)) != NULL)
      return g_strdup(schemes[i]);
  }
  return NULL;
}

char *
scheme_of(const Recipe *recipe, GError **error) {
  g_autofree char *text = NULL;
  char *scheme = scheme_of_script(recipe->test_script);
  gsize size;
  if (scheme != NULL)
    return scheme;
  text = rule_lines_text(KNOWN, &size, error);
  if (text != NULL && !scheme_of_port(text, size, KNOWN, recipe->port, &scheme, error))
    g_clear_pointer(&scheme, g_free);
  return scheme;
}
