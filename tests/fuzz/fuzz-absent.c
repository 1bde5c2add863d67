/* fuzz-absent.c - any bytes as rootfs/absent.rules and paths.known, and as a program that names
 * paths: tinyx/rootfs/absent-rules.c, tinyx/facts/paths.c. */
#include "facts/paths.h"
#include "kernel/known-paths.h"
#include "rootfs/absent-rules.h"

#include "fuzz.h"

#include <string.h>

static void
check_path(gpointer data, const char *path) {
  (void)data;
  if (path[0] != '/' || path[1] == '\0' || strlen(path) > PATHS_LONGEST ||
      strstr(path, "//") != NULL)
    g_error("path %s", path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autoptr(AbsentRules) rules = absent_rules_parse((const char *)data, size, "rules", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  g_autoptr(KnownPaths) known = known_paths_parse((const char *)data, size, "known", NULL);
  if (known != NULL)
    known_paths_reason(known, "/dev/loop*");
  paths_find((const char *)data, size, FALSE, check_path, NULL);
  paths_find((const char *)data, size, TRUE, check_path, NULL);
  return 0;
}
