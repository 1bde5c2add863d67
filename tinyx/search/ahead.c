/* ahead.c - finds the next questions while earlier ones still wait for their answers: copies of the
 * search go on as if such a question had passed, and as if it had failed. */
#include "search/search-private.h"

/* How many copies are made for one question at most. A handful of waiting questions needs about as
 * many copies. */
#define COPIES_MOST 64

/* A search as it would be. */
typedef struct {
  SearchRun *run;
  double chance; /* that it comes to this */
} Future;

static void
future_free(gpointer data) {
  Future *future = data;
  search_run_free(future->run);
  g_free(future);
}

/* Removes the likeliest from FUTURES and returns it; of equal ones the first. */
static Future *
take_likeliest(GPtrArray *futures) {
  guint best = 0;
  for (guint i = 1; i < futures->len; i++)
    if (((Future *)futures->pdata[i])->chance > ((Future *)futures->pdata[best])->chance)
      best = i;
  return g_ptr_array_steal_index(futures, best);
}

/* Adds to FUTURES what RUN becomes if its question gets this answer. */
static gboolean
add_future(GPtrArray *futures, const SearchRun *run, const SearchAsked *asked, double chance,
           GError **error) {
  g_autoptr(SearchRun) copy = search_run_copy(run);
  Future *future;
  if (!search_take(copy, asked->number, asked->verdict, asked->tolerance, error) ||
      !search_advance(copy, error))
    return FALSE;
  if (copy->stage == STAGE_END)
    return TRUE;
  future = g_new(Future, 1);
  *future = (Future){g_steal_pointer(&copy), chance};
  g_ptr_array_add(futures, future);
  return TRUE;
}

/* Adds to FUTURES what RUN may become, whose own probability is CHANCE: one future for each answer
 * to the question that it waits for. */
static gboolean
add_futures(GPtrArray *futures, const SearchRun *run, const SearchAsked *asked, double chance,
            GError **error) {
  SearchAsked pass = *asked, fail = *asked;
  double passes = search_chance(run);
  pass.verdict = SEARCH_PASS;
  fail.verdict = SEARCH_FAIL;
  if (asked->answered)
    return add_future(futures, run, asked, chance, error);
  return add_future(futures, run, &pass, chance * passes, error) &&
         add_future(futures, run, &fail, chance * (1 - passes), error);
}

gboolean
search_ahead(const SearchRun *run, SearchLookup lookup, gpointer data, SearchSet *set,
             GError **error) {
  g_autoptr(GPtrArray) futures = g_ptr_array_new_with_free_func(future_free);
  SearchAsked asked = {0};
  lookup(run->asked.key, &asked, data);
  if (!add_futures(futures, run, &asked, 1, error))
    return FALSE;
  for (guint copies = 0; futures->len > 0 && copies < COPIES_MOST; copies++) {
    Future *future = take_likeliest(futures);
    gboolean going = TRUE;
    asked = (SearchAsked){0};
    lookup(future->run->asked.key, &asked, data);
    if (asked.out || asked.answered)
      going = add_futures(futures, future->run, &asked, future->chance, error);
    else
      *set = future->run->asked, future->run->asked = (SearchSet){0};
    future_free(future);
    if (!going)
      return FALSE;
    if (set->gone != NULL)
      return TRUE;
  }
  return TRUE;
}
