/* version.c - `tinyx version`. */
#include "cmd/cmd.h"

#include <stdio.h>

int
cmd_version(int argc, char **argv) {
  int status = cmd_parse(&argc, &argv, "", "Shows the version.", NULL);
  if (status < 0)
    puts("tinyx " TINYX_VERSION);
  return status < 0 ? 0 : status;
}
