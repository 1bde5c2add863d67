/* forecast.c - what each candidate may save, and how likely it is needed, before any trial. */
#include "minimize/run.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "minimize/codemap.h"
#include "minimize/neutral.h"
#include "minimize/predict.h"

#include <string.h>
#include <unistd.h>

/* Bytes of the packed kernel for a byte of code or data, roughly. */
#define PACKED 0.45

/* Guesses at how likely a symbol is needed; how good they are is in docs/minimize.md. */
#define ASKED_AND_RAN 0.93 /* a person or a rule asks for it, and its code ran */
#define ASKED 0.10         /* its code did not */
#define BOOT_PASSED 0.015  /* with its code neutralised the test passed */
#define BOOT_FAILED 0.99
/* The same for a symbol that nobody asks for. Such a failure says less: the boot may fail only
 * because code that would go along with the symbol, or would not call it then, was still there and
 * crashed without what an initcall makes (the root of /proc, for example). */
#define BOOT_FAILED_UNASKED 0.6

typedef struct {
  Run *run;
  char *kernel; /* folder of the start's kernel */
  Neutral *neutral;
  GPtrArray *tried; /* Candidate*: those of the cheap boots */
  guint boots;      /* of them, made now */
  GPtrArray *along; /* guint8[], one a candidate: which candidates go when it does */
} Forecasting;

static void
forecasting_clear(Forecasting *work) {
  g_free(work->kernel);
  neutral_close(work->neutral);
  if (work->tried != NULL)
    g_ptr_array_unref(work->tried);
  if (work->along != NULL)
    g_ptr_array_unref(work->along);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Forecasting, forecasting_clear)

static const SymbolCode *
code_of(const Run *run, const Candidate *candidate) {
  return run->forecast.code != NULL ? g_hash_table_lookup(run->forecast.code, candidate->symbol)
                                    : NULL;
}

/* What ran in one boot and test; from the journal's folder where an earlier run made it. */
static gboolean
trace(Forecasting *work, GError **error) {
  Run *run = work->run;
  g_autofree char *name = g_strdup_printf("%.12s.trace", run->space.start_key);
  g_autofree char *path = g_build_filename(run->input.folder, name, NULL);
  g_autofree char *image =
      g_build_filename(work->kernel, run->input.options->image.platform->kernel, NULL);
  guint64 low, high;
  guint instructions;
  codemap_range(run->forecast.map, &low, &high);
  if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
    g_auto(RunnerResult) result = {0};
    msg_stage_begin("forecast: one traced boot");
    if (!runner_trace(run->input.runner, image, run->input.rootfs, low, high, path, &result,
                      error)) {
      msg_stage_abort();
      return FALSE;
    }
    msg_stage_end(result.passed ? "passed" : "failed: only what ran until then counts");
  }
  return codemap_read_trace(run->forecast.map, path, &instructions, error);
}

static gboolean
read_code(Forecasting *work, GError **error) {
  Run *run = work->run;
  g_autofree char *path = g_build_filename(work->kernel, "objects.list", NULL);
  g_autofree char *vmlinux = g_build_filename(work->kernel, "vmlinux", NULL);
  g_autofree char *objects = NULL;
  if (!file_read(path, FILE_OWN_MAX, &objects, NULL, error))
    return FALSE;
  run->forecast.code = predict_code(run->forecast.map, run->input.source->folder, objects);
  work->neutral = neutral_open(vmlinux, run->forecast.map, error);
  return work->neutral != NULL;
}

static gboolean
is_asked(const GPtrArray *asked, const Candidate *candidate) {
  const SymbolRequest *request = symbol_request_find(asked, candidate->symbol);
  return request != NULL && config_value_equal(request->value, candidate->from);
}

static void
guess(Candidate *candidate, double needed, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  g_free(candidate->guess);
  candidate->guess = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  candidate->needed = needed;
}

void
run_guess(const Run *run, Candidate *candidate) {
  const SymbolCode *code = code_of(run, candidate);
  gboolean asked = is_asked(run->space.asked, candidate);
  if (strcmp(candidate->to, "n") != 0)
    return; /* another value: what the data says of it */
  if (code != NULL && code->bytes > 0)
    candidate->weight = (double)code->bytes * PACKED;
  if (run->forecast.map == NULL)
    guess(candidate, asked ? ASKED : candidate->needed, "no trace");
  else if (code != NULL && code->functions > 0)
    guess(candidate, predict_needed(code), "%u of its %u functions ran, %u more at the start",
          code->ran, code->functions, code->ran_at_start);
  else
    guess(candidate, predict_needed(code), "no code of its own");
  if (asked && candidate->needed >= 0.7)
    candidate->needed = ASKED_AND_RAN;
  else if (asked && candidate->needed < 0.1)
    candidate->needed = ASKED;
}

/* GONE are symbols that go off with CANDIDATE and are no candidates themselves, since they have no
 * prompt. The bytes of their code count as CANDIDATE's, and it is needed where one of them is. */
static void
add_code_of_others(const Forecasting *work, Candidate *candidate, const GPtrArray *gone) {
  const Run *run = work->run;
  gboolean asked = is_asked(run->space.asked, candidate);
  for (guint i = 0; run->forecast.code != NULL && i < gone->len; i++) {
    const char *symbol = gone->pdata[i];
    const SymbolCode *code = g_hash_table_lookup(run->forecast.code, symbol);
    if (code == NULL || code->functions == 0)
      continue;
    double needed = predict_needed(code);
    if (asked && needed >= 0.4)
      needed = ASKED_AND_RAN;
    candidate->weight += (double)code->bytes * PACKED;
    if (needed > candidate->needed)
      guess(candidate, needed, "%s goes with it, of whose %u functions %u ran", symbol,
            code->functions, code->ran + code->ran_at_start);
  }
}

/* Fills work->along: what Kconfig takes away with each candidate. */
static gboolean
read_along(Forecasting *work, GError **error) {
  Run *run = work->run;
  guint count = run->space.candidates->len;
  work->along = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < count; i++) {
    Candidate *candidate = run->space.candidates->pdata[i];
    guint8 *set = g_new0(guint8, count);
    g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = NULL;
    g_ptr_array_add(work->along, set);
    set[i] = 1;
    msg_stage_detail("%u of %u", i + 1, count);
    text = candidate->locked == NULL ? space_configuration(&run->space, set, gone, error)
                                     : g_strdup("");
    if (text == NULL)
      return FALSE;
    add_code_of_others(work, candidate, gone);
  }
  return TRUE;
}

/* A candidate that takes another one along is needed at least as much as that one. */
static void
raise_by_dependants(const Forecasting *work) {
  Run *run = work->run;
  guint count = run->space.candidates->len;
  g_autofree double *own = g_new(double, count);
  for (guint i = 0; i < count; i++)
    own[i] = ((Candidate *)run->space.candidates->pdata[i])->needed;
  for (guint i = 0; i < count; i++) {
    Candidate *candidate = run->space.candidates->pdata[i];
    const guint8 *set = work->along->pdata[i];
    for (guint j = 0; j < count; j++) {
      const Candidate *other = run->space.candidates->pdata[j];
      if (!set[j] || j == i)
        continue;
      if (other->locked != NULL && candidate->locked == NULL)
        candidate->locked = g_strdup_printf("%s needs it: %s", other->symbol, other->locked);
      if (own[j] > candidate->needed)
        guess(candidate, own[j], "%s goes with it", other->symbol);
    }
  }
}

/* Cheap boots: a group search among the doubtful candidates, in which no kernel is built. Each
 * question is a boot of the start's kernel in which the code of some candidates was patched to do
 * nothing. */

static gboolean
can_neutralise(const Forecasting *work, const Candidate *candidate) {
  const SymbolCode *code = code_of(work->run, candidate);
  for (guint i = 0; code != NULL && i < code->code->len; i++)
    if (neutral_can(work->neutral, code->code->pdata[i]))
      return TRUE;
  return FALSE;
}

static GPtrArray *
functions_of(const Forecasting *work, const guint8 *removed) {
  GPtrArray *functions = g_ptr_array_new();
  for (guint i = 0; i < work->tried->len; i++) {
    const SymbolCode *code = removed[i] ? code_of(work->run, work->tried->pdata[i]) : NULL;
    for (guint j = 0; code != NULL && j < code->code->len; j++)
      if (neutral_can(work->neutral, code->code->pdata[j]))
        g_ptr_array_add(functions, code->code->pdata[j]);
  }
  return functions;
}

static char *
close_cheap(guint8 *removed, gpointer data, GError **error) {
  Forecasting *work = data;
  g_autoptr(GPtrArray) functions = functions_of(work, removed);
  g_autoptr(GString) names = g_string_new(work->run->space.start_key);
  (void)error;
  for (guint i = 0; i < functions->len; i++)
    g_string_append_printf(names, " %s", ((const CodeSymbol *)functions->pdata[i])->name);
  return sha256_of_strings(names->str, NULL);
}

/* The candidates that REMOVED marks, by name; g_strfreev. */
static char **
tried_names(const Forecasting *work, const guint8 *removed) {
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (guint i = 0; i < work->tried->len; i++)
    if (removed[i])
      g_ptr_array_add(names, g_strdup(((Candidate *)work->tried->pdata[i])->symbol));
  g_ptr_array_add(names, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

/* Boots a kernel in which the code of QUESTION's candidates is neutralised; the journal's entry. */
static const JournalEntry *
boot_neutralised(Forecasting *work, const SearchQuestion *question, GError **error) {
  Run *run = work->run;
  g_autofree char *path = g_build_filename(run->input.folder, "neutral", NULL);
  g_autoptr(GPtrArray) functions = functions_of(work, question->removed);
  g_auto(RunnerResult) result = {0};
  JournalEntry *entry;
  if (!neutral_write(work->neutral, functions, path, error) ||
      !runner_boot(run->input.runner, path, run->input.rootfs, run->input.memory, 1, &result,
                   error))
    return NULL;
  entry = journal_entry_new("boot", question->key);
  g_strfreev(entry->change);
  entry->change = tried_names(work, question->removed);
  entry->verdict = result.passed ? VERDICT_PASS : VERDICT_FAIL;
  entry->why = g_strdup(result.why);
  entry->boots = 1;
  entry->boot_seconds = result.seconds;
  if (!result.passed)
    run_note_console(result.console, entry);
  work->boots++;
  msg_stage_detail("%u boots", work->boots);
  return journal_add(run->journal, entry, error) ? entry : NULL;
}

/* Answers SEARCH's questions until it has no more or the time is up. */
static gboolean
answer_cheaply(Forecasting *work, Search *search, GError **error) {
  Run *run = work->run;
  const SearchQuestion *question;
  while (search_next(search, &question, error)) {
    const JournalEntry *entry =
        question != NULL ? journal_find(run->journal, "boot", question->key) : NULL;
    if (question == NULL || (entry == NULL && g_get_monotonic_time() > run->input.deadline))
      return TRUE;
    if (entry == NULL && (entry = boot_neutralised(work, question, error)) == NULL)
      return FALSE;
    search_answer(search, question, run_verdict(entry), 0);
  }
  return FALSE;
}

static void
take_cheap_result(Forecasting *work, const SearchOutcome *result) {
  for (guint i = 0; i < work->tried->len; i++) {
    Candidate *candidate = work->tried->pdata[i];
    if (result->items[i].fate == SEARCH_REMOVED)
      guess(candidate, BOOT_PASSED, "the test passed with its calls neutralised");
    else if (result->items[i].fate == SEARCH_NEEDED)
      guess(candidate,
            is_asked(work->run->space.asked, candidate) ? BOOT_FAILED : BOOT_FAILED_UNASKED,
            "the test failed with its calls neutralised");
  }
}

static gboolean
cheap_boots(Forecasting *work, GError **error) {
  Run *run = work->run;
  g_autoptr(GArray) items = g_array_new(FALSE, TRUE, sizeof(SearchItem));
  const SearchOptions options = {.calibrate = TRUE};
  g_auto(SearchOutcome) result = {0};
  work->tried = g_ptr_array_new();
  for (guint i = 0; i < run->space.candidates->len; i++) {
    Candidate *candidate = run->space.candidates->pdata[i];
    SearchItem item = {
        .weight = candidate->weight, .needed = candidate->needed, .group = candidate->group};
    if (candidate->locked != NULL || candidate->needed < 0.1 || candidate->needed > 0.94 ||
        !can_neutralise(work, candidate))
      continue;
    g_ptr_array_add(work->tried, candidate);
    g_array_append_val(items, item);
  }
  if (items->len == 0)
    return TRUE;
  msg_stage_begin("forecast: boots of neutralised kernels");
  g_autoptr(Search) search =
      search_new((SearchItem *)items->data, items->len, close_cheap, work, &options);
  if (!answer_cheaply(work, search, error)) {
    msg_stage_abort();
    return FALSE;
  }
  search_outcome(search, &result);
  take_cheap_result(work, &result);
  g_autofree char *text = g_strdup_printf("%u boots for %u symbols", work->boots, work->tried->len);
  msg_stage_end(text);
  return TRUE;
}

static gboolean
from_trace(Forecasting *work, GError **error) {
  work->run->forecast.map = codemap_load(work->kernel, error);
  return work->run->forecast.map != NULL && trace(work, error) && read_code(work, error);
}

/* A kernel without a map (another build system than kbuild's) is searched without a forecast. */
static gboolean
has_map(const Forecasting *work) {
  g_autofree char *path = g_build_filename(work->kernel, "vmlinux.map", NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

void
run_show_candidates(const Run *run, guint first) {
  for (guint i = first; i < run->space.candidates->len; i++) {
    const Candidate *candidate = run->space.candidates->pdata[i];
    msg_verbose("candidate %s=%s: %s, may save %.0f bytes, needed %.2f (%s)", candidate->symbol,
                candidate->to, candidate->locked != NULL ? candidate->locked : "tried",
                candidate->weight, candidate->needed,
                candidate->guess != NULL ? candidate->guess : "a guess");
  }
}

/* The line of a candidate is "SYMBOL=VALUE BYTES CHANCE WORDS". Nothing is added where the journal
 * has the same lines. */
gboolean
run_note_forecast(Run *run, const char *key, guint first, GError **error) {
  g_autoptr(GPtrArray) lines = g_ptr_array_new();
  const JournalEntry *old = journal_find(run->journal, "forecast", key);
  JournalEntry *entry;
  for (guint i = first; i < run->space.candidates->len; i++) {
    const Candidate *candidate = run->space.candidates->pdata[i];
    g_ptr_array_add(lines, g_strdup_printf("%s=%s %.0f %.2f %s%s%s", candidate->symbol,
                                           candidate->to, candidate->weight, candidate->needed,
                                           candidate->guess != NULL ? candidate->guess : "a guess",
                                           candidate->locked != NULL ? "; never tried: " : "",
                                           candidate->locked != NULL ? candidate->locked : ""));
  }
  g_ptr_array_add(lines, NULL);
  if (old != NULL &&
      g_strv_equal((const char *const *)old->change, (const char *const *)lines->pdata))
    return TRUE;
  entry = journal_entry_new("forecast", key);
  g_strfreev(entry->change);
  entry->change = (char **)g_ptr_array_free(g_steal_pointer(&lines), FALSE);
  return journal_add(run->journal, entry, error);
}

gboolean
run_forecast(Run *run, GError **error) {
  g_auto(Forecasting) work = {.run = run};
  g_autofree char *config = space_configuration(&run->space, NULL, NULL, error);
  JournalEntry unused = {0};
  gboolean traced;
  if (config == NULL || (work.kernel = run_build(run, config, &unused, error)) == NULL)
    return FALSE;
  traced = runner_can_trace(run->input.runner) && has_map(&work);
  if (!traced)
    msg_info("no forecast: it needs the embedded Xen host");
  else if (!from_trace(&work, error))
    return FALSE;
  for (guint i = 0; i < run->space.candidates->len; i++)
    run_guess(run, run->space.candidates->pdata[i]);
  msg_stage_begin("what goes along with what");
  if (!read_along(&work, error)) {
    msg_stage_abort();
    return FALSE;
  }
  raise_by_dependants(&work);
  msg_stage_end(NULL);
  if (traced && !cheap_boots(&work, error))
    return FALSE;
  /* Again, with what the boots showed: PARAVIRT's own code may be unneeded, but XEN goes with it.
   */
  raise_by_dependants(&work);
  return run_note_forecast(run, run->space.start_key, 0, error);
}
