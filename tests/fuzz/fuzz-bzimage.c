/* fuzz-bzimage.c - any bytes as a kernel file: tinyx/compare/kernelfile.c. */
#include "compare/kernelfile.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new(data, size);
  g_autoptr(GBytes) elf = kernelfile_unpack(bytes, "bzImage", &error);
  if ((elf == NULL) != (error != NULL))
    g_error("elf %p, error %p", (void *)elf, (void *)error);
  return 0;
}
