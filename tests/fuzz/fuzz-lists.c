/* fuzz-lists.c - any bytes as the small lists of data that come with tinyx: compare/paper.conf,
 * compare/debian.packages, kconfig-heuristics/values. */
#include "compare/debian.h"
#include "compare/figures.h"
#include "minimize/values.h"

#include "fuzz.h"

static void
expect(const char *what, gboolean good, GError *error) {
  if (good != (error == NULL))
    g_error("%s: good %d, error %p", what, good, (void *)error);
  g_clear_error(&error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_autoptr(Comparison) comparison = comparison_new("fuzz");
  GError *error = NULL;
  gboolean good = paper_parse(text, "paper.conf", comparison->paper, &error);
  expect("paper", good, error);
  error = NULL;
  g_auto(GStrv) packages = debian_packages_parse(text, "packages", &error);
  expect("packages", packages != NULL, error);
  error = NULL;
  g_autoptr(GPtrArray) values = value_choices_parse(copy, size, "values", &error);
  expect("values", values != NULL, error);
  return 0;
}
