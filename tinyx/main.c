/* main.c - the table of commands, nothing else; and, by another name, the compiler's stand-in. */
#include "base/msg.h"
#include "base/near.h"
#include "base/plain.h"
#include "base/proc.h"
#include "base/shrunk.h"
#include "cmd/cmd.h"
#include "kernel/compile.h"
#include "kernel/make.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const Command commands[] = {
    {"build", "Build a kernel and a root file system for an application", cmd_build},
    {"test", "Boot an image and run its recipe's test", cmd_test},
    {"run", "Run an image in the foreground", cmd_run},
    {"init", "Draft a recipe from a Debian package", cmd_init},
    {"minimize", "Find the smallest kernel that still passes the test", cmd_minimize},
    {"explain", "Tell why an option or a file is in an image", cmd_explain},
    {"compare", "Put an image beside Debian's, measured", cmd_compare},
    {"platforms", "List what images can be made for", cmd_platforms},
    {"recipes", "List the recipes and their figures", cmd_recipes},
    {"deps", "Show what files or packages need", cmd_deps},
    {"features", "List the features of kernels, with their cost", cmd_features},
    {"host", "The Xen host: start, stop, status, shell", cmd_host},
    {"version", "Show the version", cmd_version},
};

static char *
help_text(void) {
  GString *text = g_string_new("Usage:\n  tinyx COMMAND [OPTION...] [ARGUMENT...]\n\n"
                               "Name an application, get a minimal Linux virtual machine that runs "
                               "just that.\n\nCommands:\n");
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    g_string_append_printf(text, "  %-10s %s\n", commands[i].name, commands[i].summary);
  g_string_append(
      text,
      "\nOptions of every command:\n"
      "  -v, --verbose   Show each command that is run, and more\n"
      "  -q, --quiet     Show errors and results only\n"
      "  -h, --help      Show the command's own options\n\n"
      "'tinyx --version' shows the version. Exit status: 0 done, 1 failed, 2 could not be run,\n"
      "130 interrupted. The manual: man tinyx, man tinyx-recipe.\n");
  return g_string_free(text, FALSE);
}

/* A result that could not be written is a failure, however the command ended. */
static int
finish(int status) {
  if (fflush(stdout) == 0 && !ferror(stdout))
    return status;
  if (errno != EPIPE)
    msg_error("standard output: %s", g_strerror(errno));
  return status != 0 ? status : 1;
}

static int
unknown_command(const char *name) {
  const char *names[G_N_ELEMENTS(commands) + 1] = {NULL};
  g_autofree char *near = NULL, *all = NULL;
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    names[i] = commands[i].name;
  near = near_text(name, names);
  all = g_strjoinv(" ", (char **)names);
  msg_error("'%s' is not a command%s; there are: %s", name, near, all);
  msg_text("Try 'tinyx --help'.");
  return 2;
}

int
main(int argc, char **argv) {
  g_autofree char *name = g_path_get_basename(argc > 0 ? argv[0] : "");
  g_autofree char *self = NULL;
  if (strcmp(name, COMPILE_NAME) == 0)
    return compile_main(argc, argv);
  setlocale(LC_ALL, "");
  self = g_file_read_link("/proc/self/exe", NULL);
  kernel_make_stand_in(self);
  proc_catch_signals();
  shrunk_catch();
  if (argc < 2) {
    g_autofree char *help = help_text();
    msg_text(help);
    return 2;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
      strcmp(argv[1], "help") == 0) {
    g_autofree char *help = help_text();
    plain_show(help);
    return finish(0);
  }
  if (strcmp(argv[1], "--version") == 0) {
    plain_print("tinyx " TINYX_VERSION "\n");
    return finish(0);
  }
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    if (strcmp(argv[1], commands[i].name) == 0)
      return finish(commands[i].run(argc - 1, argv + 1));
  return unknown_command(argv[1]);
}
