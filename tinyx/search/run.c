/* run.c - a run of the search: made, copied, freed. */
#include "search/search-private.h"

SearchRun *
search_run_new(const SearchItem *items, guint n, SearchClose close, gpointer data,
               const SearchOptions *options) {
  SearchRun *run = g_new0(SearchRun, 1);
  run->items = items;
  run->n = n;
  run->close = close;
  run->data = data;
  run->closed = search_closures_new();
  if (options != NULL)
    run->options = *options;
  if (!(run->options.prefix_odds > 0))
    run->options.prefix_odds = 0.5;
  run->tolerance = run->options.tolerance;
  run->presume = TRUE;
  run->gone = g_malloc0(n + 1);
  run->fates = g_new0(SearchItemFate, n);
  run->stuck_at = g_new0(guint, n);
  run->waits_for = g_new0(guint, n);
  run->guess = g_new0(double, n);
  run->prior = g_new0(double, n);
  run->risk = g_new0(double, n);
  run->order = g_new0(guint, n);
  run->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  run->failed = search_failed_copy(NULL, n);
  for (guint i = 0; i < n; i++) {
    run->fates[i].fate = items[i].locked ? SEARCH_KEPT_LOCKED : SEARCH_UNTRIED;
    run->fates[i].because = -1;
  }
  search_order_init(run);
  return run;
}

static GHashTable *
answers_copy(GHashTable *answers) {
  GHashTable *copy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key, answer;
  g_hash_table_iter_init(&iter, answers);
  while (g_hash_table_iter_next(&iter, &key, &answer))
    g_hash_table_insert(copy, g_strdup(key), g_memdup2(answer, sizeof(SearchAnswer)));
  return copy;
}

SearchRun *
search_run_copy(const SearchRun *run) {
  SearchRun *copy = g_memdup2(run, sizeof *run);
  g_hash_table_ref(copy->closed);
  copy->gone = g_memdup2(run->gone, run->n + 1);
  copy->key = g_strdup(run->key);
  copy->fates = g_memdup2(run->fates, run->n * sizeof *run->fates);
  copy->stuck_at = g_memdup2(run->stuck_at, run->n * sizeof *run->stuck_at);
  copy->waits_for = g_memdup2(run->waits_for, run->n * sizeof *run->waits_for);
  copy->guess = g_memdup2(run->guess, run->n * sizeof *run->guess);
  copy->prior = g_memdup2(run->prior, run->n * sizeof *run->prior);
  copy->risk = g_memdup2(run->risk, run->n * sizeof *run->risk);
  copy->order = g_memdup2(run->order, run->n * sizeof *run->order);
  copy->answers = answers_copy(run->answers);
  copy->failed = search_failed_copy(run->failed, run->n);
  search_set_copy(&run->asked, run->n, &copy->asked);
  copy->suspects = run->suspects != NULL ? g_array_copy(run->suspects) : NULL;
  copy->fates_before = g_memdup2(run->fates_before, run->n * sizeof *run->fates);
  return copy;
}

void
search_run_free(SearchRun *run) {
  if (run == NULL)
    return;
  g_hash_table_unref(run->closed);
  g_free(run->gone);
  g_free(run->key);
  g_free(run->fates);
  g_free(run->stuck_at);
  g_free(run->waits_for);
  g_free(run->guess);
  g_free(run->prior);
  g_free(run->risk);
  g_free(run->order);
  g_hash_table_unref(run->answers);
  g_ptr_array_unref(run->failed);
  search_set_clear(&run->asked);
  g_clear_pointer(&run->suspects, g_array_unref);
  g_free(run->fates_before);
  g_free(run);
}
