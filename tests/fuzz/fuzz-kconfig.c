/* fuzz-kconfig.c - any bytes as a .config, a fragment or a feature rule: tinyx/kernel/fragment.c,
 * rules.c. */
#include "kernel/fragment.h"
#include "kernel/rules.h"

#include "fuzz.h"

/* Either a result or a message, never both or neither. */
static void
expect_one(const char *what, gconstpointer result, GError *error) {
  if ((result == NULL) != (error != NULL))
    g_error("%s: result %p, error %p", what, result, (void *)error);
  g_clear_error(&error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *text = fuzz_copy(data, size);
  GError *error = NULL;
  g_autoptr(DotConfig) config = config_parse(text, size, ".config", &error);
  expect_one("config", config, error);
  error = NULL;
  g_autoptr(GPtrArray) fragment = fragment_parse(text, size, "fragment", &error);
  expect_one("fragment", fragment, error);
  error = NULL;
  g_autoptr(Rule) rule = rule_parse(text, size, "rule", NULL, &error);
  expect_one("rule", rule, error);
  return 0;
}
