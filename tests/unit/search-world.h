/* search-world.h - something to search in: items that need each other, and a test that knows. */
#ifndef TINYX_TESTS_SEARCH_WORLD_H
#define TINYX_TESTS_SEARCH_WORLD_H

#include "search/search.h"

#include <string.h>

enum { WORLD_CLAUSES = 8 };

typedef struct {
  guint n, seed;
  SearchItem *items;
  guint8 *depends;                     /* [i * n + j]: i goes when j goes */
  guint8 *keeps;                       /* [j * n + i]: while j is in, i stays in */
  guint8 *needed;                      /* does not work without */
  int *partner;                        /* does not build without the item while its partner is in;
                                          itself: never; -1: builds */
  int *brings;                         /* the item that comes back when this one goes, or -1 */
  guint8 *clauses[WORLD_CLAUSES];      /* works only with one at least of these; NULL: no more */
  guint budget, closes, fail_at_close; /* questions; closes so far; which one fails */
  GHashTable *asked;                   /* key -> verdict */
  GPtrArray *trail;                    /* the keys in order */
  char *best;                          /* the last that passed, or NULL */
} World;

static inline int *
world_links(guint n) {
  int *links = g_new(int, n);
  for (guint i = 0; i < n; i++)
    links[i] = -1;
  return links;
}

/* N items "g", of weight 1, each needed with the probability PRIOR. */
static inline World *
world_new(guint n, double prior) {
  World *world = g_new0(World, 1);
  world->n = n;
  world->budget = G_MAXUINT;
  world->items = g_new0(SearchItem, n);
  for (guint i = 0; i < n; i++)
    world->items[i] = (SearchItem){.weight = 1, .needed = prior, .group = "g"};
  world->depends = g_malloc0((gsize)n * n);
  world->keeps = g_malloc0((gsize)n * n);
  world->needed = g_malloc0(n);
  world->partner = world_links(n);
  world->brings = world_links(n);
  world->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  world->trail = g_ptr_array_new_with_free_func(g_free);
  return world;
}

static inline void
world_free(World *world) {
  g_free(world->items);
  g_free(world->depends);
  g_free(world->keeps);
  g_free(world->needed);
  g_free(world->partner);
  g_free(world->brings);
  for (guint i = 0; i < WORLD_CLAUSES; i++)
    g_free(world->clauses[i]);
  g_hash_table_unref(world->asked);
  g_ptr_array_unref(world->trail);
  g_free(world->best);
  g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

/* Forgets what was asked. */
static inline void
world_reset(World *world) {
  g_hash_table_remove_all(world->asked);
  g_ptr_array_set_size(world->trail, 0);
  g_clear_pointer(&world->best, g_free);
  world->closes = 0;
}

static inline char *
world_key(const World *world, const guint8 *gone) {
  char *key = g_malloc0(world->n + 1);
  for (guint i = 0; i < world->n; i++)
    key[i] = gone[i] ? '-' : '+';
  return key;
}

static inline gboolean
world_item_stays(const World *world, const guint8 *gone, guint item) {
  for (guint other = 0; other < world->n; other++)
    if (!gone[other] &&
        (world->keeps[other * world->n + item] || world->depends[other * world->n + item]))
      return TRUE;
  return FALSE;
}

static inline gboolean
world_item_goes_along(const World *world, const guint8 *gone, guint item) {
  for (guint other = 0; other < world->n; other++)
    if (gone[other] && world->depends[item * world->n + other])
      return TRUE;
  return FALSE;
}

static inline gboolean
world_has_links(const World *world) {
  gsize links = (gsize)world->n * world->n;
  return links > 0 &&
         (memchr(world->depends, 1, links) != NULL || memchr(world->keeps, 1, links) != NULL);
}

/* All that depends on what goes is to go too; then what is kept in by something comes back, with
 * what it depends on, and what would only have gone along, until that changes nothing. */
static inline void
world_settle_links(const World *world, guint8 *gone) {
  g_autofree guint8 *wanted = g_memdup2(gone, world->n);
  for (gboolean more = TRUE; more;) {
    more = FALSE;
    for (guint i = 0; i < world->n; i++)
      if (!gone[i] && world_item_goes_along(world, gone, i))
        more = gone[i] = TRUE;
  }
  for (gboolean more = TRUE; more;) {
    more = FALSE;
    for (guint i = 0; i < world->n; i++)
      if (gone[i] && (world_item_stays(world, gone, i) ||
                      (!wanted[i] && !world_item_goes_along(world, gone, i)))) {
        gone[i] = FALSE;
        more = TRUE;
      }
  }
}

static inline void
world_settle(const World *world, guint8 *gone) {
  if (world_has_links(world)) /* else a question would cost n * n steps for nothing */
    world_settle_links(world, gone);
  for (guint i = 0; i < world->n; i++)
    if (gone[i] && world->brings[i] >= 0)
      gone[world->brings[i]] = FALSE;
}

static inline SearchVerdict
world_judge(const World *world, const guint8 *gone) {
  for (guint i = 0; i < world->n; i++)
    if (gone[i] && world->partner[i] >= 0 &&
        (world->partner[i] == (int)i || !gone[world->partner[i]]))
      return SEARCH_UNRESOLVED;
  for (guint i = 0; i < world->n; i++)
    if (gone[i] && world->needed[i])
      return SEARCH_FAIL;
  for (guint c = 0; c < WORLD_CLAUSES && world->clauses[c] != NULL; c++) {
    guint left = 0;
    for (guint i = 0; i < world->n; i++)
      left += world->clauses[c][i] && !gone[i];
    if (left == 0)
      return SEARCH_FAIL;
  }
  return SEARCH_PASS;
}

/* A question is new, and what passed and is locked is left alone. */
static inline void
world_check_question(const World *world, const guint8 *removed, const char *key) {
  g_autofree char *same = world_key(world, removed);
  g_assert_cmpstr(key, ==, same);
  if (strchr(key, '-') == NULL || g_hash_table_contains(world->asked, key))
    g_error("seed %u: asked again: %s", world->seed, key);
  for (guint i = 0; i < world->n; i++)
    if ((removed[i] && world->items[i].locked) ||
        (world->best != NULL && world->best[i] == '-' && !removed[i]))
      g_error("seed %u: item %u: %s after %s", world->seed, i, key, world->best);
}

static inline char *
world_close(guint8 *removed, gpointer data, GError **error) {
  World *world = data;
  if (++world->closes == world->fail_at_close) {
    g_set_error_literal(error, TINYX_ERROR, TINYX_ERROR_FAILED, "close");
    return NULL;
  }
  world_settle(world, removed);
  return world_key(world, removed);
}

static inline SearchVerdict
world_ask(World *world, const guint8 *removed, const char *key) {
  SearchVerdict verdict = world_judge(world, removed);
  world_check_question(world, removed, key);
  g_hash_table_insert(world->asked, g_strdup(key), GINT_TO_POINTER(verdict));
  g_ptr_array_add(world->trail, g_strdup(key));
  if (verdict == SEARCH_PASS) {
    g_free(world->best);
    world->best = g_strdup(key);
  }
  return verdict;
}

/* What must hold for every outcome: it was seen to work, and the fates say the same. */
static inline void
world_check(const World *world, const SearchOutcome *outcome) {
  g_autofree char *key = world_key(world, outcome->removed);
  gpointer verdict;
  g_assert_cmpstr(key, ==, outcome->key);
  g_assert_cmpuint(outcome->questions, ==, world->trail->len);
  if (strchr(key, '-') != NULL &&
      (!g_hash_table_lookup_extended(world->asked, key, NULL, &verdict) ||
       GPOINTER_TO_INT(verdict) != SEARCH_PASS))
    g_error("seed %u: never passed: %s", world->seed, key);
  for (guint i = 0; i < world->n; i++) {
    const SearchItemFate *fate = &outcome->items[i];
    if ((fate->fate == SEARCH_REMOVED) != outcome->removed[i] ||
        (fate->fate == SEARCH_KEPT_LOCKED && !world->items[i].locked) ||
        (fate->fate == SEARCH_UNTRIED && outcome->complete) ||
        fate->question > outcome->questions ||
        (fate->fate == SEARCH_NEEDED && fate->question == 0 && fate->because < 0))
      g_error("seed %u: item %u: %s, %s, question %u", world->seed, i, outcome->key,
              search_fate_name(fate->fate), fate->question);
  }
}

/* One question at a time, answered by the world, until its budget is used up. */
static inline gboolean
world_search(World *world, SearchClose close, const SearchOptions *options, SearchOutcome *outcome,
             GError **error) {
  g_autoptr(Search) search = search_new(world->items, world->n, close, world, options);
  const SearchQuestion *question;
  for (;;) {
    if (!search_next(search, &question, error))
      return FALSE;
    if (question == NULL || world->trail->len == world->budget)
      break;
    g_assert_cmpuint(question->number, ==, world->trail->len + 1);
    search_answer(search, question, world_ask(world, question->removed, question->key), 0);
  }
  g_assert_true(search_ended(search) == (question == NULL));
  search_outcome(search, outcome);
  return TRUE;
}

static inline void
world_run(World *world, const SearchOptions *options, SearchOutcome *outcome) {
  g_autoptr(GError) error = NULL;
  world_reset(world);
  g_assert_true(world_search(world, world_close, options, outcome, &error));
  g_assert_no_error(error);
  world_check(world, outcome);
}

#endif
