/* keep.c - reads kconfig-heuristics/keep.config. */
#include "kernel/keep.h"

#include "kernel/fragment.h"

#define KEEP "keep.config"

GPtrArray *
keep_load(const char *folder, const Platform *platform, GError **error) {
  g_autofree char *path = g_build_filename(folder, KEEP, NULL);
  g_autoptr(GPtrArray) lines = fragment_load(path, KEEP, error);
  if (lines == NULL || !fragment_check_platforms(lines, error))
    return NULL;
  for (guint i = lines->len; i > 0; i--)
    if (!symbol_request_is_for(lines->pdata[i - 1], platform))
      g_ptr_array_remove_index(lines, i - 1);
  return g_steal_pointer(&lines);
}
