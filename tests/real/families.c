/* families.c - prints which socket families ELF files name in calls: "socket:1=N FILE". Reads paths
 * from its input. For scripts/check-paths. */
#include "base/elffile.h"
#include "facts/calls.h"

#include <stdio.h>
#include <string.h>

#define FAMILIES 46 /* AF_MAX of Linux 6.1 */

typedef struct {
  const char *path;
} File;

static void
print_call(gpointer data, const CallWanted *wanted) {
  const File *file = data;
  printf("%s %s\n", wanted->text, file->path);
}

static void
read_file(const char *path, const GPtrArray *wanted) {
  g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
  File file = {path};
  ElfFile elf;
  if (map != NULL && g_mapped_file_get_length(map) > 0 &&
      elf_file_open(&elf, g_mapped_file_get_contents(map), g_mapped_file_get_length(map), path,
                    NULL))
    calls_find(&elf, wanted, print_call, &file);
}

int
main(void) {
  g_autoptr(GPtrArray) wanted = g_ptr_array_new_with_free_func((GDestroyNotify)call_wanted_free);
  char line[4096];
  for (guint i = 1; i < FAMILIES; i++) {
    g_autofree char *text = g_strdup_printf("socket:1=%u", i);
    g_ptr_array_add(wanted, call_wanted_parse(text));
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    read_file(line, wanted);
  }
  return 0;
}
