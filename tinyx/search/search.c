#include "search/search.h"

#include <math.h>
#include <string.h>

#define EVEN 0.5          /* the chance that a first group should have */
#define LEAST_NEEDED 1e-4 /* nothing is certain: keeps the first groups finite */

typedef struct {
  const SearchItem *items;
  guint count;
  const SearchOracle *oracle;
  const SearchOptions *options;
  SearchOutcome *result;
  GHashTable *verdicts; /* key -> GINT_TO_POINTER(question * 8 + verdict + 1) */
  guint8 *current;      /* what is gone, and passed */
  char *current_key;
  guint8 *open; /* undecided */
} Search;

/* What came of one question. */
typedef struct {
  SearchVerdict verdict;
  int question;
  gboolean same; /* it leads to what there is already: nothing was asked */
} Reply;

void
search_outcome_clear(SearchOutcome *result) {
  g_clear_pointer(&result->items, g_free);
  g_clear_pointer(&result->removed, g_free);
}

static double
chance_needed(const Search *search, guint item) {
  return CLAMP(search->items[item].needed, LEAST_NEEDED, 1 - LEAST_NEEDED);
}

static void
set_fate(Search *search, guint item, SearchFate fate, int question, int because) {
  SearchItemResult *place = &search->result->items[item];
  place->fate = fate;
  place->question = question;
  place->because = because;
  search->open[item] = 0;
}

/* SET passed: all of it is gone now. */
static void
accept(Search *search, guint8 *set, char *key, int question) {
  for (guint i = 0; i < search->count; i++) {
    if (set[i] && !search->current[i])
      set_fate(search, i, SEARCH_REMOVED, question, -1);
    /* What came back for good, and what was stuck, may go now. */
    if ((!set[i] && search->current[i]) ||
        (!set[i] && search->result->items[i].fate == SEARCH_STUCK)) {
      set_fate(search, i, SEARCH_UNTRIED, -1, -1);
      search->open[i] = 1;
    }
  }
  memcpy(search->current, set, search->count);
  g_free(search->current_key);
  search->current_key = key;
}

static gboolean
touches_locked(const Search *search, const guint8 *set) {
  for (guint i = 0; i < search->count; i++)
    if (set[i] && search->items[i].locked)
      return TRUE;
  return FALSE;
}

/* Asks for the present set and WANTED (item numbers); takes it over if it passes. */
static Reply
ask(Search *search, const GArray *wanted, GError **error) {
  g_autofree guint8 *set = g_memdup2(search->current, search->count);
  g_autofree char *key = NULL;
  gpointer known;
  Reply reply = {.verdict = SEARCH_ERROR, .question = -1};
  for (guint i = 0; i < wanted->len; i++)
    set[g_array_index(wanted, guint, i)] = 1;
  key = search->oracle->close(set, search->oracle->data, error);
  if (key == NULL)
    return reply;
  reply.same = strcmp(key, search->current_key) == 0;
  if (reply.same || touches_locked(search, set)) {
    reply.verdict = reply.same ? SEARCH_PASS : SEARCH_FAIL;
    return reply;
  }
  if (g_hash_table_lookup_extended(search->verdicts, key, NULL, &known)) {
    search->result->spared++;
    reply.verdict = (SearchVerdict)(GPOINTER_TO_INT(known) % 8 - 1);
    reply.question = GPOINTER_TO_INT(known) / 8;
  } else {
    reply.verdict = search->oracle->ask(set, key, search->oracle->data, error);
    if (reply.verdict == SEARCH_STOP || reply.verdict == SEARCH_ERROR)
      return reply;
    reply.question = (int)search->result->questions++;
    g_hash_table_insert(search->verdicts, g_strdup(key),
                        GINT_TO_POINTER(reply.question * 8 + (int)reply.verdict + 1));
  }
  if (reply.verdict == SEARCH_PASS)
    accept(search, set, g_steal_pointer(&key), reply.question);
  return reply;
}

/* The order in which items are tried: the likeliest to go first, a group's together. Probabilities
 * within a factor of two count as one. */
static int
compare_items(gconstpointer a, gconstpointer b, gpointer data) {
  const Search *search = data;
  guint first = *(const guint *)a, second = *(const guint *)b;
  int step = (int)floor(log2(chance_needed(search, first))) -
             (int)floor(log2(chance_needed(search, second)));
  int group = g_strcmp0(search->items[first].group, search->items[second].group);
  if (step != 0 || group != 0)
    return step != 0 ? step : group;
  if (search->items[first].weight != search->items[second].weight)
    return search->items[first].weight > search->items[second].weight ? -1 : 1;
  return first < second ? -1 : first > second;
}

/* All that is undecided, in order. */
static GArray *
pool(Search *search) {
  GArray *items = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint i = 0; i < search->count; i++)
    if (search->open[i])
      g_array_append_val(items, i);
  if (!search->options->one_by_one)
    g_array_sort_with_data(items, compare_items, search);
  return items;
}

/* -log of the chance that ITEM can go: adds up over a group. */
static double
doubt(const Search *search, guint item) {
  return -log1p(-chance_needed(search, item));
}

static gboolean
worth_it(const Search *search, const GArray *items) {
  double expected = 0;
  if (search->options->exhaustive || search->options->tolerance <= 0)
    return TRUE;
  for (guint i = 0; i < items->len; i++) {
    guint item = g_array_index(items, guint, i);
    expected += search->items[item].weight * (1 - chance_needed(search, item));
  }
  return expected > search->options->tolerance;
}

/* The first items of ALL, as many as pass together with an even chance. */
static GArray *
first_group(const Search *search, const GArray *all) {
  GArray *group = g_array_new(FALSE, FALSE, sizeof(guint));
  double sum = 0;
  for (guint i = 0; i < all->len; i++) {
    guint item = g_array_index(all, guint, i);
    sum += doubt(search, item);
    if (group->len > 0 && (sum > -log(EVEN) || search->options->one_by_one))
      break;
    g_array_append_val(group, item);
  }
  return group;
}

/* Where to cut a group that failed: halves of equal doubt, at a border of groups if one is near. */
static guint
cut(const Search *search, const GArray *group) {
  double total = 0, sum = 0, best = G_MAXDOUBLE;
  guint place = 1;
  for (guint i = 0; i < group->len; i++)
    total += doubt(search, g_array_index(group, guint, i));
  for (guint i = 1; i < group->len; i++) {
    guint before = g_array_index(group, guint, i - 1), after = g_array_index(group, guint, i);
    double off;
    sum += doubt(search, before);
    off = fabs(sum - total / 2) / total;
    if (g_strcmp0(search->items[before].group, search->items[after].group) != 0)
      off -= 0.1;
    if (off < best) {
      best = off;
      place = i;
    }
  }
  return place;
}

static GArray *
part(const GArray *group, guint from, guint to) {
  GArray *items = g_array_new(FALSE, FALSE, sizeof(guint));
  g_array_append_vals(items, &g_array_index(group, guint, from), to - from);
  return items;
}

/* Items that would take NEEDED along are needed, too. */
static gboolean
spread_need(Search *search, guint needed, int question, GError **error) {
  for (guint i = 0; i < search->count; i++) {
    g_autofree guint8 *set = NULL;
    g_autofree char *key = NULL;
    if (!search->open[i])
      continue;
    set = g_memdup2(search->current, search->count);
    set[i] = 1;
    key = search->oracle->close(set, search->oracle->data, error);
    if (key == NULL)
      return FALSE;
    if (set[needed] && set[i])
      set_fate(search, i, SEARCH_NEEDED, question, (int)needed);
  }
  return TRUE;
}

/* ITEM alone did not pass. */
static gboolean
settle(Search *search, guint item, SearchVerdict verdict, int question, GError **error) {
  if (!search->open[item])
    return TRUE;
  if (verdict == SEARCH_UNRESOLVED) {
    set_fate(search, item, SEARCH_SET_ASIDE, question, -1);
    return TRUE;
  }
  set_fate(search, item, SEARCH_NEEDED, question, -1);
  return search->options->exhaustive || search->options->one_by_one ||
         spread_need(search, item, question, error);
}

/* Only what is still undecided; an earlier answer may have decided some. */
static GArray *
still_open(const Search *search, const GArray *group) {
  GArray *items = g_array_new(FALSE, FALSE, sizeof(guint));
  for (guint i = 0; i < group->len; i++) {
    guint item = g_array_index(group, guint, i);
    if (search->open[item])
      g_array_append_val(items, item);
  }
  return items;
}

/* GROUP did not pass, or came back. Finds one item that is needed, or cannot be tried, in it; takes
 * over what passes on the way. PASS: go on, else STOP or ERROR. */
static SearchVerdict
split(Search *search, const GArray *failed, int question, GError **error) {
  g_autoptr(GArray) group = still_open(search, failed);
  while (group->len > 1) {
    guint place = cut(search, group);
    g_autoptr(GArray) first = part(group, 0, place);
    g_autoptr(GArray) second = part(group, place, group->len);
    Reply reply = ask(search, first, error);
    GArray *next;
    if (reply.verdict == SEARCH_STOP || reply.verdict == SEARCH_ERROR)
      return reply.verdict;
    if (reply.verdict != SEARCH_PASS) {
      question = reply.question;
      next = g_steal_pointer(&first);
    } else {
      next = still_open(search, second);
    }
    g_array_unref(group);
    group = next;
  }
  /* What is left over of a group that failed did so together with what is gone now. An item that
   * brings others along may have been asked for with other company: then alone, for real. */
  if (group->len == 1) {
    guint item = g_array_index(group, guint, 0);
    Reply reply = ask(search, group, error);
    if (reply.verdict == SEARCH_STOP || reply.verdict == SEARCH_ERROR)
      return reply.verdict;
    if (reply.same) {
      set_fate(search, item, SEARCH_STUCK, -1, -1);
      return SEARCH_PASS;
    }
    if (reply.verdict != SEARCH_PASS &&
        !settle(search, item, reply.verdict, reply.question >= 0 ? reply.question : question,
                error))
      return SEARCH_ERROR;
  }
  return SEARCH_PASS;
}

/* Tries the next group. PASS: go on; FAIL: nothing is left to try; else STOP or ERROR. */
static SearchVerdict
search_round(Search *search, GError **error) {
  g_autoptr(GArray) all = pool(search);
  g_autoptr(GArray) group = NULL;
  Reply reply;
  if (all->len == 0 || !worth_it(search, all))
    return SEARCH_FAIL;
  group = first_group(search, all);
  reply = ask(search, group, error);
  if (reply.verdict == SEARCH_STOP || reply.verdict == SEARCH_ERROR)
    return reply.verdict;
  /* All of the group came back: so does each, or one keeps another. */
  if (reply.verdict != SEARCH_PASS || reply.same)
    return split(search, group, reply.question, error);
  return SEARCH_PASS;
}

static SearchVerdict
run_rounds(Search *search, GError **error) {
  SearchVerdict verdict;
  while ((verdict = search_round(search, error)) == SEARCH_PASS)
    ;
  return verdict;
}

/* Every item that is left, alone; what passes is taken over. *CHANGED tells whether any did. */
static SearchVerdict
try_singles(Search *search, gboolean *changed, GError **error) {
  *changed = FALSE;
  for (guint i = 0; i < search->count; i++) {
    g_autoptr(GArray) one = g_array_new(FALSE, FALSE, sizeof(guint));
    Reply reply;
    if (search->current[i] || search->items[i].locked)
      continue;
    g_array_append_val(one, i);
    reply = ask(search, one, error);
    if (reply.verdict == SEARCH_STOP || reply.verdict == SEARCH_ERROR)
      return reply.verdict;
    if (reply.same)
      set_fate(search, i, SEARCH_STUCK, -1, -1);
    else if (reply.verdict == SEARCH_PASS)
      *changed = TRUE;
    else
      set_fate(search, i, reply.verdict == SEARCH_FAIL ? SEARCH_NEEDED : SEARCH_SET_ASIDE,
               reply.question, -1);
  }
  return SEARCH_FAIL;
}

static SearchVerdict
run_all(Search *search, GError **error) {
  SearchVerdict verdict = run_rounds(search, error);
  gboolean changed = search->options->exhaustive;
  while (verdict == SEARCH_FAIL && changed) {
    verdict = try_singles(search, &changed, error);
    if (verdict == SEARCH_FAIL && changed)
      verdict = run_rounds(search, error);
  }
  return verdict;
}

static void
prepare(Search *search) {
  SearchOutcome *result = search->result;
  memset(result, 0, sizeof *result);
  result->count = search->count;
  result->items = g_new0(SearchItemResult, search->count);
  search->current = g_new0(guint8, search->count);
  search->open = g_new0(guint8, search->count);
  search->verdicts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < search->count; i++) {
    set_fate(search, i, search->items[i].locked ? SEARCH_LOCKED : SEARCH_UNTRIED, -1, -1);
    search->open[i] = !search->items[i].locked;
  }
}

gboolean
search_run(const SearchItem *items, guint count, const SearchOracle *oracle,
           const SearchOptions *options, SearchOutcome *result, GError **error) {
  Search search = {
      .items = items, .count = count, .oracle = oracle, .options = options, .result = result};
  SearchVerdict verdict = SEARCH_ERROR;
  prepare(&search);
  search.current_key = oracle->close(search.current, oracle->data, error);
  if (search.current_key != NULL)
    verdict = run_all(&search, error);
  result->stopped = verdict == SEARCH_STOP;
  result->removed = search.current;
  g_free(search.current_key);
  g_free(search.open);
  g_hash_table_unref(search.verdicts);
  if (verdict == SEARCH_ERROR)
    search_outcome_clear(result);
  return verdict != SEARCH_ERROR;
}
