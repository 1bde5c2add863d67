/* fuzz-guest-facts.c - any bytes as what a script of ours prints in a container or beside a guest:
 * tinyx/base/facts.c. */
#include "base/facts.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GHashTable) facts = facts_parse(copy, size);
  GHashTableIter iter;
  gpointer name, value;
  gsize bytes = 0;
  g_hash_table_iter_init(&iter, facts);
  while (g_hash_table_iter_next(&iter, &name, &value)) {
    bytes += strlen(name) + strlen(value);
    if (facts_seconds(facts, name) > 0 && strlen(value) == 0)
      g_error("seconds of nothing");
  }
  if (bytes > size)
    g_error("%zu bytes of %zu", bytes, size);
  return 0;
}
