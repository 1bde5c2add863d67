/* fuzz-source-list.c - any bytes as sources.list(5) in both of its forms, and as what apt says it
 * would download: tinyx/deps/source-entry.c, debs.c. */
#include "deps/debs.h"
#include "deps/source-entry.h"

#include "fuzz.h"

static void
find(const char *copy, size_t size, const char *file) {
  g_autoptr(GError) error = NULL;
  g_auto(SourceEntry) entry = {0};
  gboolean good = source_entry_find(copy, size, file, "http://deb.debian.org/debian", "bookworm",
                                    &entry, &error);
  if (good != (error == NULL))
    g_error("%s: good %d, error %p", file, good, (void *)error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  find(copy, size, "debian.sources");
  find(copy, size, "sources.list");
  g_autoptr(GPtrArray) debs = debs_parse(text, &error);
  if ((debs == NULL) != (error != NULL))
    g_error("debs %p, error %p", (void *)debs, (void *)error);
  for (guint i = 0; debs != NULL && i < debs->len; i++) {
    const Deb *deb = debs->pdata[i];
    if (strchr(deb->name, '/') != NULL || strcmp(deb->name, "..") == 0 || strlen(deb->sha256) != 64)
      g_error("the file '%s', the sum '%s'", deb->name, deb->sha256);
  }
  return 0;
}
