/* fuzz-diagnose.c - any bytes as kconfig-heuristics/failures.rules, and as what a guest prints:
 * tinyx/trace/diagnose.c. */
#include "trace/diagnose.h"

#include "fuzz.h"

static const char known_rules[] = "ENOENT open* *\"/dev/* => [image] mounts=dev  # a node\n"
                                  "E* * * => [kernel] with=x  # anything\n";

static void
apply(const FailureRules *rules, const char *console) {
  RuleSet none = {.rules = NULL};
  g_autoptr(GPtrArray) features = g_ptr_array_new();
  none.rules = features;
  g_autoptr(GPtrArray) list = diagnose_console(rules, &none, console);
  for (guint i = 0; i < list->len; i++) {
    const FailedCall *failed = list->pdata[i];
    if (failed->error == NULL || failed->call == NULL ||
        (failed->cure == NULL) != (failed->reason == NULL))
      g_error("a call without an error, or a cure without a reason");
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_autoptr(FailureRules) rules = failure_rules_parse(copy, size, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  g_autoptr(FailureRules) known =
      failure_rules_parse(known_rules, strlen(known_rules), "known", NULL);
  apply(known, text);
  if (rules != NULL)
    apply(rules, "tinyx: failed: openat(AT_FDCWD, \"/dev/x\", O_RDONLY) = -1 ENOENT (No such)\n"
                 "tinyx: failed: socket(AF_INET6, SOCK_STREAM, 0) = -1 EAFNOSUPPORT (Address)\n");
  return 0;
}
