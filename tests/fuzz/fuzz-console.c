/* fuzz-console.c - any bytes as a guest's console: tinyx/guest/console.c. */
#include "guest/console.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *console = g_strndup(copy, size);
  g_autofree char *panic = console_panic(console);
  int starts = console_starts(console), status = console_bad_status(console);
  if (panic != NULL && strpbrk(panic, "\r\n") != NULL)
    g_error("more than a line: %s", panic);
  if (starts < 0 || status < 0 || console_meminfo(console, "MemAvailable") < -1)
    g_error("%d starts, status %d", starts, status);
  if (console_meminfo(console, "MemTotal") >= 0 && !console_says_meminfo(console))
    g_error("a value from nowhere");
  console_says_udp(console, 53);
  return 0;
}
