/* candidates.c - finds what a search may change in a configuration, and what may not be changed. */
#include "minimize/candidates.h"

#include "base/files.h"
#include "base/place.h"
#include "kernel/fragment.h"
#include "kernel/keep.h"
#include "minimize/values.h"

#include <stdlib.h>
#include <string.h>

#define UNKNOWN_BYTES 300 /* what a symbol without known code is taken to save */

static void
request_free(gpointer request) {
  symbol_request_free(request);
}

static void
add_set(Candidate *candidate, const char *symbol, const char *value) {
  g_ptr_array_add(candidate->set,
                  symbol_request_new(symbol, value, "tinyx minimize", "tried without"));
}

static Candidate *
candidate_new(const KconfigSymbol *symbol, const char *to) {
  Candidate *candidate = g_new0(Candidate, 1);
  candidate->symbol = g_strdup(symbol->symbol);
  candidate->from = g_strdup(symbol->value);
  candidate->to = g_strdup(to);
  candidate->set = g_ptr_array_new_with_free_func(request_free);
  candidate->weight = UNKNOWN_BYTES;
  candidate->needed = 0.05;
  candidate->group = g_strdup(symbol->menu);
  add_set(candidate, symbol->symbol, to);
  return candidate;
}

void
candidate_free(gpointer data) {
  Candidate *candidate = data;
  g_free(candidate->symbol);
  g_free(candidate->from);
  g_free(candidate->to);
  g_free(candidate->group);
  g_free(candidate->guess);
  g_free(candidate->locked);
  g_ptr_array_unref(candidate->set);
  g_free(candidate);
}

gboolean
candidate_data_load(const char *folder, const Platform *platform, CandidateData *data,
                    GError **error) {
  g_autofree char *values = g_build_filename(folder, "values.config", NULL);
  memset(data, 0, sizeof *data);
  data->values = value_choices_load(values, "values.config", error);
  data->keep = data->values != NULL ? keep_load(folder, platform, error) : NULL;
  return data->keep != NULL;
}

void
candidate_data_clear(CandidateData *data) {
  g_clear_pointer(&data->values, g_ptr_array_unref);
  g_clear_pointer(&data->keep, g_ptr_array_unref);
}

static const KconfigSymbol *
symbol_named(const GPtrArray *symbols, const char *name) {
  for (guint i = 0; i < symbols->len; i++) {
    const KconfigSymbol *symbol = symbols->pdata[i];
    if (strcmp(symbol->symbol, name) == 0)
      return symbol;
  }
  return NULL;
}

static gboolean
can_be(const KconfigSymbol *symbol, const char *value) {
  for (guint i = 0; i < symbol->values->len; i++)
    if (config_value_equal(symbol->values->pdata[i], value))
      return TRUE;
  return FALSE;
}

static gboolean
is_number(const KconfigSymbol *symbol) {
  return strcmp(symbol->type, "integer") == 0 || strcmp(symbol->type, "hex") == 0;
}

/* A candidate that switches WANTED, a member of a Kconfig choice, on, and the member that is on now
 * off. NULL where none is on. */
static Candidate *
choice_candidate(const GPtrArray *symbols, const KconfigSymbol *wanted) {
  for (guint i = 0; i < symbols->len; i++) {
    const KconfigSymbol *symbol = symbols->pdata[i];
    Candidate *candidate;
    if (symbol == wanted || g_strcmp0(symbol->choice, wanted->choice) != 0 ||
        strcmp(symbol->value, "y") != 0)
      continue;
    candidate = candidate_new(wanted, "y");
    add_set(candidate, symbol->symbol, "n");
    return candidate;
  }
  return NULL;
}

static gboolean
is_in_range(const KconfigSymbol *symbol, const char *value) {
  char *end;
  gint64 number = g_ascii_strtoll(value, &end, 0);
  return end != value && *end == '\0' &&
         (symbol->low == NULL || number >= g_ascii_strtoll(symbol->low, NULL, 0)) &&
         (symbol->high == NULL || number <= g_ascii_strtoll(symbol->high, NULL, 0));
}

/* A candidate that gives a symbol the value that REQUEST names. WHY (taken) is the explanation of
 * the guess at it. NULL where the symbol is not there, has that value, or cannot have it. */
static Candidate *
value_candidate(const GPtrArray *symbols, const SymbolRequest *request, double weight, char *why) {
  g_autofree char *guess = why;
  const KconfigSymbol *symbol = symbol_named(symbols, request->symbol);
  Candidate *candidate;
  if (symbol == NULL || config_value_equal(symbol->value, request->value))
    return NULL;
  if (symbol->choice != NULL)
    candidate = choice_candidate(symbols, symbol);
  else if (is_number(symbol) ? symbol->visible && is_in_range(symbol, request->value)
                             : symbol->switchable && can_be(symbol, request->value))
    candidate = candidate_new(symbol, request->value);
  else
    return NULL;
  if (candidate == NULL)
    return NULL;
  candidate->weight = weight;
  candidate->needed = 0.01;
  candidate->guess = g_steal_pointer(&guess);
  return candidate;
}

/* The guess is worded as in the forecasts of the shipped journals, which must stay as they are. */
static Candidate *
choice_of_value(const GPtrArray *symbols, const ValueChoice *choice) {
  const SymbolRequest *request = choice->request;
  return value_candidate(symbols, request, (double)choice->saves,
                         g_strdup_printf("%s: saves %" G_GUINT64_FORMAT ": %s", request->origin,
                                         choice->saves, request->reason));
}

/* The value that is tried where nobody names one: off, or for a number the low end of its range.
 * NULL: the symbol cannot be switched so. */
static const char *
plain_target(const KconfigSymbol *symbol) {
  if (!symbol->switchable || symbol->choice != NULL)
    return NULL;
  if (strcmp(symbol->value, "y") == 0 && can_be(symbol, "n"))
    return "n";
  if (is_number(symbol) && symbol->values->len > 0 &&
      !config_value_equal(symbol->values->pdata[0], symbol->value) &&
      g_ascii_strtoull(symbol->values->pdata[0], NULL, 0) <
          g_ascii_strtoull(symbol->value, NULL, 0))
    return symbol->values->pdata[0];
  return NULL;
}

static Candidate *
plain_candidate(const KconfigSymbol *symbol) {
  const char *target = plain_target(symbol);
  return target != NULL ? candidate_new(symbol, target) : NULL;
}

/* For a symbol that has a prompt, but is on because another one selects it. It can only go off once
 * the other has gone; but it must be a candidate all the same, for its line in the start would keep
 * it on then. */
static Candidate *
selected_candidate(const KconfigSymbol *symbol) {
  if (symbol->switchable || symbol->choice != NULL || symbol->selected == NULL ||
      !symbol->visible || strcmp(symbol->value, "y") != 0)
    return NULL;
  return candidate_new(symbol, "n");
}

GPtrArray *
candidates_all(const GPtrArray *symbols, const CandidateData *data, gboolean selected) {
  GPtrArray *candidates = g_ptr_array_new_with_free_func(candidate_free);
  for (guint i = 0; i < symbols->len; i++) {
    const KconfigSymbol *symbol = symbols->pdata[i];
    const ValueChoice *better = value_choice_find(data->values, symbol->symbol);
    Candidate *candidate =
        better != NULL ? choice_of_value(symbols, better) : plain_candidate(symbol);
    if (candidate == NULL && better == NULL && selected)
      candidate = selected_candidate(symbol);
    if (candidate != NULL)
      g_ptr_array_add(candidates, candidate);
  }
  return candidates;
}

/* Why SYMBOL cannot have VALUE; with VALUE NULL, why it cannot be switched at all. g_free. */
static char *
why_not(const KconfigSymbol *symbol, const char *value) {
  if (value != NULL && config_value_equal(symbol->value, value))
    return g_strdup("it has that value");
  if (value != NULL && is_number(symbol) && symbol->low != NULL && symbol->high != NULL)
    return g_strdup_printf("expected a number from %s to %s", symbol->low, symbol->high);
  if (value != NULL && is_number(symbol) && !is_in_range(symbol, value))
    return g_strdup("expected a number");
  return g_strdup(symbol->why_not != NULL ? symbol->why_not : "it has no other value");
}

/* Adds the candidate that LINE names to CANDIDATES, or the reason why it is none to PROBLEMS. */
static void
take_named(GPtrArray *candidates, const char *line, const char *place, const GPtrArray *symbols,
           GString *problems) {
  const char *name = g_str_has_prefix(line, "CONFIG_") ? line + strlen("CONFIG_") : line;
  g_auto(GStrv) pair = g_strsplit(name, "=", 2);
  for (guint i = 0; pair[i] != NULL; i++)
    g_strstrip(pair[i]);
  const KconfigSymbol *symbol = symbol_named(symbols, pair[0]);
  Candidate *candidate = NULL;
  if (symbol == NULL) {
    g_string_append_printf(problems,
                           "\n  %s: %s is not on in this configuration; expected one of "
                           "its symbols, in capitals",
                           place, pair[0]);
    return;
  }
  for (guint i = 0; i < candidates->len; i++)
    if (strcmp(((const Candidate *)candidates->pdata[i])->symbol, pair[0]) == 0) {
      g_string_append_printf(problems, "\n  %s: %s is named twice; expected each symbol once",
                             place, pair[0]);
      return;
    }
  if (pair[1] != NULL && config_value_check(pair[1]) != NULL) {
    candidate = NULL; /* no value of any symbol: why_not() says what this one can have */
  } else if (pair[1] != NULL) {
    /* Without its folder, which means nothing on the machines where the lock is read. */
    g_autofree char *name_only = g_path_get_basename(place);
    SymbolRequest *request = symbol_request_new(pair[0], pair[1], name_only, "named by the user");
    candidate = value_candidate(symbols, request, UNKNOWN_BYTES,
                                g_strdup_printf("%s: %s", request->origin, request->reason));
    symbol_request_free(request);
  } else {
    candidate = plain_candidate(symbol);
  }
  if (candidate != NULL) {
    g_ptr_array_add(candidates, candidate);
    return;
  }
  g_autofree char *why = why_not(symbol, pair[1]);
  g_string_append_printf(problems, "\n  %s: %s cannot be switched%s%s: %s", place, pair[0],
                         pair[1] != NULL ? " to " : "", pair[1] != NULL ? pair[1] : "", why);
}

GPtrArray *
candidates_named(const char *text, const char *file, const GPtrArray *symbols, GError **error) {
  g_autoptr(GPtrArray) candidates = g_ptr_array_new_with_free_func(candidate_free);
  g_autoptr(GString) problems = g_string_new(NULL);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *place = place_text(file, i + 1);
    lines[i][strcspn(lines[i], "#")] = '\0';
    if (g_strstrip(lines[i])[0] != '\0')
      take_named(candidates, lines[i], place, symbols, problems);
  }
  if (problems->len == 0 && candidates->len > 0)
    return g_steal_pointer(&candidates);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s%s", file,
              problems->len > 0 ? "not every candidate can be tried:"
                                : "names no symbol; expected one a line",
              problems->str);
  return NULL;
}

static void
lock(Candidate *candidate, const char *reason) {
  g_free(candidate->locked);
  candidate->locked = g_strdup(reason);
}

/* The request that CANDIDATE would go against (of a choice, also one for the member that it would
 * switch off); NULL: there is none. */
static const SymbolRequest *
asked_otherwise(const Candidate *candidate, const GPtrArray *requests) {
  for (guint i = 0; i < candidate->set->len; i++) {
    const SymbolRequest *change = candidate->set->pdata[i];
    const SymbolRequest *asked = symbol_request_find(requests, change->symbol);
    if (asked != NULL && !config_value_equal(asked->value, change->value))
      return asked;
  }
  return NULL;
}

void
candidates_lock(GPtrArray *candidates, const CandidateData *data, gboolean named,
                const GPtrArray *requests) {
  for (guint i = 0; i < candidates->len; i++) {
    Candidate *candidate = candidates->pdata[i];
    const SymbolRequest *kept = symbol_request_find(data->keep, candidate->symbol);
    const SymbolRequest *asked = asked_otherwise(candidate, requests);
    if (asked != NULL) {
      /* Without its folder, which means nothing on the machines where the lock is read. */
      g_autofree char *origin = g_path_get_basename(asked->origin);
      g_autofree char *reason = g_strdup_printf("%s (%s)", asked->reason, origin);
      lock(candidate, reason);
    } else if (kept != NULL && !named && config_value_equal(kept->value, candidate->from)) {
      lock(candidate, kept->reason);
    }
  }
}
