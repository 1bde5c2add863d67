/* alone.c - asks about each remaining item alone, until none can go: then the result is 1-minimal.
 */
#include "search/search-private.h"

static void
next_place(SearchRun *run) {
  run->alone_tried++;
  run->alone_at = (run->alone_at + 1) % run->n;
}

gboolean
search_alone_ask(SearchRun *run) {
  for (; run->alone_tried < run->n; next_place(run)) {
    guint item = run->order[run->alone_at];
    if (!run->gone[item] && !run->items[item].locked)
      return search_close(run, &item, 1, &run->asked);
  }
  return TRUE;
}

void
search_alone_take(SearchRun *run, SearchSet *set, const SearchAnswer *answer) {
  if (answer->verdict == SEARCH_PASS) {
    search_adopt(run, set, answer);
    run->alone_tried = 0;
  } else {
    search_settle(run, run->order[run->alone_at], answer);
  }
  next_place(run);
}
