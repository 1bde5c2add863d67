/* fuzz-unit.c - any bytes as a systemd unit: tinyx/draft/unit.c, words.c, service.c. */
#include "draft/service.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL, why = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(Unit) unit = unit_parse(copy, size, "fuzz@x.service", &error);
  if ((unit == NULL) != (error != NULL))
    g_error("unit %p, error %p", (void *)unit, (void *)error);
  if (unit == NULL)
    return 0;
  g_autoptr(Tree) tree = tree_new();
  tree_add_data(tree, "/etc/default/x", "A=1\nexport B='2 3'\n", -1, 0644,
                from_package("fuzz", "fuzz"), NULL);
  g_autoptr(Service) service = service_from_unit(unit, tree, &why);
  if ((service == NULL) != (why != NULL))
    g_error("service %p, error %p", (void *)service, (void *)why);
  return 0;
}
