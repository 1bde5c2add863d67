/* package-list.c - parses a list of packages with a reason each. */
#include "deps/package-list.h"
#include "base/files.h"

#include "base/place.h"
#include "base/rulelines.h"
#include "deps/deb822.h"

#include <string.h>

#define PACKAGE_LIST_MAX (16U << 20) /* bytes of a list of packages */

static char *
take_line(gpointer data, char *line, guint number) {
  GHashTable *list = data;
  char *comment = strchr(line, '#');
  g_autofree char *reason = comment != NULL ? g_strstrip(g_strdup(comment + 1)) : g_strdup("");
  if (comment != NULL)
    *comment = '\0';
  const char *name = g_strchomp(line);
  const char *expected = NULL;
  (void)number;
  if (!deb822_name_valid(name))
    expected = "a Debian package's name";
  else if (reason[0] == '\0')
    expected = "\"# reason\" after the name";
  else if (g_hash_table_contains(list, name))
    expected = "each package once";
  if (expected != NULL) {
    g_autofree char *shown = place_excerpt(name);
    return g_strdup_printf("\"%s\"; expected %s", shown, expected);
  }
  g_hash_table_insert(list, g_strdup(name), g_steal_pointer(&reason));
  return NULL;
}

GHashTable *
package_list_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(GHashTable) list = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  return rule_lines_read(text, size, file, take_line, list, error) ? g_steal_pointer(&list) : NULL;
}

GHashTable *
package_list_read(const char *file, GError **error) {
  g_autofree char *text = NULL;
  gsize size;
  g_autoptr(GError) why = NULL;
  if (!file_read(file, PACKAGE_LIST_MAX, &text, &size, &why)) {
    g_set_error_literal(error, TINYX_ERROR, TINYX_ERROR_INPUT, why->message);
    return NULL;
  }
  return package_list_parse(text, size, file, error);
}
