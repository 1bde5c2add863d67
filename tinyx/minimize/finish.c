/* finish.c - from what the search found to a lock that was verified. */
#include "minimize/run.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/least.h"
#include "base/msg.h"
#include "kernel/choose.h"
#include "kernel/lock.h"
#include "kernel/reduce.h"

#include <string.h>
#include <unistd.h>

#define ROUNDS 3         /* times in a row that the result must pass */
#define UNTRIED_SHOWN 16 /* names on the terminal */

/* What trial NUMBER showed: its test failed, or it did not come to one. */
static char *
failure_text(const Run *run, guint number) {
  const GPtrArray *entries = journal_entries(run->journal);
  const JournalEntry *entry = number > 0 ? entries->pdata[number - 1] : NULL;
  return entry != NULL && entry->boots == 0 && entry->why != NULL
             ? g_strdup_printf("trial %u without it: %s", number, entry->why)
             : g_strdup_printf("the test fails without it: trial %u", number);
}

/* What the search found out about candidate I, for the lock. */
static char *
fate_text(const Run *run, const SearchOutcome *outcome, guint i) {
  const Candidate *candidate = run->space.candidates->pdata[i];
  const SearchItemFate *item = &outcome->items[i];
  if (item->fate == SEARCH_REMOVED && !outcome->removed[i]) /* by run_vary() */
    return g_strdup(candidate->locked);
  switch (item->fate) {
  case SEARCH_NEEDED:
    return item->because >= 0
               ? g_strdup_printf("%s needs it",
                                 ((Candidate *)run->space.candidates->pdata[item->because])->symbol)
               : failure_text(run, run_trial_of(run, item->question));
  case SEARCH_KEPT_LOCKED:
    return g_strdup_printf("kept: %s", candidate->locked);
  case SEARCH_SET_ASIDE:
    return g_strdup("could not be built without it");
  case SEARCH_STUCK:
    return g_strdup("comes back when it is switched off");
  case SEARCH_UNTRIED:
    return g_strdup_printf("not built without it: about %.0f bytes, %s", candidate->weight,
                           candidate->guess != NULL ? candidate->guess : "no forecast");
  default:
    return g_strdup_printf("the test passes so: trial %u", run_trial_of(run, item->question));
  }
}

/* The index of the candidate that changes SYMBOL, alone or along with another; the number of
 * candidates where there is none. */
static guint
candidate_for(const Run *run, const char *symbol) {
  for (guint i = 0; i < run->space.candidates->len; i++) {
    const Candidate *candidate = run->space.candidates->pdata[i];
    if (symbol_request_find(candidate->set, symbol) != NULL)
      return i;
  }
  return run->space.candidates->len;
}

static char *
reason_for(const Run *run, const SearchOutcome *outcome, const SymbolRequest *request) {
  const SymbolRequest *asked = symbol_request_find(run->space.asked, request->symbol);
  gboolean as_asked = asked != NULL && config_value_equal(asked->value, request->value);
  guint i = candidate_for(run, request->symbol);
  g_autofree char *fate = i < run->space.candidates->len ? fate_text(run, outcome, i) : NULL;
  if (fate == NULL)
    return g_strdup(as_asked ? asked->reason : "goes with the others");
  const Candidate *candidate = run->space.candidates->pdata[i];
  if (strcmp(candidate->symbol, request->symbol) != 0)
    return g_strdup_printf("makes way for %s; %s", candidate->symbol, fate);
  return as_asked ? g_strdup_printf("%s; %s", asked->reason, fate) : g_steal_pointer(&fate);
}

/* The fewest lines that lead to the configuration of REMOVED, each with its reason. */
static GPtrArray *
lock_requests(const Run *run, const SearchOutcome *outcome, const guint8 *removed, GError **error) {
  g_autoptr(GPtrArray) all = space_requests(&run->space, removed);
  g_autoptr(GPtrArray) few = NULL;
  for (guint i = all->len; i > 0; i--)
    if (strcmp(((SymbolRequest *)all->pdata[i - 1])->symbol, SPACE_MAP_SYMBOL) == 0)
      g_ptr_array_remove_index(all, i - 1);
  few = requests_reduce(run->space.kconfig, run->space.platform, all, error);
  for (guint i = 0; few != NULL && i < few->len; i++) {
    SymbolRequest *request = few->pdata[i];
    char *reason = reason_for(run, outcome, request);
    g_free(request->reason);
    request->reason = reason;
  }
  return g_steal_pointer(&few);
}

static gboolean
boot_final(const Run *run, const char *image, int memory, guint attempts, gboolean *passed,
           GError **error) {
  g_auto(RunnerResult) result = {0};
  if (!runner_boot(run->input.runner, image, run->input.rootfs, memory, attempts, &result, error))
    return FALSE;
  *passed = result.passed;
  if (!result.passed)
    msg_verbose("with %d MB: %s", memory, result.why);
  return TRUE;
}

/* Whether the test passes ROUNDS times in a row. A boot that fails is tried once more, as in the
 * search; the counting begins anew then. */
static gboolean
boot_in_a_row(const Run *run, const char *image, int memory, gboolean *passed, GError **error) {
  guint row = 0, failures = 0;
  while (row < ROUNDS && failures < 2) {
    msg_stage_detail("%u of %u", row + 1, ROUNDS);
    if (!boot_final(run, image, memory, 1, passed, error))
      return FALSE;
    row = *passed ? row + 1 : 0;
    failures += !*passed;
  }
  *passed = row == ROUNDS;
  return TRUE;
}

/* The least memory in which the test passes, to the MB, below HIGH, in which it has passed. */
static gboolean
find_least_memory(const Run *run, const char *image, int high, int *least, GError **error) {
  int low = MIN(LEAST_LOWEST, high - 1), mb;
  while ((mb = least_next(low, high, 1)) > 0) {
    gboolean passed;
    msg_stage_detail("%d MB", mb);
    if (!boot_final(run, image, mb, 1, &passed, error))
      return FALSE;
    *(passed ? &high : &low) = mb;
  }
  *least = high;
  return TRUE;
}

/* In words, whether IMAGE, which was built from nothing, has the same bytes as the best kernel of
 * the search, which was made of kept objects. "" where that kernel is not there any more; NULL: an
 * error.
 */
static const char *
compare_with_best(const Run *run, const char *image, GError **error) {
  g_autofree char *best =
      g_build_filename(run->input.folder, "best", run->input.options->image.platform->packed, NULL);
  g_autofree char *first = NULL, *second = NULL;
  if (!g_file_test(best, G_FILE_TEST_EXISTS) || file_size(best) != run->trials.best_bytes)
    return "";
  first = file_sha256(image, error);
  second = first != NULL ? file_sha256(best, error) : NULL;
  if (second == NULL)
    return NULL;
  return strcmp(first, second) == 0 ? "the same bytes as in the search"
                                    : "NOT the bytes of the search";
}

/* Builds the kernel of the lock alone, without objects that were there before. It must pass three
 * times in a row in the memory that its image gets, and once in the least memory that is found. */
static gboolean
verify(const Run *run, const char *config, JournalEntry *entry, GError **error) {
  KernelBuild build = {.source = run->input.source,
                       .toolchain = run->input.toolchain,
                       .platform = run->input.options->image.platform,
                       .config = config,
                       .jobs = run->input.options->jobs,
                       .clean = TRUE};
  int memory =
      run->input.options->memory > 0 ? run->input.options->memory : run->input.recipe->memory;
  gint64 begin = g_get_monotonic_time();
  g_autofree char *folder = NULL, *image = NULL, *packed = NULL;
  const char *compared;
  gboolean unused, passed = TRUE;
  msg_stage_begin("the result, built anew with empty caches");
  folder = build_kernel(&build, &unused, error);
  if (folder == NULL)
    return FALSE;
  entry->build_seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
  packed = g_build_filename(folder, run->input.options->image.platform->packed, NULL);
  image = g_build_filename(folder, run->input.options->image.platform->kernel, NULL);
  entry->bytes = file_size(packed);
  compared = compare_with_best(run, packed, error);
  if (compared == NULL)
    return FALSE;
  msg_stage_end(compared);
  msg_stage_begin("the result, booted");
  if (!boot_in_a_row(run, image, memory, &passed, error))
    return FALSE;
  if (!passed) {
    entry->verdict = VERDICT_FAIL;
    entry->why = g_strdup_printf("it does not pass %d times in a row", ROUNDS);
    msg_stage_abort();
    return TRUE;
  }
  if (run->input.options->command == NULL &&
      !find_least_memory(run, image, memory, &entry->memory, error))
    return FALSE;
  msg_stage_end(NULL);
  return TRUE;
}

/* A note on the symbols that a search had no time to try; at most MOST are named. g_free. */
static char *
untried_text(const Run *run, const SearchOutcome *outcome, guint most) {
  g_autoptr(GString) names = g_string_new(NULL);
  guint count = 0;
  for (guint i = 0; i < outcome->n; i++)
    if (outcome->items[i].fate == SEARCH_UNTRIED && count++ < most)
      g_string_append_printf(names, " %s", ((Candidate *)run->space.candidates->pdata[i])->symbol);
  return g_strdup_printf(LOCK_UNTRIED " %u symbols were not tried:%s%s", count, names->str,
                         count > most ? " and others, which the lock names" : "");
}

/* Those of REQUESTS that a person named to the search: keep.config does not bring them back.
 * g_strfreev. */
static char **
named_symbols(const Run *run, const GPtrArray *requests) {
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();
  for (guint i = 0; run->space.named && i < requests->len; i++) {
    const SymbolRequest *request = requests->pdata[i];
    if (candidate_for(run, request->symbol) < run->space.candidates->len)
      g_strv_builder_add(names, request->symbol);
  }
  return g_strv_builder_end(names);
}

/* The lock for the result of the search. */
static Lock *
make_lock(const Run *run, const SearchOutcome *outcome, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autofree char *path =
      image_lock_path(run->input.recipe, run->input.options->image.platform->name);
  g_autoptr(Lock) lock = lock_new(path);
  g_autoptr(GPtrArray) rules = choose_rules(&run->input.parts.input, data, error);
  GPtrArray *requests = rules != NULL ? lock_requests(run, outcome, outcome->removed, error) : NULL;
  if (requests == NULL)
    return NULL;
  g_ptr_array_unref(lock->requests);
  lock->requests = requests;
  lock->application = g_strdup(run->input.recipe->name);
  lock->platform = g_strdup(run->input.options->image.platform->name);
  lock->version = g_strdup(run->input.source->version);
  g_strfreev(lock->rules);
  g_ptr_array_add(rules, NULL);
  lock->rules = g_strdupv((char **)rules->pdata);
  g_strfreev(lock->named);
  lock->named = named_symbols(run, lock->requests);
  if (outcome->stopped)
    g_ptr_array_add(lock->notes, untried_text(run, outcome, outcome->n));
  return g_steal_pointer(&lock);
}

/* A search that was stopped does not take the place of a lock whose kernel is smaller. */
static gboolean
is_worse(const Lock *lock, const SearchOutcome *outcome) {
  g_autoptr(Lock) old = outcome->stopped ? lock_load(lock->file, NULL) : NULL;
  return old != NULL && old->bzimage > 0 && old->bzimage < lock->bzimage &&
         lock_fits_version(old, lock->version);
}

static gboolean
write_lock(Run *run, Lock *lock, GError **error) {
  g_autofree char *text = lock_text(lock);
  g_autofree char *journal =
      minimize_journal_path(run->input.recipe, run->input.options->image.platform->name);
  if (!file_copy(journal_path(run->journal), journal, 0644, error) ||
      !file_write(lock->file, text, strlen(text), 0644, error))
    return FALSE;
  run->result.lock = g_strdup(lock->file);
  return TRUE;
}

/* verify(), or what the journal has of it: a "final" entry for the same configuration. */
static gboolean
verify_once(const Run *run, const char *config, const JournalEntry **answer, GError **error) {
  g_autofree char *key = sha256_of_strings(config, NULL);
  JournalEntry *entry;
  *answer = journal_find(run->journal, "final", key);
  if (*answer != NULL && (*answer)->verdict == VERDICT_PASS)
    return TRUE;
  entry = journal_entry_new("final", key);
  if (!verify(run, config, entry, error)) {
    journal_entry_free(entry);
    msg_stage_abort();
    return FALSE;
  }
  *answer = entry;
  return journal_add(run->journal, entry, error);
}

/* The lock for OUTCOME, the configuration that it leads to, and the answer of its verification;
 * an error where that failed. */
static gboolean
lock_and_verify(Run *run, const SearchOutcome *outcome, Lock **lock, char **config,
                const JournalEntry **answer, GError **error) {
  msg_stage_begin("the lock");
  *lock = make_lock(run, outcome, error);
  *config = *lock != NULL
                ? requests_apply(run->space.kconfig, run->space.platform, (*lock)->requests, error)
                : NULL;
  if (*config == NULL) {
    msg_stage_abort();
    return FALSE;
  }
  msg_stage_end(NULL);
  if (!verify_once(run, *config, answer, error))
    return FALSE;
  if ((*answer)->verdict == VERDICT_PASS)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
              "the result was thrown away: %s; the trials are in %s: the same command builds and "
              "boots it once more",
              (*answer)->why, journal_path(run->journal));
  return FALSE;
}

/* The same until it passes elsewhere, too: OUTCOME's set loses what had to be put back. */
static gboolean
lock_everywhere(Run *run, SearchOutcome *outcome, Lock **lock, char **config,
                const JournalEntry **answer, GError **error) {
  gboolean changed = TRUE;
  while (changed) {
    g_clear_pointer(lock, lock_free);
    g_clear_pointer(config, g_free);
    if (!lock_and_verify(run, outcome, lock, config, answer, error) ||
        !run_vary(run, *config, outcome->removed, &changed, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
run_finish(Run *run, const SearchOutcome *found, GError **error) {
  g_autoptr(Lock) lock = NULL;
  g_autofree char *config = NULL;
  g_autofree guint8 *removed = g_memdup2(found->removed, found->n);
  const JournalEntry *answer;
  SearchOutcome put = *found, *outcome = &put;
  put.removed = removed;
  if (!lock_everywhere(run, outcome, &lock, &config, &answer, error))
    return FALSE;
  g_autoptr(DotConfig) values = config_parse(config, strlen(config), "kconfig", error);
  if (values == NULL)
    return FALSE;
  lock->bzimage = answer->bytes;
  lock->least_memory = answer->memory;
  run->result.bytes = answer->bytes;
  run->result.least_memory = answer->memory;
  run->result.symbols = config_count_yes(values);
  run->result.asked = lock->requests->len;
  run->result.complete = !outcome->stopped;
  if (outcome->stopped) {
    g_autofree char *untried = untried_text(run, outcome, UNTRIED_SHOWN);
    msg_warn("%s", untried);
  }
  if (!is_worse(lock, outcome))
    return write_lock(run, lock, error);
  msg_warn("%s stays as it was: its kernel is smaller than what was found until the budget ran out "
           "(%" G_GINT64_FORMAT " bytes); the same command goes on from there",
           lock->file, lock->bzimage);
  run->result.lock = g_strdup(lock->file);
  return TRUE;
}
