/* init.c - `tinyx init`: the draft of a recipe for a Debian package, or for an own program. */
#include "base/files.h"
#include "base/msg.h"
#include "base/plain.h"
#include "base/split.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "draft/own.h"
#include "platform/platform.h"

#include <string.h>

static const char description[] =
    "Drafts a recipe from a Debian package: what its systemd unit (or init script, desktop entry,\n"
    "program) runs, as whom and with what before it, and the port that its configuration names.\n"
    "Several packages make one image with an application each. The recipe goes to ./PACKAGE.\n"
    "PATH is an own program: a file (machine code, a script, a jar) or a folder (Node.js, Python\n"
    "with requirements.txt or a virtual environment, Go, Rust, PHP, a web site); packages that it\n"
    "needs besides come behind it. Its recipe goes into the folder, or beside the file.\n"
    "It is a draft: read it, and replace its weak test by one that talks to the application.";

/* What was given, as it was given. */
typedef struct {
  char **commands, **ports;
  char *output, *platform;
  gboolean force, untried;
} Given;

static void
given_clear(Given *given) {
  g_strfreev(given->commands);
  g_strfreev(given->ports);
  g_free(given->output);
  g_free(given->platform);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

/* What to do with the recipe in FOLDER next; the exit status. */
static int
say_next(const Draft *draft, const char *folder, const Platform *platform) {
  gboolean usual = g_str_equal(platform->name, PLATFORM_DEFAULT);
  if (!draft_is_testable(draft)) {
    msg_error("written to %s/recipe.conf, but there is nothing to test: no port is known; write "
              "%s/test.sh, or draft it again with --port",
              folder, folder);
    return 1;
  }
  g_autofree char *path = g_strconcat(strchr(folder, '/') != NULL ? "" : "./", folder, NULL);
  g_autofree char *word = split_shell_word(path);
  msg_info("written to %s/recipe.conf; next: tinyx test %s%s%s", folder, word,
           usual ? "" : " --platform ", usual ? "" : platform->name);
  return 0;
}

int
cmd_init(int argc, char **argv) {
  g_auto(Given) given = {0};
  g_auto(Draft) draft = {0};
  g_autofree char *folder = NULL, *text = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &given.output,
       "Folder for the recipe; its name is the recipe's (default: ./PACKAGE; for a PATH its "
       "folder)",
       "DIR"},
      {"command", 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.commands,
       "What the package runs, in the foreground; once for each package", "COMMAND"},
      {"port", 0, 0, G_OPTION_ARG_STRING_ARRAY, &given.ports,
       "The TCP port on which it listens; once for each package", "PORT"},
      {"platform", 'p', 0, G_OPTION_ARG_STRING, &given.platform,
       "The platform that it is meant for: a note names what of the draft is for another one; "
       "default: " PLATFORM_DEFAULT,
       "NAME"},
      {"no-trial", 0, 0, G_OPTION_ARG_NONE, &given.untried,
       "Do not run it in a container for some seconds to see on which ports it listens", NULL},
      {"force", 0, 0, G_OPTION_ARG_NONE, &given.force,
       "Write over a recipe that is there, its files/ included", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "PACKAGE...|PATH [PACKAGE...]", description, entries);
  if (status < 0 && argc < 2)
    status = cmd_usage("init", "expected a Debian package, or the path of a program");
  if (status >= 0)
    return status;
  g_autoptr(Platform) platform =
      platform_load(given.platform != NULL ? given.platform : PLATFORM_DEFAULT, &error);
  if (given.output != NULL)
    folder = g_strdup(given.output);
  else
    folder = own_is_path(argv[1]) ? draft_own_folder(argv[1]) : g_strdup(argv[1]);
  if (platform == NULL || !draft_folder_check(folder, given.force, &error) ||
      !draft_given(&argv[1], given.commands, given.ports, given.untried, platform, &draft,
                   &error) ||
      !draft_write(&draft, folder, given.force, &error))
    return cmd_fail(error);
  text = draft_text(&draft);
  plain_show(text);
  return say_next(&draft, folder, platform);
}
