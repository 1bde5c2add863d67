/* suspect-names.c - finds the names of libraries and folders in the bytes of a file. */
#include "deps/suspect-names.h"

#include <string.h>

/* Names of one file that are looked for, each of which costs looks into folders: more would be a
 * file made to cost time. */
#define NAMES_MAX 4096
#define BEFORE_MAX 200 /* bytes of a string before its ".so", and from there on */
#define AFTER_MAX 50
#define FOLDER_MAX 300 /* bytes of a path */
#define FOLDER_LEAST 6

void
suspect_names_clear(SuspectNames *names) {
  g_clear_pointer(&names->names, g_ptr_array_unref);
  g_clear_pointer(&names->format, g_free);
}

static gboolean
is_path_byte(char c) {
  return c != '\0' && (g_ascii_isalnum(c) || strchr("/._+-,@", c) != NULL);
}

gboolean
suspect_is_library_name(const char *name) {
  const char *end = strstr(name, ".so");
  if (end == NULL || end == name || (end[3] != '\0' && end[3] != '.'))
    return FALSE;
  return strspn(end + 3, ".0123456789") == strlen(end + 3);
}

/* "%s/lib%s.so", or ".so", which is put behind something; a message is none. */
static gboolean
is_format(const char *text) {
  if (strcmp(text, ".so") == 0)
    return TRUE;
  for (const char *at = text; *at != '\0'; at++)
    if (!is_path_byte(*at) && *at != '%' && *at != '*')
      return FALSE;
  return strchr(text, '%') != NULL;
}

static gboolean
is_own_name(const ElfInfo *elf, const char *name) {
  return g_strcmp0(elf->soname, name) == 0 || g_strcmp0(elf->interp, name) == 0 ||
         g_strv_contains((const char *const *)elf->needed, name);
}

/* The whole string around the ".so" at HIT, or NULL; *TO is where to look on. g_free. */
static char *
string_around(const char *data, const char *end, const char *hit, const char **to) {
  const char *from = hit, *stop = hit;
  while (from > data && hit - from < BEFORE_MAX && g_ascii_isprint(from[-1]))
    from--;
  while (stop < end && stop - hit < AFTER_MAX && g_ascii_isprint(*stop))
    stop++;
  *to = MAX(stop, hit + 3);
  if (stop >= end || *stop != '\0' || (from > data && from[-1] != '\0'))
    return NULL;
  return g_strndup(from, (gsize)(stop - from));
}

void
suspect_names_find(const char *data, gsize size, const ElfInfo *elf, SuspectNames *names) {
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const char *end = data + size, *at = data, *hit;
  *names = (SuspectNames){.names = g_ptr_array_new_with_free_func(g_free)};
  while (at < end && g_hash_table_size(seen) < NAMES_MAX &&
         (hit = memmem(at, (gsize)(end - at), ".so", 3)) != NULL) {
    g_autofree char *text = string_around(data, end, hit, &at);
    if (text == NULL || !g_hash_table_add(seen, g_strdup(text)))
      continue;
    if (is_format(text)) {
      if (names->format == NULL)
        names->format = g_steal_pointer(&text);
    } else if (suspect_is_library_name(text) && !is_own_name(elf, text) && strspn(text, "/") <= 1 &&
               strchr(text, ' ') == NULL) {
      g_ptr_array_add(names->names, g_steal_pointer(&text));
    }
  }
}

GPtrArray *
suspect_folders_find(const char *data, gsize size) {
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
  const char *end = data + size, *at = data, *slash;
  while (at < end && folders->len < NAMES_MAX &&
         (slash = memchr(at, '/', (gsize)(end - at))) != NULL) {
    const char *to = slash;
    while (to < end && to - slash < FOLDER_MAX && is_path_byte(*to))
      to++;
    at = to;
    /* "/usr/lib/x": two names at least, and not the end of another path. */
    if (to - slash < FOLDER_LEAST || (slash > data && is_path_byte(slash[-1])) ||
        memchr(slash + 1, '/', (gsize)(to - slash - 1)) == NULL)
      continue;
    g_autofree char *name = g_strndup(slash, (gsize)(to - slash));
    if (!g_hash_table_contains(seen, name)) {
      g_hash_table_add(seen, name);
      g_ptr_array_add(folders, g_steal_pointer(&name));
    }
  }
  return folders;
}
