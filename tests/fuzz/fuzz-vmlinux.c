/* fuzz-vmlinux.c - any bytes as a kernel, and what loaders look for in its notes:
 * tinyx/platform/vmlinux.c, xen-pv.c, xen-pvh.c, qemu-microvm.c. */
#include "platform/room.h"
#include "platform/vmlinux.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const PlatformRoom *const rooms[] = {&platform_xen_pv, &platform_xen_pvh,
                                              &platform_qemu_microvm};
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(Vmlinux) kernel = vmlinux_parse(copy, size, "fuzz", &error);
  if ((kernel == NULL) != (error != NULL))
    g_error("kernel %p, error %p", (void *)kernel, (void *)error);
  for (guint i = 0; kernel != NULL && i < G_N_ELEMENTS(rooms); i++) {
    g_autoptr(GError) why = NULL;
    if (rooms[i]->check_kernel(kernel, &why) != (why == NULL))
      g_error("room %u: error %p", i, (void *)why);
    if (rooms[i]->least_memory != NULL)
      rooms[i]->least_memory(&kernel->facts, 1 << 20);
  }
  return 0;
}
