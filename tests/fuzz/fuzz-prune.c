/* fuzz-prune.c - any bytes as rootfs/prune: tinyx/rootfs/patterns.c. */
#include "rootfs/patterns.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(Patterns) patterns = patterns_parse(copy, size, "prune", &error);
  if ((patterns == NULL) != (error != NULL))
    g_error("patterns %p, error %p", (void *)patterns, (void *)error);
  if (patterns != NULL && patterns_match(patterns, "relative", NULL) != NULL)
    g_error("an absolute pattern matches a relative path");
  return 0;
}
