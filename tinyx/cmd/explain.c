/* explain.c - `tinyx explain`: why a kernel option or a file is in an image, or is not. */
#include "minimize/explain.h"
#include "base/files.h"
#include "base/plain.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "image/image.h"
#include "minimize/option-matrix.h"

#include <stdio.h>
#include <string.h>
static const char description[] =
    "Tells why a kernel option (EPOLL, or CONFIG_EPOLL) or a file (an absolute path) is in the "
    "image\n"
    "of an application, or is not: who asked for it, what selects it, which trial failed without "
    "it\n"
    "and what its console said last. It reads what `tinyx build` and `tinyx minimize` left.\n"
    "With a recipe alone all options that its image asks for, as a table: from the image if there "
    "is\n"
    "one, else from the lock and the journal that are shipped with the recipe.\n"
    "With --matrix the options of several recipes (without names: of all that are shipped and "
    "have\n"
    "a lock), by applications, with the reason in each cell.\n"
    "The word security instead lists what protects the image and what does not, and why: options "
    "of\n"
    "its kernel, rights of its programs, files, ports; with an image or without.";
#define SECURITY "security"

typedef struct {
  ImageChoice choice;
  gboolean json, matrix;
  char *as; /* a MatrixForm's name, as given */
} Given;

static void
given_clear(Given *given) {
  image_choice_clear(&given->choice);
  g_free(given->as);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

static char *
explain_word(const Given *given, const Recipe *recipe, const char *folder, const char *word,
             GError **error) {
  const ImageOptions *options = &given->choice.options;
  if (strcmp(word, SECURITY) == 0)
    return explain_security(recipe, options, folder, error);
  return word[0] == '/' ? explain_path(recipe, options, folder, word, error)
                        : explain_symbol(recipe, options, folder, word, error);
}

static char *
explain_all(const Given *given, const Recipe *recipe, const char *folder, GError **error) {
  g_autoptr(OptionTable) table = option_table_load(recipe, &given->choice.options, folder, error);
  if (table == NULL)
    return NULL;
  return given->json ? option_table_json(table) : option_table_text(table);
}

/* Of the recipes NAMES. */
static char *
explain_matrix(Given *given, char *const *names, GError **error) {
  g_autoptr(OptionMatrix) matrix = NULL;
  MatrixForm form = given->json ? MATRIX_JSON : MATRIX_TEXT;
  if ((given->as != NULL && !matrix_form_parse(given->as, &form, error)) ||
      !image_choice_platform(&given->choice, error) ||
      (matrix = option_matrix_load(names, &given->choice.options, error)) == NULL)
    return NULL;
  return option_matrix_show(matrix, form, error);
}

/* The text for WORDS: a recipe, and perhaps what of it. */
static char *
explain(Given *given, char *const *words, GError **error) {
  g_autoptr(Recipe) recipe = NULL;
  if (!image_choice_resolve(&given->choice, words[0], &recipe, error))
    return NULL;
  const ImageOptions *options = &given->choice.options;
  g_autofree char *standard = g_build_filename("out", recipe->name, options->platform->name, NULL);
  g_autofree char *folder = path_absolute(options->output != NULL ? options->output : standard);
  return words[1] == NULL ? explain_all(given, recipe, folder, error)
                          : explain_word(given, recipe, folder, words[1], error);
}

/* -1 if the words and options go together, else the exit status. */
static int
check_words(const Given *given, int argc, char **argv) {
  if (given->as != NULL && given->json)
    return cmd_usage("explain", "--json and --as exclude each other");
  if (given->matrix)
    return -1;
  if (given->as != NULL)
    return cmd_usage("explain", "--as belongs to --matrix");
  if (argc != 2 && argc != 3)
    return cmd_usage("explain",
                     "expected a recipe, and perhaps a symbol, a path or the word security, got %d "
                     "words",
                     argc - 1);
  if (argc == 3 && given->json)
    return cmd_usage("explain", "--json belongs to the table of all options: expected no '%s'",
                     argv[2]);
  return -1;
}

int
cmd_explain(int argc, char **argv) {
  g_auto(Given) given = {0};
  g_autofree char *text = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"matrix", 0, 0, G_OPTION_ARG_NONE, &given.matrix,
       "The options of several recipes, by applications", NULL},
      {"as", 0, 0, G_OPTION_ARG_STRING, &given.as,
       "With --matrix: text (default), csv, json, html (a page that needs nothing else) or "
       "markdown",
       "FORM"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &given.json, "Print the table, or the matrix, as JSON",
       NULL},
      IMAGE_CHOICE_ENTRIES(given.choice),
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "NAME|DIR [SYMBOL|PATH|security] | --matrix [NAME|DIR...]",
                         description, entries);
  if (status < 0)
    status = check_words(&given, argc, argv);
  if (status < 0)
    text =
        given.matrix ? explain_matrix(&given, argv + 1, &error) : explain(&given, argv + 1, &error);
  if (status >= 0)
    return status;
  if (text == NULL)
    return cmd_fail(error);
  plain_show(text);
  return 0;
}
