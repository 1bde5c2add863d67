/* static-program.c - a small C program of ours, compiled with musl; cached. */
#include "rootfs/static-program.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/proc.h"
#include "rootfs/busybox.h"

#define KIND "static-program"

static char *
compile(const char *source, const char *key, GError **error) {
  g_autofree char *folder = cache_begin(KIND, key, error);
  if (folder == NULL)
    return NULL;
  g_autofree char *program = g_build_filename(folder, "program", NULL);
  char *entry = NULL;
  if (proc_call(60, NULL, error, "musl-gcc", "-static", "-no-pie", "-fno-pie", "-Os", "-s",
                "-fno-asynchronous-unwind-tables", "-Wl,--build-id=none", "-Wl,--gc-sections",
                "-Wl,-z,noseparate-code", "-o", program, source, NULL))
    entry = cache_commit(folder, KIND, key, error);
  if (entry == NULL)
    cache_discard(folder);
  return entry;
}

char *
static_program(const char *source, GError **error) {
  g_autofree char *path = data_path(source);
  g_autofree char *text = file_sha256(path, error);
  g_autofree char *toolchain = text != NULL ? musl_toolchain(error) : NULL;
  if (toolchain == NULL)
    return NULL;
  g_autofree char *key = sha256_of_strings("1", text, toolchain, NULL);
  g_autoptr(CacheLock) lock = cache_lock(KIND, key, error);
  if (lock == NULL)
    return NULL;
  g_autofree char *entry = cache_lookup(KIND, key);
  if (entry == NULL)
    entry = compile(path, key, error);
  if (entry == NULL) {
    g_prefix_error(error, "%s: ", source);
    return NULL;
  }
  return g_build_filename(entry, "program", NULL);
}
