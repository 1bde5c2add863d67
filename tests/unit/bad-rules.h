/* bad-rules.h - files of rules that their reader refuses, and what it says of them. */
#ifndef TINYX_TESTS_BAD_RULES_H
#define TINYX_TESTS_BAD_RULES_H

#include "base/error.h"

#include <string.h>

/* TEXT, and a part of the message: its place "f:LINE: " for one that must begin so. */
typedef struct {
  const char *text, *expected;
} BadRules;

/* WHAT was made of RULES: nothing, for ERROR, which is freed here. */
static inline void
bad_rules_said(const BadRules *rules, gconstpointer what, GError *error) {
  g_assert_null(what);
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  if (!g_str_has_prefix(error->message, "f:") || strstr(error->message, rules->expected) == NULL)
    g_error("\"%s\" does not begin with \"f:\" and say \"%s\"", error->message, rules->expected);
  g_error_free(error);
}

/* PARSE(text, size, file, &error), a reader of rules, refuses each of CASES, an array of BadRules.
 */
#define BAD_RULES_REFUSED(parse, cases)                                                            \
  for (gsize number = 0; number < G_N_ELEMENTS(cases); number++) {                                 \
    GError *why = NULL;                                                                            \
    gconstpointer made = parse(cases[number].text, strlen(cases[number].text), "f", &why);         \
    bad_rules_said(&cases[number], made, why);                                                     \
  }

#endif
