/* search.c - the search: rounds of groups, and the hunt for what is needed in a bad one. */
#include "search/search-private.h"

#include <string.h>

/* What is undecided: of SET, unless that is NULL, and of the items in ONLY, unless that is. */
static GArray *
undecided_in(const SearchRun *run, const SearchSet *set, const GArray *only) {
  GArray *list = g_array_new(FALSE, FALSE, sizeof(guint));
  g_autofree guint8 *wanted = g_malloc0(run->n + 1);
  for (guint i = 0; only != NULL && i < only->len; i++)
    wanted[g_array_index(only, guint, i)] = 1;
  for (guint i = 0; i < run->n; i++) {
    guint item = run->order[i];
    if ((set == NULL || set->gone[item]) && (only == NULL || wanted[item]) && !run->gone[item] &&
        run->fates[item].fate == SEARCH_UNTRIED)
      g_array_append_val(list, item);
  }
  return list;
}

static gboolean
is_open(const SearchRun *run, guint item) {
  return run->fates[item].fate == SEARCH_UNTRIED && !run->gone[item] &&
         run->stuck_at[item] != run->generation;
}

/* What may be tried now. */
static GArray *
make_pool(const SearchRun *run) {
  GArray *list = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint i = 0; i < run->n; i++) {
    guint item = run->order[i], other = run->waits_for[item];
    if (is_open(run, item) && (other == 0 || !is_open(run, other - 1)))
      g_array_append_val(list, item);
  }
  return list;
}

void
search_settle(SearchRun *run, guint item, const SearchAnswer *answer) {
  SearchItemFate *fate = &run->fates[item];
  if (answer->stuck && run->presume)
    run->stuck_at[item] = run->generation; /* what brings it back may go yet */
  else if (answer->stuck)
    *fate = (SearchItemFate){SEARCH_STUCK, 0, -1};
  else if (answer->verdict == SEARCH_FAIL)
    *fate = (SearchItemFate){SEARCH_NEEDED, answer->question, answer->because};
  else if (answer->verdict == SEARCH_UNRESOLVED)
    *fate = (SearchItemFate){SEARCH_SET_ASIDE, answer->question, -1};
}

static void
settle_all(SearchRun *run, const GArray *list, const SearchAnswer *answer) {
  for (guint i = 0; i < list->len; i++)
    search_settle(run, g_array_index(list, guint, i), answer);
}

/* PART of SUSPECTS passed. What is left of them is bad too if the rest is the same question. */
static gboolean
hunt_in_rest(SearchRun *run, GArray **suspects, SearchSet *part, SearchAnswer *answer) {
  g_auto(SearchSet) rest = {0};
  search_adopt(run, part, answer);
  g_autoptr(GArray) left = undecided_in(run, NULL, *suspects);
  g_array_set_size(*suspects, 0);
  if (!search_close(run, (const guint *)left->data, left->len, &rest))
    return FALSE;
  if (!search_known(run, &rest, answer) || answer->stuck)
    return TRUE; /* back to the pool */
  g_array_unref(*suspects);
  *suspects = undecided_in(run, &rest, left);
  return TRUE;
}

/* One step: less suspects, or none when all there is to learn is learnt. */
static gboolean
hunt_step(SearchRun *run, GArray **suspects, SearchAnswer *answer) {
  g_auto(SearchSet) part = {0};
  SearchAnswer for_part;
  if (!search_part(run, *suspects, &part))
    return FALSE;
  if (part.kind == SET_SAME) {
    settle_all(run, *suspects, answer);
    g_array_set_size(*suspects, 0);
    return TRUE;
  }
  if (!search_answer(run, &part, &for_part))
    return FALSE;
  if (for_part.verdict == SEARCH_PASS) {
    SearchAnswer for_whole = for_part;
    gboolean go_on = hunt_in_rest(run, suspects, &part, &for_whole);
    *answer = for_whole;
    return go_on;
  }
  GArray *smaller = undecided_in(run, &part, *suspects);
  g_array_unref(*suspects);
  *suspects = smaller;
  *answer = for_part;
  return TRUE;
}

/* SET does not work, by ANSWER: finds one item (or some that go only together) that is to blame. */
static gboolean
hunt(SearchRun *run, const SearchSet *set, SearchAnswer answer) {
  GArray *suspects = undecided_in(run, set, NULL);
  gboolean go_on = TRUE;
  while (go_on && suspects->len > 0) {
    run->suspects = answer.verdict == SEARCH_FAIL ? suspects : NULL;
    go_on = hunt_step(run, &suspects, &answer);
    run->suspects = NULL;
  }
  g_array_unref(suspects);
  return go_on;
}

/* The set that was picked from POOL, asked. */
static gboolean
try_set(SearchRun *run, const GArray *pool, SearchSet *set) {
  static const SearchAnswer stuck = {SEARCH_UNRESOLVED, 0, -1, TRUE};
  guint generation = run->generation;
  SearchAnswer answer;
  if (!search_answer(run, set, &answer))
    return FALSE;
  if (answer.verdict == SEARCH_PASS)
    search_adopt(run, set, &answer);
  else if (!hunt(run, set, answer))
    return FALSE;
  /* A close() that adds and takes back at will could lead in a circle. */
  g_autoptr(GArray) left = make_pool(run);
  if (run->generation == generation && left->len == pool->len)
    search_settle(run, g_array_index(pool, guint, 0), &stuck);
  return TRUE;
}

/* Groups, until all is decided. */
static gboolean
search_groups(SearchRun *run) {
  run->presume = TRUE;
  for (;;) {
    g_autoptr(GArray) pool = make_pool(run);
    g_auto(SearchSet) set = {0};
    search_order_calibrate(run);
    if (pool->len == 0)
      return TRUE;
    if (!search_pick(run, pool, &set))
      return FALSE;
    if (set.kind != SET_SAME && !try_set(run, pool, &set))
      return FALSE;
  }
}

/* What could not be tried alone may go now that others have gone, or together with what does not
 * build without it. */
static gboolean
try_aside(SearchRun *run) {
  g_autoptr(GArray) aside = g_array_new(FALSE, FALSE, sizeof(guint));
  g_autofree SearchItemFate *fates = g_memdup2(run->fates, run->n * sizeof *run->fates);
  g_auto(SearchSet) set = {0};
  SearchAnswer answer = {.verdict = SEARCH_UNRESOLVED};
  for (guint i = 0; i < run->n; i++)
    if (run->fates[i].fate == SEARCH_SET_ASIDE)
      g_array_append_val(aside, i);
  if (aside->len == 0)
    return TRUE;
  for (guint i = 0; i < aside->len; i++)
    run->fates[g_array_index(aside, guint, i)].fate = SEARCH_UNTRIED;
  gboolean go_on = search_close(run, (const guint *)aside->data, aside->len, &set) &&
                   search_answer(run, &set, &answer);
  memcpy(run->fates, fates, run->n * sizeof *run->fates);
  if (go_on && answer.verdict == SEARCH_PASS)
    search_adopt(run, &set, &answer);
  return go_on;
}

/* The undecided at the end of the groups: they come back, whatever goes. */
static void
name_stuck(SearchRun *run) {
  for (guint i = 0; i < run->n; i++)
    if (run->fates[i].fate == SEARCH_UNTRIED)
      run->fates[i].fate = SEARCH_STUCK;
}

static void
search_begin(SearchRun *run) {
  run->fates = g_new0(SearchItemFate, run->n);
  run->stuck_at = g_new0(guint, run->n);
  run->waits_for = g_new0(guint, run->n);
  run->guess = g_new0(double, run->n);
  run->prior = g_new0(double, run->n);
  run->risk = g_new0(double, run->n);
  run->order = g_new0(guint, run->n);
  for (guint i = 0; i < run->n; i++) {
    run->fates[i].fate = run->items[i].locked ? SEARCH_KEPT_LOCKED : SEARCH_UNTRIED;
    run->fates[i].because = -1;
  }
  search_order_init(run);
}

static void
search_end(SearchRun *run) {
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
}

static void
take_outcome(SearchRun *run, SearchOutcome *outcome) {
  *outcome = (SearchOutcome){.n = run->n,
                             .items = g_steal_pointer(&run->fates),
                             .removed = g_steal_pointer(&run->gone),
                             .key = g_steal_pointer(&run->key),
                             .questions = run->questions,
                             .saved = run->saved,
                             .implied = run->implied,
                             .complete = run->end == END_NOT_YET,
                             .stopped = run->end == END_STOP};
}

gboolean
search_run(const SearchItem *items, guint n, const SearchOracle *oracle, gpointer data,
           const SearchOptions *options, SearchOutcome *outcome, GError **error) {
  SearchRun run = {.items = items, .n = n, .oracle = oracle, .data = data, .error = error};
  if (options != NULL)
    run.options = *options;
  if (!(run.options.prefix_odds > 0))
    run.options.prefix_odds = 0.5;
  *outcome = (SearchOutcome){0};
  search_begin(&run);
  if (search_start(&run) && search_groups(&run) && try_aside(&run)) {
    name_stuck(&run);
    if (run.options.exhaustive)
      search_alone(&run);
  }
  if (run.end != END_ERROR)
    take_outcome(&run, outcome);
  search_end(&run);
  return run.end != END_ERROR;
}

void
search_outcome_clear(SearchOutcome *outcome) {
  g_clear_pointer(&outcome->items, g_free);
  g_clear_pointer(&outcome->removed, g_free);
  g_clear_pointer(&outcome->key, g_free);
}

const char *
search_fate_name(SearchFate fate) {
  static const char *const names[] = {"untried", "removed",   "needed",
                                      "locked",  "set aside", "stuck"};
  return names[fate];
}
