/* fuzz-mounts.c - any bytes as rootfs/mounts.rules: tinyx/rootfs/glue-mounts.c. */
#include "rootfs/glue-private.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(MountRules) rules = mount_rules_parse(copy, size, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  if (rules == NULL)
    return 0;
  g_autoptr(Facts) facts = facts_new();
  facts_add(facts, FACTS_FROM_BYTES, "/proc/", "/bin/x");
  mount_rules_match(rules, "proc", facts);
  return 0;
}
