/* test-search.c - the group search on small examples, question by question. */
#include "search-world.h"

/* A set as world_key() has it: "-" goes. */
static void
assert_trail(const World *world, const char *const *keys) {
  g_autofree char *expected = g_strjoinv(" ", (char **)keys);
  g_ptr_array_add(world->trail, NULL);
  g_autofree char *trail = g_strjoinv(" ", (char **)world->trail->pdata);
  g_ptr_array_set_size(world->trail, (gint)world->trail->len - 1);
  g_assert_cmpstr(trail, ==, expected);
}
#define assert_questions(world, ...)                                                               \
  assert_trail(world, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void
assert_fate(const SearchOutcome *outcome, guint item, SearchFate fate, guint question,
            int because) {
  const SearchItemFate *found = &outcome->items[item];
  if (found->fate != fate || found->question != question || found->because != because)
    g_error("item %u: %s, question %u, because %d; expected %s, %u, %d", item,
            search_fate_name(found->fate), found->question, found->because, search_fate_name(fate),
            question, because);
}

static void
depends(World *world, guint item, guint on) {
  world->depends[item * world->n + on] = 1;
}

static void
keeps(World *world, guint selector, guint item) {
  world->keeps[selector * world->n + item] = 1;
}

/* A bad group is halved; the last one left of it is needed without a question. */
static void
test_halving(void) {
  g_autoptr(World) world = world_new(8, 0.05);
  g_auto(SearchOutcome) outcome = {0};
  world->needed[3] = 1;
  world_run(world, NULL, &outcome);
  assert_questions(world, "--------", "----++++", "--++++++", "---+++++", "---+----");
  assert_fate(&outcome, 3, SEARCH_NEEDED, 2, -1);
  assert_fate(&outcome, 2, SEARCH_REMOVED, 4, -1);
  assert_fate(&outcome, 7, SEARCH_REMOVED, 5, -1);
  g_assert_cmpuint(outcome.saved, >=, 1);
  g_assert_true(outcome.complete);
}

/* Nothing to do, all can go, none can go. */
static void
test_ends(void) {
  g_autoptr(World) none = world_new(0, 0), all = world_new(5, 0), fixed = world_new(2, 0.5);
  g_auto(SearchOutcome) outcome = {0}, all_outcome = {0}, fixed_outcome = {0};
  world_run(none, NULL, &outcome);
  g_assert_cmpuint(outcome.questions, ==, 0);
  g_assert_true(outcome.complete);
  world_run(all, NULL, &all_outcome);
  assert_questions(all, "-----");
  memset(fixed->needed, 1, 2);
  world_run(fixed, NULL, &fixed_outcome);
  assert_questions(fixed, "-+", "+-");
}

/* What is hardly needed goes in one question, then group by group, the heavy group first. */
static void
test_order(void) {
  static const char *const groups[] = {"Net/IPv4", "Sound", "Net/IPv6", "Sound", "Net/IPv4", NULL};
  g_autoptr(World) world = world_new(6, 0.3);
  g_auto(SearchOutcome) outcome = {0};
  for (guint i = 0; i < world->n; i++)
    world->items[i].group = groups[i];
  world->items[5].needed = 0;
  world->items[3].weight = 9;
  world_run(world, NULL, &outcome);
  assert_questions(world, "+++-+-", "+-+-+-", "--+-+-", "--+---", "------");
}

/* Items 0 and 1 together take item 7 away, which neither does alone. */
static char *
joint_close(guint8 *removed, gpointer data, GError **error) {
  removed[7] |= removed[0] && removed[1];
  return world_close(removed, data, error);
}

/* What is unlikely only together with others is passed over; those behind it go all the same. */
static void
test_joint(void) {
  g_autoptr(World) world = world_new(8, 0.01);
  g_auto(SearchOutcome) outcome = {0};
  world->items[7].needed = 0.9;
  world->needed[7] = 1;
  g_assert_true(world_search(world, joint_close, NULL, &outcome, NULL));
  g_assert_cmpstr(world->trail->pdata[0], ==, "-+-----+");
  g_assert_cmpuint(outcome.questions, <=, 3);
  assert_fate(&outcome, 6, SEARCH_REMOVED, 1, -1);
}

/* A menu that takes a needed entry along is needed too, and says so; it is tried after them. */
static void
test_menu(void) {
  g_autoptr(World) world = world_new(4, 0.1);
  g_auto(SearchOutcome) outcome = {0};
  for (guint i = 1; i < 4; i++)
    depends(world, i, 0);
  world->items[2].needed = 0.8;
  world->needed[2] = 1;
  world_run(world, NULL, &outcome);
  assert_questions(world, "+-+-", "+---");
  assert_fate(&outcome, 2, SEARCH_NEEDED, 2, -1);
  assert_fate(&outcome, 0, SEARCH_NEEDED, 2, 2);
}

/* A menu is as risky as its entries only while they are there: of 0, 1 is one. */
static void
test_empty_menu(void) {
  static const double needed[] = {0.01, 0.5, 0.01, 0.01, 0.502};
  g_autoptr(World) world = world_new(5, 0);
  g_auto(SearchOutcome) outcome = {0};
  for (guint i = 0; i < world->n; i++)
    world->items[i].needed = needed[i];
  depends(world, 1, 0);
  world_run(world, NULL, &outcome);
  assert_questions(world, "++--+", "+---+", "----+", "-----");
}

/* A search that goes on from another's result: no question about what is gone, which stays gone. */
static void
test_begun(void) {
  g_autoptr(World) world = world_new(5, 0.1);
  g_auto(SearchOutcome) outcome = {0};
  world->items[0].gone = world->items[1].gone = TRUE;
  world->needed[3] = 1;
  world_run(world, NULL, &outcome);
  assert_questions(world, "-----", "---++", "----+", "---+-");
  assert_fate(&outcome, 0, SEARCH_REMOVED, 0, -1);
  g_assert_true(outcome.removed[0] && outcome.removed[1]);
  g_assert_false(outcome.removed[3]);
}

static void
test_locked(void) {
  g_autoptr(World) world = world_new(3, 0.1);
  g_auto(SearchOutcome) outcome = {0};
  static const SearchOptions options = {.exhaustive = TRUE};
  world->items[1].locked = TRUE;
  depends(world, 1, 0);
  world_run(world, &options, &outcome);
  assert_questions(world, "++-");
  assert_fate(&outcome, 0, SEARCH_NEEDED, 0, 1);
  assert_fate(&outcome, 1, SEARCH_KEPT_LOCKED, 0, -1);
}

/* What does not build is no evidence: the other half is tried again. */
static void
test_unresolved(void) {
  g_autoptr(World) world = world_new(4, 0.1), pair = world_new(4, 0.1);
  g_auto(SearchOutcome) outcome = {0}, pair_outcome = {0};
  world->partner[1] = 1;
  world_run(world, NULL, &outcome);
  assert_questions(world, "----", "--++", "-+++", "-+--");
  assert_fate(&outcome, 1, SEARCH_SET_ASIDE, 2, -1);
  g_assert_true(outcome.complete);
  /* Alone it does not build, with its partner it does. */
  pair->partner[0] = 3;
  pair->items[3].needed = 0.9;
  static const SearchOptions options = {.exhaustive = TRUE};
  world_run(pair, &options, &pair_outcome);
  g_assert_cmpstr(pair_outcome.key, ==, "----");
  /* Neither builds alone; they were tried apart, since both seemed needed. */
  g_autoptr(World) both = world_new(4, 0.1);
  g_auto(SearchOutcome) both_outcome = {0};
  both->partner[0] = 3;
  both->partner[3] = 0;
  both->items[0].needed = both->items[3].needed = 0.8;
  world_run(both, NULL, &both_outcome);
  assert_questions(both, "+--+", "---+", "+---", "----");
  assert_fate(&both_outcome, 0, SEARCH_REMOVED, 4, -1);
}

/* What something brings back costs no question, and goes when that is gone. */
static void
test_stuck(void) {
  g_autoptr(World) freed = world_new(3, 0.1), kept = world_new(3, 0.1);
  g_auto(SearchOutcome) outcome = {0}, kept_outcome = {0};
  freed->items[2].needed = kept->items[2].needed = 0.9;
  keeps(freed, 2, 0);
  world_run(freed, NULL, &outcome);
  assert_questions(freed, "+-+", "+--", "---");
  kept->needed[2] = 1;
  keeps(kept, 2, 0);
  world_run(kept, NULL, &kept_outcome);
  assert_questions(kept, "+-+", "+--");
  assert_fate(&kept_outcome, 0, SEARCH_STUCK, 0, -1);
}

/* Of two that do not go together the heavier goes, however little the lighter one is needed; the
 * lighter one only where the heavier is needed. */
static void
test_rivals(void) {
  for (guint needed = 0; needed < 2; needed++) {
    g_autoptr(World) world = world_new(3, 0.05);
    g_auto(SearchOutcome) outcome = {0};
    world->items[0].needed = 0.02;
    world->items[2].weight = 9;
    world->brings[0] = 2;
    world->needed[2] = (guint8)needed;
    world_run(world, NULL, &outcome);
    g_assert_cmpstr(outcome.key, ==, needed ? "--+" : "+--");
    if (!needed) {
      assert_questions(world, "+--");
      assert_fate(&outcome, 0, SEARCH_STUCK, 0, -1);
    }
  }
}

/* Two that keep each other in go together, or not at all. */
static void
test_together(void) {
  for (guint needed = 0; needed < 2; needed++) {
    g_autoptr(World) world = world_new(3, 0.6);
    g_auto(SearchOutcome) outcome = {0};
    keeps(world, 0, 2);
    keeps(world, 2, 0);
    world->needed[2] = (guint8)needed;
    world_run(world, NULL, &outcome);
    g_assert_cmpstr(outcome.key, ==, needed ? "+-+" : "---");
    g_assert_cmpuint(outcome.questions, ==, 2);
  }
}

/* One of two is needed: either, not both. */
static void
test_either(void) {
  g_autoptr(World) world = world_new(4, 0.1);
  g_auto(SearchOutcome) outcome = {0};
  world->clauses[0] = g_malloc0(4);
  world->clauses[0][0] = world->clauses[0][3] = 1;
  world_run(world, NULL, &outcome);
  g_assert_cmpstr(outcome.key, ==, "---+");
}

/* The end is where little is left to save. */
static void
test_tolerance(void) {
  g_autoptr(World) world = world_new(3, 0.9);
  g_auto(SearchOutcome) outcome = {0};
  SearchOptions options = {.tolerance = 100};
  world->items[0] = (SearchItem){.weight = 5000, .needed = 0.1};
  world->items[1].weight = world->items[2].weight = 400; /* 2 * 400 * 0.1 */
  world_run(world, &options, &outcome);
  assert_questions(world, "-++");
  assert_fate(&outcome, 1, SEARCH_UNTRIED, 0, -1);
  g_assert_false(outcome.complete || outcome.stopped);
}

/* ... which an answer may make less: what is left counts against what it is left of. */
static void
test_moving_tolerance(void) {
  for (guint moves = 0; moves < 2; moves++) {
    const SearchOptions options = {.tolerance = moves ? 20 : 0};
    g_autoptr(World) world = world_new(3, 0.9);
    g_autoptr(Search) search = search_new(world->items, 3, world_close, world, &options);
    g_auto(SearchOutcome) outcome = {0};
    const SearchQuestion *question;
    world->items[0] = (SearchItem){.weight = 5000, .needed = 0.1};
    world->items[1].weight = world->items[2].weight = 400; /* 2 * 400 * 0.1 */
    g_assert_true(search_next(search, &question, NULL));
    search_answer(search, question, world_ask(world, question->removed, question->key), 100);
    g_assert_true(search_next(search, &question, NULL));
    /* There was none: now there is. There was less: it stays. */
    g_assert_true(search_ended(search) == !moves);
    g_assert_true((question == NULL) == !moves);
    search_outcome(search, &outcome);
    assert_questions(world, "-++");
    assert_fate(&outcome, 1, SEARCH_UNTRIED, 0, -1);
  }
  /* Whoever wants each item tried gets that. */
  const SearchOptions exhaustive = {.exhaustive = TRUE, .tolerance = 1000};
  g_autoptr(World) world = world_new(3, 0.9);
  g_auto(SearchOutcome) all = {0};
  world_run(world, &exhaustive, &all);
  g_assert_cmpuint(all.questions, >, 1);
}

/* Guesses that are much too high: what was seen to go makes the groups larger; and where they were
 * too low, smaller. */
static void
test_calibrate(void) {
  static const SearchOptions options = {.calibrate = TRUE};
  g_autoptr(World) none = world_new(60, 0.4), many = world_new(60, 0.02);
  g_auto(SearchOutcome) as_guessed = {0}, calibrated = {0}, low = {0}, low_calibrated = {0};
  world_run(none, NULL, &as_guessed);
  g_assert_cmpuint(as_guessed.questions, ==, 60);
  world_run(none, &options, &calibrated);
  g_assert_cmpuint(calibrated.questions, <=, 12);
  for (guint i = 0; i < many->n; i += 3)
    many->needed[i] = 1;
  world_run(many, NULL, &low);
  world_run(many, &options, &low_calibrated);
  g_assert_cmpuint(low_calibrated.questions * 10, <=, low.questions * 9);
  /* What is all but known to be needed stays so, whatever else goes: nothing is asked about it. */
  g_autoptr(World) sure = world_new(60, 0.1);
  SearchOptions tolerant = {.calibrate = TRUE, .tolerance = 1};
  g_auto(SearchOutcome) rest = {0};
  for (guint i = 0; i < 20; i++)
    sure->items[i].needed = 0.99;
  memset(sure->needed, 1, 20);
  world_run(sure, &tolerant, &rest);
  g_assert_cmpint(rest.items[0].fate, ==, SEARCH_UNTRIED);
  g_assert_cmpint(rest.items[59].fate, ==, SEARCH_REMOVED);
}

/* While a question is out, the next ones are those that may follow its answers, the likelier first;
 * an answer that comes before its turn lies ready. */
static void
test_ahead(void) {
  g_autoptr(World) world = world_new(8, 0.05);
  g_autoptr(Search) search = search_new(world->items, 8, world_close, world, NULL);
  const SearchQuestion *first, *second, *third;
  world->needed[3] = 1;
  g_assert_true(search_next(search, &first, NULL) && search_next(search, &second, NULL));
  g_assert_cmpstr(first->key, ==, "--------");
  g_assert_cmpstr(second->key, ==, "----++++"); /* nothing is left to ask if the first passes */
  g_assert_cmpuint(second->number, ==, 2);
  search_answer(search, second, SEARCH_PASS, 0);
  g_assert_true(search_next(search, &third, NULL)); /* it is known how that one is answered */
  g_assert_cmpstr(third->key, ==, "------++");
  search_answer(search, first, SEARCH_FAIL, 0);
  search_answer(search, third, SEARCH_FAIL, 0);
  g_assert_true(search_next(search, &first, NULL));
  g_assert_cmpstr(first->key, ==, "-----+++");
}

/* Nothing can be handed out before what is out is answered; then the search has ended. */
static void
test_wait(void) {
  g_autoptr(World) world = world_new(1, 0.05);
  g_autoptr(Search) search = search_new(world->items, 1, world_close, world, NULL);
  g_auto(SearchOutcome) before = {0}, after = {0};
  const SearchQuestion *question, *none;
  g_assert_true(search_next(search, &question, NULL) && search_next(search, &none, NULL));
  g_assert_true(question != NULL && none == NULL && !search_ended(search));
  search_outcome(search, &before);
  g_assert_true(before.stopped && !before.complete && !before.removed[0]);
  search_answer(search, question, SEARCH_PASS, 0);
  g_assert_true(search_next(search, &none, NULL));
  g_assert_true(none == NULL && search_ended(search));
  search_outcome(search, &after);
  g_assert_true(!after.stopped && after.complete && after.removed[0]);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/search/tolerance/moving", test_moving_tolerance);
  g_test_add_func("/search/halving", test_halving);
  g_test_add_func("/search/ends", test_ends);
  g_test_add_func("/search/order", test_order);
  g_test_add_func("/search/joint", test_joint);
  g_test_add_func("/search/menu", test_menu);
  g_test_add_func("/search/menu/empty", test_empty_menu);
  g_test_add_func("/search/begun", test_begun);
  g_test_add_func("/search/locked", test_locked);
  g_test_add_func("/search/unresolved", test_unresolved);
  g_test_add_func("/search/stuck", test_stuck);
  g_test_add_func("/search/rivals", test_rivals);
  g_test_add_func("/search/together", test_together);
  g_test_add_func("/search/either", test_either);
  g_test_add_func("/search/tolerance", test_tolerance);
  g_test_add_func("/search/calibrate", test_calibrate);
  g_test_add_func("/search/ahead", test_ahead);
  g_test_add_func("/search/wait", test_wait);
  return g_test_run();
}
