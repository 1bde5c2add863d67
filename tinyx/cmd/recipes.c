/* recipes.c - `tinyx recipes`: a table of the recipes and their last recorded test. */
#include "base/files.h"
#include "cmd/cmd.h"
#include "image/figures.h"
#include "platform/platform.h"

#include <stdio.h>

static const char description[] =
    "Lists the recipes that are shipped, with what their last recorded test (tinyx test --record)\n"
    "found: sizes, symbols that are on in the kernel, the domain's memory, the least that will "
    "do,\n"
    "the date.";

/* "-" for what is not known. */
static char *
size_cell(const Figures *figures, gint64 bytes) {
  return figures->date != NULL ? size_text((guint64)bytes) : g_strdup("-");
}

static char *
int_cell(const Figures *figures, int value, const char *unit) {
  return figures->date != NULL && value > 0 ? g_strdup_printf("%d%s", value, unit) : g_strdup("-");
}

static void
show_row(const Recipe *recipe, const Figures *figures, gboolean markdown) {
  g_autofree char *kernel = size_cell(figures, figures->kernel_bytes);
  g_autofree char *rootfs = size_cell(figures, figures->rootfs_bytes);
  g_autofree char *sum = size_cell(figures, figures->kernel_bytes + figures->rootfs_bytes);
  g_autofree char *symbols = int_cell(figures, figures->symbols, "");
  g_autofree char *domain = int_cell(figures, figures->memory, " MB");
  g_autofree char *memory = int_cell(figures, figures->least_memory, " MB");
  const char *state = figures->date == NULL ? "" : figures->passed ? " passed" : " FAILED";
  const char *date = figures->date != NULL ? figures->date : "never";
  g_auto(GStrv) parts = g_strsplit(recipe->description, "|", -1);
  g_autofree char *text = g_strjoinv("\\|", parts);
  if (markdown)
    printf("| %s | %s | %s | %s | %s | %s | %s | %s%s | %s%s |\n", recipe->name, text, kernel,
           rootfs, sum, symbols, domain, memory,
           figures->least_tested || figures->date == NULL ? "" : " *", date, state);
  else
    printf("%-16s %10s %10s %10s %8s %8s %8s%s  %s%s\n", recipe->name, kernel, rootfs, sum, symbols,
           domain, memory, figures->least_tested || figures->date == NULL ? " " : "*", date, state);
}

static void
show_head(gboolean markdown) {
  if (markdown)
    puts("# The recipes\n\n"
         "Made by `tinyx recipes --markdown` from what `tinyx test --record` wrote "
         "(recipes/NAME/tested-PLATFORM.json).\n\n"
         "| recipe | what it is | kernel | root file system | together | symbols =y | tested in | "
         "least memory | last test |\n|---|---|---|---|---|---|---|---|---|");
  else
    printf("%-16s %10s %10s %10s %8s %8s %8s   %s\n", "recipe", "kernel", "rootfs", "together",
           "symbols", "domain", "least", "last test");
}

static void
show_foot(gboolean markdown) {
  puts(markdown
           ? "\n\\* not looked for: the memory in which the domain can be created; the application "
             "needs more."
           : "* not looked for: the memory in which the domain can be created; the application "
             "needs more");
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

int
cmd_recipes(int argc, char **argv) {
  gboolean markdown = FALSE;
  g_autofree char *platform = NULL;
  g_auto(GStrv) names = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"markdown", 0, 0, G_OPTION_ARG_NONE, &markdown, "As a page for docs/recipes.md", NULL},
      {"platform", 'p', 0, G_OPTION_ARG_STRING, &platform,
       "The platform; default: " PLATFORM_DEFAULT, "NAME"},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "", description, entries);
  if (status < 0 && argc != 1)
    status = cmd_usage("recipes", "expected no argument, got '%s'", argv[1]);
  if (status >= 0)
    return status;
  if (platform == NULL)
    platform = g_strdup(PLATFORM_DEFAULT);
  g_autoptr(Platform) known = platform_load(platform, &error);
  names = known != NULL ? recipe_names(&error) : NULL;
  if (names == NULL || !check_all(names, platform, &error))
    return cmd_fail(error);
  show_head(markdown);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(Recipe) recipe = recipe_load(names[i], &error);
    g_auto(Figures) figures = {0};
    if (recipe == NULL || !figures_load(recipe, platform, &figures, &error))
      return cmd_fail(error);
    show_row(recipe, &figures, markdown);
  }
  show_foot(markdown);
  return 0;
}
