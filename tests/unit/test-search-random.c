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
test_stop(void) {
  for (guint seed = 0; seed < 60; seed++) {
    g_autoptr(World) whole = make_wild_world(seed), world = make_wild_world(seed);
    g_auto(SearchOutcome) outcome = {0};
    SearchOptions options = {.exhaustive = seed % 2 == 0, .calibrate = seed % 4 < 2};
    world_run(whole, &options, &outcome);
    for (world->budget = 0; world->budget <= whole->trail->len; world->budget++) {
      g_auto(SearchOutcome) part = {0};
      world_run(world, &options, &part);
      g_assert_true(part.stopped == (world->budget < whole->trail->len));
      g_assert_true(part.complete != part.stopped);
      for (guint i = 0; i < world->trail->len; i++)
        g_assert_cmpstr(world->trail->pdata[i], ==, whole->trail->pdata[i]);
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
    g_assert_false(world_search(world, world_close, &options, &none, &error));
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
chaos_judge(World *world, const guint8 *removed, const char *key) {
  for (guint i = 0; i < world->n; i++)
    if (removed[i] && world->items[i].locked)
      g_error("seed %u: locked item %u is to go", world->seed, i);
  if (!g_hash_table_add(world->asked, g_strdup(key)))
    g_error("seed %u: asked again", world->seed);
  g_ptr_array_add(world->trail, g_strdup(key));
  return mix(world->seed, g_str_hash(key)) % 3;
}

static void
chaos_run(World *world, const SearchOptions *options, SearchOutcome *outcome) {
  g_autoptr(Search) search = search_new(world->items, world->n, chaos_close, world, options);
  const SearchQuestion *question;
  while (search_next(search, &question, NULL) && question != NULL)
    search_answer(search, question, chaos_judge(world, question->removed, question->key), 0);
  search_outcome(search, outcome);
}

/* Whatever the closure does, the search ends, and asks nothing twice. */
static void
test_chaos(void) {
  for (guint seed = 0; seed < 3000; seed++) {
    g_autoptr(World) world = make_world(seed);
    g_auto(SearchOutcome) outcome = {0};
    SearchOptions options = {.exhaustive = seed % 3 == 0, .calibrate = seed % 4 == 0};
    chaos_run(world, &options, &outcome);
    g_assert_true(outcome.complete);
  }
}

/* Several questions are out at once, up to WORKERS, and answered in any order. */
typedef struct {
  World *world;
  GRand *dice;
  Search *search;
  GPtrArray *out; /* const SearchQuestion* */
  guint workers, most_out, handed_out;
} Crew;

static SearchVerdict
crew_judge(const Crew *crew, const SearchQuestion *question, gboolean chaos) {
  return chaos ? mix(crew->world->seed, g_str_hash(question->key)) % 3
               : world_judge(crew->world, question->removed);
}

static void
crew_hand_out(Crew *crew) {
  const SearchQuestion *question;
  while (crew->out->len < crew->workers) {
    g_assert_true(search_next(crew->search, &question, NULL));
    if (question == NULL)
      break;
    if (!g_hash_table_add(crew->world->asked, g_strdup(question->key)))
      g_error("seed %u: asked again: %s", crew->world->seed, question->key);
    g_ptr_array_add(crew->out, (gpointer)question);
    g_assert_cmpuint(question->number, ==, ++crew->handed_out);
    crew->most_out = MAX(crew->most_out, crew->out->len);
  }
}

static void
crew_run(Crew *crew, SearchClose close, const SearchOptions *options, SearchOutcome *outcome) {
  World *world = crew->world;
  world_reset(world);
  crew->search = search_new(world->items, world->n, close, world, options);
  crew->out = g_ptr_array_new();
  for (;;) {
    crew_hand_out(crew);
    if (crew->out->len == 0 || search_ended(crew->search))
      break;
    guint which = (guint)g_rand_int_range(crew->dice, 0, (gint32)crew->out->len);
    const SearchQuestion *question = g_ptr_array_steal_index(crew->out, which);
    search_answer(crew->search, question, crew_judge(crew, question, close == chaos_close), 0);
  }
  g_assert_true(search_ended(crew->search));
  search_outcome(crew->search, outcome);
  g_ptr_array_unref(crew->out);
  search_free(crew->search);
}

/* The same set by the same answers; only the questions' numbers are others. */
static void
assert_same_outcome(const World *world, const SearchOutcome *one, const SearchOutcome *other) {
  if (strcmp(one->key, other->key) != 0 || memcmp(one->removed, other->removed, world->n) != 0)
    g_error("seed %u: %s; expected %s", world->seed, other->key, one->key);
  g_assert_cmpuint(one->questions, ==, other->questions);
  g_assert_cmpuint(one->saved, ==, other->saved);
  g_assert_cmpuint(one->implied, ==, other->implied);
  g_assert_true(one->complete == other->complete && one->stopped == other->stopped);
  for (guint i = 0; i < world->n; i++) {
    g_assert_cmpint(one->items[i].fate, ==, other->items[i].fate);
    g_assert_cmpint(one->items[i].because, ==, other->items[i].because);
    g_assert_true((one->items[i].question == 0) == (other->items[i].question == 0));
  }
}

/* However many questions are out, and in whatever order the answers come: the same outcome. */
static void
test_workers(void) {
  guint one_at_a_time = 0, together = 0, most = 0;
  for (guint seed = 0; seed < 400; seed++) {
    g_autoptr(GRand) dice = g_rand_new_with_seed(seed);
    g_autoptr(World) world = seed % 3 == 0 ? make_world(seed) : make_wild_world(seed);
    g_auto(SearchOutcome) one = {0}, many = {0};
    SearchOptions options = {
        .exhaustive = seed % 2 == 0, .calibrate = seed % 4 < 2, .tolerance = seed % 5 * 200};
    Crew crew = {.world = world, .dice = dice, .workers = 2 + seed % 4};
    world_run(world, &options, &one);
    crew_run(&crew, world_close, &options, &many);
    assert_same_outcome(world, &one, &many);
    one_at_a_time += one.questions;
    together += crew.handed_out;
    most = MAX(most, crew.most_out);
  }
  g_test_message("%u questions one at a time, %u with 2 to 5 out", one_at_a_time, together);
  g_assert_cmpuint(most, ==, 5);
}

static void
test_workers_chaos(void) {
  for (guint seed = 0; seed < 400; seed++) {
    g_autoptr(GRand) dice = g_rand_new_with_seed(seed);
    g_autoptr(World) world = make_world(seed);
    g_auto(SearchOutcome) one = {0}, many = {0};
    SearchOptions options = {.exhaustive = seed % 3 == 0, .calibrate = seed % 4 == 0};
    Crew crew = {.world = world, .dice = dice, .workers = 2 + seed % 4};
    chaos_run(world, &options, &one);
    crew_run(&crew, chaos_close, &options, &many);
    assert_same_outcome(world, &one, &many);
  }
}

/* How many rounds of trials it takes with WORKERS, if all take as long. */
static guint
count_rounds(World *world, guint workers) {
  const SearchOptions options = {.calibrate = TRUE};
  g_autoptr(Search) search = search_new(world->items, world->n, world_close, world, &options);
  g_autoptr(GPtrArray) out = g_ptr_array_new();
  for (guint rounds = 0;; rounds++) {
    const SearchQuestion *question = NULL;
    g_ptr_array_set_size(out, 0);
    while (out->len < workers && search_next(search, &question, NULL) && question != NULL)
      g_ptr_array_add(out, (gpointer)question);
    if (out->len == 0)
      return rounds;
    for (guint i = 0; i < out->len; i++) {
      question = out->pdata[i];
      search_answer(search, question, world_judge(world, question->removed), 0);
    }
  }
}

/* What is handed out ahead is worth it. */
static void
test_rounds(void) {
  static const guint workers[] = {1, 2, 4};
  guint rounds[] = {0, 0, 0};
  for (guint seed = 0; seed < 10; seed++)
    for (guint w = 0; w < G_N_ELEMENTS(workers); w++) {
      g_autoptr(GRand) dice = g_rand_new_with_seed(seed);
      g_autoptr(World) world = world_new(60, 0.1);
      for (guint i = 0; i < world->n; i++)
        world->needed[i] = chance(dice, 0.1);
      rounds[w] += count_rounds(world, workers[w]);
    }
  g_test_message("6 of 60 needed, ten times: %u rounds; with 2 workers %u, with 4 %u", rounds[0],
                 rounds[1], rounds[2]);
  g_assert_cmpuint(rounds[1] * 10, <, rounds[0] * 8);
  g_assert_cmpuint(rounds[2] * 10, <, rounds[1] * 9);
}

/* A line "KIND SEED QUESTIONS HASH" of tests/cases/search/worlds. */
static void
append_trail(GString *lines, const char *kind, const World *world) {
  g_autoptr(GString) keys = g_string_new(NULL);
  for (guint i = 0; i < world->trail->len; i++)
    g_string_append_printf(keys, "%s\n", (char *)world->trail->pdata[i]);
  g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, keys->str, -1);
  g_string_append_printf(lines, "%s %u %u %.12s\n", kind, world->seed, world->trail->len, hash);
}

/* The worlds of KIND, each searched as it was when the file was made. */
static void
append_kind(GString *lines, const char *kind) {
  for (guint seed = 0; seed < 100; seed++) {
    gboolean calm = strcmp(kind, "calm") == 0, wild = strcmp(kind, "wild") == 0;
    gboolean chaos = strcmp(kind, "chaos") == 0;
    const SearchOptions options = {.exhaustive = chaos ? seed % 3 == 0 : !calm && !wild,
                                   .tolerance = wild ? seed % 5 * 200 : 0,
                                   .calibrate = seed % (calm ? 2 : 4) == 0};
    g_autoptr(World) world = calm || chaos ? make_world(seed) : make_wild_world(seed);
    g_auto(SearchOutcome) outcome = {0};
    if (chaos)
      chaos_run(world, &options, &outcome);
    else
      world_run(world, &options, &outcome);
    append_trail(lines, kind, world);
  }
}

/* The file holds the questions of the search that called for each answer itself (commit fa8e487).
 * They are still the same, in the same order: a journal of that time is as good as one of now. */
static void
test_same_questions(void) {
  static const char *const kinds[] = {"calm", "wild", "exhaustive", "chaos"};
  const char *top = g_getenv("SRCDIR");
  g_autofree char *path =
      g_build_filename(top != NULL ? top : ".", "tests/cases/search/worlds", NULL);
  g_autofree char *expected = NULL;
  g_autoptr(GString) lines = g_string_new(NULL);
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
    append_kind(lines, kinds[i]);
  g_assert_true(g_file_get_contents(path, &expected, NULL, NULL));
  g_assert_cmpstr(lines->str, ==, expected);
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
    world_ask(world, gone, key);
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
  g_test_add_func("/search-random/stop", test_stop);
  g_test_add_func("/search-random/close-error", test_close_error);
  g_test_add_func("/search-random/chaos", test_chaos);
  g_test_add_func("/search-random/same-questions", test_same_questions);
  g_test_add_func("/search-random/workers", test_workers);
  g_test_add_func("/search-random/workers/chaos", test_workers_chaos);
  g_test_add_func("/search-random/workers/rounds", test_rounds);
  g_test_add_func("/search-random/count", test_count);
  return g_test_run();
}
