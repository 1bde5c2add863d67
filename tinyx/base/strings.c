/* strings.c - lists of strings: sorted, asked for one, each string once. */
#include "base/strings.h"

#include <stdlib.h>
#include <string.h>

GPtrArray *
strings_new(void) {
  return g_ptr_array_new_with_free_func(g_free);
}

static int
compare_strings(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
strings_sort(GPtrArray *strings) {
  g_ptr_array_sort(strings, compare_strings);
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

gboolean
strv_add_once(char ***list, const char *string) {
  guint length = g_strv_length(*list);
  if (g_strv_contains((const char *const *)*list, string))
    return FALSE;
  *list = g_renew(char *, *list, length + 2);
  (*list)[length] = g_strdup(string);
  (*list)[length + 1] = NULL;
  return TRUE;
}

gboolean
strv_remove(char ***list, const char *string) {
  guint at = 0;
  while ((*list)[at] != NULL && strcmp((*list)[at], string) != 0)
    at++;
  if ((*list)[at] == NULL)
    return FALSE;
  g_free((*list)[at]);
  do
    (*list)[at] = (*list)[at + 1];
  while ((*list)[at++] != NULL);
  return TRUE;
}

const char **
strings_sorted_keys(GHashTable *table) {
  guint count;
  const char **keys = (const char **)g_hash_table_get_keys_as_array(table, &count);
  if (count > 1)
    qsort(keys, count, sizeof *keys, compare_strings);
  return keys;
}

gboolean
strv_has(char *const *list, const char *string) {
  return list != NULL && g_strv_contains((const char *const *)list, string);
}
