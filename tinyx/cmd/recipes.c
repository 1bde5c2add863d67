/* recipes.c - `tinyx recipes`: a table of the recipes and their last recorded test. */
#include "base/files.h"
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
    show_row(table, recipe, &figures);
  }
  return TRUE;
}

int
cmd_recipes(int argc, char **argv) {
  Table table = {0};
  g_autofree char *name = NULL;
  g_auto(GStrv) names = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"markdown", 0, 0, G_OPTION_ARG_NONE, &table.markdown, "As a page: docs/recipes.md", NULL},
      {"platform", 'p', 0, G_OPTION_ARG_STRING, &name,
       "The platform, as `tinyx platforms` lists them; default: " PLATFORM_DEFAULT, "NAME"},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "", description, entries);
  if (status < 0 && argc != 1)
    status = cmd_usage("recipes", "expected no argument, got '%s'", argv[1]);
  if (status >= 0)
    return status;
  g_autoptr(Platform) platform = platform_load(name != NULL ? name : PLATFORM_DEFAULT, &error);
  names = platform != NULL ? recipe_names(&error) : NULL;
  if (names == NULL || !check_all(names, platform->name, &error))
    return cmd_fail(error);
  table.platform = platform->name;
  show_head(&table);
  if (!show_rows(&table, names, &error))
    return cmd_fail(error);
  show_foot(&table);
  return 0;
}
