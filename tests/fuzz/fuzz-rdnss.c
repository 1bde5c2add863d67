/* fuzz-rdnss.c - any bytes as what the kernel says of a router advertisement: rootfs/glue/rdnss.c.
 */
#include "fuzz.h"

/* The glue's program is no library: it is taken whole, and writes nowhere. */
#define FILE_NAME "/dev/null"
int rdnss_main(void);
#define main rdnss_main
#include "../../rootfs/glue/rdnss.c"
#undef main

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  take_message((const unsigned char *)copy, size);
  return 0;
}
