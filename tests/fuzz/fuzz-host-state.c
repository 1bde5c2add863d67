/* fuzz-host-state.c - any bytes as the record of an embedded host that was left running:
 * tinyx/xen/state.c. */
#include "xen/state.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_auto(HostState) state = {0};
  gboolean good = host_state_parse(copy, size, "fuzz", &state, &error);
  if (good != (error == NULL))
    g_error("good %d, error %p", good, (void *)error);
  /* Its process is ended by its number: 0 and 1, and all that are negative, are others. */
  if (good && (state.pid <= 1 || state.port <= 0 || state.port > 65535 || state.image == NULL))
    g_error("pid %d, port %d", state.pid, state.port);
  return 0;
}
