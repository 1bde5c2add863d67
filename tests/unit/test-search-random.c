/* test-search-random.c - the group search in random worlds: what must hold in all of them, and how
 * many questions it takes. */
#include "search-world.h"

static gboolean
chance(GRand *dice, double p) {
  return g_rand_double(dice) < p;
}

/* A priori the needed are likely needed and the others not, but for a part that is the other way.
 */
static void
make_items(World *world, GRand *dice) {
  static const char *const groups[] = {"Net/IPv4", "Net/IPv6", "Net", "Drivers/Block", "FS", NULL};
  double wrong = g_rand_double_range(dice, 0, 0.5), share = g_rand_double_range(dice, 0, 0.4);
  for (guint i = 0; i < world->n; i++) {
    world->needed[i] = chance(dice, share);
    double high = g_rand_double_range(dice, 0.3, 1.1), low = g_rand_double_range(dice, -0.1, 0.3);
    world->items[i] = (SearchItem){
        .weight = g_rand_int_range(dice, 0, 50) * 100,
        .needed = CLAMP(world->needed[i] != chance(dice, wrong) ? high : low, 0, 1),
        .group = groups[g_rand_int_range(dice, 0, G_N_ELEMENTS(groups))],
        .locked = chance(dice, 0.05),
    };
  }
}

/* Dependencies without a loop; selectors with loops. */
static World *
make_world(guint seed) {
  g_autoptr(GRand) dice = g_rand_new_with_seed(seed);
  World *world = world_new((guint)g_rand_int_range(dice, 1, 40), 0.5);
  double depends = g_rand_double_range(dice, 0, 0.15), keeps = g_rand_double_range(dice, 0, 0.05);
  world->seed = seed;
  make_items(world, dice);
  for (guint i = 0; i < world->n; i++)
    for (guint j = 0; j < world->n; j++) {
      world->depends[i * world->n + j] = j < i && chance(dice, depends);
      world->keeps[i * world->n + j] = j != i && chance(dice, keeps);
    }
  return world;
}

static void
add_clauses(World *world, GRand *dice) {
  guint count = (guint)g_rand_int_range(dice, 0, WORLD_CLAUSES);
  for (guint c = 0; c < count; c++) {
    world->clauses[c] = g_malloc0(world->n);
    for (guint i = 0; i < 3; i++)
      world->clauses[c][g_rand_int_range(dice, 0, (gint32)world->n)] = 1;
  }
}

/* With clauses, build failures, and items that bring others back. */
static World *
make_wild_world(guint seed) {
  g_autoptr(GRand) dice = g_rand_new_with_seed(seed + 1000000);
  World *world = make_world(seed);
  double broken = g_rand_double_range(dice, -0.1, 0.2);
  double lossy = g_rand_double_range(dice, -0.2, 0.1);
  add_clauses(world, dice);
  for (guint i = 0; i < world->n; i++) {
    if (chance(dice, broken))
      world->partner[i] = g_rand_int_range(dice, 0, (gint32)world->n);
    if (chance(dice, lossy))
      world->brings[i] = g_rand_int_range(dice, 0, (gint32)world->n);
  }
  return world;
}

/* By brute force: no single item more could go. */
static void
check_minimal(World *world, const SearchOutcome *outcome) {
  for (guint i = 0; i < world->n; i++) {
    g_autofree guint8 *gone = g_memdup2(outcome->removed, world->n);
    gboolean lost = FALSE, locked = FALSE;
    if (gone[i] || world->items[i].locked)
      continue;
    gone[i] = 1;
    world_settle(world, gone);
    for (guint j = 0; j < world->n; j++) {
      lost |= outcome->removed[j] && !gone[j];
      locked |= gone[j] && world->items[j].locked;
    }
    if (lost || locked || memcmp(gone, outcome->removed, world->n) == 0)
      continue;
    if (world_judge(world, gone) == SEARCH_PASS)
      g_error("seed %u: %u can go from %s (%s)", world->seed, i, outcome->key,
              search_fate_name(outcome->items[i].fate));
  }
}

static void
test_minimal(void) {
  for (guint seed = 0; seed < 3000; seed++) {
    const SearchOptions options = {.exhaustive = TRUE, .calibrate = seed % 4 == 0};
    g_autoptr(World) world = seed % 3 == 0 ? make_world(seed) : make_wild_world(seed);
    g_auto(SearchOutcome) outcome = {0};
    world_run(world, &options, &outcome);
    g_assert_true(outcome.complete && !outcome.stopped);
    check_minimal(world, &outcome);
  }
}

/* The largest set of what is not needed that stays gone as a whole. There is one: without clauses
 * two such sets together are one. */
static void
best_set(const World *world, guint8 *gone) {
  for (guint i = 0; i < world->n; i++)
    gone[i] = !world->needed[i] && !world->items[i].locked;
  for (gboolean more = TRUE; more;) {
    more = FALSE;
    for (guint i = 0; i < world->n; i++)
      if (gone[i] && world_item_stays(world, gone, i)) {
        gone[i] = FALSE;
        more = TRUE;
      }
  }
}

static void
test_exact(void) {
  for (guint seed = 0; seed < 3000; seed++) {
    g_autoptr(World) world = make_world(seed);
    g_auto(SearchOutcome) outcome = {0};
    g_autofree guint8 *best = g_malloc0(world->n);
    const SearchOptions options = {.calibrate = seed % 2 == 0};
    world_run(world, &options, &outcome);
    best_set(world, best);
    g_autofree char *expected = world_key(world, best);
    if (strcmp(outcome.key, expected) != 0)
      g_error("seed %u: %s; expected %s", seed, outcome.key, expected);
    g_assert_true(outcome.complete);
  }
}

/* In the wildest worlds too the default ends, with a set that passed. */
static void
test_wild(void) {
  for (guint seed = 0; seed < 3000; seed++) {
    g_autoptr(World) world = make_wild_world(seed);
    g_auto(SearchOutcome) outcome = {0};
    SearchOptions options = {.tolerance = seed % 5 * 200, .calibrate = seed % 4 == 0};
    world_run(world, &options, &outcome);
    g_assert_true(outcome.complete || seed % 5 != 0);
    g_assert_false(outcome.stopped);
  }
}

/* Stopped anywhere, the outcome is one that passed, and the questions are the same as without. */
static void
test_stop_and_error(void) {
  for (guint seed = 0; seed < 60; seed++) {
    g_autoptr(World) whole = make_wild_world(seed), world = make_wild_world(seed);
    g_auto(SearchOutcome) outcome = {0};
    SearchOptions options = {.exhaustive = seed % 2 == 0, .calibrate = seed % 4 < 2};
    world_run(whole, &options, &outcome);
    for (world->budget = 0; world->budget <= whole->trail->len; world->budget++) {
      g_auto(SearchOutcome) part = {0}, none = {0};
      g_autoptr(GError) error = NULL;
      world->error_after_budget = FALSE;
      world_run(world, &options, &part);
      g_assert_true(part.stopped == (world->budget < whole->trail->len));
      g_assert_true(part.complete != part.stopped);
      for (guint i = 0; i < world->trail->len; i++)
        g_assert_cmpstr(world->trail->pdata[i], ==, whole->trail->pdata[i]);
      if (!part.stopped)
        continue;
      world->error_after_budget = TRUE;
      world_reset(world);
      g_assert_false(
          search_run(world->items, world->n, &world_oracle, world, &options, &none, &error));
      g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
      g_assert_null(none.removed);
    }
  }
}

static void
test_close_error(void) {
  g_autoptr(World) world = make_wild_world(11);
  static const SearchOptions options = {.exhaustive = TRUE};
  g_auto(SearchOutcome) outcome = {0};
  world_run(world, &options, &outcome);
  for (guint last = world->closes; last > 0; last--) {
    g_auto(SearchOutcome) none = {0};
    g_autoptr(GError) error = NULL;
    world_reset(world);
    world->fail_at_close = last;
    g_assert_false(
        search_run(world->items, world->n, &world_oracle, world, &options, &none, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_FAILED);
    g_assert_null(none.items);
  }
}

static guint
mix(guint hash, guint value) {
  hash = (hash ^ value) * 16777619u;
  return hash ^ hash >> 15;
}

/* A closure without any rule: up to three items come or go by chance, and keys clash. */
static char *
chaos_close(guint8 *removed, gpointer data, GError **error) {
  World *world = data;
  guint hash = world->seed;
  (void)error;
  if (++world->closes > 100000)
    g_error("seed %u: no end", world->seed);
  for (guint i = 0; i < world->n; i++)
    hash = mix(hash, removed[i]);
  for (guint left = memchr(removed, 1, world->n) != NULL ? hash % 4 : 0; left > 0; left--) {
    hash = mix(hash, left);
    removed[hash % world->n] ^= 1;
  }
  g_autofree char *key = world_key(world, removed);
  return g_strdup_printf("%u", g_str_hash(key) % (world->seed % 2 != 0 ? 500 : G_MAXUINT));
}

static SearchVerdict
chaos_ask(const guint8 *removed, const char *key, gpointer data, GError **error) {
  World *world = data;
  (void)error;
  for (guint i = 0; i < world->n; i++)
    if (removed[i] && world->items[i].locked)
      g_error("seed %u: locked item %u is to go", world->seed, i);
  if (!g_hash_table_add(world->asked, g_strdup(key)))
    g_error("seed %u: asked again", world->seed);
  return mix(world->seed, g_str_hash(key)) % 3;
}

/* Whatever close() does, the search ends, and asks nothing twice. */
static void
test_chaos(void) {
  static const SearchOracle oracle = {.close = chaos_close, .ask = chaos_ask};
  for (guint seed = 0; seed < 3000; seed++) {
    g_autoptr(World) world = make_world(seed);
    g_auto(SearchOutcome) outcome = {0};
    SearchOptions options = {.exhaustive = seed % 3 == 0, .calibrate = seed % 4 == 0};
    g_assert_true(search_run(world->items, world->n, &oracle, world, &options, &outcome, NULL));
    g_assert_true(outcome.complete);
  }
}

/* References: delta debugging (Zeller and Hildebrandt 2002) on what is kept, with its cache. */
static gboolean
ddmin_works(World *world, const GArray *kept, guint from, guint to, gboolean only) {
  g_autofree guint8 *gone = g_malloc(world->n);
  memset(gone, 1, world->n);
  for (guint i = 0; i < kept->len; i++)
    if ((i >= from && i < to) == only)
      gone[g_array_index(kept, guint, i)] = 0;
  g_autofree char *key = world_key(world, gone);
  g_clear_pointer(&world->best, g_free); /* it may take less away than before */
  if (!g_hash_table_contains(world->asked, key))
    world_ask(gone, key, world, NULL);
  return GPOINTER_TO_INT(g_hash_table_lookup(world->asked, key)) == SEARCH_PASS;
}

/* One pass over the parts; TRUE if KEPT was made smaller. */
static gboolean
ddmin_pass(World *world, GArray *kept, guint *parts) {
  for (guint only = 2; only-- > 0;)
    for (guint part = 0; part < *parts; part++) {
      guint from = kept->len * part / *parts, to = kept->len * (part + 1) / *parts;
      if (!ddmin_works(world, kept, from, to, only))
        continue;
      if (only) {
        g_array_set_size(kept, to);
        g_array_remove_range(kept, 0, from);
      } else {
        g_array_remove_range(kept, from, to - from);
      }
      *parts = only ? 2 : MAX(*parts - 1, 2);
      return TRUE;
    }
  return FALSE;
}

static guint
ddmin(World *world) {
  g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(guint));
  world_reset(world);
  for (guint i = 0; i < world->n; i++)
    g_array_append_val(kept, i);
  for (guint parts = 2; kept->len >= 2;) {
    if (ddmin_pass(world, kept, &parts))
      continue;
    if (parts == kept->len)
      break;
    parts = MIN(parts * 2, kept->len);
  }
  return world->trail->len;
}

typedef struct {
  double average, most, closes, reference;
} Count;

static const char *const families[] = {"a/a", "a/b", "a/c", "b/a", "b/b", "c/a", "c/b", "d"};

/* 250 items, 15 of them needed, anywhere; priors NEEDED and OTHER. */
static Count
count_questions(double needed, double other, gboolean grouped, SearchOptions options) {
  Count count = {0};
  enum { SEEDS = 20 };
  for (guint seed = 0; seed < SEEDS; seed++) {
    g_autoptr(GRand) dice = g_rand_new_with_seed(seed);
    g_autoptr(World) world = world_new(250, other);
    g_auto(SearchOutcome) outcome = {0};
    for (guint left = 15; left > 0;) {
      guint item = (guint)g_rand_int_range(dice, 0, 250);
      left -= !world->needed[item];
      world->needed[item] = 1;
      world->items[item].needed = needed;
    }
    for (guint i = 0; grouped && i < world->n; i++)
      world->items[i].group = families[i * G_N_ELEMENTS(families) / world->n];
    world->seed = seed;
    world_run(world, &options, &outcome);
    for (guint i = 0; i < world->n; i++)
      g_assert_true(outcome.removed[i] != world->needed[i]);
    count.average += (double)outcome.questions / SEEDS;
    count.most = MAX(count.most, outcome.questions);
    count.closes += (double)world->closes / SEEDS;
    count.reference += seed < 5 ? ddmin(world) / 5.0 : 0;
  }
  return count;
}

static void
test_count(void) {
  const SearchOptions as_guessed = {0}, exhaustive = {.exhaustive = TRUE};
  const SearchOptions calibrate = {.calibrate = TRUE};
  Count uniform = count_questions(15 / 250.0, 15 / 250.0, FALSE, as_guessed);
  Count grouped = count_questions(15 / 250.0, 15 / 250.0, TRUE, as_guessed);
  Count good = count_questions(0.9, 0.02, FALSE, as_guessed);
  Count proved = count_questions(0.9, 0.02, FALSE, exhaustive);
  Count bad = count_questions(0.02, 0.02, FALSE, as_guessed);
  Count better = count_questions(0.02, 0.02, FALSE, calibrate);
  Count high = count_questions(0.4, 0.4, FALSE, as_guessed);
  Count lower = count_questions(0.4, 0.4, FALSE, calibrate);
  g_test_message(
      "15 of 250 needed: %.1f questions on average (most %.0f, %.0f closures); ddmin %.0f",
      uniform.average, uniform.most, uniform.closes, uniform.reference);
  g_test_message("in 8 groups: %.1f (most %.0f)", grouped.average, grouped.most);
  g_test_message("priors 0.9 and 0.02: %.1f (most %.0f); proved one by one: %.1f", good.average,
                 good.most, proved.average);
  g_test_message("all priors 0.02, a third of the truth: %.1f (most %.0f), calibrated %.1f",
                 bad.average, bad.most, better.average);
  g_test_message("all priors 0.4, seven times the truth: %.1f, calibrated %.1f", high.average,
                 lower.average);
  g_assert_cmpfloat(uniform.average, <, 104);
  g_assert_cmpfloat(grouped.average, <, 104);
  g_assert_cmpfloat(good.average, <, 30);
  g_assert_cmpfloat(lower.average, <, uniform.average * 1.1);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/search-random/minimal", test_minimal);
  g_test_add_func("/search-random/exact", test_exact);
  g_test_add_func("/search-random/wild", test_wild);
  g_test_add_func("/search-random/stop-and-error", test_stop_and_error);
  g_test_add_func("/search-random/close-error", test_close_error);
  g_test_add_func("/search-random/chaos", test_chaos);
  g_test_add_func("/search-random/count", test_count);
  return g_test_run();
}
