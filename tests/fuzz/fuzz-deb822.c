/* fuzz-deb822.c - any bytes as Debian control data (stanzas, relations, versions):
 * tinyx/deps/deb822.c. */
#include "deps/deb822.h"
#include "deps/package-list.h"

#include "fuzz.h"

static void
read_relations(const Deb822Stanza *stanza) {
  static const char *const fields[] = {"Depends", "Pre-Depends", "Provides"};
  for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
    const char *text = deb822_get(stanza, fields[i]);
    const char *version = deb822_get(stanza, "Version");
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) groups =
        text != NULL ? deb822_relations_parse(text, "fuzz", stanza->line, &error) : NULL;
    for (guint k = 0; groups != NULL && k < groups->len; k++) {
      const GPtrArray *group = groups->pdata[k];
      for (guint m = 0; m < group->len; m++)
        deb822_relation_accepts(group->pdata[m], version);
    }
    if (text != NULL && (groups == NULL) != (error != NULL))
      g_error("groups %p, error %p", (void *)groups, (void *)error);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL, list_error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GPtrArray) stanzas = deb822_parse(copy, size, "fuzz", &error);
  if ((stanzas == NULL) != (error != NULL))
    g_error("stanzas %p, error %p", (void *)stanzas, (void *)error);
  for (guint i = 0; stanzas != NULL && i < stanzas->len; i++)
    read_relations(stanzas->pdata[i]);
  g_autoptr(GHashTable) list = package_list_parse(copy, size, "fuzz", &list_error);
  if ((list == NULL) != (list_error != NULL))
    g_error("list %p, error %p", (void *)list, (void *)list_error);
  return 0;
}
