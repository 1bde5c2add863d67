/* strings.c - lists of strings: sorted, asked for one, each string once. */
#include "base/strings.h"

#include <stdlib.h>
#include <string.h>

GPtrArray *
strings_new(void) {
  return g_ptr_array_new_with_free_func(g_free);
}

int
strings_compare(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
strings_sort(GPtrArray *strings) {
  g_ptr_array_sort(strings, strings_compare);
}

gboolean
strings_contain(const GPtrArray *strings, const char *string) {
  for (guint i = 0; strings != NULL && string != NULL && i < strings->len; i++)
    if (strcmp(strings->pdata[i], string) == 0)
      return TRUE;
  return FALSE;
}

gboolean
strings_add_once(GPtrArray *strings, const char *string) {
  if (strings_contain(strings, string))
    return FALSE;
  g_ptr_array_add(strings, g_strdup(string));
  return TRUE;
}

char **
strings_copy(const GPtrArray *strings) {
  char **copy = g_new0(char *, strings->len + 1);
  for (guint i = 0; i < strings->len; i++)
    copy[i] = g_strdup(strings->pdata[i]);
  return copy;
}

char *
strings_join(const GPtrArray *strings, const char *separator) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < strings->len; i++)
    g_string_append_printf(text, "%s%s", i > 0 ? separator : "", (char *)strings->pdata[i]);
  return g_string_free(text, FALSE);
}

const char **
strings_sorted_keys(GHashTable *table) {
  guint count;
  const char **keys = (const char **)g_hash_table_get_keys_as_array(table, &count);
  if (count > 1)
    qsort(keys, count, sizeof *keys, strings_compare);
  return keys;
}
