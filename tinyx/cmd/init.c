/* init.c - `tinyx init`: the draft of a recipe for a Debian package. */
#include "base/files.h"
#include "base/msg.h"
#include "cmd/cmd.h"
#include "cmd/options.h"

#include <stdio.h>

static const char description[] =
    "Drafts a recipe from a Debian package: what its systemd unit (or init script, desktop entry,\n"
    "program) runs, as whom and with what before it, and the port that its configuration names.\n"
    "Several packages make one image with an application each. The recipe goes to ./PACKAGE.\n"
    "It is a draft: read it, and replace its weak test by one that talks to the application.";

static void
clear(char **commands, char **ports, char *output) {
  g_strfreev(commands);
  g_strfreev(ports);
  g_free(output);
}

int
cmd_init(int argc, char **argv) {
  g_auto(Draft) draft = {0};
  g_autofree char *folder = NULL, *text = NULL;
  char **commands = NULL, **ports = NULL, *output = NULL;
  gboolean force = FALSE, untried = FALSE, written;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
       "Folder for the recipe; its name is the recipe's (default: ./PACKAGE)", "DIR"},
      {"command", 0, 0, G_OPTION_ARG_STRING_ARRAY, &commands,
       "What the package runs, in the foreground; once for each package", "COMMAND"},
      {"port", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ports,
       "The TCP port on which it listens; once for each package", "PORT"},
      {"no-trial", 0, 0, G_OPTION_ARG_NONE, &untried,
       "Do not run it in a container for some seconds to see on which ports it listens", NULL},
      {"force", 0, 0, G_OPTION_ARG_NONE, &force,
       "Write over a recipe that is there, its files/ included", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "PACKAGE...", description, entries);
  if (status < 0 && argc < 2)
    status = cmd_usage("init", "expected a Debian package");
  if (status >= 0) {
    clear(commands, ports, output);
    return status;
  }
  folder = g_strdup(output != NULL ? output : argv[1]);
  written = draft_folder_check(folder, force, &error) &&
            draft_given(&argv[1], commands, ports, untried, &draft, &error) &&
            draft_write(&draft, folder, force, &error);
  clear(commands, ports, output);
  if (!written)
    return cmd_fail(error);
  text = draft_text(&draft);
  fputs(text, stdout);
  if (draft_is_testable(&draft))
    msg_info("written to %s/recipe.conf; next: tinyx test %s%s", folder,
             folder[0] == '/' || folder[0] == '.' ? "" : "./", folder);
  else
    msg_info(
        "written to %s/recipe.conf; no port is known: it cannot be tested without a test.sh or "
        "--port",
        folder);
  return 0;
}
