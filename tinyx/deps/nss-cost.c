/* nss-cost.c - what the modules cost that nsswitch.conf names, and how a recipe does without. */
#include "base/files.h"
#include "deps/closure-private.h"

#include <string.h>

/* The paths of WITH that are not in WITHOUT, as a recipe's exclude= has them. */
static GString *
paths_between(const Closure *with, const Closure *without, guint64 *bytes, GString *modules) {
  g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
  GString *paths = g_string_new(NULL);
  for (guint i = 0; i < without->files->len; i++)
    g_hash_table_add(known, ((DepFile *)without->files->pdata[i])->path);
  for (guint i = 0; i < with->files->len; i++) {
    const DepFile *file = with->files->pdata[i];
    const char *name = strrchr(file->path, '/') + 1;
    if (g_hash_table_contains(known, file->path))
      continue;
    *bytes += file->size;
    g_string_append_printf(paths, " %s", file->path);
    if (file->kind == DEP_RULE && g_str_has_prefix(name, "libnss_"))
      g_string_append_printf(modules, "%s%s", modules->len > 0 ? ", " : "", name);
  }
  return paths;
}

char *
closure_nss_note(const ClosureInput *input, const Closure *closure, GError **error) {
  g_auto(Closure) without = {0};
  g_autoptr(GString) modules = g_string_new(NULL), paths = NULL;
  guint64 bytes = 0, all = 0;
  if (!closure_compute_without_nss(input, &without, error))
    return NULL;
  paths = paths_between(closure, &without, &bytes, modules);
  for (guint i = 0; i < closure->files->len; i++)
    all += ((DepFile *)closure->files->pdata[i])->size;
  if (modules->len == 0)
    return g_strdup("");
  g_autofree char *cost = size_text(bytes), *total = size_text(all);
  return g_strdup_printf("/etc/nsswitch.conf brings %s: %s of %s, with what only they need; where "
                         "/etc/passwd, /etc/hosts and DNS will do, a recipe leaves them out by: "
                         "exclude=%s",
                         modules->str, cost, total, paths->str + 1);
}
