/* fuzz-trial-rules.c - any bytes as rootfs/tryout.rules, and as lines of a try-out's console:
 * tinyx/draft/console-rules.c. */
#include "draft/console-rules.h"

#include "fuzz.h"

static void
match(const ConsoleRules *rules, const char *line) {
  MissedKind kind = MISSED_KINDS;
  g_autofree char *name = console_rules_match(rules, line, &kind);
  if (name != NULL && (name[0] == '\0' || kind >= MISSED_KINDS))
    g_error("kind %u, name '%s'", kind, name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char known[] = "command ^(?:sh|env): (\\S+): not found\n"
                              "file (?:open|stat) ['\"]?(/[^\\s'\":]+).*No such file\n";
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_utf8_make_valid(copy, (gssize)size);
  g_autoptr(ConsoleRules) rules = console_rules_parse(copy, size, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  g_autoptr(ConsoleRules) shipped = console_rules_parse(known, strlen(known), "known", NULL);
  match(shipped, text);
  if (rules != NULL)
    match(rules, "sh: x: not found");
  return 0;
}
