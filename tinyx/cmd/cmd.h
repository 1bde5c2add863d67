/* cmd.h - the commands: one thin file each (options, validation, one call into
 * the library, the result printed), all in the table that main.c holds. */
#ifndef TINYX_CMD_CMD_H
#define TINYX_CMD_CMD_H

#include "base/error.h"

#define CMD_NOT_GIVEN G_MININT /* a number that no option gave */

typedef struct {
  const char *name;
  const char *summary;               /* one line for `tinyx --help` */
  int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit status */
} Command;

int cmd_version(int argc, char **argv);
int cmd_build(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_deps(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_exec(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_features(int argc, char **argv);
int cmd_host(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_logs(int argc, char **argv);
int cmd_minimize(int argc, char **argv);
int cmd_outdated(int argc, char **argv);
int cmd_platforms(int argc, char **argv);
int cmd_ps(int argc, char **argv);
int cmd_recipes(int argc, char **argv);
int cmd_restart(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_stop(int argc, char **argv);
int cmd_test(int argc, char **argv);

/* Parses argv by ENTRIES plus the options that every command has (-v, -q, --help).
 * USAGE is what follows "tinyx NAME [OPTION…]"; DESCRIPTION the paragraph under the options.
 * Then looks whether the cache is the caller's alone (cache_check). Returns -1 to go on, else the
 * exit status to return (0 after --help, 2 after a usage error). */
int cmd_parse(int *argc, char ***argv, const char *usage, const char *description,
              const GOptionEntry *entries);
/* The same for a command that reports a cache that is not the caller's alone by itself. */
int cmd_parse_unchecked(int *argc, char ***argv, const char *usage, const char *description,
                        const GOptionEntry *entries);
/* Prints ERROR (if any) and returns the exit status that goes with it. Takes ERROR. */
int cmd_fail(GError *error);
/* MEMORY is what --memory had, or CMD_NOT_GIVEN; INPUT with the range where it is out of that. */
gboolean cmd_check_memory(int memory, GError **error);
/* A usage error: message, hint to --help, status 2. */
int cmd_usage(const char *command, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
