/* fuzz-changelog.c - any bytes as a Debian changelog, and as what apt-cache's policy says:
 * tinyx/upkeep/changelog.c, policy.c. */
#include "upkeep/changelog.h"
#include "upkeep/outdated.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *text = g_strndup((const char *)data, size);
  g_autoptr(GPtrArray) names = changelog_advisories(text, "1.2-3");
  g_autoptr(GHashTable) policies = policy_parse(text);
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    if (strpbrk(name, " \n\t\033") != NULL || name[strspn(name, "CVEDSLA-0123456789")] != '\0')
      g_error("'%s' is no advisory's name", name);
  }
  return 0;
}
