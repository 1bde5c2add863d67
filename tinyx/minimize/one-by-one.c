/* one-by-one.c - the LightVM paper's way: each candidate alone, in order; what passes stays off. */
#include "minimize/run.h"

#include <string.h>

/* The index of the first locked candidate in SET; the number of candidates where there is none. */
static guint
find_locked(const Run *run, const guint8 *set) {
  guint i = 0;
  while (i < run->space.candidates->len &&
         (!set[i] || ((const Candidate *)run->space.candidates->pdata[i])->locked == NULL))
    i++;
  return i;
}

/* Notes the VERDICT of the trial of SET, which was made for candidate I. */
static void
take_verdict(SearchOutcome *outcome, guint i, const guint8 *set, JournalVerdict verdict) {
  outcome->questions++;
  outcome->items[i].question = outcome->questions;
  outcome->items[i].fate = verdict == VERDICT_PASS   ? SEARCH_REMOVED
                           : verdict == VERDICT_FAIL ? SEARCH_NEEDED
                                                     : SEARCH_SET_ASIDE;
  for (guint j = 0; verdict == VERDICT_PASS && j < outcome->n; j++)
    if (set[j] && !outcome->removed[j]) {
      outcome->removed[j] = 1;
      outcome->items[j].fate = SEARCH_REMOVED;
      outcome->items[j].question = outcome->questions;
    }
}

/* Tries what has gone so far and candidate I, unless that is no new configuration. */
static gboolean
try_alone(Run *run, SearchOutcome *outcome, guint i, GError **error) {
  g_autofree guint8 *set = g_memdup2(outcome->removed, outcome->n);
  g_autofree char *key = NULL, *before = space_close(set, &run->space, error);
  guint kept;
  if (before == NULL)
    return FALSE;
  set[i] = 1;
  key = space_close(set, &run->space, error);
  if (key == NULL)
    return FALSE;
  if ((kept = find_locked(run, set)) < outcome->n) {
    outcome->items[i].fate = kept == i ? SEARCH_KEPT_LOCKED : SEARCH_NEEDED;
    outcome->items[i].because = kept == i ? -1 : (int)kept;
  } else if (strcmp(key, before) == 0) {
    outcome->items[i].fate = SEARCH_STUCK;
  } else if (!run_may_try(run, key)) {
    outcome->stopped = TRUE;
  } else {
    const JournalEntry *entry = run_try(run, set, error);
    if (entry == NULL)
      return FALSE;
    take_verdict(outcome, i, set, entry->verdict);
  }
  return TRUE;
}

gboolean
run_one_by_one(Run *run, SearchOutcome *outcome, GError **error) {
  outcome->n = run->space.candidates->len;
  outcome->items = g_new0(SearchItemFate, outcome->n);
  outcome->removed = g_new0(guint8, outcome->n);
  for (guint i = 0; i < outcome->n; i++)
    outcome->items[i].because = -1;
  for (guint i = 0; i < outcome->n && !outcome->stopped; i++)
    if (!outcome->removed[i] && !try_alone(run, outcome, i, error))
      return FALSE;
  outcome->complete = !outcome->stopped;
  return TRUE;
}
