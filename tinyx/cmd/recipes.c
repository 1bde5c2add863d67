/* recipes.c - `tinyx recipes`: a table of the recipes and their last recorded test. */
#include "base/files.h"
#include "base/json.h"
#include "base/plain.h"
#include "cmd/cmd.h"
#include "image/figures.h"
#include "image/parts.h"
#include "platform/platform.h"

#include <string.h>

static const char description[] =
    "Lists the recipes that are shipped, with what their last recorded test on the platform\n"
    "(tinyx test --record) found: sizes of kernel and root file system, symbols that are on in "
    "the\n"
    "kernel, the memory that the guest had, the least that will do, the date; and whether a\n"
    "minimised kernel (kernel-PLATFORM.lock) is shipped.";

#define DESCRIPTION_INDENT 4 /* columns, of the line below a recipe's figures */

/* What was shown so far, for the lines below the table. */
typedef struct {
  const char *platform;
  gboolean markdown;
  JsonBuilder *json;    /* gets the rows instead; NULL: they are printed */
  guint tested, marked; /* recipes that were tested; of which the least memory is not known */
} Table;

/* "-" for what is not known. */
static char *
size_cell(const Figures *figures, gint64 bytes) {
  return figures->date != NULL ? size_text((guint64)bytes) : g_strdup("-");
}

static char *
int_cell(const Figures *figures, int value, const char *unit) {
  return figures->date != NULL && value > 0 ? g_strdup_printf("%d%s", value, unit) : g_strdup("-");
}

static gboolean
has_lock(const Recipe *recipe, const char *platform) {
  g_autofree char *lock = image_lock_path(recipe, platform);
  return g_file_test(lock, G_FILE_TEST_EXISTS);
}

static void
show_row(Table *table, const Recipe *recipe, const Figures *figures) {
  gboolean tested = figures->date != NULL, marked = tested && !figures->least_tested;
  g_autofree char *kernel = size_cell(figures, figures->kernel_bytes);
  g_autofree char *rootfs = size_cell(figures, figures->rootfs_bytes);
  g_autofree char *sum = size_cell(figures, figures->kernel_bytes + figures->rootfs_bytes);
  g_autofree char *symbols = int_cell(figures, figures->symbols, "");
  g_autofree char *memory = int_cell(figures, figures->memory, " MB");
  g_autofree char *least = int_cell(figures, figures->least_memory, " MB");
  const char *lock = has_lock(recipe, table->platform) ? "yes" : "-";
  const char *state = !tested ? "" : figures->passed ? " passed" : " FAILED";
  const char *date = tested ? figures->date : "never";
  g_auto(GStrv) parts = g_strsplit(recipe->description, "|", -1);
  g_autofree char *text = g_strjoinv("\\|", parts);
  table->tested += tested;
  table->marked += marked;
  if (table->markdown)
    plain_print("| %s | %s | %s | %s | %s | %s | %s | %s%s | %s | %s%s |\n", recipe->name, text,
                kernel, rootfs, sum, symbols, memory, least, marked ? " *" : "", lock, date, state);
  else
    plain_print("%-16s %10s %10s %10s %8s %8s %8s%s %9s  %s%s\n%*s%s\n", recipe->name, kernel,
                rootfs, sum, symbols, memory, least, marked ? "*" : " ", lock, date, state,
                DESCRIPTION_INDENT, "", recipe->description);
}

static void
put_figures(JsonBuilder *json, const Figures *figures) {
  json_begin_object(json, "last_test");
  json_put_string(json, "date", figures->date);
  json_put_bool(json, "passed", figures->passed);
  json_put_string(json, "linux", figures->linux);
  json_put_int(json, "kernel_bytes", figures->kernel_bytes);
  json_put_int(json, "rootfs_bytes", figures->rootfs_bytes);
  json_put_int(json, "symbols_y", figures->symbols);
  json_put_int(json, "memory_mb", figures->memory);
  json_put_int(json, "least_memory_mb", figures->least_memory);
  json_put_bool(json, "least_memory_tested", figures->least_tested);
  json_builder_end_object(json);
}

static void
put_row(const Table *table, const Recipe *recipe, const Figures *figures) {
  json_builder_begin_object(table->json);
  json_put_string(table->json, "name", recipe->name);
  json_put_string(table->json, "what", recipe->description);
  json_put_bool(table->json, "minimised", has_lock(recipe, table->platform));
  if (figures->date != NULL)
    put_figures(table->json, figures);
  json_builder_end_object(table->json);
}

static void
show_head(const Table *table) {
  if (table->markdown)
    plain_print(
        "# The recipes on %s\n\n"
        "Made by `tinyx recipes --markdown%s%s` from what `tinyx test --record` wrote "
        "(recipes/NAME/tested-%s.json).\n\n"
        "| recipe | what it is | kernel | root file system | together | symbols =y | tested in | "
        "least memory | minimised | last test |\n|---|---|---|---|---|---|---|---|---|---|\n",
        table->platform, strcmp(table->platform, PLATFORM_DEFAULT) != 0 ? " --platform " : "",
        strcmp(table->platform, PLATFORM_DEFAULT) != 0 ? table->platform : "", table->platform);
  else
    plain_print("%-16s %10s %10s %10s %8s %8s %8s  %9s  last test on %s\n", "recipe", "kernel",
                "rootfs", "together", "symbols", "memory", "least", "minimised", table->platform);
}

static void
show_foot(const Table *table) {
  const char *mark = table->markdown ? "\\*" : "*";
  if (table->marked > 0)
    plain_print(
        "\n%s not looked for: the memory in which the guest can be created; the application needs "
        "more%s\n",
        mark, table->markdown ? "." : "");
  if (table->tested == 0)
    plain_print("\nNone was tested on %s yet: tinyx test NAME --platform %s --record\n",
                table->platform, table->platform);
}

/* Before the first line is printed: half a page is worse than none. */
static gboolean
check_all(char **names, const char *platform, GError **error) {
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(Recipe) recipe = recipe_load(names[i], error);
    g_auto(Figures) figures = {0};
    if (recipe == NULL || !figures_load(recipe, platform, &figures, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
show_rows(Table *table, char **names, GError **error) {
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(Recipe) recipe = recipe_load(names[i], error);
    g_auto(Figures) figures = {0};
    if (recipe == NULL || !figures_load(recipe, table->platform, &figures, error))
      return FALSE;
    if (table->json != NULL)
      put_row(table, recipe, &figures);
    else
      show_row(table, recipe, &figures);
  }
  return TRUE;
}

static gboolean
show_json(Table *table, char **names, GError **error) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  table->json = json;
  json_builder_begin_object(json);
  json_put_string(json, "platform", table->platform);
  json_begin_array(json, "recipes");
  if (!show_rows(table, names, error))
    return FALSE;
  json_builder_end_array(json);
  json_builder_end_object(json);
  g_autofree char *text = json_lines(json);
  plain_show(text);
  return TRUE;
}

static gboolean
show_table(Table *table, char **names, GError **error) {
  show_head(table);
  if (!show_rows(table, names, error))
    return FALSE;
  show_foot(table);
  return TRUE;
}

int
cmd_recipes(int argc, char **argv) {
  Table table = {0};
  gboolean as_json = FALSE;
  g_autofree char *name = NULL;
  g_auto(GStrv) names = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"markdown", 0, 0, G_OPTION_ARG_NONE, &table.markdown, "As a page: docs/recipes.md", NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
      {"platform", 'p', 0, G_OPTION_ARG_STRING, &name,
       "The platform, as `tinyx platforms` lists them; default: " PLATFORM_DEFAULT, "NAME"},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "", description, entries);
  if (status < 0 && argc != 1)
    status = cmd_usage("recipes", "expected no argument, got '%s'", argv[1]);
  if (status < 0 && as_json && table.markdown)
    status = cmd_usage("recipes", "--json and --markdown exclude each other");
  if (status >= 0)
    return status;
  g_autoptr(Platform) platform = platform_load(name != NULL ? name : PLATFORM_DEFAULT, &error);
  names = platform != NULL ? recipe_names(&error) : NULL;
  if (names == NULL || !check_all(names, platform->name, &error))
    return cmd_fail(error);
  table.platform = platform->name;
  return (as_json ? show_json : show_table)(&table, names, &error) ? 0 : cmd_fail(error);
}
