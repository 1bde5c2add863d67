/* fuzz-rights.c - any bytes as rootfs/capabilities.rules: tinyx/rootfs/rights.c. */
#include "rootfs/rights.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autoptr(RightsRules) rules = rights_rules_parse((const char *)data, size, "rules", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  return 0;
}
