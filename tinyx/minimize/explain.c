#include "minimize/explain.h"

#include "base/files.h"
#include "base/msg.h"
#include "image/parts.h"
#include "kernel/fragment.h"
#include "kernel/kconfig.h"
#include "minimize/journal.h"
#include "minimize/minimize.h"
#include "rootfs/tree.h"

#include <string.h>

typedef struct {
  const Recipe *recipe;
  const char *symbol;
  char *config_text;
  GHashTable *config;
  GPtrArray *chosen; /* SymbolRequest*: chosen.config */
  Lock *lock;        /* or NULL */
  Journal *journal;  /* or NULL */
  GString *text;
} Explanation;

static void
explanation_clear(Explanation *explanation) {
  g_free(explanation->config_text);
  if (explanation->config != NULL)
    g_hash_table_unref(explanation->config);
  if (explanation->chosen != NULL)
    g_ptr_array_unref(explanation->chosen);
  lock_free(explanation->lock);
  journal_close(explanation->journal);
  if (explanation->text != NULL)
    g_string_free(explanation->text, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Explanation, explanation_clear)

static char *
read_output(const Recipe *recipe, const char *folder, const char *name, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  char *text = NULL;
  if (g_file_get_contents(path, &text, NULL, NULL))
    return text;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: not there; expected an image (run: tinyx build %s)", path, recipe->name);
  return NULL;
}

/* The lock and the journal are there if the recipe was minimised. */
static gboolean
load_search(Explanation *explanation, const ImageOptions *options, GError **error) {
  g_autofree char *lock = image_lock_path(explanation->recipe, options->platform);
  g_autofree char *journal = minimize_journal_path(explanation->recipe, options->platform);
  if (g_file_test(lock, G_FILE_TEST_EXISTS) && (explanation->lock = lock_load(lock, error)) == NULL)
    return FALSE;
  return !g_file_test(journal, G_FILE_TEST_EXISTS) ||
         (explanation->journal = journal_read(journal, error)) != NULL;
}

static gboolean
load(Explanation *explanation, const ImageOptions *options, const char *folder, GError **error) {
  g_autofree char *chosen = NULL;
  explanation->config_text = read_output(explanation->recipe, folder, "kernel.config", error);
  if (explanation->config_text == NULL)
    return FALSE;
  explanation->config = config_parse(explanation->config_text, strlen(explanation->config_text),
                                     "kernel.config", error);
  chosen = explanation->config != NULL
               ? read_output(explanation->recipe, folder, "chosen.config", error)
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
      g_string_append_printf(explanation->text, "  asked for: %s\n    %s\n", request->value,
                             request->reason);
  }
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
      g_string_append_printf(explanation->text, "  what it is: %s (%s)\n", symbol->prompt,
                             symbol->menu);
    if (symbol->selected != NULL)
      g_string_append_printf(explanation->text, "  selected by: %s\n", symbol->selected);
    if (!symbol->switchable)
      g_string_append_printf(explanation->text, "  cannot be switched: %s\n", symbol->why_not);
    return TRUE;
  }
  g_string_append(explanation->text,
                  "  Kconfig: there is no such symbol, or it cannot be chosen here\n");
  return TRUE;
}

static gboolean
changes(const JournalEntry *entry, const char *symbol) {
  gsize length = strlen(symbol);
  for (guint i = 0; entry->change[i] != NULL; i++)
    if (strncmp(entry->change[i], symbol, length) == 0 &&
        (entry->change[i][length] == '=' || entry->change[i][length] == '\0'))
      return TRUE;
  return g_strv_contains((const char *const *)entry->more, symbol);
}

/* Of the trials with VERDICT that changed the symbol, the one that changed least besides: the
 * difference to the last one that passed before it. */
static const JournalEntry *
best_witness(const Explanation *explanation, JournalVerdict verdict, guint *company,
             gint64 *before) {
  const GPtrArray *entries = journal_entries(explanation->journal);
  const JournalEntry *witness = NULL, *passed = NULL;
  for (guint i = 0; i < entries->len; i++) {
    const JournalEntry *entry = entries->pdata[i];
    guint others = 0;
    if (strcmp(entry->kind, "trial") != 0 && strcmp(entry->kind, "start") != 0)
      continue;
    if (entry->verdict == verdict && changes(entry, explanation->symbol) &&
        (passed == NULL || !changes(passed, explanation->symbol))) {
      for (guint j = 0; entry->change[j] != NULL; j++) {
        g_autofree char *name = g_strndup(entry->change[j], strcspn(entry->change[j], "="));
        others += passed == NULL || !changes(passed, name);
      }
      if (witness == NULL || others < *company) {
        witness = entry;
        *company = others;
        *before = passed != NULL ? passed->bytes : 0;
      }
    }
    if (entry->verdict == VERDICT_PASS)
      passed = entry;
  }
  return witness;
}

static void
say_console(Explanation *explanation, const JournalEntry *entry) {
  for (guint i = 0; entry->console[i] != NULL; i++)
    g_string_append_printf(explanation->text, "    | %s\n", entry->console[i]);
}

/* No build was made without it: a boot in which its calls did nothing told enough. */
static void
say_prediction(Explanation *explanation) {
  const GPtrArray *entries = journal_entries(explanation->journal);
  const JournalEntry *best = NULL;
  for (guint i = 0; i < entries->len; i++) {
    const JournalEntry *entry = entries->pdata[i];
    if (strcmp(entry->kind, "boot") == 0 && entry->verdict == VERDICT_FAIL &&
        changes(entry, explanation->symbol) &&
        (best == NULL || g_strv_length(entry->change) < g_strv_length(best->change)))
      best = entry;
  }
  if (best == NULL)
    return;
  g_string_append_printf(explanation->text,
                         "  trial %u failed, a boot of a patched kernel in which its calls%s did "
                         "nothing (a prediction): %s\n",
                         best->number, best->change[1] != NULL ? " (and others')" : "",
                         best->why != NULL ? best->why : "no reason was noted");
  say_console(explanation, best);
}

static gboolean
say_witness(Explanation *explanation, JournalVerdict verdict) {
  guint company = 0;
  gint64 before = 0;
  const JournalEntry *entry = best_witness(explanation, verdict, &company, &before);
  GString *text = explanation->text;
  if (entry == NULL)
    return FALSE;
  if (verdict == VERDICT_PASS) {
    g_string_append_printf(text, "  went in trial %u, which passed", entry->number);
    if (before > 0 && entry->bytes > 0)
      g_string_append_printf(text, "; it saved %" G_GINT64_FORMAT " bytes of the bzImage%s",
                             before - entry->bytes, company > 1 ? ", together with others" : "");
    g_string_append_printf(text, "%s\n", company > 1 ? "" : " (alone)");
    return TRUE;
  }
  g_string_append_printf(text, "  trial %u %s without it%s: %s\n", entry->number,
                         verdict == VERDICT_FAIL ? "failed" : "could not be built",
                         company > 1 ? " (and others)" : "",
                         entry->why != NULL ? entry->why : "no reason was noted");
  say_console(explanation, entry);
  return TRUE;
}

/* What the forecast thought of it: "SYMBOL=VALUE BYTES CHANCE WORDS". */
static void
say_forecast(Explanation *explanation) {
  const GPtrArray *entries = journal_entries(explanation->journal);
  for (guint i = entries->len; i > 0; i--) {
    const JournalEntry *entry = entries->pdata[i - 1];
    if (strcmp(entry->kind, "forecast") != 0)
      continue;
    for (guint j = 0; entry->change[j] != NULL; j++) {
      g_auto(GStrv) words = g_strsplit(entry->change[j], " ", 4);
      gsize length = strlen(explanation->symbol);
      if (g_strv_length(words) < 4 || strncmp(words[0], explanation->symbol, length) != 0 ||
          words[0][length] != '=')
        continue;
      g_string_append_printf(explanation->text, "  forecast: about %s bytes of the bzImage; %s\n",
                             words[1], words[3]);
      return;
    }
    g_string_append(explanation->text, "  it was not a candidate of the search\n");
    return;
  }
}

static void
say_search(Explanation *explanation, gboolean on) {
  if (explanation->journal == NULL) {
    g_string_append_printf(explanation->text, "  no search yet (run: tinyx minimize %s)\n",
                           explanation->recipe->name);
    return;
  }
  say_forecast(explanation);
  if (!on)
    say_witness(explanation, VERDICT_PASS);
  else if (!say_witness(explanation, VERDICT_FAIL) && !say_witness(explanation, VERDICT_UNRESOLVED))
    say_prediction(explanation);
}

char *
explain_symbol(const Recipe *recipe, const ImageOptions *options, const char *folder,
               const char *symbol, GError **error) {
  const char *name = g_str_has_prefix(symbol, "CONFIG_") ? symbol + strlen("CONFIG_") : symbol;
  g_auto(Explanation) explanation = {.recipe = recipe, .symbol = name};
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
  g_string_append_printf(
      explanation.text, "%s: %s%s\n", name, strcmp(value, "n") == 0 ? "out" : "in",
      strcmp(value, "n") == 0 || strcmp(value, "y") == 0 ? "" : ", with a value");
  if (strcmp(value, "n") != 0 && strcmp(value, "y") != 0)
    g_string_append_printf(explanation.text, "  value: %s\n", value);
  say_asked(&explanation);
  if (!say_kconfig(&explanation, options, error))
    return NULL;
  say_search(&explanation, strcmp(value, "n") != 0);
  return g_string_free(g_steal_pointer(&explanation.text), FALSE);
}
