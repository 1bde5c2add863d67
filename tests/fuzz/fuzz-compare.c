/* fuzz-compare.c - any bytes as measured.json: tinyx/compare/store.c. */
#include "compare/store.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_strndup((const char *)data, size);
  g_autoptr(Comparison) comparison = store_parse(text, -1, "measured.json", &error);
  if ((comparison == NULL) != (error != NULL))
    g_error("comparison %p, error %p", (void *)comparison, (void *)error);
  if (comparison == NULL)
    return 0;
  /* What was read is written so that it reads the same. */
  g_autofree char *first = store_text(comparison, TRUE);
  g_autoptr(Comparison) again = store_parse(first, -1, "measured.json", &error);
  if (again == NULL)
    g_error("%s\n%s", error->message, first);
  g_autofree char *second = store_text(again, TRUE);
  if (strcmp(first, second) != 0)
    g_error("first:\n%s\nsecond:\n%s", first, second);
  return 0;
}
