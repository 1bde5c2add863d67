/* ruleset.c - all feature rules of a folder, and what they look for. */
#include "base/files.h"
#include "kernel/rules.h"

#include "base/folder.h"
#include "base/place.h"
#include "base/strings.h"
#include "facts/calls.h"
#include "kernel/fragment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
rules_free(RuleSet *set) {
  if (set == NULL)
    return;
  g_ptr_array_unref(set->rules);
  g_ptr_array_unref(set->wanted.strings);
  g_ptr_array_unref(set->wanted.ignored);
  g_ptr_array_unref(set->wanted.calls);
  g_hash_table_unref(set->wanted.syscalls);
  g_hash_table_unref(set->syscalls);
  g_free(set);
}

/* The text of FOLDER/NAME. */
static char *
load_text(const char *folder, const char *name, gsize *size, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autoptr(GError) local = NULL;
  char *text = NULL;
  if (!file_read(path, FILE_OWN_MAX, &text, size, &local))
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s", local->message);
  return text;
}

/* "NUMBER NAME" lines; "#" begins a comment line. */
static gboolean
load_syscalls(RuleSet *set, const char *folder, GError **error) {
  static const char file[] = "syscalls-x86_64";
  gsize size;
  g_autofree char *text = load_text(folder, file, &size, error);
  g_auto(GStrv) lines = text != NULL ? g_strsplit(text, "\n", -1) : NULL;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    char *line = g_strstrip(lines[i]);
    char *end = NULL;
    if (*line == '\0' || *line == '#')
      continue;
    long number = strtol(line, &end, 10);
    if (end == line || *end != ' ' || number < 0 || end[1] == '\0' || strchr(end + 1, ' ')) {
      place_set_error(error, file, i + 1, "\"%s\"; expected NUMBER NAME", line);
      return FALSE;
    }
    g_hash_table_insert(set->syscalls, g_strdup(end + 1), GINT_TO_POINTER((int)number));
  }
  return text != NULL;
}

static gboolean
load_ignored(RuleSet *set, const char *folder, GError **error) {
  static const char file[] = "no-evidence";
  gsize size;
  g_autofree char *text = load_text(folder, file, &size, error);
  return text != NULL && facts_parse_ignored(text, size, file, set->wanted.ignored, error);
}

/* The system call NAME: its number before the instruction, or as the argument of syscall(2). */
static void
want_syscall(RuleSet *set, const char *name) {
  int number = GPOINTER_TO_INT(g_hash_table_lookup(set->syscalls, name));
  g_autofree char *call = g_strdup_printf(SYSCALL_FUNCTION ":1=%d", number);
  if (g_hash_table_insert(set->wanted.syscalls, GINT_TO_POINTER(number), g_strdup(name)))
    g_ptr_array_add(set->wanted.calls, call_wanted_parse(call));
}

static void
want_call(RuleSet *set, const char *text) {
  CallWanted *call = call_wanted_parse(text);
  gpointer number;
  if (g_hash_table_lookup_extended(set->syscalls, call->function, NULL, &number))
    call->system_call = GPOINTER_TO_INT(number);
  g_ptr_array_add(set->wanted.calls, call);
}

static void
want_fact(RuleSet *set, const Fact *fact) {
  if (fact->kind == FACT_STRING &&
      !g_ptr_array_find_with_equal_func(set->wanted.strings, fact->value, g_str_equal, NULL))
    g_ptr_array_add(set->wanted.strings, g_strdup(fact->value));
  if (fact->kind == FACT_CALL)
    want_call(set, fact->value);
  if (fact->kind == FACT_SYSCALL)
    want_syscall(set, fact->value);
}

/* What RULE looks for is added to what is searched for at all. */
static void
want(RuleSet *set, const Rule *rule) {
  for (guint i = 0; i < rule->whens->len; i++) {
    const RuleWhen *when = rule->whens->pdata[i];
    for (guint k = 0; k < when->facts->len; k++)
      want_fact(set, when->facts->pdata[k]);
  }
}

/* Names of the *.config files in FOLDER, sorted. */
static GPtrArray *
rule_file_names(const char *folder, GError **error) {
  g_autoptr(GError) local = NULL;
  GPtrArray *names = folder_names(folder, ".config", &local);
  if (names == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s", local->message);
  return names;
}

static gboolean
load_rules(RuleSet *set, const char *folder, GError **error) {
  g_autofree char *features = g_build_filename(folder, "features", NULL);
  g_autoptr(GPtrArray) names = rule_file_names(features, error);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *file = g_strdup_printf("features/%s", (char *)names->pdata[i]);
    gsize size;
    if (g_str_has_prefix(names->pdata[i], ".")) /* an editor's, half written */
      continue;
    g_autofree char *text = load_text(folder, file, &size, error);
    Rule *rule = text != NULL ? rule_parse(text, size, file, set->syscalls, error) : NULL;
    if (rule == NULL)
      return FALSE;
    const Rule *same = rules_find(set, rule->name);
    if (same != NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s: the feature %s is in %s, too; expected another name", file, rule->name,
                  same->file);
      rule_free(rule);
      return FALSE;
    }
    g_ptr_array_add(set->rules, rule);
    want(set, rule);
  }
  return names != NULL;
}

/* That the platforms and families which their lines name are there. */
static gboolean
check_platforms(const RuleSet *set, GError **error) {
  for (guint i = 0; i < set->rules->len; i++)
    if (!fragment_check_platforms(((Rule *)set->rules->pdata[i])->requests, error))
      return FALSE;
  return TRUE;
}

RuleSet *
rules_load(const char *folder, GError **error) {
  g_autoptr(RuleSet) set = g_new0(RuleSet, 1);
  set->rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
  set->wanted.imports = TRUE;
  set->wanted.strings = g_ptr_array_new_with_free_func(g_free);
  set->wanted.ignored = g_ptr_array_new_with_free_func(g_free);
  set->wanted.calls = g_ptr_array_new_with_free_func((GDestroyNotify)call_wanted_free);
  set->wanted.syscalls = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
  set->syscalls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  if (!load_syscalls(set, folder, error) || !load_ignored(set, folder, error) ||
      !load_rules(set, folder, error) || !check_platforms(set, error)) {
    g_prefix_error(error, "kconfig-heuristics: ");
    return NULL;
  }
  return g_steal_pointer(&set);
}

const Rule *
rules_find(const RuleSet *set, const char *name) {
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    if (g_str_equal(rule->name, name))
      return rule;
  }
  return NULL;
}
