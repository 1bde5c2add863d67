/* fuzz-qmp.c - any bytes as lines of QEMU's machine protocol: tinyx/xen/qmp-line.c. */
#include "xen/qmp-line.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autoptr(GError) error = NULL;
    g_auto(QmpLine) said = {0};
    gboolean good = qmp_line_parse(lines[i], &said, &error);
    if (good != (error == NULL))
      g_error("good %d, error %p", good, (void *)error);
    if (said.text != NULL && said.kind == QMP_OTHER)
      g_error("the text '%s' of nothing", said.text);
  }
  return 0;
}
