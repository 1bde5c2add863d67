/* fuzz-socket-unit.c - any bytes as systemd.socket(5): tinyx/draft/socket-unit.c. */
#include "draft/socket-unit.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_autoptr(Tree) tree = tree_new();
  g_auto(SocketUnit) socket_unit = {0};
  tree_add_data(tree, "/usr/lib/systemd/system/x.socket", text, -1, 0644,
                from_package("fuzz", "new"), NULL);
  tree_add_symlink(tree, "/lib", "usr/lib", from_package("fuzz", "new"), NULL);
  gboolean found = socket_unit_find("x@1.service", tree, &socket_unit);
  if (found != (socket_unit.port > 0) || socket_unit.port > 65535)
    g_error("found %d, port %d", found, socket_unit.port);
  return 0;
}
