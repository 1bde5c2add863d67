/* exec.c - `tinyx exec`: a command in a domain that runs in the background. */
#include "domain/keeper.h"

#include "base/plain.h"
#include "cmd/cmd.h"

static const char description[] =
    "Runs a command in a domain that `tinyx run -d` has started, as root, by the shell of its "
    "image,\n"
    "where that has the feature exec (with=exec in [kernel] of its recipe, or --with exec): it "
    "takes\n"
    "commands from the console, which only the domain's owner can write to. One word is a line "
    "for\n"
    "the shell, several are a command and its arguments. What it prints comes line by line; it "
    "reads\n"
    "nothing. The exit status is the command's. Only what is in the image can be run: its "
    "programs, "
    "and\n"
    "BusyBox's applets, which are those of tinyx itself, cat, ls and those of applets="
    " in [image].";

static void
show_line(const char *line) {
  plain_print("%s\n", line);
}

int
cmd_exec(int argc, char **argv) {
  g_autoptr(Domain) domain = NULL;
  GError *error = NULL;
  int status = cmd_parse(&argc, &argv, "DOMAIN [--] COMMAND...", description, NULL), first;
  if (status >= 0)
    return status;
  first = argc > 2 && g_str_equal(argv[2], "--") ? 3 : 2;
  if (argc <= first)
    return cmd_usage("exec", "expected a domain and a command");
  domain = domain_load(argv[1], &error);
  return domain != NULL && domain_exec(domain, argv + first, show_line, &status, &error)
             ? status
             : cmd_fail(error);
}
