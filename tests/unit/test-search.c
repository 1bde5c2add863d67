/* The group search: small examples, the number of questions, and random worlds in which its answer
 * is compared with brute force. */
#include "search/search.h"

#include <string.h>

#define MOST 40

/* A world: what goes along with what, what keeps what, and what the test needs. */
typedef struct {
  guint count;
  gboolean needs[MOST][MOST]; /* [i][j]: i cannot be there without j */
  gboolean keeps[MOST][MOST]; /* [i][j]: while i is there, j comes back */
  gboolean needed[MOST];
  guint either[MOST][2]; /* one of the two is needed */
  guint eithers;
  gboolean broken[MOST]; /* without it nothing can be built, unless its partner goes, too */
  guint stop_at;         /* 0: never */
  guint asked;
  GHashTable *keys;
} World;

static void
world_close(const World *world, guint8 *removed) {
  for (gboolean more = TRUE; more;) {
    more = FALSE;
    for (guint i = 0; i < world->count; i++)
      for (guint j = 0; j < world->count; j++) {
        if (world->keeps[i][j] && !removed[i] && removed[j]) {
          removed[j] = 0;
          more = TRUE;
        }
      }
  }
  for (gboolean more = TRUE; more;) {
    more = FALSE;
    for (guint i = 0; i < world->count; i++)
      for (guint j = 0; j < world->count; j++)
        if (world->needs[i][j] && removed[j] && !removed[i]) {
          removed[i] = 1;
          more = TRUE;
        }
  }
}

static SearchVerdict
world_verdict(const World *world, const guint8 *removed) {
  for (guint i = 0; i < world->count; i++)
    if (world->broken[i] && removed[i] && !removed[(i + 1) % world->count])
      return SEARCH_UNRESOLVED;
  for (guint i = 0; i < world->count; i++)
    if (world->needed[i] && removed[i])
      return SEARCH_FAIL;
  for (guint i = 0; i < world->eithers; i++)
    if (removed[world->either[i][0]] && removed[world->either[i][1]])
      return SEARCH_FAIL;
  return SEARCH_PASS;
}

static char *
key_of(const guint8 *removed, guint count) {
  GString *key = g_string_new(NULL);
  for (guint i = 0; i < count; i++)
    g_string_append_c(key, removed[i] ? '1' : '0');
  return g_string_free(key, FALSE);
}

static char *
close_world(guint8 *removed, gpointer data, GError **error) {
  const World *world = data;
  (void)error;
  world_close(world, removed);
  return key_of(removed, world->count);
}

static SearchVerdict
ask_world(const guint8 *removed, const char *key, gpointer data, GError **error) {
  World *world = data;
  (void)error;
  if (world->keys == NULL)
    world->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_assert_true(g_hash_table_add(world->keys, g_strdup(key))); /* never the same question twice */
  world->asked++;
  if (world->stop_at != 0 && world->asked >= world->stop_at)
    return SEARCH_STOP;
  return world_verdict(world, removed);
}

static void
search(World *world, const SearchItem *items, const SearchOptions *options, SearchOutcome *result) {
  const SearchOracle oracle = {close_world, ask_world, world};
  g_autoptr(GError) error = NULL;
  world->asked = 0;
  g_clear_pointer(&world->keys, g_hash_table_unref);
  g_assert_true(search_run(items, world->count, &oracle, options, result, &error));
  g_assert_no_error(error);
  g_assert_cmpint(world_verdict(world, result->removed), ==, SEARCH_PASS);
  g_clear_pointer(&world->keys, g_hash_table_unref);
}

static void
test_one_needed(void) {
  World world = {.count = 10};
  SearchItem items[10];
  g_auto(SearchOutcome) result = {0};
  SearchOptions options = {0};
  for (guint i = 0; i < 10; i++)
    items[i] = (SearchItem){.weight = 1, .needed = 0.05};
  world.needed[7] = TRUE;
  search(&world, items, &options, &result);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint(result.items[i].fate, ==, i == 7 ? SEARCH_NEEDED : SEARCH_REMOVED);
  g_assert_cmpint(result.items[7].question, >=, 0);
  g_assert_cmpuint(result.questions, <=, 6);
}

static void
test_dependants_and_keepers(void) {
  World world = {.count = 4};
  SearchItem items[4] = {
      {1, 0.1, NULL, FALSE}, {1, 0.1, NULL, FALSE}, {1, 0.9, NULL, FALSE}, {1, 0.5, NULL, TRUE}};
  g_auto(SearchOutcome) result = {0};
  SearchOptions options = {0};
  world.needs[2][0] = TRUE; /* 0 takes 2 along, which is needed */
  world.needed[2] = TRUE;
  world.keeps[3][1] = TRUE; /* 3 stays, and keeps 1 */
  search(&world, items, &options, &result);
  g_assert_cmpint(result.items[0].fate, ==, SEARCH_NEEDED);
  g_assert_cmpint(result.items[1].fate, ==, SEARCH_STUCK);
  g_assert_cmpint(result.items[2].fate, ==, SEARCH_NEEDED);
  g_assert_cmpint(result.items[3].fate, ==, SEARCH_LOCKED);
}

static void
test_build_failures(void) {
  World world = {.count = 8};
  SearchItem items[8];
  g_auto(SearchOutcome) result = {0};
  SearchOptions options = {.exhaustive = TRUE};
  for (guint i = 0; i < 8; i++)
    items[i] = (SearchItem){.weight = 1, .needed = 0.1};
  world.broken[3] = TRUE; /* not without 4, which is needed */
  world.needed[4] = TRUE;
  search(&world, items, &options, &result);
  g_assert_cmpint(result.items[3].fate, ==, SEARCH_SET_ASIDE);
  g_assert_cmpint(result.items[4].fate, ==, SEARCH_NEEDED);
  g_assert_cmpint(result.items[5].fate, ==, SEARCH_REMOVED);
}

static void
test_stop(void) {
  for (guint at = 1; at < 12; at++) {
    World world = {.count = 30, .stop_at = at};
    SearchItem items[30];
    g_auto(SearchOutcome) result = {0};
    SearchOptions options = {0};
    for (guint i = 0; i < 30; i++) {
      items[i] = (SearchItem){.weight = 1, .needed = 0.2};
      world.needed[i] = i % 5 == 0;
    }
    search(&world, items, &options, &result);
    g_assert_true(result.stopped);
    g_assert_cmpuint(result.questions, ==, at - 1);
  }
}

static void
test_tolerance(void) {
  World world = {.count = 20};
  SearchItem items[20];
  g_auto(SearchOutcome) result = {0};
  SearchOptions options = {.tolerance = 100};
  guint untried = 0;
  for (guint i = 0; i < 20; i++)
    items[i] = (SearchItem){.weight = i < 10 ? 1000 : 5, .needed = i < 10 ? 0.02 : 0.6};
  search(&world, items, &options, &result);
  for (guint i = 0; i < 20; i++)
    untried += result.items[i].fate == SEARCH_UNTRIED;
  g_assert_cmpuint(untried, ==, 10);
  g_assert_cmpuint(result.questions, ==, 1);
}

static char *
close_fails(guint8 *removed, gpointer data, GError **error) {
  (void)removed;
  (void)data;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "no");
  return NULL;
}

static void
test_error(void) {
  SearchItem items[1] = {{0}};
  const SearchOracle oracle = {close_fails, ask_world, NULL};
  SearchOptions options = {0};
  SearchOutcome result;
  g_autoptr(GError) error = NULL;
  g_assert_false(search_run(items, 1, &oracle, &options, &result, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
}

typedef struct {
  const gboolean *needed;
  guint count;
} Flat;

static char *
close_flat(guint8 *removed, gpointer data, GError **error) {
  const Flat *flat = data;
  (void)error;
  return key_of(removed, flat->count);
}

static SearchVerdict
ask_flat(const guint8 *removed, const char *key, gpointer data, GError **error) {
  const Flat *flat = data;
  (void)key;
  (void)error;
  for (guint i = 0; i < flat->count; i++)
    if (removed[i] && flat->needed[i])
      return SEARCH_FAIL;
  return SEARCH_PASS;
}

static guint
count_questions(const SearchItem *items, const gboolean *needed, guint count) {
  Flat flat = {needed, count};
  const SearchOracle oracle = {close_flat, ask_flat, &flat};
  SearchOptions options = {0};
  g_auto(SearchOutcome) result = {0};
  g_assert_true(search_run(items, count, &oracle, &options, &result, NULL));
  for (guint i = 0; i < count; i++)
    g_assert_cmpint(result.removed[i], ==, !needed[i]);
  return result.questions;
}

/* 250 items of which 15 are needed: one by one asks 250 times, plain halving 104, ddmin 599. */
static double
average_questions(gboolean good_guesses) {
  guint total = 0;
  enum { RUNS = 20, MANY = 250, NEEDED = 15 };
  for (guint run = 0; run < RUNS; run++) {
    g_autoptr(GRand) rand = g_rand_new_with_seed(run + 1);
    static SearchItem items[MANY];
    static gboolean needed[MANY];
    memset(needed, 0, sizeof needed);
    for (guint found = 0; found < NEEDED;) {
      guint item = (guint)g_rand_int_range(rand, 0, MANY);
      found += !needed[item];
      needed[item] = TRUE;
    }
    for (guint i = 0; i < MANY; i++)
      items[i] = (SearchItem){.weight = 1,
                              .needed = !good_guesses ? (double)NEEDED / MANY
                                        : needed[i]   ? 0.9
                                                      : 0.02};
    total += count_questions(items, needed, MANY);
  }
  return (double)total / RUNS;
}

static void
test_few_questions(void) {
  double blind = average_questions(FALSE), guided = average_questions(TRUE);
  g_test_message("250 items, 15 needed: %.1f questions without guesses, %.1f with good ones", blind,
                 guided);
  g_assert_cmpfloat(blind, <, 104);
  g_assert_cmpfloat(guided, <, 45);
}

static void
random_world(World *world, SearchItem *items, GRand *rand, gboolean plain) {
  memset(world, 0, sizeof *world);
  world->count = (guint)g_rand_int_range(rand, 1, MOST);
  for (guint i = 0; i < world->count; i++) {
    world->needed[i] = g_rand_double(rand) < 0.2;
    world->broken[i] = !plain && g_rand_double(rand) < 0.05;
    /* Only towards lower numbers: no circles. */
    for (guint j = 0; j < i; j++) {
      world->needs[i][j] = g_rand_double(rand) < 0.06;
      world->keeps[i][j] = !world->needs[i][j] && g_rand_double(rand) < 0.03;
    }
    items[i] = (SearchItem){.weight = g_rand_double(rand) * 100,
                            .needed = g_rand_double(rand) < 0.2 ? g_rand_double(rand)
                                      : world->needed[i]        ? 0.8
                                                                : 0.1,
                            .group = g_rand_boolean(rand) ? "a" : "b",
                            .locked = g_rand_double(rand) < 0.05};
  }
  for (guint i = 0; !plain && world->count > 2 && i < 2; i++) {
    world->either[i][0] = (guint)g_rand_int_range(rand, 0, (gint32)world->count);
    world->either[i][1] = (guint)g_rand_int_range(rand, 0, (gint32)world->count);
    world->eithers++;
  }
}

/* No single item that is left can go. */
static void
assert_minimal(const World *world, const SearchItem *items, const SearchOutcome *result,
               guint seed) {
  g_autofree char *now = key_of(result->removed, world->count);
  for (guint i = 0; i < world->count; i++) {
    guint8 set[MOST];
    g_autofree char *key = NULL;
    gboolean locked = FALSE;
    if (result->removed[i] || items[i].locked)
      continue;
    memcpy(set, result->removed, world->count);
    set[i] = 1;
    world_close(world, set);
    key = key_of(set, world->count);
    for (guint j = 0; j < world->count; j++)
      locked = locked || (set[j] && items[j].locked);
    if (!locked && strcmp(key, now) != 0 && world_verdict(world, set) == SEARCH_PASS)
      g_error("seed %u: item %u can go, but stays (fate %d, question %d, because %d): %s then %s", seed, i, result->items[i].fate, result->items[i].question, result->items[i].because, now, key);
  }
}

static void
test_random_worlds(void) {
  for (guint seed = 1; seed <= 3000; seed++) {
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    World world;
    SearchItem items[MOST];
    g_auto(SearchOutcome) result = {0};
    SearchOptions options = {.exhaustive = seed % 3 != 0};
    random_world(&world, items, rand, seed % 3 == 0);
    search(&world, items, &options, &result);
    assert_minimal(&world, items, &result, seed);
  }
}

/* The paper's way, in the same library, for comparison. */
static void
test_one_by_one(void) {
  World world = {.count = 20};
  SearchItem items[20];
  g_auto(SearchOutcome) result = {0};
  SearchOptions options = {.one_by_one = TRUE};
  for (guint i = 0; i < 20; i++) {
    items[i] = (SearchItem){.weight = 1, .needed = 0.1};
    world.needed[i] = i % 4 == 0;
  }
  search(&world, items, &options, &result);
  g_assert_cmpuint(result.questions, ==, 20);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/search/one-needed", test_one_needed);
  g_test_add_func("/search/dependants-and-keepers", test_dependants_and_keepers);
  g_test_add_func("/search/build-failures", test_build_failures);
  g_test_add_func("/search/stop", test_stop);
  g_test_add_func("/search/tolerance", test_tolerance);
  g_test_add_func("/search/error", test_error);
  g_test_add_func("/search/few-questions", test_few_questions);
  g_test_add_func("/search/random-worlds", test_random_worlds);
  g_test_add_func("/search/one-by-one", test_one_by_one);
  return g_test_run();
}
