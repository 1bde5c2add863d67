/* choose.c - merges what platform, lock, rules and requests ask for. */
#include "kernel/choose.h"

#include "base/files.h"
#include "base/msg.h"
#include "kernel/features.h"
#include "kernel/fragment.h"
#include "kernel/keep.h"
#include "kernel/lock.h"
#include "kernel/rules.h"
#include "kernel/source.h"
#include "kernel/yield.h"

#include <string.h>

static SymbolRequest *
request_copy(const SymbolRequest *request, SymbolAsker asker) {
  SymbolRequest *copy =
      symbol_request_new(request->symbol, request->value, request->origin, request->reason);
  copy->may_vanish = request->may_vanish;
  copy->tell = request->tell;
  copy->asker = asker;
  return copy;
}

/* REQUEST (taken) asks for what OTHER does. The stronger one stays, as its reason says more. */
static void
add_same(GHashTable *chosen, SymbolRequest *other, SymbolRequest *request) {
  if (request->asker != ASKED_BY_NAME || other->asker >= ASKED_BY_NAME) {
    if (asker_wins_over(request->asker, other->asker))
      other->may_vanish = FALSE; /* somebody relies on it */
    other->asker = MAX(other->asker, request->asker);
    symbol_request_free(request);
    return;
  }
  request->may_vanish = request->may_vanish && other->may_vanish;
  g_hash_table_replace(chosen, request->symbol, request);
}

/* Adds REQUEST (taken) to CHOSEN (symbol -> SymbolRequest*). Where another value is there already,
 * the lock wins over the platform, rules (which the lock does not know) over the lock, a feature
 * asked for by name over all of these, and the recipe's and the user's own requests over all; the
 * reason says so. Of two fragments, or two features asked for by name, it is an error that names
 * both. */
static gboolean
choose(GHashTable *chosen, SymbolRequest *request, GError **error) {
  SymbolRequest *other = g_hash_table_lookup(chosen, request->symbol);
  if (other != NULL && config_value_equal(other->value, request->value)) {
    add_same(chosen, other, request);
    return TRUE;
  }
  if (other != NULL && !asker_wins_over(request->asker, other->asker)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s=%s contradicts %s=%s at %s; %s",
                request->origin, request->symbol, request->value, other->symbol, other->value,
                other->origin,
                request->asker == ASKED_BY_NAME
                    ? "both are asked for by name: leave one of these features out"
                    : "expected the same value in both");
    symbol_request_free(request);
    return FALSE;
  }
  if (other != NULL) {
    char *reason =
        g_strdup_printf("%s; wins over %s of %s", request->reason, other->value, other->origin);
    g_free(request->reason);
    request->reason = reason;
  }
  g_hash_table_replace(chosen, request->symbol, request);
  return TRUE;
}

static gboolean
add_platform(GHashTable *chosen, const KernelInput *input, const char *data, GError **error) {
  const Platform *platform = input->platform;
  g_autofree char *name = g_build_filename("platforms", platform->fragment, NULL);
  g_autofree char *path = g_build_filename(data, name, NULL);
  g_autoptr(GPtrArray) requests = fragment_load(path, name, error);
  if (requests == NULL || !fragment_check_platforms(requests, error))
    return FALSE;
  for (guint i = 0; i < requests->len; i++) {
    const SymbolRequest *line = requests->pdata[i];
    if (symbol_request_is_for(line, platform) &&
        !yield_has(input->yielded, ASKED_BY_PLATFORM, line->symbol) &&
        !choose(chosen, request_copy(line, ASKED_BY_PLATFORM), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
add_rule(GHashTable *chosen, const KernelInput *input, const Rule *rule, const char *why,
         SymbolAsker asker, gboolean by_default, GError **error) {
  for (guint i = 0; i < rule->requests->len; i++) {
    const SymbolRequest *line = rule->requests->pdata[i];
    if (!symbol_request_is_for(line, input->platform) ||
        yield_has(input->yielded, asker, line->symbol))
      continue;
    SymbolRequest *request = request_copy(line, asker);
    request->by_default = by_default;
    if (by_default && input->defaults_yield)
      request->may_vanish = request->tell = TRUE;
    char *reason = g_strdup_printf("%s [%s]", request->reason, why);
    g_free(request->reason);
    request->reason = reason;
    if (!choose(chosen, request, error))
      return FALSE;
  }
  return TRUE;
}

/* The user's or the recipe's word, that nothing overrules, or a rule that stands like one. */
static gboolean
is_word(const Rule *rule, const Facts *facts) {
  return rule->stands || (!rule->guess && rule_by_name(rule, facts));
}

/* The rules that hold on EVIDENCE, or those that are asked for BY_NAME: these come second, so that
 * they win. */
static gboolean
add_rules(GHashTable *chosen, const KernelInput *input, const RuleSet *set, const Facts *facts,
          gboolean by_name, GPtrArray *notes, GError **error) {
  SymbolAsker asker = by_name ? ASKED_BY_NAME : ASKED_BY_RULE;
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    g_autofree char *why = rule_reason(rule, facts);
    if (why == NULL || is_word(rule, facts) != by_name)
      continue;
    /* What the lock does not name of a rule that it knows is not needed. */
    if (!by_name && input->lock != NULL &&
        g_strv_contains((const char *const *)input->lock->rules, rule->name))
      continue;
    if (input->without != NULL && g_strv_contains(input->without, rule->name)) {
      if (notes != NULL)
        g_ptr_array_add(
            notes, g_strdup_printf("without the feature %s, which %s asks for", rule->name, why));
    } else if (!add_rule(chosen, input, rule, why, asker, by_name && !rule_by_name(rule, facts),
                         error)) {
      return FALSE;
    }
  }
  return TRUE;
}

Facts *
choose_facts(const KernelInput *input, const RuleSet *set, GPtrArray *notes, GError **error) {
  g_autoptr(Facts) facts = facts_new();
  for (guint i = 0; input->files != NULL && i < input->files->len; i++) {
    const KernelFile *file = input->files->pdata[i];
    if (!facts_read_program(facts, file->image_path, file->source, FALSE, &set->wanted, error)) {
      g_prefix_error(error, "evidence: ");
      return NULL;
    }
  }
  if (input->facts != NULL)
    facts_add_all(facts, input->facts);
  for (guint i = 0; input->with != NULL && input->with[i] != NULL; i++)
    facts_add(facts, FACTS_FROM_NAMES, input->with[i], NULL);
  const GPtrArray *said = facts_notes(facts);
  for (guint i = 0; notes != NULL && i < said->len; i++)
    g_ptr_array_add(notes, g_strdup(said->pdata[i]));
  return g_steal_pointer(&facts);
}

static gboolean
add_features(GHashTable *chosen, const KernelInput *input, const char *data, GPtrArray *notes,
             GError **error) {
  g_autoptr(RuleSet) set = rules_load(data, error);
  if (set == NULL || !features_check(set, input->with, "with", error) ||
      !features_check(set, input->without, "without", error))
    return FALSE;
  g_autoptr(Facts) facts = choose_facts(input, set, notes, error);
  return facts != NULL && add_rules(chosen, input, set, facts, FALSE, notes, error) &&
         add_rules(chosen, input, set, facts, TRUE, notes, error);
}

GPtrArray *
choose_rules(const KernelInput *input, const char *data, GError **error) {
  g_autoptr(RuleSet) set = rules_load(data, error);
  g_autoptr(Facts) facts = set == NULL ? NULL : choose_facts(input, set, NULL, error);
  GPtrArray *names;
  if (facts == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    g_autofree char *why = rule_reason(rule, facts);
    if (why != NULL && (input->without == NULL || !g_strv_contains(input->without, rule->name)))
      g_ptr_array_add(names, g_strdup(rule->name));
  }
  return names;
}

/* What KEEP has otherwise than LINE of a lock, which then does not hold: the lock was made before
 * that was written down, on a machine whose test could not see it. NULL: nothing, or a person named
 * the symbol to that search. */
static const SymbolRequest *
kept_otherwise(const GPtrArray *keep, const Lock *lock, const SymbolRequest *line) {
  const SymbolRequest *kept = symbol_request_find(keep, line->symbol);
  return kept != NULL && !config_value_equal(kept->value, line->value) &&
                 !g_strv_contains((const char *const *)lock->named, line->symbol)
             ? kept
             : NULL;
}

/* The lock's lines; those made for another series of Linux hold where they can. */
static gboolean
add_lock(GHashTable *chosen, const KernelInput *input, const char *data, GPtrArray *notes,
         GError **error) {
  const Lock *lock = input->lock;
  g_autofree char *version =
      input->source != NULL ? source_version(input->source, error) : g_strdup(lock->version);
  g_autoptr(GPtrArray) keep = version != NULL ? keep_load(data, input->platform, error) : NULL;
  if (keep == NULL)
    return FALSE;
  gboolean other = !lock_fits_version(lock, version);
  if (other)
    msg_warn("%s: made for Linux %s, used for %s: what does not hold there is named", lock->file,
             lock->version, version);
  for (guint i = 0; i < lock->requests->len; i++) {
    const SymbolRequest *line = lock->requests->pdata[i];
    const SymbolRequest *kept = kept_otherwise(keep, lock, line);
    if (kept != NULL && notes != NULL)
      g_ptr_array_add(notes,
                      g_strdup_printf("%s: %s=%s gives way to %s: %s", line->origin, line->symbol,
                                      line->value, kept->origin, kept->reason));
    if (kept != NULL || yield_has(input->yielded, ASKED_BY_LOCK, line->symbol))
      continue;
    SymbolRequest *request = request_copy(line, ASKED_BY_LOCK);
    request->may_vanish = request->tell = other;
    if (!choose(chosen, request, error))
      return FALSE;
  }
  return TRUE;
}

/* A request comes from outside: its name and value have not been through a parser of ours. */
static gboolean
add_request(GHashTable *chosen, const SymbolRequest *request, GError **error) {
  const char *expected = config_value_check(request->value);
  if (!config_name_valid(request->symbol))
    expected = "a name of letters, digits and '_'";
  if (expected != NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: \"%s=%s\"; expected %s",
                request->origin, request->symbol, request->value, expected);
    return FALSE;
  }
  return choose(chosen, request_copy(request, ASKED_BY_REQUEST), error);
}

static int
compare_symbols(gconstpointer a, gconstpointer b) {
  const SymbolRequest *first = *(const SymbolRequest *const *)a;
  const SymbolRequest *second = *(const SymbolRequest *const *)b;
  return strcmp(first->symbol, second->symbol);
}

GPtrArray *
choose_symbols(const KernelInput *input, const char *data, GPtrArray *notes, GError **error) {
  /* The key is the request's own symbol: it goes with the value. */
  g_autoptr(GHashTable) chosen =
      g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)symbol_request_free);
  if (!add_platform(chosen, input, data, error) ||
      (input->lock != NULL && !add_lock(chosen, input, data, notes, error)) ||
      !add_features(chosen, input, data, notes, error))
    return NULL;
  for (guint i = 0; input->requests != NULL && i < input->requests->len; i++)
    if (!add_request(chosen, input->requests->pdata[i], error))
      return NULL;

  GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  GHashTableIter iter;
  gpointer request;
  g_hash_table_iter_init(&iter, chosen);
  while (g_hash_table_iter_next(&iter, NULL, &request)) {
    g_hash_table_iter_steal(&iter);
    g_ptr_array_add(list, request);
  }
  g_ptr_array_sort(list, compare_symbols);
  return list;
}

char *
chosen_text(const GPtrArray *chosen, const char *header) {
  GString *text = g_string_new(header);
  for (guint i = 0; i < chosen->len; i++) {
    const SymbolRequest *request = chosen->pdata[i];
    g_string_append_printf(text, "CONFIG_%s=%s  # %s%s (%s)\n", request->symbol, request->value,
                           request->may_vanish ? "may vanish: " : "", request->reason,
                           request->origin);
  }
  return g_string_free(text, FALSE);
}

/* Of a choice's members Kconfig takes the last one in the file (conf_read_simple in
 * scripts/kconfig/confdata.c): the strongest asker's comes last. */
char *
chosen_allconfig(const GPtrArray *chosen) {
  GString *text = g_string_new(NULL);
  for (SymbolAsker asker = ASKED_BY_PLATFORM; asker <= ASKED_BY_REQUEST; asker++)
    for (guint i = 0; i < chosen->len; i++) {
      const SymbolRequest *request = chosen->pdata[i];
      if (request->asker == asker)
        config_append_line(text, request->symbol, request->value);
    }
  return g_string_free(text, FALSE);
}
