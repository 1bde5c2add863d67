/* fuzz-kconfig-answer.c - any bytes as what the helpers write that are compiled into a kernel's
 * tree: tinyx/kernel/query.c, kconfig.c. */
#include "kernel/kconfig.h"
#include "kernel/query.h"

#include "fuzz.h"

static void
expect_one(const char *what, GPtrArray *list, GError *error) {
  if ((list == NULL) != (error != NULL))
    g_error("%s: list %p, error %p", what, (void *)list, (void *)error);
  g_clear_pointer(&list, g_ptr_array_unref);
  g_clear_error(&error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  GError *error = NULL;
  GPtrArray *answers = kconfig_answer_parse(text, "fuzz", &error);
  expect_one("answers", answers, error);
  error = NULL;
  GPtrArray *symbols = kconfig_symbols_parse(text, "fuzz", &error);
  expect_one("symbols", symbols, error);
  return 0;
}
