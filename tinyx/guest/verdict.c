/* verdict.c - what came of a test: its strings, and how much it saw. */
#include "guest/guest.h"

void
guest_verdict_clear(GuestVerdict *verdict) {
  g_clear_pointer(&verdict->why, g_free);
  g_clear_pointer(&verdict->console, g_free);
  g_clear_pointer(&verdict->test_output, g_free);
  probe_finding_clear(&verdict->probe);
}

gboolean
guest_verdict_is_weak(const Recipe *recipe, const GuestVerdict *verdict) {
  gboolean only_open =
      recipe->test_script == NULL && (recipe->ready_port > 0 || recipe->ready_udp > 0);
  return (recipe->weak_test || only_open) && verdict->probe.result != PROBED_ANSWERED;
}
