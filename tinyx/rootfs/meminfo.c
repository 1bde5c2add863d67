#include "rootfs/meminfo.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/proc.h"
#include "rootfs/busybox.h"

#define KIND "meminfo"
#define SOURCE "rootfs/glue/meminfo.c"

static char *
compile(const char *source, const char *key, GError **error) {
  g_autofree char *folder = cache_begin(KIND, key, error);
  if (folder == NULL)
    return NULL;
  g_autofree char *program = g_build_filename(folder, "meminfo", NULL);
  char *entry = NULL;
  if (proc_call(60, NULL, error, "musl-gcc", "-static", "-no-pie", "-fno-pie", "-Os", "-s",
                "-fno-asynchronous-unwind-tables", "-Wl,--build-id=none", "-Wl,--gc-sections",
                "-Wl,-z,noseparate-code", "-o", program, source, NULL))
    entry = cache_commit(folder, KIND, key, error);
  if (entry == NULL)
    cache_discard(folder);
  return entry;
}

gboolean
meminfo_add(Tree *tree, GError **error) {
  g_autofree char *source = data_path(SOURCE);
  g_autofree char *text = file_sha256(source, error);
  g_autofree char *toolchain = text != NULL ? musl_toolchain(error) : NULL;
  if (toolchain == NULL)
    return FALSE;
  g_autofree char *key = sha256_of_strings("1", text, toolchain, NULL);
  g_autoptr(CacheLock) lock = cache_lock(KIND, key, error);
  if (lock == NULL)
    return FALSE;
  g_autofree char *entry = cache_lookup(KIND, key);
  if (entry == NULL)
    entry = compile(source, key, error);
  if (entry == NULL) {
    g_prefix_error(error, SOURCE ": ");
    return FALSE;
  }
  g_autofree char *program = g_build_filename(entry, "meminfo", NULL);
  return tree_add_file(tree, "/etc/tinyx/meminfo", program, 0755, "glue",
                       "says how much memory was in use, without /proc", error) != NULL;
}
