/* fuzz-files-lock.c - any bytes as recipes/NAME/files.lock: tinyx/rootfs/files-lock.c. What is
 * understood is written and read back as the same. */
#include "rootfs/files-lock.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(FilesLock) lock = files_lock_parse(copy, size, "lock", &error);
  if ((lock == NULL) != (error != NULL))
    g_error("lock %p, error %p", (void *)lock, (void *)error);
  if (lock != NULL) {
    g_autofree char *text = files_lock_text(lock), *same = NULL;
    g_autoptr(FilesLock) again = files_lock_parse(text, strlen(text), "again", &error);
    if (again == NULL)
      g_error("%s: of\n%s", error->message, text);
    same = files_lock_text(again);
    if (strcmp(text, same) != 0)
      g_error("not the same:\n%s\n%s", text, same);
  }
  return 0;
}
