/* stage.c - a search, stage by stage: groups, then what was set aside, then each item alone. */
#include "search/search-private.h"

#include <string.h>

GArray *
search_undecided(const SearchRun *run, const SearchSet *set, const GArray *only) {
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

/* The pool (group.c): what may be tried now, in order. */
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
    run->stuck_at[item] = run->generation; /* it may go once the best set has grown */
  else if (answer->stuck)
    *fate = (SearchItemFate){SEARCH_STUCK, 0, -1};
  else if (answer->verdict == SEARCH_FAIL)
    *fate = (SearchItemFate){SEARCH_NEEDED, answer->question, answer->because};
  else if (answer->verdict == SEARCH_UNRESOLVED)
    *fate = (SearchItemFate){SEARCH_SET_ASIDE, answer->question, -1};
}

/* Groups, until all is decided. */
static gboolean
groups_ask(SearchRun *run) {
  g_autoptr(GArray) pool = make_pool(run);
  search_order_calibrate(run);
  if (pool->len == 0) {
    run->stage = STAGE_ASIDE;
    return TRUE;
  }
  run->pool_size = pool->len;
  run->pool_first = g_array_index(pool, guint, 0);
  run->pool_generation = run->generation;
  if (!search_pick(run, pool, &run->asked))
    return FALSE;
  if (run->asked.kind == SET_SAME)
    search_set_clear(&run->asked);
  return TRUE;
}

/* Everything about the group that was picked is settled. Where nothing has changed since then, the
 * same group would be picked for ever (closures may be that odd): then its first item is given up.
 */
static void
group_end(SearchRun *run) {
  static const SearchAnswer stuck = {SEARCH_UNRESOLVED, 0, -1, TRUE};
  g_autoptr(GArray) left = make_pool(run);
  run->stage = STAGE_GROUPS;
  if (run->generation == run->pool_generation && left->len == run->pool_size)
    search_settle(run, run->pool_first, &stuck);
}

static void
groups_take(SearchRun *run, SearchSet *set, const SearchAnswer *answer) {
  if (answer->verdict == SEARCH_PASS) {
    search_adopt(run, set, answer);
    group_end(run);
  } else {
    search_hunt_begin(run, set, answer);
  }
}

static gboolean
hunt_ask(SearchRun *run) {
  if (run->suspects->len > 0)
    return search_hunt_ask(run);
  g_clear_pointer(&run->suspects, g_array_unref);
  group_end(run);
  return TRUE;
}

/* What is undecided at the end of the groups comes back whatever is wanted gone. */
static void
name_stuck(SearchRun *run) {
  for (guint i = 0; i < run->n; i++)
    if (run->fates[i].fate == SEARCH_UNTRIED)
      run->fates[i].fate = SEARCH_STUCK;
}

static void
run_end(SearchRun *run, gboolean complete) {
  run->stage = STAGE_END;
  run->complete = complete;
  if (run->fates_before != NULL) {
    memcpy(run->fates, run->fates_before, run->n * sizeof *run->fates);
    g_clear_pointer(&run->fates_before, g_free);
  }
}

static void
aside_end(SearchRun *run) {
  name_stuck(run);
  if (!run->options.exhaustive) {
    run_end(run, TRUE);
    return;
  }
  run->presume = FALSE;
  run->stage = STAGE_ALONE;
}

/* Asks about all items together that could not be tried alone (they did not build): they may go now
 * that others are gone, or because each other's absence was what broke the build. */
static gboolean
aside_ask(SearchRun *run) {
  g_autoptr(GArray) aside = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint i = 0; i < run->n; i++)
    if (run->fates[i].fate == SEARCH_SET_ASIDE)
      g_array_append_val(aside, i);
  if (aside->len == 0) {
    aside_end(run);
    return TRUE;
  }
  run->fates_before = g_memdup2(run->fates, run->n * sizeof *run->fates);
  for (guint i = 0; i < aside->len; i++)
    run->fates[g_array_index(aside, guint, i)].fate = SEARCH_UNTRIED;
  return search_close(run, (const guint *)aside->data, aside->len, &run->asked);
}

static void
aside_take(SearchRun *run, SearchSet *set, const SearchAnswer *answer) {
  memcpy(run->fates, run->fates_before, run->n * sizeof *run->fates);
  g_clear_pointer(&run->fates_before, g_free);
  if (answer->verdict == SEARCH_PASS)
    search_adopt(run, set, answer);
  aside_end(run);
}

static gboolean
alone_ask(SearchRun *run) {
  if (!search_alone_ask(run))
    return FALSE;
  if (run->asked.gone == NULL)
    run_end(run, TRUE);
  return TRUE;
}

/* One step: either fills RUN->asked with the next question, or settles something without one. */
static gboolean
stage_ask(SearchRun *run) {
  switch (run->stage) {
  case STAGE_GROUPS:
    return groups_ask(run);
  case STAGE_HUNT:
    return hunt_ask(run);
  case STAGE_ASIDE:
    return aside_ask(run);
  case STAGE_ALONE:
    return alone_ask(run);
  case STAGE_END:
    break;
  }
  return TRUE;
}

/* What follows from the ANSWER for RUN->asked. */
static gboolean
stage_take(SearchRun *run, const SearchAnswer *answer) {
  g_auto(SearchSet) set = run->asked;
  run->asked = (SearchSet){0};
  run->waiting = FALSE;
  switch (run->stage) {
  case STAGE_GROUPS:
    groups_take(run, &set, answer);
    break;
  case STAGE_HUNT:
    return search_hunt_take(run, &set, answer);
  case STAGE_ASIDE:
    aside_take(run, &set, answer);
    break;
  case STAGE_ALONE:
    search_alone_take(run, &set, answer);
    break;
  case STAGE_END:
    break;
  }
  return TRUE;
}

static gboolean
is_within_tolerance(const SearchRun *run) {
  return !run->options.exhaustive && run->tolerance > 0 &&
         search_expected_saving(run) <= run->tolerance;
}

gboolean
search_advance(SearchRun *run, GError **error) {
  SearchAnswer answer;
  run->error = error;
  if (run->key == NULL && !search_start(run))
    return FALSE;
  while (run->stage != STAGE_END && !run->waiting) {
    if (run->asked.gone == NULL) {
      if (!stage_ask(run))
        return FALSE;
    } else if (search_known(run, &run->asked, &answer)) {
      if (!stage_take(run, &answer))
        return FALSE;
    } else if (is_within_tolerance(run)) {
      run_end(run, FALSE);
    } else {
      run->waiting = TRUE;
    }
  }
  return TRUE;
}

gboolean
search_take(SearchRun *run, guint number, SearchVerdict verdict, double tolerance, GError **error) {
  const SearchAnswer answer = {verdict, number, -1, FALSE};
  run->error = error;
  run->questions++;
  if (tolerance > 0 && (tolerance < run->tolerance || !(run->tolerance > 0)))
    run->tolerance = tolerance;
  search_remember(run, &run->asked, &answer);
  return stage_take(run, &answer);
}
