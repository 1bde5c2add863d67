/* fuzz-strace.c - any bytes as what strace writes, tinyx/trace/strace.c, and the list of uses that
 * is made of it. */
#include "trace/strace.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL, list_error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GPtrArray) uses = strace_uses(copy, size, "/r");
  for (guint i = 0; i < uses->len; i++) {
    const Use *use = uses->pdata[i];
    gboolean network = g_str_has_prefix(use->path, "net:"); /* what was opened is no file */
    if ((use->path[0] != '/' && !network) || use->program[0] != '/')
      g_error("a path that is not absolute: %s by %s", use->path, use->program);
  }
  g_autofree char *text = uses_text(uses), *same = NULL;
  g_autoptr(GPtrArray) again = uses_parse(text, strlen(text), "again", &error);
  if (again == NULL)
    g_error("%s: of\n%s", error->message, text);
  same = uses_text(again);
  if (strcmp(text, same) != 0)
    g_error("not the same:\n%s\n%s", text, same);
  g_autoptr(GPtrArray) list = uses_parse(copy, size, "list", &list_error);
  if ((list == NULL) != (list_error != NULL))
    g_error("list %p, error %p", (void *)list, (void *)list_error);
  return 0;
}
