/* main.c - the table of commands, and which of them is called; by another name, the compiler's
 * stand-in. */
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
    {"run", "Run an image, in the foreground or in the background", cmd_run},
    {"ps", "List the domains in the background", cmd_ps},
    {"logs", "Show what one of them said on its console", cmd_logs},
    {"exec", "Run a command in one", cmd_exec},
    {"stop", "Shut them down", cmd_stop},
    {"restart", "Shut them down, and start them anew", cmd_restart},
    {"export", "Write an image that starts without tinyx, in QEMU or on Xen", cmd_export},
    {"outdated", "Tell which images hold what the archive has newer", cmd_outdated},
    {"init", "Draft a recipe from a Debian package", cmd_init},
    {"minimize", "Find the smallest kernel that still passes the test", cmd_minimize},
    {"explain", "Tell why an option or a file is in an image", cmd_explain},
    {"compare", "Put an image beside Debian's, measured", cmd_compare},
    {"platforms", "List what images can be made for", cmd_platforms},
    {"recipes", "List the recipes and their figures", cmd_recipes},
    {"deps", "Show what files or packages need", cmd_deps},
    {"features", "List the features of kernels, with their cost", cmd_features},
    {"doctor", "Tell what this machine lacks for builds and tests", cmd_doctor},
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
      "  -h, --help      Show the command's own options (also: tinyx help COMMAND)\n"
      "They may stand before the command, too.\n\n"
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

/* WHAT is wrong, and which KNOWN words there are. */
static int
unknown_word(const char *word, const char *what, const char *const *known, const char *all) {
  g_autofree char *near = near_or_all(word, known, all);
  msg_error("'%s' %s%s", word, what, near);
  msg_text("Try 'tinyx --help'.");
  return 2;
}

static int
unknown_command(const char *name) {
  const char *names[G_N_ELEMENTS(commands) + 1] = {NULL};
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    names[i] = commands[i].name;
  return unknown_word(name, "is not a command", names, "there are");
}

static const Command *
command_find(const char *name) {
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    if (strcmp(name, commands[i].name) == 0)
      return &commands[i];
  return NULL;
}

static int
show_help(void) {
  g_autofree char *help = help_text();
  plain_show(help);
  return 0;
}

/* TRUE for the options that every command has, also as one word ("-vq"). */
static gboolean
is_common_option(const char *word) {
  static const char *const names[] = {"--verbose", "--quiet", "--help", NULL};
  return g_strv_contains(names, word) ||
         (word[0] == '-' && word[1] != '\0' && strspn(word + 1, "vqh") == strlen(word + 1));
}

/* `tinyx help`, `tinyx help COMMAND`. */
static int
help_command(int argc, char **argv) {
  for (; argc > 1 && is_common_option(argv[1]); argc--)
    argv++;
  const Command *command = argc > 1 ? command_find(argv[1]) : NULL;
  char *words[] = {argc > 1 ? argv[1] : NULL, (char *)"--help", NULL};
  if (argc < 2 || strcmp(argv[1], "help") == 0)
    return show_help();
  if (command == NULL)
    return unknown_command(argv[1]);
  if (argc > 2)
    return cmd_usage(command->name, "help: '%s' is too much after '%s'", argv[2], argv[1]);
  return command->run(2, words);
}

/* The options of every command may come before its name: they are put behind it. Returns the
 * status to end with, or -1 with the name in argv[1]. */
static int
move_options(int argc, char **argv) {
  static const char *const known[] = {"--verbose", "--quiet", "--help", "--version", NULL};
  int first = 1;
  while (first < argc && is_common_option(argv[first]))
    first++;
  if (first < argc && strcmp(argv[first], "--version") == 0) {
    plain_print("tinyx " TINYX_VERSION "\n");
    return 0;
  }
  if (first < argc && argv[first][0] == '-')
    return unknown_word(argv[first],
                        "is no option that comes before a command (its own options follow its "
                        "name)",
                        known, "expected one of");
  if (first == argc) { /* no command: help is what was asked for, or what is missing */
    g_autofree char *help = help_text();
    for (int i = 1; i < argc; i++)
      if (strcmp(argv[i], "--help") == 0 || (argv[i][1] != '-' && strchr(argv[i], 'h') != NULL))
        return show_help();
    msg_text(help);
    return 2;
  }
  char *command = argv[first];
  memmove(&argv[2], &argv[1], (gsize)(first - 1) * sizeof *argv);
  argv[1] = command;
  return -1;
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
  int status = move_options(argc, argv);
  if (status >= 0)
    return finish(status);
  if (strcmp(argv[1], "help") == 0)
    return finish(help_command(argc - 1, argv + 1));
  const Command *command = command_find(argv[1]);
  return finish(command != NULL ? command->run(argc - 1, argv + 1) : unknown_command(argv[1]));
}
