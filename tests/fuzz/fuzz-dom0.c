/* fuzz-dom0.c - any bytes as scripts/dom0/contents: tinyx/xen/dom0.c. */
#include "xen/dom0.h"

#include "fuzz.h"

static void
check_list(const GPtrArray *list) {
  if (list->len == 0 || list->pdata[list->len - 1] != NULL)
    g_error("a list without its end");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_auto(Dom0Contents) contents = {0};
  gboolean good = dom0_contents_parse(text, "contents", &contents, &error);
  if (good != (error == NULL))
    g_error("good %d, error %p", good, (void *)error);
  if (good) {
    check_list(contents.packages);
    check_list(contents.programs);
    check_list(contents.modules);
  }
  return 0;
}
