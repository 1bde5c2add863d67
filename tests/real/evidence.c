/* evidence.c - prints the features of the kernel that ELF files and scripts are evidence for, and
 * what is noted of them: "NAME REASON", "note: TEXT". Its arguments are the files. For
 * tests/cmd/evidence.sh. */
#include "base/files.h"
#include "kernel/rules.h"

#include <stdio.h>

static gboolean
print_features(int count, char **files, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(RuleSet) set = rules_load(data, error);
  g_autoptr(Facts) facts = facts_new();
  if (set == NULL)
    return FALSE;
  for (int i = 0; i < count; i++)
    if (!facts_read_program(facts, files[i], files[i], TRUE, &set->wanted, error))
      return FALSE;
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    g_autofree char *why = rule_reason(rule, facts);
    if (why != NULL)
      printf("%s %s\n", rule->name, why);
  }
  for (guint i = 0; i < facts_notes(facts)->len; i++)
    printf("note: %s\n", (char *)facts_notes(facts)->pdata[i]);
  return TRUE;
}

int
main(int argc, char **argv) {
  g_autoptr(GError) error = NULL;
  if (print_features(argc - 1, argv + 1, &error))
    return 0;
  fprintf(stderr, "evidence: %s\n", error->message);
  return 2;
}
