/* hunt.c - a group did not work: finds the item in it that is needed. Parts of the group are asked
 * about, until one item (or several that only go together) is left. */
#include "search/search-private.h"

void
search_hunt_begin(SearchRun *run, const SearchSet *set, const SearchAnswer *answer) {
  run->stage = STAGE_HUNT;
  run->suspects = search_undecided(run, set, NULL);
  run->blame = *answer;
}

static void
settle_all(SearchRun *run, const GArray *list, const SearchAnswer *answer) {
  for (guint i = 0; i < list->len; i++)
    search_settle(run, g_array_index(list, guint, i), answer);
}

gboolean
search_hunt_ask(SearchRun *run) {
  if (!search_part(run, run->suspects, &run->asked))
    return FALSE;
  if (run->asked.kind != SET_SAME)
    return TRUE;
  search_set_clear(&run->asked);
  settle_all(run, run->suspects, &run->blame);
  g_array_set_size(run->suspects, 0);
  return TRUE;
}

/* SUSPECTS (taken) are those that are left. */
static void
suspect_only(SearchRun *run, GArray *suspects) {
  g_array_unref(run->suspects);
  run->suspects = suspects;
}

/* PART of the suspects passed, so what is needed is among the rest. Where the answer for the rest
 * is known without a question, the hunt goes on in it; else its items go back to the pool. */
static gboolean
suspect_rest(SearchRun *run, SearchSet *part, const SearchAnswer *answer) {
  g_auto(SearchSet) rest = {0};
  search_adopt(run, part, answer);
  g_autoptr(GArray) left = search_undecided(run, NULL, run->suspects);
  g_array_set_size(run->suspects, 0);
  if (!search_close(run, (const guint *)left->data, left->len, &rest))
    return FALSE;
  if (search_known(run, &rest, &run->blame) && !run->blame.stuck)
    suspect_only(run, search_undecided(run, &rest, left));
  return TRUE;
}

gboolean
search_hunt_take(SearchRun *run, SearchSet *part, const SearchAnswer *answer) {
  if (answer->verdict == SEARCH_PASS)
    return suspect_rest(run, part, answer);
  suspect_only(run, search_undecided(run, part, run->suspects));
  run->blame = *answer;
  return TRUE;
}
