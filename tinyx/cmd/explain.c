/* explain.c - `tinyx explain`: why a kernel option or a file is in an image, or is not. */
#include "minimize/explain.h"
#include "base/files.h"
#include "base/plain.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "image/image.h"

#include <stdio.h>
#include <string.h>
static const char description[] =
    "Tells why a kernel option (EPOLL, or CONFIG_EPOLL) or a file (an absolute path) is in the "
    "image\n"
    "of an application, or is not: who asked for it, what selects it, which trial failed without "
    "it\n"
    "and what its console said last. It reads what `tinyx build` and `tinyx minimize` left.\n"
    "The word security instead lists what protects the image and what does not, and why: options "
    "of\n"
    "its kernel, rights of its programs, files, ports; with an image or without.";
#define SECURITY "security"

int
cmd_explain(int argc, char **argv) {
  ImageChoice choice = {0};
  g_autoptr(Recipe) recipe = NULL;
  g_autofree char *text = NULL, *standard = NULL, *folder = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {IMAGE_CHOICE_ENTRIES(choice), G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "NAME|DIR SYMBOL|PATH|security", description, entries);
  if (status < 0 && argc != 3)
    status = cmd_usage("explain",
                       "expected a recipe and a symbol, a path or the word security, got %d words",
                       argc - 1);
  if (status < 0 && image_choice_resolve(&choice, argv[1], &recipe, &error)) {
    standard = g_build_filename("out", recipe->name, choice.options.platform->name, NULL);
    folder = path_absolute(choice.options.output != NULL ? choice.options.output : standard);
    if (strcmp(argv[2], SECURITY) == 0)
      text = explain_security(recipe, &choice.options, folder, &error);
    else
      text = argv[2][0] == '/' ? explain_path(recipe, &choice.options, folder, argv[2], &error)
                               : explain_symbol(recipe, &choice.options, folder, argv[2], &error);
  }
  image_choice_clear(&choice);
  if (status >= 0)
    return status;
  if (text == NULL)
    return cmd_fail(error);
  plain_show(text);
  return 0;
}
