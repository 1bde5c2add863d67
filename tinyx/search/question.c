/* question.c - closes sets of items, remembers answers, and tells which follow from others. */
#include "search/search-private.h"

#include <string.h>

typedef struct {
  guint8 *gone;
  guint question;
} FailedSet;

/* What the closure made of a set. */
typedef struct {
  guint8 *gone;
  char *key;
} Closure;

/* Never NULL, although N may be 0. */
static guint8 *
set_copy(const guint8 *gone, guint n) {
  guint8 *copy = g_malloc0(n + 1);
  for (guint i = 0; i < n; i++)
    copy[i] = gone[i] != 0;
  return copy;
}

static void
failed_set_free(gpointer data) {
  FailedSet *failed = data;
  g_free(failed->gone);
  g_free(failed);
}

static FailedSet *
failed_set_new(const guint8 *gone, guint n, guint question) {
  FailedSet *failed = g_new0(FailedSet, 1);
  failed->gone = set_copy(gone, n);
  failed->question = question;
  return failed;
}

GPtrArray *
search_failed_copy(const GPtrArray *failed, guint n) {
  GPtrArray *copy = g_ptr_array_new_with_free_func(failed_set_free);
  for (guint i = 0; failed != NULL && i < failed->len; i++) {
    const FailedSet *set = failed->pdata[i];
    g_ptr_array_add(copy, failed_set_new(set->gone, n, set->question));
  }
  return copy;
}

static void
closure_free(gpointer data) {
  Closure *closure = data;
  g_free(closure->gone);
  g_free(closure->key);
  g_free(closure);
}

GHashTable *
search_closures_new(void) {
  return g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
                               closure_free);
}

void
search_set_copy(const SearchSet *set, guint n, SearchSet *copy) {
  *copy = *set;
  copy->gone = set->gone != NULL ? set_copy(set->gone, n) : NULL;
  copy->key = g_strdup(set->key);
}

void
search_set_clear(SearchSet *set) {
  g_clear_pointer(&set->gone, g_free);
  g_clear_pointer(&set->key, g_free);
}

/* Monotony: where it did not work without a part of SET, it does not work without all of SET. */
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

/* An answer that was given to SET itself counts more than one that follows from others. */
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

/* The closure of GONE, asked for once only: a search that looks ahead comes by the same sets again
 * and again. */
static const Closure *
closure_of(SearchRun *run, const guint8 *gone) {
  g_autoptr(GBytes) wanted = g_bytes_new(gone, run->n);
  Closure *closure = g_hash_table_lookup(run->closed, wanted);
  if (closure != NULL)
    return closure;
  g_autofree guint8 *closed = set_copy(gone, run->n);
  char *key = run->close(closed, run->data, run->error);
  if (key == NULL)
    return NULL;
  closure = g_new0(Closure, 1);
  closure->gone = set_copy(closed, run->n); /* any byte but 0 is a 1 */
  closure->key = key;
  g_hash_table_insert(run->closed, g_steal_pointer(&wanted), closure);
  return closure;
}

static gboolean
fill_set(SearchRun *run, const guint8 *gone, SearchSet *set) {
  const Closure *closure = closure_of(run, gone);
  search_set_clear(set);
  if (closure == NULL)
    return FALSE;
  set->gone = set_copy(closure->gone, run->n);
  set->key = g_strdup(closure->key);
  return TRUE;
}

gboolean
search_close(SearchRun *run, const guint *wanted, guint count, SearchSet *set) {
  g_autofree guint8 *gone = set_copy(run->gone, run->n);
  for (guint i = 0; i < count; i++)
    gone[wanted[i]] = 1;
  if (!fill_set(run, gone, set))
    return FALSE;
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

void
search_remember(SearchRun *run, const SearchSet *set, const SearchAnswer *answer) {
  g_hash_table_insert(run->answers, g_strdup(set->key), g_memdup2(answer, sizeof *answer));
  if (answer->verdict == SEARCH_FAIL)
    g_ptr_array_add(run->failed, failed_set_new(set->gone, run->n, answer->question));
}

gboolean
search_start(SearchRun *run) {
  static const SearchAnswer works = {SEARCH_PASS, 0, -1, FALSE};
  g_auto(SearchSet) start = {0};
  g_autofree guint8 *gone = g_malloc0(run->n + 1);
  for (guint i = 0; i < run->n; i++)
    gone[i] = run->items[i].gone != 0;
  if (!fill_set(run, gone, &start))
    return FALSE;
  search_remember(run, &start, &works);
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
  search_order_begin(run); /* a menu whose entries are gone is no risk any more */
}
