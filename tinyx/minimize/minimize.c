#include "minimize/run.h"

#include "base/cache.h"
#include "base/msg.h"

#include <string.h>
#include <unistd.h>

void
minimize_report_clear(MinimizeReport *report) {
  g_clear_pointer(&report->lock, g_free);
  g_clear_pointer(&report->journal, g_free);
  g_clear_pointer(&report->best, g_free);
}

char *
minimize_journal_path(const Recipe *recipe, const char *platform) {
  g_autofree char *name = g_strdup_printf("kernel-%s.journal", platform);
  return g_build_filename(recipe->folder, name, NULL);
}

/* Early: a lock that cannot be written in the end would be an hour lost. */
static gboolean
check_folder(const Recipe *recipe, GError **error) {
  if (access(recipe->folder, W_OK) == 0)
    return TRUE;
  g_set_error(
      error, TINYX_ERROR, TINYX_ERROR_INPUT,
      "%s: not writable; expected a recipe in whose folder the lock can be written (copy it, "
      "and give the copy's path)",
      recipe->folder);
  return FALSE;
}

/* The start must pass, and the same without the application must not. */
static gboolean
check_start(Run *run, GError **error) {
  g_autofree char *config = run_configuration(run, NULL, NULL, error);
  const JournalEntry *answer;
  if (config == NULL || !bench_open(run->bench, error))
    return FALSE;
  msg_stage_begin("the start: build, boot, test");
  if (!run_ask(run, "start", config, NULL, NULL, &answer, error)) {
    msg_stage_abort();
    return FALSE;
  }
  msg_stage_end(answer->verdict == VERDICT_PASS ? "passed" : "FAILED");
  run->report->bytes_before = answer->bytes;
  run->report->symbols_before = config_count_yes(run->values);
  run->report->asked_before = run->asked->len - run->platform->len;
  run->best_bytes = answer->bytes;
  if (answer->verdict == VERDICT_PASS)
    return run_guard(run, error);
  g_autofree char *console = g_strjoinv("\n  | ", answer->console);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "the start does not pass its test (%s); expected one that does%s%s", answer->why,
              console[0] != '\0' ? "; its last lines:\n  | " : "", console);
  return FALSE;
}

/* The first candidate of SET that is never to go; their count: none. */
static guint
find_locked(const Run *run, const guint8 *set) {
  guint i = 0;
  while (i < run->candidates->len &&
         (!set[i] || ((const Candidate *)run->candidates->pdata[i])->locked == NULL))
    i++;
  return i;
}

/* The paper's way: each candidate alone, in order; what passes stays off. */
static gboolean
one_by_one(Run *run, SearchOutcome *outcome, GError **error) {
  guint count = run->candidates->len;
  guint kept;
  outcome->n = count;
  outcome->items = g_new0(SearchItemFate, count);
  outcome->removed = g_new0(guint8, count);
  for (guint i = 0; i < count; i++)
    outcome->items[i].because = -1;
  for (guint i = 0; i < count && !outcome->stopped; i++) {
    g_autofree guint8 *set = g_memdup2(outcome->removed, count);
    g_autofree char *key = NULL, *before = run_search_close(set, run, error);
    if (before == NULL)
      return FALSE;
    if (outcome->removed[i])
      continue;
    set[i] = 1;
    key = run_search_close(set, run, error);
    if (key == NULL)
      return FALSE;
    if ((kept = find_locked(run, set)) < count) {
      outcome->items[i].fate = kept == i ? SEARCH_KEPT_LOCKED : SEARCH_NEEDED;
      outcome->items[i].because = kept == i ? -1 : (int)kept;
      continue;
    }
    if (strcmp(key, before) == 0) {
      outcome->items[i].fate = SEARCH_STUCK;
      continue;
    }
    if (!run_may_try(run, key)) {
      outcome->stopped = TRUE;
      break;
    }
    const JournalEntry *entry = run_try(run, set, error);
    if (entry == NULL)
      return FALSE;
    outcome->items[i].question = ++outcome->questions;
    outcome->items[i].fate = entry->verdict == VERDICT_PASS   ? SEARCH_REMOVED
                             : entry->verdict == VERDICT_FAIL ? SEARCH_NEEDED
                                                              : SEARCH_SET_ASIDE;
    for (guint j = 0; entry->verdict == VERDICT_PASS && j < count; j++)
      if (set[j] && !outcome->removed[j]) {
        outcome->removed[j] = 1;
        outcome->items[j].fate = SEARCH_REMOVED;
        outcome->items[j].question = outcome->questions;
      }
  }
  outcome->complete = !outcome->stopped;
  return TRUE;
}

static gboolean
run_all(Run *run, GError **error) {
  g_auto(SearchOutcome) outcome = {0};
  if (!run_prepare(run, error) || !check_start(run, error))
    return FALSE;
  if (!run->options->plain && !run_forecast(run, error))
    return FALSE;
  run_show_candidates(run, 0);
  return (run->options->plain ? one_by_one(run, &outcome, error)
                              : run_search(run, &outcome, error)) &&
         run_finish(run, &outcome, error);
}

/* What the whole journal holds, earlier runs included. */
static void
add_up(const Run *run) {
  const GPtrArray *entries = journal_entries(run->journal);
  MinimizeReport *report = run->report;
  report->builds = report->boots = report->predictions = 0;
  for (guint i = 0; i < entries->len; i++) {
    const JournalEntry *entry = entries->pdata[i];
    report->builds += entry->build_seconds > 0;
    report->build_seconds += entry->build_seconds;
    report->boot_seconds += entry->boot_seconds;
    report->compiled += entry->compiled;
    report->cached += entry->cached;
    if (strcmp(entry->kind, "boot") == 0)
      report->predictions += entry->boots;
    else
      report->boots += entry->boots;
  }
}

gboolean
minimize(const Recipe *recipe, const MinimizeOptions *options, MinimizeReport *report,
         GError **error) {
  Run run = {.recipe = recipe, .options = options, .report = report};
  g_autofree char *name = g_strdup_printf("%s-%s", recipe->name, options->image.platform->name);
  g_autoptr(CacheLock) lock = NULL;
  gboolean done;
  memset(report, 0, sizeof *report);
  if (recipe->weak_test)
    msg_warn("%s: its test is weak ([test] weak=yes): what it does not try may be switched off",
             recipe->file);
  if (!check_folder(recipe, error) || (lock = cache_lock("minimize", name, error)) == NULL)
    return FALSE;
  run.begin = g_get_monotonic_time();
  run.deadline =
      options->budget > 0 ? run.begin + (gint64)(options->budget * G_USEC_PER_SEC) : G_MAXINT64;
  done = run_all(&run, error);
  report->seconds = (double)(g_get_monotonic_time() - run.begin) / G_USEC_PER_SEC;
  if (run.journal != NULL)
    add_up(&run);
  if (done)
    done = minimize_write_table(recipe, options->image.platform->name, report, error);
  run_clear(&run);
  return done;
}
