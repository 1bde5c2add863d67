/* query.c - asks the tree's own Kconfig about symbols, and reads its answers. */
#include "kernel/query.h"

#include "base/files.h"
#include "base/place.h"
#include "base/proc.h"
#include "kernel/make.h"

#include <string.h>

#define DEADLINE 300 /* seconds, for a program that needs one */

static void
symbol_facts_free(gpointer data) {
  SymbolFacts *facts = data;
  g_free(facts->symbol);
  g_free(facts->type);
  g_free(facts->value);
  g_free(facts->prompt);
  g_free(facts->depends);
  g_free(facts->selected);
  g_free(facts->range);
  g_free(facts->choice);
  g_ptr_array_unref(facts->near);
  g_free(facts);
}

static void
set_text(char **place, const char *text) {
  g_free(*place);
  *place = g_strstrip(g_strdup(text));
}

GPtrArray *
kconfig_blocks_parse(const KconfigBlocks *kind, const char *text, const char *file,
                     GError **error) {
  g_autoptr(GPtrArray) blocks = g_ptr_array_new_with_free_func(kind->free);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  gpointer block = NULL;
  for (guint i = 0; lines[i] != NULL; i++) {
    char *tab = strchr(lines[i], '\t');
    if (lines[i][0] == '\0')
      continue;
    if (tab != NULL)
      *tab++ = '\0';
    if (tab != NULL && g_str_equal(lines[i], "symbol")) {
      block = kind->begin(tab);
      g_ptr_array_add(blocks, block);
    } else if (tab == NULL || block == NULL || !kind->take(block, lines[i], tab)) {
      place_set_error_code(error, TINYX_ERROR_CORRUPT, file, i + 1, "\"%s\"; expected KEY<TAB>TEXT",
                           lines[i]);
      return NULL;
    }
  }
  return g_steal_pointer(&blocks);
}

static gpointer
symbol_facts_new(const char *name) {
  SymbolFacts *facts = g_new0(SymbolFacts, 1);
  facts->symbol = g_strdup(name);
  facts->depends_met = TRUE;
  facts->near = g_ptr_array_new_with_free_func(g_free);
  return facts;
}

static gboolean
symbol_facts_take(gpointer block, const char *key, const char *text) {
  SymbolFacts *facts = block;
  gboolean yes = g_str_equal(text, "y");
  if (g_str_equal(key, "type"))
    set_text(&facts->type, text);
  else if (g_str_equal(key, "value"))
    set_text(&facts->value, text);
  else if (g_str_equal(key, "visible"))
    facts->visible = yes;
  else if (g_str_equal(key, "prompt"))
    set_text(&facts->prompt, text);
  else if (g_str_equal(key, "depends-value"))
    facts->depends_met = yes;
  else if (g_str_equal(key, "depends"))
    set_text(&facts->depends, text);
  else if (g_str_equal(key, "selected") || g_str_equal(key, "implied"))
    set_text(&facts->selected, text);
  else if (g_str_equal(key, "range"))
    set_text(&facts->range, text);
  else if (g_str_equal(key, "choice"))
    set_text(&facts->choice, text);
  else if (g_str_equal(key, "near"))
    g_ptr_array_add(facts->near, g_strdup(text));
  else
    return FALSE;
  return TRUE;
}

GPtrArray *
kconfig_answer_parse(const char *text, const char *file, GError **error) {
  static const KconfigBlocks kind = {symbol_facts_new, symbol_facts_take, symbol_facts_free};
  return kconfig_blocks_parse(&kind, text, file, error);
}

/* The tree's own objects but for conf.o, which has a main() of its own. */
static gboolean
add_objects(GPtrArray *argv, const char *folder, GError **error) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
    if (g_str_has_suffix(name, ".o") && !g_str_equal(name, "conf.o"))
      g_ptr_array_add(argv, g_build_filename(folder, name, NULL));
  return dir != NULL;
}

gboolean
kconfig_compile(const KernelSource *source, const char *objects, const char *helper,
                const char *program, GError **error) {
  const char *const folders[] = {objects, NULL};
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *folder = g_build_filename(objects, "scripts/kconfig", NULL);
  g_autofree char *text = data_path(helper);
  g_ptr_array_add(argv, g_strdup("gcc"));
  g_ptr_array_add(argv, g_strdup("-O1"));
  g_ptr_array_add(argv, g_strdup("-o"));
  g_ptr_array_add(argv, g_strdup(program));
  g_ptr_array_add(argv, g_strdup_printf("-I%s/scripts/kconfig", source->folder));
  g_ptr_array_add(argv, g_strdup_printf("-I%s/scripts/include", source->folder)); /* since 6.11 */
  g_ptr_array_add(argv, g_strdup("-Wno-unused-function"));
  g_ptr_array_add(argv, g_strdup(text));
  if (!add_objects(argv, folder, error))
    return FALSE;
  g_ptr_array_add(argv, NULL);
  g_auto(GStrv) confined =
      kernel_confine(source, folders, text, (const char *const *)argv->pdata, error);
  ProcSpec spec = {.argv = (const char *const *)confined, .deadline = DEADLINE};
  return confined != NULL && proc_run(&spec, NULL, error);
}

/* "A B C" of all symbols. */
static char *
joined_names(const GPtrArray *requests) {
  GString *names = g_string_new(NULL);
  for (guint i = 0; i < requests->len; i++) {
    const SymbolRequest *request = requests->pdata[i];
    g_string_append_printf(names, "%s%s", i > 0 ? " " : "", request->symbol);
  }
  return g_string_free(names, FALSE);
}

/* The tree's Makefile runs it in place of conf: it knows the environment that Kconfig files read.
 */
static gboolean
ask(const KernelSource *source, const char *objects, const char *names, const char *answer,
    GError **error) {
  g_autofree char *output = g_strdup_printf("O=%s", objects);
  g_autofree char *query = g_strdup_printf("TINYX_QUERY=%s", names);
  g_autofree char *place = g_strdup_printf("TINYX_ANSWER=%s", answer);
  const char *argv[] = {"make",
                        "-s",
                        "-C",
                        source->folder,
                        output,
                        "ARCH=x86_64",
                        "CC=gcc",
                        "config",
                        "config-prog=tinyx-query",
                        NULL};
  const char *env[] = {query, place, "LC_ALL=C", NULL};
  const char *const folders[] = {objects, NULL};
  g_auto(GStrv) confined = kernel_confine(source, folders, NULL, argv, error);
  ProcSpec spec = {.argv = (const char *const *)confined, .env = env, .deadline = DEADLINE};
  return confined != NULL && proc_run(&spec, NULL, error);
}

GPtrArray *
kconfig_query(const KernelSource *source, const char *objects, const GPtrArray *requests,
              GError **error) {
  g_autofree char *program = g_build_filename(objects, "scripts/kconfig/tinyx-query", NULL);
  g_autofree char *answer = g_build_filename(objects, "tinyx-answer", NULL);
  g_autofree char *names = joined_names(requests);
  g_autofree char *text = NULL;
  if (!kconfig_compile(source, objects, "kconfig-heuristics/kconfig-query.c", program, error) ||
      !ask(source, objects, names, answer, error) ||
      !file_read(answer, FILE_OWN_MAX, &text, NULL, error)) {
    g_prefix_error(error, "kconfig query: ");
    return NULL;
  }
  g_autoptr(GPtrArray) answers = kconfig_answer_parse(text, answer, error);
  if (answers != NULL && answers->len != requests->len) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "kconfig query: %u answers for %u symbols",
                answers->len, requests->len);
    return NULL;
  }
  return g_steal_pointer(&answers);
}
