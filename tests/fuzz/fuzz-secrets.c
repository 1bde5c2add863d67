/* fuzz-secrets.c - any bytes as rootfs/secrets.rules, and as a file that may hold a key:
 * tinyx/rootfs/secret-rules.c, secret-scan.c. */
#include "rootfs/secret-rules.h"
#include "rootfs/secret-scan.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  guint line = 0, users = 0;
  const char *kind = secret_scan(size > 0 ? copy : NULL, size, &line);
  secret_scan_users(copy, size, &users);
  if (kind != NULL && (line == 0 || line > size))
    g_error("%s in line %u of %zu bytes", kind, line, size);
  g_autoptr(SecretRules) rules = secret_rules_parse(copy, size, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  if (rules == NULL)
    return 0;
  secret_rules_find(rules, "/etc/ssh/ssh_host_rsa_key", NULL);
  secret_rules_known(rules, "/usr/share/doc/x");
  return 0;
}
