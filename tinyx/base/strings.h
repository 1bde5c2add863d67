/* strings.h - lists of strings (GPtrArray of char*): sorted, asked for one, each string once.
 *
 * The order is that of strcmp(3), whatever the locale: results must not depend on the machine.
 */
#ifndef TINYX_BASE_STRINGS_H
#define TINYX_BASE_STRINGS_H

#include <glib.h>

/* An empty list that owns its strings; g_ptr_array_unref. */
GPtrArray *strings_new(void);

void strings_sort(GPtrArray *strings);

/* FALSE where STRING or STRINGS is NULL. */
gboolean strings_contain(const GPtrArray *strings, const char *string);
/* Adds a copy of STRING unless it is there already; TRUE if it was added. STRINGS owns its strings.
 */
gboolean strings_add_once(GPtrArray *strings, const char *string);

/* A NULL-terminated copy; g_strfreev. */
char **strings_copy(const GPtrArray *strings);
/* The strings joined by SEPARATOR; g_free. */
char *strings_join(const GPtrArray *strings, const char *separator);
/* The same for a NULL-terminated list that owns its strings, which may move: *LIST is never NULL.
 * TRUE if STRING was added, or was there and was taken out. */
gboolean strv_add_once(char ***list, const char *string);
gboolean strv_remove(char ***list, const char *string);
/* FALSE where LIST (NULL-terminated) is NULL. */
gboolean strv_has(char *const *list, const char *string);

/* The keys of TABLE (char*), sorted, as a NULL-terminated list; they stay TABLE's: g_free frees the
 * list alone. */
const char **strings_sorted_keys(GHashTable *table);

#endif
