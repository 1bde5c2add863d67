/* fuzz-initscript.c - any bytes as an init script or an assignment of shell variables:
 * tinyx/draft/initscript.c, shell.c. */
#include "draft/initscript.h"
#include "draft/shell.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *text = g_strndup((const char *)data, size);
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/usr/sbin/d", "x", -1, 0755, from_package("fuzz", "new"), NULL);
  tree_add_data(tree, "/etc/default/d", "OPTS='-a b'\n", -1, 0644, from_package("fuzz", "new"),
                NULL);
  g_autoptr(Service) service = service_from_init_script("/etc/init.d/d", text, tree);
  if (service != NULL && (service->run->command == NULL || service->program == NULL))
    g_error("a service without a command");
  return 0;
}
