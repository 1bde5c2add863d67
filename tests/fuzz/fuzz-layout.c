/* fuzz-layout.c - any bytes as platforms/NAME.layout and, after their first NUL, as the linker
 * script that is changed: tinyx/kernel/layout.c. */
#include "kernel/layout.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  gsize length = strlen(text);
  const char *missing = NULL;
  g_autofree char *script = length < size ? g_strndup(copy + length + 1, size - length - 1)
                                          : g_strdup(".data : { *(.data) KEEP(*(.init)) }");
  g_autoptr(Layout) layout = layout_parse(text, "fuzz.layout", &error);
  if ((layout == NULL) != (error != NULL))
    g_error("layout %p, error %p", (void *)layout, (void *)error);
  if (layout == NULL)
    return 0;
  g_autofree char *changes = layout_text(layout);
  g_autofree char *changed = layout_apply(layout, script, &missing);
  if (changed == NULL || changes == NULL)
    g_error("no text");
  return 0;
}
