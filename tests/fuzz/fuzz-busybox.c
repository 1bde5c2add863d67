/* fuzz-busybox.c - any bytes as BusyBox' table of applets, as its .config and as
 * rootfs/busybox.config: tinyx/rootfs/busybox-config.c. */
#include "rootfs/busybox-private.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const applets[] = {"sh", "cat", NULL};
  g_autoptr(GError) error = NULL, other = NULL, lost = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_autoptr(GHashTable) table = applet_table_parse(text);
  g_autoptr(GPtrArray) picked = applet_table_pick(table, applets, &error);
  if ((picked == NULL) != (error != NULL))
    g_error("picked %p, error %p", (void *)picked, (void *)error);
  g_autoptr(GPtrArray) options = busybox_fragment_parse(text, "fuzz", applets, &other);
  if ((options == NULL) != (other != NULL))
    g_error("options %p, error %p", (void *)options, (void *)other);
  g_autoptr(GPtrArray) asked = busybox_options_new();
  busybox_option_add(asked, "SH", "y", "fuzz");
  g_autofree char *config = busybox_config_merge(text, asked, &lost);
  if (config != NULL && !busybox_config_verify(config, asked, NULL))
    g_error("what was set is not there:\n%s", config);
  return 0;
}
