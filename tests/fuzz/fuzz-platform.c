/* fuzz-platform.c - any bytes as kconfig-heuristics/platforms/NAME.conf: tinyx/platform/platform.c,
 * tinyx/base/keylines.c. */
#include "platform/platform.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_autoptr(Platform) platform = platform_parse("fuzz", text, "fuzz.conf", &error);
  if ((platform == NULL) != (error != NULL))
    g_error("platform %p, error %p", (void *)platform, (void *)error);
  if (platform == NULL)
    return 0;
  g_autofree char *initramfs = platform_cmdline(platform, NULL, FALSE);
  g_autofree char *disk = platform_cmdline(platform, "10.0.0.2", TRUE);
  if (strchr(initramfs, '\n') != NULL || strchr(disk, '\n') != NULL)
    g_error("a command line of two lines: %s", disk);
  return 0;
}
