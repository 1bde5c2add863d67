/* fuzz-checklist.c - any bytes as a hardening checklist: tinyx/kernel/checklist.c. What is
 * understood can be compared with a configuration. */
#include "kernel/checklist.h"

#include "fuzz.h"

#include <string.h>

static const char text[] = "CONFIG_A=y\nCONFIG_LSM=\"yama\"\n# CONFIG_C is not set\n";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Checklist) list = checklist_parse((const char *)data, size, "list", &error);
  g_autoptr(DotConfig) config = config_parse(text, strlen(text), "config", NULL);
  if ((list == NULL) != (error != NULL))
    g_error("list %p, error %p", (void *)list, (void *)error);
  if (list != NULL && checklist_count(list, config, "6.1.192") > list->items->len)
    g_error("more hold than there are");
  return 0;
}
