/* journals.c - the shipped journals of searches, searched again: run by tests/slow/23-journals.sh,
 * which sets TINYX_TEST_KERNEL to the source ("6.1"), in the project's folder.
 *
 * A recipe's start is made of what its lock says (the rules that held) and must be the journal's,
 * to the byte. The candidates are weighed as the journal has it. What is asked is answered by the
 * journal, and where that does not know the question, by its last set that passed. Nothing is
 * built. tests/cases/search/journals has what the search asked of all this when it called for each
 * answer itself (commit fa8e487): "RECIPE KIND QUESTIONS HASH NUMBER...", with the numbers of the
 * journal's entries that were used.
 */
#include "kernel/lock.h"
#include "minimize/journal.h"
#include "minimize/space.h"
#include "search/search.h"

#include "base/files.h"

#include <string.h>

#define GOLDEN "tests/cases/search/journals"
#define TOLERANCE 0.01 /* as minimize/rounds.c has it */

typedef struct {
  Space space;
  Journal *journal;
  GArray *items;   /* SearchItem */
  guint8 *best;    /* a byte a candidate: the last set that passed */
  gint64 bytes;    /* of the start */
  GString *keys;   /* of the questions, a line each */
  GString *known;  /* " NUMBER" of each entry that was used */
  guint questions; /* that were asked */
} World;

static GPtrArray *
recipe_options(const Recipe *recipe) {
  GPtrArray *requests = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  for (guint i = 0; recipe->options[i] != NULL; i++) {
    g_auto(GStrv) sides = g_strsplit(recipe->options[i], "=", 2);
    g_ptr_array_add(requests, symbol_request_new(sides[0], sides[1], "recipe", "it asks for it"));
  }
  return requests;
}

/* The search space of a recipe, as it was when its journal was written. */
static void
make_space(World *world, KernelSource *source, const Recipe *recipe) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Platform) platform = platform_load("xen-pv", &error);
  g_autofree char *path = g_build_filename(recipe->folder, "kernel-xen-pv.lock", NULL);
  g_autoptr(Lock) lock = lock_load(path, &error);
  g_assert_no_error(error);
  g_autoptr(GPtrArray) files = g_ptr_array_new(), requests = recipe_options(recipe);
  const KernelInput kernel = {.source = g_getenv("TINYX_TEST_KERNEL"),
                              .platform = platform,
                              .files = files,
                              .with = (const char *const *)lock->rules,
                              .requests = requests};
  const SpaceInput input = {.recipe = recipe, .kernel = &kernel};
  space_make(&world->space, source, &input, &error);
  g_assert_no_error(error);
}

/* The line of FORECAST about CANDIDATE, behind its name. */
static const char *
forecast_of(const JournalEntry *forecast, const Candidate *candidate) {
  g_autofree char *start = g_strdup_printf("%s=%s ", candidate->symbol, candidate->to);
  for (guint i = 0; forecast->change[i] != NULL; i++)
    if (g_str_has_prefix(forecast->change[i], start))
      return forecast->change[i] + strlen(start);
  return NULL;
}

/* "BYTES CHANCE WORDS; never tried: …" of each candidate: what the search gets. */
static void
make_items(World *world) {
  const JournalEntry *forecast = journal_find(world->journal, "forecast", world->space.start_key);
  g_assert_nonnull(forecast);
  g_assert_cmpuint(g_strv_length(forecast->change), ==, world->space.candidates->len);
  world->items = g_array_new(FALSE, TRUE, sizeof(SearchItem));
  for (guint i = 0; i < world->space.candidates->len; i++) {
    const Candidate *candidate = world->space.candidates->pdata[i];
    const char *line = forecast_of(forecast, candidate);
    char *chance;
    g_assert_nonnull(line);
    SearchItem item = {.group = candidate->group,
                       .locked = strstr(line, "; never tried: ") != NULL};
    item.weight = g_ascii_strtod(line, &chance);
    item.needed = g_ascii_strtod(chance, NULL);
    g_array_append_val(world->items, item);
  }
}

static void
find_best(World *world) {
  const GPtrArray *entries = journal_entries(world->journal);
  const JournalEntry *best = NULL;
  for (guint i = 0; i < entries->len; i++) {
    const JournalEntry *entry = entries->pdata[i];
    if (strcmp(entry->kind, "trial") == 0 && entry->verdict == VERDICT_PASS)
      best = entry;
  }
  g_assert_nonnull(best);
  world->best = g_new0(guint8, world->space.candidates->len);
  for (guint i = 0; i < world->space.candidates->len; i++) {
    const Candidate *candidate = world->space.candidates->pdata[i];
    g_autofree char *change = g_strdup_printf("%s=%s", candidate->symbol, candidate->to);
    world->best[i] = g_strv_contains((const char *const *)best->change, change);
  }
}

static void
world_clear(World *world) {
  space_clear(&world->space);
  journal_close(world->journal);
  g_array_unref(world->items);
  g_free(world->best);
  g_string_free(world->keys, TRUE);
  g_string_free(world->known, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, world_clear)

static World
make_world(KernelSource *source, const char *name) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Recipe) recipe = recipe_load(name, &error);
  g_assert_no_error(error);
  g_autofree char *path = g_build_filename(recipe->folder, "kernel-xen-pv.journal", NULL);
  World world = {.keys = g_string_new(NULL), .known = g_string_new(NULL)};
  world.journal = journal_read(path, &error);
  g_assert_no_error(error);
  make_space(&world, source, recipe);
  const JournalEntry *start = journal_find(world.journal, "start", world.space.start_key);
  g_assert_nonnull(start); /* else this start is another one */
  world.bytes = start->bytes;
  make_items(&world);
  find_best(&world);
  return world;
}

static SearchVerdict
guess_verdict(const World *world, const SearchQuestion *question) {
  for (guint i = 0; i < world->space.candidates->len; i++)
    if (question->removed[i] && !world->best[i])
      return SEARCH_FAIL;
  return SEARCH_PASS;
}

static void
answer(World *world, Search *search, const SearchQuestion *question) {
  const JournalEntry *entry = journal_find(world->journal, "trial", question->key);
  SearchVerdict verdict = guess_verdict(world, question);
  double tolerance = 0;
  if (entry != NULL)
    verdict = entry->verdict == VERDICT_PASS   ? SEARCH_PASS
              : entry->verdict == VERDICT_FAIL ? SEARCH_FAIL
                                               : SEARCH_UNRESOLVED;
  if (entry != NULL && verdict == SEARCH_PASS)
    tolerance = TOLERANCE * (double)entry->bytes;
  if (entry != NULL)
    g_string_append_printf(world->known, " %u", entry->number);
  g_string_append_printf(world->keys, "%s\n", question->key);
  world->questions++;
  search_answer(search, question, verdict, tolerance);
}

/* With up to OUT questions out at once, of which the last is answered first. */
static void
run_search(World *world, const SearchOptions *options, guint out, SearchOutcome *outcome) {
  g_autoptr(Search) search = search_new((const SearchItem *)world->items->data, world->items->len,
                                        space_close, &world->space, options);
  g_autoptr(GPtrArray) questions = g_ptr_array_new();
  g_autoptr(GError) error = NULL;
  g_string_truncate(world->keys, 0);
  g_string_truncate(world->known, 0);
  world->questions = 0;
  for (;;) {
    const SearchQuestion *question = NULL;
    if (questions->len < out)
      search_next(search, &question, &error);
    g_assert_no_error(error);
    if (question != NULL)
      g_ptr_array_add(questions, (gpointer)question);
    else if (questions->len > 0 && !search_ended(search))
      answer(world, search, g_ptr_array_steal_index(questions, questions->len - 1));
    else
      break;
  }
  g_assert_true(search_ended(search));
  search_outcome(search, outcome);
}

/* WORDS: "RECIPE KIND QUESTIONS HASH NUMBER...". */
static void
check_line(World *world, char **words) {
  const SearchOptions options = {.exhaustive = strcmp(words[1], "exhaustive") == 0,
                                 .tolerance = TOLERANCE * (double)world->bytes,
                                 .calibrate = TRUE};
  g_auto(SearchOutcome) one = {0}, several = {0};
  run_search(world, &options, 1, &one);
  g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, world->keys->str, -1);
  g_autofree char *found = g_strdup_printf("%s %s %u %.16s%s", words[0], words[1], world->questions,
                                           hash, world->known->str);
  g_autofree char *expected = g_strjoinv(" ", words);
  g_assert_cmpstr(found, ==, expected);
  run_search(world, &options, 3, &several);
  g_assert_cmpstr(one.key, ==, several.key);
  g_assert_cmpuint(one.questions, ==, several.questions);
  g_test_message("%s, %s: %u questions, with three out %u", words[0], words[1], one.questions,
                 world->questions);
}

static void
test_recipe(gconstpointer data) {
  const char *name = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  guint checked = 0;
  g_autoptr(KernelSource) source = source_find(g_getenv("TINYX_TEST_KERNEL"), &error);
  g_assert_no_error(error);
  g_auto(World) world = make_world(source, name);
  g_assert_true(g_file_get_contents(GOLDEN, &text, NULL, NULL));
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) words = g_strsplit(lines[i], " ", -1);
    if (g_strcmp0(words[0], name) != 0)
      continue;
    check_line(&world, words);
    checked++;
  }
  g_assert_cmpuint(checked, >, 0);
}

int
main(int argc, char **argv) {
  g_autoptr(GDir) recipes = g_dir_open("recipes", 0, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  const char *name;
  g_test_init(&argc, &argv, NULL);
  while (recipes != NULL && (name = g_dir_read_name(recipes)) != NULL) {
    g_autofree char *journal = g_build_filename("recipes", name, "kernel-xen-pv.journal", NULL);
    g_autofree char *path = g_strconcat("/journals/", name, NULL);
    if (!g_file_test(journal, G_FILE_TEST_EXISTS) || g_getenv("TINYX_TEST_KERNEL") == NULL)
      continue;
    g_ptr_array_add(names, g_strdup(name));
    g_test_add_data_func(path, names->pdata[names->len - 1], test_recipe);
  }
  return g_test_run();
}
