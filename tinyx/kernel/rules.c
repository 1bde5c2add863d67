/* rules.c - one feature rule: its file format, and when it holds. */
#include "kernel/rules.h"

#include "base/place.h"
#include "facts/calls.h"

#include "kernel/fragment.h"

#include <string.h>

static void
cost_free(gpointer data) {
  RuleCost *cost = data;
  g_free(cost->version);
  g_free(cost->platform);
  g_free(cost);
}

static void
when_free(gpointer data) {
  RuleWhen *when = data;
  g_free(when->word);
  g_strfreev(when->names);
  g_ptr_array_unref(when->facts);
  g_free(when);
}

void
rule_free(Rule *rule) {
  if (rule == NULL)
    return;
  g_free(rule->name);
  g_free(rule->what);
  g_free(rule->file);
  if (rule->costs != NULL)
    g_ptr_array_unref(rule->costs);
  g_ptr_array_unref(rule->whens);
  g_ptr_array_unref(rule->except);
  if (rule->requests != NULL)
    g_ptr_array_unref(rule->requests);
  g_free(rule);
}

static gboolean
parse_error(GError **error, const char *file, guint line, const char *what, const char *expected) {
  place_set_error(error, file, line, "%s; expected %s", what, expected);
  return FALSE;
}

static void
free_fact(gpointer fact) {
  fact_free(fact);
}

static gboolean
is_call(const char *name) {
  CallWanted *call = call_wanted_parse(name);
  if (call != NULL)
    call_wanted_free(call);
  return call != NULL;
}

/* Adds the fact NAME to WHEN. */
static gboolean
parse_name(Rule *rule, RuleWhen *when, const char *name, GHashTable *syscalls, guint line,
           GError **error) {
  g_autoptr(GError) local = NULL;
  if (*name == '\0')
    return parse_error(error, rule->file, line, "an empty name", "KIND NAME...");
  Fact *fact = fact_parse(when->word, name, &local);
  if (fact == NULL) {
    place_set_error(error, rule->file, line, "%s", local->message);
    return FALSE;
  }
  g_ptr_array_add(when->facts, fact);
  if (fact->kind == FACT_CALL && !is_call(name)) {
    g_autofree char *what = g_strdup_printf("bad call \"%s\"", name);
    return parse_error(error, rule->file, line, what, "FUNCTION:ARGUMENT=NUMBER, as in fcntl:2=6");
  }
  if (fact->kind != FACT_SYSCALL || syscalls == NULL || g_hash_table_contains(syscalls, name))
    return TRUE;
  g_autofree char *what = g_strdup_printf("unknown system call \"%s\"", name);
  return parse_error(error, rule->file, line, what, "a name in syscalls-x86_64");
}

/* The names of a "when", quoted by the shell's rules: "/proc/" and epoll_create1 are both names. */
static gboolean
parse_when(Rule *rule, const char *text, GHashTable *syscalls, guint line, GError **error) {
  g_auto(GStrv) words = NULL;
  if (!g_shell_parse_argv(text, NULL, &words, NULL))
    return parse_error(error, rule->file, line, "bad quotes in \"when\"", "KIND NAME...");
  if (!fact_when_valid(words[0])) {
    g_autofree char *what = g_strdup_printf("unknown evidence \"%s\"", words[0]);
    return parse_error(error, rule->file, line, what, FACTS_WHEN_EXPECTED);
  }
  if (words[1] == NULL)
    return parse_error(error, rule->file, line, "\"when\" names nothing", "KIND NAME...");
  RuleWhen *when = g_new0(RuleWhen, 1);
  when->word = g_strdup(words[0]);
  when->names = g_strdupv(words + 1);
  when->facts = g_ptr_array_new_with_free_func(free_fact);
  g_ptr_array_add(rule->whens, when);
  for (char **name = when->names; *name != NULL; name++)
    if (!parse_name(rule, when, *name, syscalls, line, error))
      return FALSE;
  return TRUE;
}

/* Stores the text of a key that may be there once. */
static gboolean
parse_once(char **place, const char *key, const char *value, const char *file, guint line,
           GError **error) {
  g_autofree char *what =
      g_strdup_printf("\"%s\" %s", key, *place != NULL ? "is here a second time" : "is empty");
  if (*place != NULL || *value == '\0')
    return parse_error(error, file, line, what, "it once, with a text");
  *place = g_strdup(value);
  return TRUE;
}

const RuleCost *
rule_cost(const Rule *rule, const char *platform) {
  for (guint i = 0; i < rule->costs->len; i++) {
    const RuleCost *cost = rule->costs->pdata[i];
    if (strcmp(cost->platform, platform) == 0)
      return cost;
  }
  return NULL;
}

/* "VERSION PLATFORM BYTES" */
static gboolean
parse_cost(Rule *rule, const char *text, guint line, GError **error) {
  g_auto(GStrv) words = g_strsplit(text, " ", -1);
  RuleCost cost = {0};
  if (g_strv_length(words) != 3 || !g_ascii_isdigit(words[0][0]) || *words[1] == '\0' ||
      !g_ascii_string_to_signed(words[2], 10, -G_MAXINT32, G_MAXINT32, &cost.bytes, NULL))
    return parse_error(error, rule->file, line, "bad \"cost\"",
                       "# cost: VERSION PLATFORM BYTES, as in 6.1.192 xen-pv 1234");
  if (rule_cost(rule, words[1]) != NULL)
    return parse_error(error, rule->file, line, "\"cost\" is here a second time",
                       "it once a platform");
  cost.version = g_strdup(words[0]);
  cost.platform = g_strdup(words[1]);
  g_ptr_array_add(rule->costs, g_memdup2(&cost, sizeof cost));
  return TRUE;
}

/* One "# key: value" line; LINE is its text. */
static gboolean
parse_header(Rule *rule, const char *line, GHashTable *syscalls, guint number, GError **error) {
  const char *colon = strchr(line, ':');
  g_autofree char *key =
      colon == NULL ? g_strdup("") : g_strstrip(g_strndup(line + 1, (gsize)(colon - line - 1)));
  g_autofree char *value = g_strstrip(g_strdup(colon == NULL ? "" : colon + 1));

  if (g_str_equal(key, "feature"))
    return parse_once(&rule->name, key, value, rule->file, number, error);
  if (g_str_equal(key, "what"))
    return parse_once(&rule->what, key, value, rule->file, number, error);
  if (g_str_equal(key, "when"))
    return parse_when(rule, value, syscalls, number, error);
  if (g_str_equal(key, "cost"))
    return parse_cost(rule, value, number, error);
  if (g_str_equal(key, "guess") || g_str_equal(key, "stands")) {
    *(key[0] == 'g' ? &rule->guess : &rule->stands) = TRUE;
    return TRUE;
  }
  if (g_str_equal(key, "note"))
    return TRUE;
  if (!g_str_equal(key, "except"))
    return parse_error(
        error, rule->file, number, "an unknown header line",
        "# feature:, # what:, # when:, # except:, # cost:, # guess:, # stands: or # note:");
  gsize length = strcspn(value, " \t");
  if (length == 0 || value[length + strspn(value + length, " \t")] == '\0')
    return parse_error(error, rule->file, number, "\"except\" without a file and a reason",
                       "# except: FILE REASON");
  g_ptr_array_add(rule->except, g_strndup(value, length));
  return TRUE;
}

Rule *
rule_parse(const char *text, gsize size, const char *file, GHashTable *syscalls, GError **error) {
  g_autoptr(Rule) rule = g_new0(Rule, 1);
  rule->file = g_strdup(file);
  rule->whens = g_ptr_array_new_with_free_func(when_free);
  rule->costs = g_ptr_array_new_with_free_func(cost_free);
  rule->except = g_ptr_array_new_with_free_func(g_free);
  rule->requests = fragment_parse(text, size, file, error); /* checks that it is text, too */
  if (rule->requests == NULL)
    return NULL;

  g_autofree char *copy = g_strndup(text, size);
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] == '#' && !parse_header(rule, lines[i], syscalls, i + 1, error))
      return NULL;
  const char *missing = NULL;
  if (rule->name == NULL)
    missing = "\"# feature: NAME\"";
  else if (rule->what == NULL)
    missing = "\"# what: TEXT\"";
  else if (rule->requests->len == 0)
    missing = "at least one CONFIG_ line";
  else if (rule->guess && rule->stands)
    missing = "either \"guess\" or \"stands\"";
  else if (rule->stands && rule->whens->len == 0)
    missing = "a \"# when:\" beside \"stands\"";
  if (missing != NULL) {
    parse_error(error, file, g_strv_length(lines), "the rule is not complete", missing);
    return NULL;
  }
  return g_steal_pointer(&rule);
}

gboolean
rule_by_name(const Rule *rule, const Facts *facts) {
  return facts_find(facts, FACT_FEATURE, rule->name, NULL) != NULL;
}

char *
rule_reason(const Rule *rule, const Facts *facts) {
  if (rule_by_name(rule, facts))
    return g_strdup("asked for by name");
  for (guint i = 0; i < rule->whens->len; i++) {
    const RuleWhen *when = rule->whens->pdata[i];
    for (guint k = 0; k < when->facts->len; k++) {
      const Fact *wanted = when->facts->pdata[k];
      const Fact *found = facts_find(facts, wanted->kind, wanted->value, rule->except);
      if (found != NULL)
        return fact_text(found);
    }
  }
  return NULL;
}
