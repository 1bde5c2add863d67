/* fuzz-domain.c - any bytes as the record of a domain in the background: tinyx/domain/record.c. */
#include "domain/domain.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(Domain) domain = domain_parse(copy, size, "fuzz", &error);
  if ((domain != NULL) != (error == NULL))
    g_error("domain %p, error %p", (void *)domain, (void *)error);
  /* Its keeper is signalled by its number: 0 and 1, and all that are negative, are others. */
  if (domain != NULL && (domain->pid <= 1 || domain->started == 0 || domain->owner == NULL ||
                         domain->phase == NULL || domain->port < 0 || domain->port > 65535))
    g_error("pid %d, port %d", domain->pid, domain->port);
  return 0;
}
