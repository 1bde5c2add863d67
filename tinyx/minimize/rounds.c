/* rounds.c - the group search, in rounds: what can be switched only once others are gone is
 * searched in the next round. */
#include "minimize/run.h"

#include "base/files.h"
#include "base/msg.h"

#include <string.h>

/* The search ends when what is left is expected to save less than this part of the best so far. */
#define TOLERANCE 0.01
/* Where a person names at most NAMED_FEW candidates, each is worth a trial, however few bytes it
 * saves: together they weigh at least NAMED_WEIGHT times the tolerance. Only one that the forecast
 * is sure of is not tried. */
#define NAMED_WEIGHT 100
#define NAMED_FEW 16

/* In bytes, for a best kernel of BEST_BYTES. */
static double
tolerance(gint64 best_bytes) {
  return TOLERANCE * (double)best_bytes;
}

/* TRUE if what round RESULT found out about item I is kept in the next round. An item that was not
 * tried, or came back, is tried again, since it may go now that there are new candidates; with
 * --exhaustive so is one that was needed. */
static gboolean
is_settled(const Run *run, const SearchOutcome *result, guint i) {
  SearchFate fate = result->items[i].fate;
  return result->removed[i] ||
         (!run->input.options->exhaustive && (fate == SEARCH_NEEDED || fate == SEARCH_SET_ASIDE));
}

/* Answers SEARCH's questions, one at a time, until it has no more or the time is up. */
static gboolean
answer_questions(Run *run, Search *search, GError **error) {
  const SearchQuestion *question;
  while (search_next(search, &question, error)) {
    const JournalEntry *entry;
    if (question == NULL || !run_may_try(run, question->key))
      return TRUE;
    if ((entry = run_try(run, question->removed, error)) == NULL)
      return FALSE;
    search_answer(search, question, run_verdict(entry),
                  entry->verdict == VERDICT_PASS ? tolerance(entry->bytes) : 0);
  }
  return FALSE;
}

/* BEFORE: the round before this one; NULL: it is the first. */
static gboolean
search_from(Run *run, const SearchOutcome *before, SearchOutcome *outcome, GError **error) {
  g_autoptr(GArray) items = g_array_new(FALSE, TRUE, sizeof(SearchItem));
  const SearchOptions options = {.exhaustive = run->input.options->exhaustive,
                                 .tolerance = tolerance(run->trials.best_bytes),
                                 .calibrate = TRUE};
  double least = run->space.named && run->space.candidates->len <= NAMED_FEW
                     ? NAMED_WEIGHT * options.tolerance / run->space.candidates->len
                     : 0;
  for (guint i = 0; i < run->space.candidates->len; i++) {
    const Candidate *candidate = run->space.candidates->pdata[i];
    SearchItem item = {.weight = MAX(candidate->weight, least),
                       .needed = candidate->needed,
                       .group = candidate->group,
                       .locked = candidate->locked != NULL};
    if (before != NULL && i < before->n && is_settled(run, before, i)) {
      item.gone = before->removed[i];
      item.locked |= !item.gone;
    }
    g_array_append_val(items, item);
  }
  g_autoptr(Search) search =
      search_new((SearchItem *)items->data, items->len, space_close, &run->space, &options);
  if (!answer_questions(run, search, error))
    return FALSE;
  search_outcome(search, outcome);
  return TRUE;
}

/* Adds candidates that can be switched only in the result of the last round, with a guess at each.
 */
static gboolean
add_candidates(Run *run, const SearchOutcome *result, GError **error) {
  g_autofree guint8 *set = g_memdup2(result->removed, result->n);
  g_autofree char *text = space_configuration(&run->space, set, NULL, error);
  g_autoptr(GString) names = g_string_new(NULL);
  guint before = run->space.candidates->len;
  if (text == NULL || !space_add_candidates(&run->space, text, error))
    return FALSE;
  if (run->space.candidates->len == before)
    return TRUE;
  for (guint i = before; i < run->space.candidates->len; i++) {
    Candidate *candidate = run->space.candidates->pdata[i];
    run_guess(run, candidate);
    g_string_append_printf(names, " %s", candidate->symbol);
  }
  msg_info("%u more that can be switched, now that others are gone:%s",
           run->space.candidates->len - before, names->str);
  run_show_candidates(run, before);
  g_autofree char *key = sha256_of_strings(text, NULL);
  return run_note_forecast(run, key, before, error);
}

/* RESULT becomes NEXT, the outcome of the round after it, with what RESULT had settled. Questions
 * are numbered on from RESULT's. */
static void
take_round(const Run *run, SearchOutcome *result, SearchOutcome *next) {
  for (guint i = 0; i < next->n; i++) {
    SearchItemFate *fate = &next->items[i];
    if (i < result->n && is_settled(run, result, i))
      *fate = result->items[i];
    else if (fate->question > 0)
      fate->question += result->questions;
  }
  next->questions += result->questions;
  next->saved += result->saved;
  next->implied += result->implied;
  search_outcome_clear(result);
  *result = *next;
  memset(next, 0, sizeof *next);
}

gboolean
run_search(Run *run, SearchOutcome *result, GError **error) {
  if (!search_from(run, NULL, result, error))
    return FALSE;
  while (!result->stopped && !run->space.named) {
    g_auto(SearchOutcome) next = {0};
    if (!add_candidates(run, result, error))
      return FALSE;
    if (run->space.candidates->len == result->n)
      break;
    if (!search_from(run, result, &next, error))
      return FALSE;
    take_round(run, result, &next);
  }
  return TRUE;
}
