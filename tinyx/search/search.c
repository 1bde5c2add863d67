/* search.c - the search as its user sees it: questions are handed out, answers taken. */
#include "search/search-private.h"

/* A question that was handed out. */
typedef struct {
  SearchQuestion question; /* its strings are SET's */
  SearchSet set;
  gboolean answered;
  SearchVerdict verdict;
  double tolerance;
} Asked;

struct Search {
  SearchRun *run;
  GPtrArray *asked;   /* Asked*, by number */
  GHashTable *by_key; /* key -> Asked* */
};

static void
asked_free(gpointer data) {
  Asked *asked = data;
  search_set_clear(&asked->set);
  g_free(asked);
}

Search *
search_new(const SearchItem *items, guint n, SearchClose close, gpointer data,
           const SearchOptions *options) {
  Search *search = g_new0(Search, 1);
  search->run = search_run_new(items, n, close, data, options);
  search->asked = g_ptr_array_new_with_free_func(asked_free);
  search->by_key = g_hash_table_new(g_str_hash, g_str_equal);
  return search;
}

void
search_free(Search *search) {
  if (search == NULL)
    return;
  g_hash_table_unref(search->by_key);
  g_ptr_array_unref(search->asked);
  search_run_free(search->run);
  g_free(search);
}

static void
look_up(const char *key, SearchAsked *found, gpointer data) {
  const Search *search = data;
  const Asked *asked = g_hash_table_lookup(search->by_key, key);
  if (asked != NULL)
    *found = (SearchAsked){.out = !asked->answered,
                           .answered = asked->answered,
                           .number = asked->question.number,
                           .verdict = asked->verdict,
                           .tolerance = asked->tolerance};
}

/* Goes on to the first question that is not answered yet, be it out or not. */
static gboolean
catch_up(Search *search, GError **error) {
  SearchRun *run = search->run;
  while (search_advance(run, error)) {
    SearchAsked known = {0};
    if (run->waiting)
      look_up(run->asked.key, &known, search);
    if (!known.answered)
      return TRUE;
    if (!search_take(run, known.number, known.verdict, known.tolerance, error))
      return FALSE;
  }
  return FALSE;
}

/* SET becomes a question; it is taken. */
static const SearchQuestion *
hand_out(Search *search, SearchSet *set) {
  Asked *asked = g_new0(Asked, 1);
  asked->set = *set;
  *set = (SearchSet){0};
  g_ptr_array_add(search->asked, asked);
  g_hash_table_insert(search->by_key, asked->set.key, asked);
  asked->question = (SearchQuestion){
      .number = search->asked->len, .removed = asked->set.gone, .key = asked->set.key};
  return &asked->question;
}

gboolean
search_next(Search *search, const SearchQuestion **question, GError **error) {
  g_auto(SearchSet) set = {0};
  const SearchRun *run = search->run;
  *question = NULL;
  if (!catch_up(search, error))
    return FALSE;
  if (!run->waiting)
    return TRUE;
  if (g_hash_table_contains(search->by_key, run->asked.key)) {
    if (!search_ahead(run, look_up, search, &set, error))
      return FALSE;
  } else {
    search_set_copy(&run->asked, run->n, &set);
  }
  if (set.gone != NULL)
    *question = hand_out(search, &set);
  return TRUE;
}

void
search_answer(Search *search, const SearchQuestion *question, SearchVerdict verdict,
              double tolerance) {
  Asked *asked = search->asked->pdata[question->number - 1];
  g_return_if_fail(!asked->answered);
  asked->answered = TRUE;
  asked->verdict = verdict;
  asked->tolerance = tolerance;
}

gboolean
search_ended(const Search *search) {
  return search->run->stage == STAGE_END;
}

void
search_outcome(const Search *search, SearchOutcome *outcome) {
  const SearchRun *run = search->run;
  const SearchItemFate *fates = run->fates_before != NULL ? run->fates_before : run->fates;
  *outcome = (SearchOutcome){.n = run->n,
                             .items = g_memdup2(fates, run->n * sizeof *fates),
                             .removed = g_memdup2(run->gone, run->n + 1),
                             .key = g_strdup(run->key),
                             .questions = run->questions,
                             .saved = run->saved,
                             .implied = run->implied,
                             .complete = run->complete,
                             .stopped = !search_ended(search)};
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
