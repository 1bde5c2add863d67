/* fuzz-rules.c - any bytes as rootfs/runtime.rules: tinyx/deps/runtime-rules.c. */
#include "deps/runtime-rules.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GPtrArray) rules = runtime_rules_parse(copy, size, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  if (rules == NULL)
    return 0;
  char *needed[] = {(char *)"libc.so.6", NULL}, *imports[] = {(char *)"pthread_exit", NULL};
  ElfInfo elf = {.needed = needed, .imports = imports};
  RootNode node = {.path = (char *)"/usr/bin/x", .type = NODE_FILE};
  Content content = {.node = &node, .kind = CONTENT_ELF, .elf = &elf};
  g_autoptr(GPtrArray) matching = runtime_rules_match(rules, &content);
  return 0;
}
