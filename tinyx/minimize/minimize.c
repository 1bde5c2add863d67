/* minimize.c - a search from its start to its report. */
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

/* Checked before the search, whose hour would be lost if the lock could not be written at its end.
 */
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
  g_autofree char *config = space_configuration(&run->space, NULL, NULL, error);
  const JournalEntry *answer;
  if (config == NULL || !runner_open(run->input.runner, error))
    return FALSE;
  msg_stage_begin("the start: build, boot, test");
  if (!run_ask(run, "start", config, NULL, NULL, &answer, error)) {
    msg_stage_abort();
    return FALSE;
  }
  msg_stage_end(answer->verdict == VERDICT_PASS ? "passed" : "FAILED");
  if (answer->verdict == VERDICT_PASS)
    return run_guard(run, error);
  g_autofree char *console = g_strjoinv("\n  | ", answer->console);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "the start does not pass its test (%s); expected one that does%s%s", answer->why,
              console[0] != '\0' ? "; its last lines:\n  | " : "", console);
  return FALSE;
}

static gboolean
run_all(Run *run, GError **error) {
  gboolean plain = run->input.options->plain;
  g_auto(SearchOutcome) outcome = {0};
  if (!check_start(run, error) || (!plain && !run_forecast(run, error)))
    return FALSE;
  run_show_candidates(run, 0);
  return (plain ? run_one_by_one(run, &outcome, error) : run_search(run, &outcome, error)) &&
         run_finish(run, &outcome, error);
}

/* Adds up the whole journal, which has the trials of earlier runs, too. */
static void
add_up(const Journal *journal, MinimizeReport *report) {
  const GPtrArray *entries = journal_entries(journal);
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

/* What RUN, whose journal is open, has done so far. */
static void
fill_report(const Run *run, MinimizeReport *report) {
  const Space *space = &run->space;
  const JournalEntry *start = journal_find(run->journal, "start", space->start_key);
  add_up(run->journal, report);
  report->journal = g_strdup(journal_path(run->journal));
  report->bytes_before = start != NULL ? start->bytes : 0;
  report->symbols_before = config_count_yes(space->values);
  report->asked_before = space->asked->len - space->platform->len;
  report->trials = run->trials.asked;
  report->old_trials = run->trials.known;
  report->best = g_strdup(run->trials.best);
  report->lock = g_strdup(run->result.lock);
  report->complete = run->result.complete;
  report->bytes_after = run->result.bytes;
  report->symbols_after = run->result.symbols;
  report->asked_after = run->result.asked;
  report->least_memory = run->result.least_memory;
  report->seconds = (double)(g_get_monotonic_time() - run->input.begin) / G_USEC_PER_SEC;
}

gboolean
minimize(const Recipe *recipe, const MinimizeOptions *options, MinimizeReport *report,
         GError **error) {
  g_auto(Run) run = {0};
  g_autofree char *name = g_strdup_printf("%s-%s", recipe->name, options->image.platform->name);
  g_autoptr(CacheLock) lock = NULL;
  memset(report, 0, sizeof *report);
  if (recipe->weak_test)
    msg_warn("%s: its test is weak ([test] weak=yes): what it does not try may be switched off",
             recipe->file);
  if (!check_folder(recipe, error) || (lock = cache_lock("minimize", name, error)) == NULL ||
      !run_prepare(&run, recipe, options, error))
    return FALSE;
  gboolean done = run_all(&run, error);
  fill_report(&run, report);
  return done && minimize_write_table(recipe, options->image.platform->name, report, error);
}
