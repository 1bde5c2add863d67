/* alone.c - each item alone: the proof that no single one more can go. */
#include "search/search-private.h"

static gboolean
try_alone(SearchRun *run, guint item, gboolean *went) {
  g_auto(SearchSet) set = {0};
  SearchAnswer answer;
  if (!search_close(run, &item, 1, &set) || !search_answer(run, &set, &answer))
    return FALSE;
  *went = answer.verdict == SEARCH_PASS;
  if (*went)
    search_adopt(run, &set, &answer);
  else
    search_settle(run, item, &answer);
  return TRUE;
}

gboolean
search_alone(SearchRun *run) {
  run->presume = FALSE;
  for (guint tried = 0, i = 0; tried < run->n; tried++, i = (i + 1) % run->n) {
    guint item = run->order[i];
    gboolean went = FALSE;
    if (run->gone[item] || run->items[item].locked)
      continue;
    if (!try_alone(run, item, &went))
      return FALSE;
    if (went)
      tried = 0;
  }
  return TRUE;
}
