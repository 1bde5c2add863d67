/* fuzz-suspects.c - any bytes as a file in which names of libraries and folders are looked for:
 * tinyx/deps/suspect-names.c. */
#include "deps/suspect-names.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *needed[] = {(char *)"libc.so.6", NULL};
  const ElfInfo elf = {.needed = needed, .soname = (char *)"libown.so.1"};
  g_autofree char *copy = fuzz_copy(data, size);
  g_auto(SuspectNames) names = {0};
  suspect_names_find(copy, size, &elf, &names);
  g_autoptr(GPtrArray) folders = suspect_folders_find(copy, size);
  for (guint i = 0; i < names.names->len; i++)
    if (!suspect_is_library_name(names.names->pdata[i]))
      g_error("'%s'", (char *)names.names->pdata[i]);
  for (guint i = 0; i < folders->len; i++) {
    const char *folder = folders->pdata[i];
    if (folder[0] != '/' || strchr(folder + 1, '/') == NULL)
      g_error("'%s'", folder);
  }
  return 0;
}
