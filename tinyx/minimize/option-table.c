/* option-table.c - all kernel options that an image asks for, from lock and journal. */
#include "minimize/option-table.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "image/figures.h"
#include "image/parts.h"
#include "kernel/choose.h"
#include "kernel/features.h"
#include "kernel/fragment.h"
#include "minimize/minimize.h"
#include "minimize/witness.h"

#include <string.h>

#define CHOSEN "chosen.config"

static void
row_free(gpointer data) {
  OptionRow *row = data;
  g_free(row->symbol);
  g_free(row->value);
  g_free(row->reason);
  g_free(row->origin);
  g_free(row);
}

static OptionTable *
table_new(const Recipe *recipe, const Platform *platform) {
  OptionTable *table = g_new0(OptionTable, 1);
  table->name = g_strdup(recipe->name);
  table->platform = g_strdup(platform->name);
  table->rows = g_ptr_array_new_with_free_func(row_free);
  table->find = g_hash_table_new(g_str_hash, g_str_equal);
  return table;
}

void
option_table_free(OptionTable *table) {
  if (table == NULL)
    return;
  g_free(table->name);
  g_free(table->platform);
  g_free(table->version);
  g_free(table->source);
  g_hash_table_unref(table->find);
  g_ptr_array_unref(table->rows);
  g_free(table);
}

/* ORIGIN without the folder of the recipe, or of this project, which differs by machine. g_free. */
static char *
short_origin(const Recipe *recipe, const char *origin) {
  gsize length = strlen(recipe->folder);
  if (strncmp(origin, recipe->folder, length) == 0 && origin[length] == '/')
    return g_strdup(origin + length + 1);
  return g_strdup(origin);
}

static OptionRow *
add_row(OptionTable *table, const Recipe *recipe, const char *symbol, const char *value,
        const char *origin, const char *reason) {
  OptionRow *row = g_new0(OptionRow, 1);
  row->symbol = g_strdup(symbol);
  row->value = g_strdup(value);
  row->origin = short_origin(recipe, origin);
  row->reason = g_strdup(reason);
  row->of_platform = g_str_has_prefix(row->origin, "platforms/");
  row->bytes = -1;
  g_ptr_array_add(table->rows, row);
  g_hash_table_replace(table->find, row->symbol, row);
  return row;
}

/* ---- what is asked for --------------------------------------------------- */

/* The rules that the lock says held, and that the search then left out: their evidence was no need.
 */
static gboolean
add_left_out(OptionTable *table, const Recipe *recipe, const Lock *lock, const Platform *platform,
             GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(RuleSet) set = rules_load(data, error);
  if (set == NULL)
    return FALSE;
  for (guint i = 0; lock->rules[i] != NULL; i++) {
    const Rule *rule = rules_find(set, lock->rules[i]);
    for (guint k = 0; rule != NULL && k < rule->requests->len; k++) {
      const SymbolRequest *line = rule->requests->pdata[k];
      if (!symbol_request_is_for(line, platform) || line->may_vanish ||
          strcmp(line->value, "n") == 0 || g_hash_table_contains(table->find, line->symbol))
        continue;
      g_autofree char *why = g_strdup_printf(
          "%s; something asked for it (the feature %s), and the test passes without it",
          line->reason, rule->name);
      add_row(table, recipe, line->symbol, "n", lock->file, why);
    }
  }
  return TRUE;
}

/* All that the lock, the platform and the recipe ask for: what tinyx build would ask Kconfig. */
static gboolean
add_asked(OptionTable *table, const Recipe *recipe, const ImageOptions *options, const Lock *lock,
          GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_auto(FeatureNames) features = {0};
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(GPtrArray) requests = image_requests(recipe);
  if (!image_features(recipe, options, &features, error))
    return FALSE;
  if (recipe_is_reached(recipe))
    facts_add(facts, FACTS_FROM_PORTS, "port", NULL);
  const KernelInput input = {.platform = options->platform,
                             .facts = facts,
                             .lock = lock,
                             .with = (const char *const *)features.with,
                             .without = (const char *const *)features.without,
                             .requests = requests};
  g_autoptr(GPtrArray) chosen = choose_symbols(&input, data, NULL, error);
  for (guint i = 0; chosen != NULL && i < chosen->len; i++) {
    const SymbolRequest *request = chosen->pdata[i];
    g_autofree char *reason =
        g_strconcat(request->may_vanish ? "may vanish: " : "", request->reason, NULL);
    add_row(table, recipe, request->symbol, request->value, request->origin, reason);
  }
  return chosen != NULL && add_left_out(table, recipe, lock, options->platform, error);
}

/* A line of chosen.config has where it comes from in brackets at its end. */
static void
add_of_image(OptionTable *table, const Recipe *recipe, const SymbolRequest *line) {
  const char *open = g_strrstr(line->reason, " (");
  gsize length = strlen(line->reason);
  if (open == NULL || line->reason[length - 1] != ')') {
    add_row(table, recipe, line->symbol, line->value, line->origin, line->reason);
    return;
  }
  g_autofree char *reason = g_strndup(line->reason, (gsize)(open - line->reason));
  g_autofree char *origin = g_strndup(open + 2, strlen(open + 2) - 1);
  add_row(table, recipe, line->symbol, line->value, origin, reason);
}

/* ---- what the trials say ------------------------------------------------- */

static void
find_trial(const Journal *journal, OptionRow *row) {
  Witness witness;
  const JournalEntry *boot;
  if (strcmp(row->value, "n") == 0 || witness_found(journal, row->symbol, row->value)) {
    if (!witness_best(journal, row->symbol, VERDICT_PASS, &witness))
      return;
    row->trial = witness.entry->number;
    row->evidence = "passed so";
    row->exact = witness.company == 1 && witness.before > 0 && witness.entry->bytes > 0;
    if (row->exact)
      row->bytes = witness.before - witness.entry->bytes;
  } else if (witness_best(journal, row->symbol, VERDICT_FAIL, &witness)) {
    row->trial = witness.entry->number;
    row->evidence = "failed without it";
  } else if (witness_best(journal, row->symbol, VERDICT_UNRESOLVED, &witness)) {
    row->trial = witness.entry->number;
    row->evidence = "could not be built without it";
  } else if ((boot = witness_prediction(journal, row->symbol)) != NULL) {
    row->trial = boot->number;
    row->evidence = "a boot in which its calls did nothing failed";
  }
}

static void
find_trials(OptionTable *table, const Recipe *recipe, const Platform *platform) {
  g_autofree char *path = minimize_journal_path(recipe, platform->name);
  g_autoptr(GError) problem = NULL;
  g_autoptr(Journal) journal = NULL;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return;
  journal = journal_read(path, &problem);
  if (journal == NULL) {
    msg_warn("the trials are left out: %s", problem->message); /* the rest can be told */
    return;
  }
  for (guint i = 0; i < table->rows->len; i++) {
    OptionRow *row = table->rows->pdata[i];
    g_auto(Forecasted) said = {0};
    find_trial(journal, row);
    if (!row->exact && witness_forecast(journal, row->symbol, &said))
      row->bytes = said.bytes;
  }
}

/* ---- the table ----------------------------------------------------------- */

static int
compare_rows(gconstpointer a, gconstpointer b) {
  const OptionRow *first = *(const OptionRow *const *)a;
  const OptionRow *second = *(const OptionRow *const *)b;
  if (first->of_platform != second->of_platform)
    return first->of_platform ? 1 : -1;
  return strcmp(first->symbol, second->symbol);
}

static gboolean
finish(OptionTable *table, const Recipe *recipe, const Platform *platform, GError **error) {
  g_auto(Figures) figures = {0};
  if (!figures_load(recipe, platform->name, &figures, error))
    return FALSE;
  table->symbols_y = figures.date != NULL ? figures.symbols : 0;
  find_trials(table, recipe, platform);
  g_ptr_array_sort(table->rows, compare_rows);
  return TRUE;
}

/* The commands that make what there is nothing to read from. */
static void
fail_nothing(const Recipe *recipe, const Platform *platform, GError **error) {
  g_autofree char *lock = image_lock_path(recipe, platform->name);
  g_autofree char *name = recipe_argument(recipe);
  g_autofree char *more = strcmp(platform->name, PLATFORM_DEFAULT) != 0
                              ? g_strdup_printf(" --platform %s", platform->name)
                              : g_strdup("");
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: not there, and there is no image; expected one of them (run: tinyx build %s%s, "
              "or: tinyx minimize %s%s)",
              lock, name, more, name, more);
}

OptionTable *
option_table_of_lock(const Recipe *recipe, const ImageOptions *options, GError **error) {
  g_autoptr(OptionTable) table = table_new(recipe, options->platform);
  g_autoptr(Lock) lock = NULL;
  if (!image_lock_load(recipe, options, &lock, error))
    return NULL;
  if (lock == NULL) {
    fail_nothing(recipe, options->platform, error);
    return NULL;
  }
  table->version = g_strdup(lock->version);
  table->source = short_origin(recipe, lock->file);
  if (!add_asked(table, recipe, options, lock, error) ||
      !finish(table, recipe, options->platform, error))
    return NULL;
  return g_steal_pointer(&table);
}

OptionTable *
option_table_load(const Recipe *recipe, const ImageOptions *options, const char *folder,
                  GError **error) {
  g_autofree char *path = g_build_filename(folder, CHOSEN, NULL);
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return option_table_of_lock(recipe, options, error);
  g_autoptr(OptionTable) table = table_new(recipe, options->platform);
  g_autoptr(GPtrArray) lines = NULL;
  if (!image_check_platform(folder, options->platform, error) ||
      (lines = fragment_load(path, CHOSEN, error)) == NULL)
    return NULL;
  table->source = g_steal_pointer(&path);
  for (guint i = 0; i < lines->len; i++)
    add_of_image(table, recipe, lines->pdata[i]);
  if (!finish(table, recipe, options->platform, error))
    return NULL;
  return g_steal_pointer(&table);
}
