/* explain.c - `tinyx explain` for a symbol: why it is in or out, from lock and journal. */
#include "minimize/explain.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/near.h"
#include "base/plain.h"
#include "base/split.h"
#include "image/parts.h"
#include "kernel/fragment.h"
#include "kernel/kconfig.h"
#include "minimize/journal.h"
#include "minimize/minimize.h"
#include "minimize/witness.h"
#include "tree/tree.h"

#include <string.h>

typedef struct {
  const Recipe *recipe;
  const char *symbol;
  const char *packed; /* the platform's name of the file whose bytes are told */
  char *config_text;
  DotConfig *config;
  GPtrArray *chosen; /* SymbolRequest*: chosen.config */
  Lock *lock;        /* or NULL */
  Journal *journal;  /* or NULL */
  GString *text;
} Explanation;

static void
explanation_clear(Explanation *explanation) {
  g_free(explanation->config_text);
  config_free(explanation->config);
  if (explanation->chosen != NULL)
    g_ptr_array_unref(explanation->chosen);
  lock_free(explanation->lock);
  journal_close(explanation->journal);
  if (explanation->text != NULL)
    g_string_free(explanation->text, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Explanation, explanation_clear)

/* RECIPE and what else a command must be told that is to make the same image: "./web --platform
 * NAME --output DIR". g_free. */
static char *
command_words(const Recipe *recipe, const ImageOptions *options) {
  GString *words = g_string_new(NULL);
  g_autofree char *name = recipe_argument(recipe);
  g_string_append(words, name);
  if (strcmp(options->platform->name, PLATFORM_DEFAULT) != 0)
    g_string_append_printf(words, " --platform %s", options->platform->name);
  if (options->output != NULL) {
    g_autofree char *output = split_shell_word(options->output);
    g_string_append_printf(words, " --output %s", output);
  }
  return g_string_free(words, FALSE);
}

char *
explain_read(const Recipe *recipe, const ImageOptions *options, const char *folder,
             const char *name, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autofree char *words = command_words(recipe, options);
  char *text = NULL;
  if (!image_check_platform(folder, options->platform, error))
    return NULL;
  if (!file_read_if_there(path, MANIFEST_BYTES_MAX, &text, NULL, error))
    return NULL;
  if (text != NULL)
    return text;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: not there; expected an image (run: tinyx build %s)", path, words);
  return NULL;
}

/* The lock and the journal are there if the recipe was minimised. */
static gboolean
load_search(Explanation *explanation, const ImageOptions *options, GError **error) {
  g_autofree char *lock = image_lock_path(explanation->recipe, options->platform->name);
  g_autofree char *journal = minimize_journal_path(explanation->recipe, options->platform->name);
  if (g_file_test(lock, G_FILE_TEST_EXISTS) && (explanation->lock = lock_load(lock, error)) == NULL)
    return FALSE;
  g_autoptr(GError) problem = NULL;
  if (g_file_test(journal, G_FILE_TEST_EXISTS) &&
      (explanation->journal = journal_read(journal, &problem)) == NULL)
    msg_warn("the trials are left out: %s", problem->message); /* the rest can be told */
  return TRUE;
}

static gboolean
load(Explanation *explanation, const ImageOptions *options, const char *folder, GError **error) {
  g_autofree char *chosen = NULL;
  explanation->config_text =
      explain_read(explanation->recipe, options, folder, "kernel.config", error);
  if (explanation->config_text == NULL)
    return FALSE;
  explanation->config = config_parse(explanation->config_text, strlen(explanation->config_text),
                                     "kernel.config", error);
  chosen = explanation->config != NULL
               ? explain_read(explanation->recipe, options, folder, "chosen.config", error)
               : NULL;
  if (chosen == NULL)
    return FALSE;
  explanation->chosen = fragment_parse(chosen, strlen(chosen), "chosen.config", error);
  return explanation->chosen != NULL && load_search(explanation, options, error);
}

static void
say_asked(Explanation *explanation) {
  for (guint i = 0; i < explanation->chosen->len; i++) {
    const SymbolRequest *request = explanation->chosen->pdata[i];
    if (strcmp(request->symbol, explanation->symbol) == 0)
      plain_append(explanation->text, "  asked for: %s\n    %s\n", request->value, request->reason);
  }
}

/* A symbol that is off and cannot be chosen; one that the kernel does not have is an error. */
static gboolean
say_not_here(Explanation *explanation, Kconfig *kconfig, GError **error) {
  g_auto(GStrv) names = kconfig_names(kconfig, error);
  if (names == NULL)
    return FALSE;
  if (!g_strv_contains((const char *const *)names, explanation->symbol)) {
    g_autofree char *upper = g_ascii_strup(explanation->symbol, -1);
    g_autofree char *near = near_text(upper, (const char *const *)names);
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: this kernel has no such symbol%s",
                explanation->symbol, near);
    return FALSE;
  }
  g_string_append(explanation->text,
                  "  Kconfig: it cannot be chosen here: what it depends on is off\n");
  return TRUE;
}

/* What Kconfig says: who selects it, what it depends on. */
static gboolean
say_kconfig(Explanation *explanation, const ImageOptions *options, GError **error) {
  g_autoptr(KernelSource) source = source_find(options->kernel_source, error);
  g_autoptr(Kconfig) kconfig = NULL;
  g_autoptr(GPtrArray) symbols = NULL;
  if (source == NULL || !source_unpack(source, error) ||
      (kconfig = kconfig_open(source, error)) == NULL ||
      (symbols = kconfig_symbols(kconfig, explanation->config_text, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < symbols->len; i++) {
    const KconfigSymbol *symbol = symbols->pdata[i];
    if (strcmp(symbol->symbol, explanation->symbol) != 0)
      continue;
    if (symbol->prompt != NULL)
      plain_append(explanation->text, "  what it is: %s (%s)\n", symbol->prompt, symbol->menu);
    if (symbol->selected != NULL)
      plain_append(explanation->text, "  selected by: %s\n", symbol->selected);
    if (!symbol->switchable)
      plain_append(explanation->text, "  cannot be switched: %s\n", symbol->why_not);
    return TRUE;
  }
  return say_not_here(explanation, kconfig, error);
}

static void
say_console(Explanation *explanation, const JournalEntry *entry) {
  for (guint i = 0; entry->console[i] != NULL; i++)
    plain_append(explanation->text, "    | %s\n", entry->console[i]);
}

/* Where no kernel was built without the symbol: what a boot showed in which its functions did
 * nothing. */
static void
say_prediction(Explanation *explanation) {
  const JournalEntry *best = witness_prediction(explanation->journal, explanation->symbol);
  if (best == NULL)
    return;
  plain_append(explanation->text,
               "  trial %u failed, a boot of a patched kernel in which its calls%s did "
               "nothing (a prediction): %s\n",
               best->number, best->change[1] != NULL ? " (and others')" : "",
               best->why != NULL ? best->why : "no reason was noted");
  say_console(explanation, best);
}

static gboolean
say_witness(Explanation *explanation, JournalVerdict verdict, const char *value) {
  Witness witness;
  GString *text = explanation->text;
  if (!witness_best(explanation->journal, explanation->symbol, verdict, &witness))
    return FALSE;
  const JournalEntry *entry = witness.entry;
  if (verdict == VERDICT_PASS) {
    plain_append(text, "  went%s%s in trial %u, which passed",
                 strcmp(value, "n") != 0 ? " to " : "", strcmp(value, "n") != 0 ? value : "",
                 entry->number);
    if (witness.before > 0 && entry->bytes > 0)
      plain_append(text, "; it saved %" G_GINT64_FORMAT " bytes of the %s%s",
                   witness.before - entry->bytes, explanation->packed,
                   witness.company > 1 ? ", together with others" : "");
    plain_append(text, "%s\n", witness.company > 1 ? "" : " (alone)");
    return TRUE;
  }
  plain_append(text, "  trial %u %s without it%s: %s\n", entry->number,
               verdict == VERDICT_FAIL ? "failed" : "could not be built",
               witness.company > 1 ? " (and others)" : "",
               entry->why != NULL ? entry->why : "no reason was noted");
  say_console(explanation, entry);
  return TRUE;
}

/* What the forecast said of the symbol. */
static void
say_forecast(Explanation *explanation) {
  g_auto(Forecasted) said = {0};
  if (witness_forecast(explanation->journal, explanation->symbol, &said))
    plain_append(explanation->text, "  forecast: about %" G_GINT64_FORMAT " bytes of the %s; %s\n",
                 said.bytes, explanation->packed, said.why);
  else if (said.asked)
    g_string_append(explanation->text, "  it was not a candidate of the search\n");
}

/* Says so if the lock notes that the budget ran out before the symbol was tried. */
static void
say_untried(Explanation *explanation) {
  const GPtrArray *notes = explanation->lock != NULL ? explanation->lock->notes : NULL;
  for (guint i = 0; notes != NULL && i < notes->len; i++) {
    g_auto(GStrv) words = g_strsplit(notes->pdata[i], " ", -1);
    if (g_str_has_prefix(notes->pdata[i], LOCK_UNTRIED) &&
        g_strv_contains((const char *const *)words, explanation->symbol))
      g_string_append(explanation->text, "  it was not tried: the budget ran out\n");
  }
}

static void
say_search(Explanation *explanation, const ImageOptions *options, const char *value) {
  if (explanation->journal == NULL) {
    g_autofree char *words = command_words(explanation->recipe, options);
    if (explanation->lock == NULL)
      plain_append(explanation->text, "  no search yet (run: tinyx minimize %s)\n", words);
    return;
  }
  say_forecast(explanation);
  say_untried(explanation);
  if (strcmp(value, "n") == 0 || witness_found(explanation->journal, explanation->symbol, value))
    say_witness(explanation, VERDICT_PASS, value);
  else if (!say_witness(explanation, VERDICT_FAIL, value) &&
           !say_witness(explanation, VERDICT_UNRESOLVED, value))
    say_prediction(explanation);
}

char *
explain_symbol(const Recipe *recipe, const ImageOptions *options, const char *folder,
               const char *symbol, GError **error) {
  const char *name = g_str_has_prefix(symbol, "CONFIG_") ? symbol + strlen("CONFIG_") : symbol;
  g_auto(Explanation)
      explanation = {.recipe = recipe, .symbol = name, .packed = options->platform->packed};
  const char *value;
  if (!config_name_valid(name)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "'%s'; expected a kernel symbol, or an absolute path", symbol);
    return NULL;
  }
  if (!load(&explanation, options, folder, error))
    return NULL;
  explanation.text = g_string_new(NULL);
  value = config_value(explanation.config, name);
  plain_append(explanation.text, "%s: %s%s\n", name, strcmp(value, "n") == 0 ? "out" : "in",
               strcmp(value, "n") == 0 || strcmp(value, "y") == 0 ? "" : ", with a value");
  if (strcmp(value, "n") != 0 && strcmp(value, "y") != 0)
    plain_append(explanation.text, "  value: %s\n", value);
  say_asked(&explanation);
  if (!say_kconfig(&explanation, options, error))
    return NULL;
  say_search(&explanation, options, value);
  return g_string_free(g_steal_pointer(&explanation.text), FALSE);
}
