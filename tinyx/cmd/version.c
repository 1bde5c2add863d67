/* version.c - `tinyx version`. */
#include "cmd/cmd.h"

#include "base/plain.h"

int
cmd_version(int argc, char **argv) {
  int status = cmd_parse(&argc, &argv, "", "Shows the version.", NULL);
  if (status < 0 && argc != 1)
    status = cmd_usage("version", "expected no argument, got '%s'", argv[1]);
  if (status < 0)
    plain_print("tinyx " TINYX_VERSION "\n");
  return status < 0 ? 0 : status;
}
