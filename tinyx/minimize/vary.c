/* vary.c - what the test's machine does not vary must not decide: the result is booted in others'
 * places, and what of it fails there is put back.
 *
 * Each variation is one boot more. Where it fails, the start (the configuration before the search)
 * shows whether the search is to blame; if it is, a few kernels between the two tell which option.
 */
#include "minimize/run.h"

#include "base/files.h"
#include "base/msg.h"

#include <string.h>

#define KIND "vary"
#define ATTEMPTS 2     /* a boot that fails is tried once more, as in the search */
#define SAVED_MOST 128 /* MB: a saved guest is a file in the host's memory */
#define YEARS_14                                                                                   \
  441763200 /* seconds from 2026 to 2040: after 2038, when 32 bits of seconds end                  \
             */

static const RunnerVariation variations[] = {
    {.name = "processor-intel", .what = "on an Intel processor", .processor = "GenuineIntel"},
    {.name = "processor-amd", .what = "on an AMD processor", .processor = "AuthenticAMD"},
    {.name = "saved", .what = "after it was saved and restored", .saved = TRUE},
    {.name = "twice-the-memory", .what = "in twice the memory", .memory_times = 2},
    {.name = "clock-2040", .what = "in 2040", .clock_ahead = YEARS_14},
};

static gboolean
can_vary(const Run *run, const RunnerVariation *variation) {
  const Recipe *recipe = run->input.recipe;
  if (variation->saved && (recipe->memory > SAVED_MOST || recipe_is_job(recipe) || recipe->ends))
    return FALSE;
  return runner_can_vary(run->input.runner, variation);
}

/* Boots the kernel of CONFIG as VARIATION says, unless the journal has the answer. */
static const JournalEntry *
boot_varied(Run *run, const RunnerVariation *variation, const char *config, GError **error) {
  g_autofree char *key = sha256_of_strings(variation->name, config, NULL);
  const JournalEntry *old = journal_find(run->journal, KIND, key);
  if (old != NULL)
    return old;
  g_autoptr(JournalEntry) entry = journal_entry_new(KIND, key);
  g_autofree char *folder = run_build(run, config, entry, error);
  if (folder == NULL)
    return NULL;
  g_autofree char *image =
      g_build_filename(folder, run->input.options->image.platform->kernel, NULL);
  g_auto(RunnerResult) result = {0};
  runner_vary(run->input.runner, variation);
  gboolean done = runner_boot(run->input.runner, image, run->input.rootfs, run->input.memory,
                              ATTEMPTS, &result, error);
  runner_vary(run->input.runner, NULL);
  if (!done)
    return NULL;
  entry->verdict = result.passed ? VERDICT_PASS : VERDICT_FAIL;
  entry->why = result.passed ? NULL : g_strdup_printf("%s: %s", variation->what, result.why);
  entry->boots = result.boots;
  entry->boot_seconds = result.seconds;
  if (!result.passed)
    run_note_console(result.console, entry);
  const JournalEntry *answer = entry;
  return journal_add(run->journal, g_steal_pointer(&entry), error) ? answer : NULL;
}

/* Whether it passes with the first COUNT of REMOVED's candidates taken away: 1, 0, or -1 with ERROR
 * where that cannot be said. */
static int
passes_without(Run *run, const RunnerVariation *variation, const guint8 *removed, guint count,
               GError **error) {
  g_autofree guint8 *set = g_memdup2(removed, run->space.candidates->len);
  memset(set + count, 0, run->space.candidates->len - count);
  g_autofree char *config = space_configuration(&run->space, set, NULL, error);
  const JournalEntry *entry = config != NULL ? boot_varied(run, variation, config, error) : NULL;
  return entry == NULL ? -1 : entry->verdict == VERDICT_PASS;
}

/* The candidate of REMOVED that VARIATION fails without: with all before it gone it passes, with it
 * gone, too, it fails. *CULPRIT is the number of candidates where the start itself fails. */
static gboolean
find_culprit(Run *run, const RunnerVariation *variation, const guint8 *removed, guint *culprit,
             GError **error) {
  guint good = 0, bad = run->space.candidates->len;
  int passed = passes_without(run, variation, removed, 0, error);
  *culprit = bad;
  if (passed <= 0)
    return passed == 0;
  while (bad - good > 1) {
    guint middle = good + (bad - good) / 2;
    passed = passes_without(run, variation, removed, middle, error);
    if (passed < 0)
      return FALSE;
    *(passed ? &good : &bad) = middle;
  }
  *culprit = bad - 1;
  return TRUE;
}

/* VARIATION failed: what is to blame is put back into REMOVED. */
static gboolean
put_back(Run *run, const RunnerVariation *variation, guint8 *removed, gboolean *changed,
         GError **error) {
  guint culprit;
  msg_stage_detail("%s it fails: which option?", variation->what);
  if (!find_culprit(run, variation, removed, &culprit, error))
    return FALSE;
  if (culprit == run->space.candidates->len) {
    msg_warn("%s the test fails, but with the configuration before the search, too",
             variation->what);
    return TRUE;
  }
  Candidate *candidate = run->space.candidates->pdata[culprit];
  g_free(candidate->locked);
  candidate->locked = g_strdup_printf("put back: the test fails %s without it", variation->what);
  removed[culprit] = 0;
  *changed = TRUE;
  msg_info("%s is put back: the test fails %s without it", candidate->symbol, variation->what);
  return TRUE;
}

gboolean
run_vary(Run *run, const char *config, guint8 *removed, gboolean *changed, GError **error) {
  g_autoptr(GString) left = g_string_new(NULL);
  *changed = FALSE;
  msg_stage_begin("the result, elsewhere");
  for (guint i = 0; i < G_N_ELEMENTS(variations) && !*changed; i++) {
    const RunnerVariation *variation = &variations[i];
    if (!can_vary(run, variation)) {
      g_string_append_printf(left, " %s", variation->name);
      continue;
    }
    msg_stage_detail("%s", variation->what);
    const JournalEntry *entry = boot_varied(run, variation, config, error);
    if (entry == NULL ||
        (entry->verdict != VERDICT_PASS && !put_back(run, variation, removed, changed, error))) {
      msg_stage_abort();
      return FALSE;
    }
  }
  g_autofree char *words = left->len > 0 ? g_strdup_printf("not varied here:%s", left->str) : NULL;
  msg_stage_end(*changed ? "an option is put back" : words);
  return TRUE;
}
