/* key.c - what a kernel depends on besides the files of the image. */
#include "kernel/kernel.h"

#include "base/files.h"
#include "base/folder.h"
#include "kernel/make.h"

char *
kernel_input_key(const char *source, const Platform *platform, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autofree char *rules = folder_hash(data, error);
  g_autoptr(KernelSource) found = rules != NULL ? source_find(source, error) : NULL;
  g_autofree char *toolchain = found != NULL ? kernel_toolchain(error) : NULL;
  if (toolchain == NULL)
    return NULL;
  return sha256_of_strings(rules, found->id, toolchain, platform->name, NULL);
}
