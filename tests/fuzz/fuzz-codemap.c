/* fuzz-codemap.c - any bytes as System.map and, after their first NUL, as ld's map of a kernel:
 * tinyx/minimize/codemap.c. */
#include "minimize/codemap.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *system_map = g_strndup(copy, size);
  gsize length = strlen(system_map);
  g_autofree char *link_map =
      length < size ? g_strndup(copy + length + 1, size - length - 1) : g_strdup("");
  g_autoptr(Codemap) map = codemap_parse(system_map, link_map, "fuzz", &error);
  guint count = 0;
  guint64 low, high;
  if ((map == NULL) != (error != NULL))
    g_error("map %p, error %p", (void *)map, (void *)error);
  if (map == NULL)
    return 0;
  const CodeSymbol *symbols = codemap_symbols(map, &count);
  codemap_range(map, &low, &high);
  codemap_mark(map, low);
  codemap_mark(map, G_MAXUINT64);
  for (guint i = 1; i < count; i++)
    if (symbols[i].address < symbols[i - 1].address)
      g_error("symbol %u is not in order", i);
  return 0;
}
