/* fuzz-probes.c - any bytes as rootfs/ports.probes, and as what services say to the shipped rules:
 * tinyx/guest/probe-rules.c. */
#include "fuzz.h"

#include "guest/probe-rules.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ProbeRules *shipped;
  g_autoptr(GError) error = NULL;
  g_autoptr(ProbeRules) rules = probe_rules_parse((const char *)data, size, "rules", &error);
  g_assert_true((rules == NULL) == (error != NULL));
  if (shipped == NULL)
    shipped = probe_rules_load(NULL);
  for (guint i = 0; shipped != NULL && i < shipped->protocols->len; i++)
    probe_reply_find(shipped->protocols->pdata[i], (const char *)data, size);
  return 0;
}
