/* fuzz-host-spec.c - any bytes as the value of --host: tinyx/xen/spec.c. */
#include "xen/spec.h"

#include "fuzz.h"

/* It becomes a word of ssh's command line. */
static void
check_word(const char *word) {
  if (word == NULL || word[0] == '-' || word[0] == '\0' || strpbrk(word, " \t\n'\"$`;&|") != NULL)
    g_error("'%s' for ssh", word);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_auto(XenHostSpec) spec = {0};
  gboolean good = xen_host_spec_parse(text, &spec, &error);
  if (good != (error == NULL))
    g_error("good %d, error %p", good, (void *)error);
  if (!good || spec.kind != XEN_HOST_SSH)
    return 0;
  check_word(spec.machine);
  if (spec.user != NULL)
    check_word(spec.user);
  if (spec.port < 0 || spec.port > 65535)
    g_error("port %d", spec.port);
  return 0;
}
