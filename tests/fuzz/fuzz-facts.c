/* fuzz-facts.c - rootfs/text.facts and the lines that are matched with it: tinyx/facts/text.c. */
#include "facts/text.h"

#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char rule[] = "net:ipv6 line \\[::\\]\nnet:multicast udp 5353\n";
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_autoptr(TextRules) rules = text_rules_parse(copy, size, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  g_autoptr(TextRules) known = text_rules_parse(rule, strlen(rule), "rule", NULL);
  g_autoptr(Facts) facts = facts_new();
  facts_read_text(facts, rules != NULL ? rules : known, text, "/etc/x");
  facts_read_udp(facts, known, 5353);
  for (guint i = 0; i < facts_list(facts)->len; i++) {
    g_autofree char *said = fact_text(facts_list(facts)->pdata[i]);
    g_assert_nonnull(strchr(said, ':'));
  }
  return 0;
}
