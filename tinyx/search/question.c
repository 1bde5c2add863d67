/* question.c - sets, what is known of them, and the questions that are left. */
#include "search/search-private.h"

#include <string.h>

typedef struct {
  guint8 *gone;
  guint question;
} FailedSet;

static void
failed_set_free(gpointer data) {
  FailedSet *failed = data;
  g_free(failed->gone);
  g_free(failed);
}

void
search_set_clear(SearchSet *set) {
  g_clear_pointer(&set->gone, g_free);
  g_clear_pointer(&set->key, g_free);
}

/* Monotony: what did not work without a part of SET does not work without SET. */
static gboolean
holds_failed_set(const SearchRun *run, const guint8 *gone, SearchAnswer *answer) {
  for (guint i = 0; i < run->failed->len; i++) {
    const FailedSet *failed = run->failed->pdata[i];
    guint item = 0;
    while (item < run->n && failed->gone[item] <= gone[item])
      item++;
    if (item < run->n)
      continue;
    *answer = (SearchAnswer){SEARCH_FAIL, failed->question, -1, FALSE};
    return TRUE;
  }
  return FALSE;
}

/* An item that would go and must not: locked, or found to be needed. */
static int
kept_item(const SearchRun *run, const guint8 *gone) {
  for (guint i = 0; i < run->n; i++)
    if (gone[i] && !run->gone[i] &&
        (run->items[i].locked || (run->presume && run->fates[i].fate == SEARCH_NEEDED)))
      return (int)i;
  return -1;
}

/* An answer that was given goes before one that follows from others. */
static gboolean
is_known_bad(const SearchRun *run, SearchSet *set) {
  const SearchAnswer *known = g_hash_table_lookup(run->answers, set->key);
  if (known == NULL)
    return run->presume && holds_failed_set(run, set->gone, &set->answer);
  set->answer = *known;
  return known->verdict == SEARCH_FAIL;
}

static SearchSetKind
set_kind(const SearchRun *run, SearchSet *set) {
  guint fresh = 0, lost = 0;
  set->pass = 1;
  for (guint i = 0; i < run->n; i++) {
    lost += run->gone[i] && !set->gone[i];
    if (run->gone[i] || !set->gone[i])
      continue;
    fresh += !run->presume || run->fates[i].fate == SEARCH_UNTRIED;
    set->pass *= 1 - run->prior[i];
  }
  if (strcmp(set->key, run->key) == 0 || (fresh == 0 && lost == 0))
    return SET_SAME;
  if (lost != 0)
    return SET_LOSSY;
  int kept = kept_item(run, set->gone);
  if (kept >= 0) {
    set->answer = (SearchAnswer){SEARCH_FAIL, run->fates[kept].question, kept, FALSE};
    return SET_BLOCKED;
  }
  return is_known_bad(run, set) ? SET_BLOCKED : SET_OPEN;
}

gboolean
search_close(SearchRun *run, const guint *wanted, guint count, SearchSet *set) {
  search_set_clear(set);
  set->gone = g_memdup2(run->gone, run->n);
  for (guint i = 0; i < count; i++)
    set->gone[wanted[i]] = 1;
  set->key = run->oracle->close(set->gone, run->data, run->error);
  if (set->key == NULL) {
    run->end = END_ERROR;
    return FALSE;
  }
  for (guint i = 0; i < run->n; i++)
    set->gone[i] = set->gone[i] != 0;
  set->kind = set_kind(run, set);
  return TRUE;
}

gboolean
search_known(SearchRun *run, const SearchSet *set, SearchAnswer *answer) {
  const SearchAnswer *known = g_hash_table_lookup(run->answers, set->key);
  if (set->kind == SET_SAME || set->kind == SET_LOSSY) {
    *answer = (SearchAnswer){SEARCH_UNRESOLVED, 0, -1, TRUE};
    return TRUE;
  }
  if (known == NULL && set->kind == SET_OPEN)
    return FALSE;
  *answer = set->kind == SET_BLOCKED ? set->answer : *known;
  run->saved += known != NULL;
  run->implied += known == NULL;
  return TRUE;
}

static void
show_progress(const SearchRun *run, SearchVerdict verdict) {
  SearchState state = {.questions = run->questions, .verdict = verdict};
  if (run->oracle->progress == NULL)
    return;
  search_expect(run, &state);
  run->oracle->progress(&state, run->data);
}

static gboolean
is_within_tolerance(const SearchRun *run) {
  SearchState state = {0};
  double tolerance =
      run->oracle->tolerance != NULL ? run->oracle->tolerance(run->data) : run->options.tolerance;
  if (run->options.exhaustive || !(tolerance > 0))
    return FALSE;
  search_expect(run, &state);
  return state.undecided_weight <= tolerance;
}

static gboolean
end_here(SearchRun *run, SearchEnd end) {
  run->end = end;
  return FALSE;
}

static void
remember(SearchRun *run, const SearchSet *set, const SearchAnswer *answer) {
  g_hash_table_insert(run->answers, g_strdup(set->key), g_memdup2(answer, sizeof *answer));
  if (answer->verdict != SEARCH_FAIL)
    return;
  FailedSet *failed = g_new0(FailedSet, 1);
  failed->gone = g_memdup2(set->gone, run->n);
  failed->question = answer->question;
  g_ptr_array_add(run->failed, failed);
}

gboolean
search_answer(SearchRun *run, const SearchSet *set, SearchAnswer *answer) {
  if (search_known(run, set, answer))
    return TRUE;
  if (is_within_tolerance(run))
    return end_here(run, END_TOLERANCE);
  SearchVerdict verdict = run->oracle->ask(set->gone, set->key, run->data, run->error);
  if (verdict == SEARCH_STOP)
    return end_here(run, END_STOP);
  if (verdict == SEARCH_ERROR)
    return end_here(run, END_ERROR);
  run->questions++;
  *answer = (SearchAnswer){verdict, run->questions, -1, FALSE};
  remember(run, set, answer);
  show_progress(run, verdict);
  return TRUE;
}

gboolean
search_start(SearchRun *run) {
  static const SearchAnswer works = {SEARCH_PASS, 0, -1, FALSE};
  g_auto(SearchSet) start = {0};
  run->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  run->failed = g_ptr_array_new_with_free_func(failed_set_free);
  run->gone = g_malloc0(run->n + 1);
  start.gone = g_malloc0(run->n + 1);
  for (guint i = 0; i < run->n; i++)
    start.gone[i] = run->items[i].gone != 0;
  start.key = run->oracle->close(start.gone, run->data, run->error);
  if (start.key == NULL)
    return end_here(run, END_ERROR);
  remember(run, &start, &works);
  search_adopt(run, &start, &works);
  return TRUE;
}

void
search_adopt(SearchRun *run, SearchSet *set, const SearchAnswer *answer) {
  for (guint i = 0; i < run->n; i++)
    if (set->gone[i] && !run->gone[i])
      run->fates[i] = (SearchItemFate){SEARCH_REMOVED, answer->question, -1};
  g_free(run->gone);
  g_free(run->key);
  run->gone = g_steal_pointer(&set->gone);
  run->key = g_steal_pointer(&set->key);
  run->generation++;
  search_order_begin(run); /* a menu's entries may have gone, and with them its risk */
}
