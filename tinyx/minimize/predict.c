/* predict.c - what each symbol is likely to be needed for. */
#include "minimize/predict.h"
#include "base/files.h"

#include <string.h>

static void
code_free(gpointer data) {
  SymbolCode *code = data;
  g_ptr_array_unref(code->code);
  g_free(code);
}

typedef struct {
  GHashTable *symbols;   /* name -> SymbolCode* */
  GHashTable *functions; /* "OBJECT NAME" -> const CodeSymbol* */
  Kbuild *kbuild;
  const char *object; /* whose source is being read */
} Predicting;

static SymbolCode *
code_of(Predicting *predicting, const char *symbol) {
  SymbolCode *code = g_hash_table_lookup(predicting->symbols, symbol);
  if (code == NULL) {
    code = g_new0(SymbolCode, 1);
    code->code = g_ptr_array_new();
    g_hash_table_insert(predicting->symbols, g_strdup(symbol), code);
  }
  return code;
}

static void
add_code(SymbolCode *code, const CodeSymbol *symbol) {
  code->bytes += symbol->size;
  if (!symbol->code)
    return;
  code->functions++;
  code->ran += symbol->ran && !symbol->init;
  code->ran_at_start += symbol->ran && symbol->init;
  g_ptr_array_add(code->code, (gpointer)symbol);
}

/* Counts the code of each object for the symbols that the object is built by (obj-$(CONFIG_X)). */
static void
add_objects(Predicting *predicting, const Codemap *map) {
  guint count;
  const CodeSymbol *symbols = codemap_symbols(map, &count);
  for (guint i = 0; i < count; i++) {
    const CodeSymbol *symbol = &symbols[i];
    const GPtrArray *conditions;
    if (symbol->object == NULL)
      continue;
    g_hash_table_insert(predicting->functions,
                        g_strdup_printf("%s %s", symbol->object, symbol->name), (gpointer)symbol);
    /* Several names of one address count once. */
    if (i + 1 < count && symbols[i + 1].address == symbol->address)
      continue;
    conditions = kbuild_conditions(predicting->kbuild, symbol->object);
    for (guint j = 0; j < conditions->len; j++)
      add_code(code_of(predicting, conditions->pdata[j]), symbol);
  }
}

static gboolean
has_condition(const GPtrArray *conditions, const char *symbol) {
  for (guint i = 0; i < conditions->len; i++)
    if (strcmp(conditions->pdata[i], symbol) == 0)
      return TRUE;
  return FALSE;
}

static void
add_region(const char *symbol, const char *function, gpointer data) {
  Predicting *predicting = data;
  g_autofree char *key = g_strdup_printf("%s %s", predicting->object, function);
  const CodeSymbol *found = g_hash_table_lookup(predicting->functions, key);
  /* Code of an object that SYMBOL builds as a whole was counted by add_objects(). */
  if (found != NULL &&
      !has_condition(kbuild_conditions(predicting->kbuild, predicting->object), symbol))
    add_code(code_of(predicting, symbol), found);
}

/* One line of objects.list: "OBJECT SOURCE SYMBOL…". */
static void
add_object_line(Predicting *predicting, const char *tree, const char *line) {
  g_auto(GStrv) words = g_strsplit(line, " ", -1);
  g_autofree char *path = NULL, *text = NULL;
  if (g_strv_length(words) < 2)
    return;
  for (guint i = 2; words[i] != NULL; i++)
    code_of(predicting, words[i])->rebuilds++;
  path = g_path_is_absolute(words[1]) ? g_strdup(words[1]) : g_build_filename(tree, words[1], NULL);
  predicting->object = words[0];
  if (g_str_has_suffix(path, ".c") && file_read(path, FILE_OWN_MAX, &text, NULL, NULL))
    kbuild_regions(text, add_region, predicting);
}

GHashTable *
predict_code(const Codemap *map, const char *tree, const char *objects) {
  g_autoptr(Kbuild) kbuild = kbuild_new(tree);
  g_auto(GStrv) lines = g_strsplit(objects, "\n", -1);
  Predicting predicting = {
      .symbols = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, code_free),
      .functions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
      .kbuild = kbuild};
  add_objects(&predicting, map);
  for (guint i = 0; lines[i] != NULL; i++)
    add_object_line(&predicting, tree, lines[i]);
  g_hash_table_unref(predicting.functions);
  return predicting.symbols;
}

/* The limits are measured (docs/minimize.md). Nearly all code registers itself at the start and has
 * a callback or two that run; of code that is needed, dozens of functions run. */
double
predict_needed(const SymbolCode *code) {
  guint ran;
  if (code == NULL || code->functions == 0)
    return 0.05; /* no code of its own was found: a size, a choice, a header's inline code */
  ran = code->ran + code->ran_at_start;
  if (ran == 0)
    return 0.005;
  if (code->ran ==
      0) /* an initcall of a subsystem that nobody used, or work that is done at the start */
    return code->ran_at_start * 2 > code->functions ? 0.4 : 0.03;
  return ran * 20 < code->functions ? 0.12 : ran * 7 < code->functions ? 0.4 : 0.7;
}
