/* ask.c - makes trials: builds a configuration and boots it, unless the journal has the answer. */
#include "minimize/run.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "kernel/make.h"

#include <string.h>

#define CONSOLE_LINES 12 /* of a failed boot, in the journal */

static void
set_change(const Run *run, const guint8 *removed, JournalEntry *entry) {
  g_autoptr(GPtrArray) change = g_ptr_array_new();
  for (guint i = 0; removed != NULL && i < run->space.candidates->len; i++) {
    const Candidate *candidate = run->space.candidates->pdata[i];
    if (removed[i])
      g_ptr_array_add(change, g_strdup_printf("%s=%s", candidate->symbol, candidate->to));
  }
  g_ptr_array_add(change, NULL);
  g_strfreev(entry->change);
  entry->change = (char **)g_ptr_array_free(g_steal_pointer(&change), FALSE);
}

static void
set_more(const GPtrArray *more, JournalEntry *entry) {
  g_autoptr(GPtrArray) copy = g_ptr_array_new();
  for (guint i = 0; more != NULL && i < more->len; i++)
    g_ptr_array_add(copy, g_strdup(more->pdata[i]));
  g_ptr_array_add(copy, NULL);
  g_strfreev(entry->more);
  entry->more = (char **)g_ptr_array_free(g_steal_pointer(&copy), FALSE);
}

void
run_note_console(const char *console, JournalEntry *entry) {
  g_auto(GStrv) lines = g_strsplit_set(console != NULL ? console : "", "\r\n", -1);
  g_autoptr(GPtrArray) last = g_ptr_array_new();
  for (guint i = g_strv_length(lines); i > 0 && last->len < CONSOLE_LINES; i--)
    if (g_strchomp(lines[i - 1])[0] != '\0')
      g_ptr_array_insert(last, 0, g_strdup(lines[i - 1]));
  g_ptr_array_add(last, NULL);
  g_strfreev(entry->console);
  entry->console = (char **)g_ptr_array_free(g_steal_pointer(&last), FALSE);
}

char *
run_build(const Run *run, const char *config, JournalEntry *entry, GError **error) {
  gint64 begin = g_get_monotonic_time();
  KernelBuild build = {.source = run->input.source,
                       .toolchain = run->input.toolchain,
                       .platform = run->input.options->image.platform,
                       .config = config,
                       .jobs = run->input.options->jobs};
  gboolean from_cache = FALSE;
  g_autofree char *folder = build_kernel(&build, &from_cache, error);
  g_autofree char *image = NULL;
  if (!from_cache) { /* one that failed took its time as well */
    entry->build_seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    entry->compiled = build.compiled;
    entry->cached = build.copied;
  }
  if (folder == NULL)
    return NULL;
  image = g_build_filename(folder, run->input.options->image.platform->packed, NULL);
  entry->bytes = file_size(image);
  return g_steal_pointer(&folder);
}

/* A compiler's or linker's refusal says nothing about the need for an option; anything else that
 * stops a build (a full disk, a compiler that the kernel killed, Ctrl-C) stops the search. */
static gboolean
is_refusal(const GError *error) {
  return (g_error_matches(error, TINYX_ERROR, TINYX_ERROR_CHILD) ||
          g_error_matches(error, TINYX_ERROR, TINYX_ERROR_CORRUPT)) &&
         !kernel_make_ran_out(error->message);
}

static gboolean
boot(Run *run, const char *kernel, JournalEntry *entry, GError **error) {
  g_autofree char *image =
      g_build_filename(kernel, run->input.options->image.platform->kernel, NULL);
  g_auto(RunnerResult) result = {0};
  if (!runner_boot(run->input.runner, image, run->input.rootfs, run->input.memory, 2, &result,
                   error))
    return FALSE;
  entry->verdict = result.passed ? VERDICT_PASS : VERDICT_FAIL;
  entry->why = g_strdup(result.why);
  entry->boots = result.boots;
  entry->boot_seconds = result.seconds;
  if (!result.passed)
    run_note_console(result.console, entry);
  return TRUE;
}

/* Whether a kernel of BYTES that passed is the best so far. */
static gboolean
is_best(const RunTrials *trials, gint64 bytes) {
  return trials->best_bytes == 0 || bytes <= trials->best_bytes;
}

/* Copies a kernel that is the best so far to a folder of its own, for the user. */
static gboolean
keep_best(Run *run, const char *kernel, gint64 bytes, GError **error) {
  const char *const names[] = {"vmlinux", "kernel.config",
                               run->input.options->image.platform->packed};
  g_autofree char *folder = g_build_filename(run->input.folder, "best", NULL);
  if (!is_best(&run->trials, bytes))
    return TRUE;
  if (!dir_make(folder, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *from = g_build_filename(kernel, names[i], NULL);
    g_autofree char *to = g_build_filename(folder, names[i], NULL);
    if (!file_copy(from, to, 0644, error))
      return FALSE;
  }
  run->trials.best_bytes = bytes;
  g_free(run->trials.best);
  run->trials.best = g_steal_pointer(&folder);
  return TRUE;
}

/* MESSAGE with "CACHE" for the path of the cache, which means nothing on the other machines where a
 * journal is read. */
static char *
without_cache_folder(const char *message) {
  GString *text = g_string_new(message);
  g_autofree char *cache = cache_dir();
  g_string_replace(text, cache, "CACHE", 0);
  return g_string_free(text, FALSE);
}

/* Builds and boots CONFIG. Returns the entry, or NULL with ERROR where that gave no verdict. A
 * configuration that goes against the recipe fails without being built. */
static JournalEntry *
try_configuration(Run *run, const char *kind, const char *config, const char *key, GError **error) {
  g_autoptr(JournalEntry) entry = journal_entry_new(kind, key);
  const SymbolRequest *missed = space_missed(&run->space, config);
  if (missed != NULL) {
    entry->verdict = VERDICT_FAIL;
    g_autofree char *origin = g_path_get_basename(missed->origin);
    entry->why = g_strdup_printf("not built: %s=%s would go, which is asked for (%s)",
                                 missed->symbol, missed->value, origin);
    return g_steal_pointer(&entry);
  }
  g_autoptr(GError) problem = NULL;
  g_autofree char *kernel = run_build(run, config, entry, &problem);
  /* A kernel that was built but that the platform cannot boot has failed, without a boot. */
  gboolean unbootable = g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_UNBOOTABLE);
  if (kernel == NULL && !is_refusal(problem) && !unbootable) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
  }
  if (kernel == NULL) {
    g_autofree char *message = without_cache_folder(problem->message);
    entry->verdict = unbootable ? VERDICT_FAIL : VERDICT_UNRESOLVED;
    entry->why = g_strdup_printf("%s: %.*s", unbootable ? "not bootable" : "not built",
                                 (int)strcspn(message, "\n"), message);
    run_note_console(message, entry);
    return g_steal_pointer(&entry);
  }
  if (!boot(run, kernel, entry, error) ||
      (entry->verdict == VERDICT_PASS && !keep_best(run, kernel, entry->bytes, error)))
    return NULL;
  return g_steal_pointer(&entry);
}

gboolean
run_ask(Run *run, const char *kind, const char *config, const guint8 *removed,
        const GPtrArray *more, const JournalEntry **answer, GError **error) {
  g_autofree char *key = sha256_of_strings(config, NULL);
  const JournalEntry *old = journal_find(run->journal, kind, key);
  JournalEntry *entry;
  run->trials.asked++;
  if (old != NULL && (old->verdict == VERDICT_PASS || strcmp(kind, "start") != 0)) {
    run->trials.known++;
    *answer = old;
    /* Its kernel is in the cache, or is made again when it is needed. */
    if (old->verdict == VERDICT_PASS && old->bytes > 0 && is_best(&run->trials, old->bytes))
      run->trials.best_bytes = old->bytes;
    return TRUE;
  }
  entry = try_configuration(run, kind, config, key, error);
  if (entry == NULL)
    return FALSE;
  set_change(run, removed, entry);
  if (more != NULL)
    set_more(more, entry);
  *answer = entry;
  return journal_add(run->journal, entry, error);
}

static guint
count_set(const Run *run, const guint8 *removed) {
  guint count = 0;
  for (guint i = 0; i < run->space.candidates->len; i++)
    count += removed[i] != 0;
  return count;
}

/* Shows a trial in one line. */
static void
show(const Run *run, const JournalEntry *entry, const guint8 *removed, gboolean old) {
  g_autofree char *size = size_text((guint64)entry->bytes);
  g_autofree char *best = size_text((guint64)run->trials.best_bytes);
  double minutes = (double)(g_get_monotonic_time() - run->input.begin) / G_USEC_PER_SEC / 60;
  msg_info("trial %u: %u of %u changed: %s%s%s (build %.0f s, boot %.0f s%s); best %s, %.0f min%s",
           entry->number, count_set(run, removed), run->space.candidates->len,
           entry->verdict == VERDICT_PASS   ? "passed"
           : entry->verdict == VERDICT_FAIL ? "failed"
                                            : "not built",
           entry->bytes > 0 ? ", " : "", entry->bytes > 0 ? size : "", entry->build_seconds,
           entry->boot_seconds, old ? ", from the journal" : "", best, minutes,
           run->input.deadline < G_MAXINT64 ? " of the budget" : "");
}

guint
run_trial_of(const Run *run, guint question) {
  const GArray *numbers = run->trials.numbers;
  return numbers != NULL && question > 0 && question <= numbers->len
             ? g_array_index(numbers, guint, question - 1)
             : 0;
}

gboolean
run_may_try(const Run *run, const char *key) {
  return g_get_monotonic_time() <= run->input.deadline ||
         journal_find(run->journal, "trial", key) != NULL;
}

SearchVerdict
run_verdict(const JournalEntry *entry) {
  return entry->verdict == VERDICT_PASS   ? SEARCH_PASS
         : entry->verdict == VERDICT_FAIL ? SEARCH_FAIL
                                          : SEARCH_UNRESOLVED;
}

const JournalEntry *
run_try(Run *run, const guint8 *removed, GError **error) {
  g_autofree guint8 *set = g_memdup2(removed, run->space.candidates->len);
  g_autoptr(GPtrArray) more = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *config = NULL;
  const JournalEntry *answer;
  g_autoptr(GError) problem = NULL;
  guint before = run->trials.known;
  if (proc_set_interrupted_error(error))
    return NULL;
  config = space_configuration(&run->space, set, more, error);
  if (config == NULL)
    return NULL;
  if (!run_ask(run, "trial", config, set, more, &answer, &problem)) {
    g_propagate_prefixed_error(error, g_steal_pointer(&problem),
                               "trial %u: ", journal_entries(run->journal)->len + 1);
    return NULL;
  }
  show(run, answer, set, run->trials.known > before);
  if (run->trials.numbers == NULL)
    run->trials.numbers = g_array_new(FALSE, FALSE, sizeof(guint));
  g_array_append_val(run->trials.numbers, answer->number);
  return answer;
}
