/* run.c - `tinyx run`: boots an image, shows its console, and forwards its port. */
#include "cmd/boot.h"
#include "cmd/cmd.h"
#include "guest/forward.h"
#include "guest/launcher.h"

#include <stdlib.h>

static const char description[] =
    "Builds the image if that is needed and runs it in the foreground, with its console.\n"
    "A port of this machine (127.0.0.1, and ::1) is forwarded to the port that the recipe names.\n"
    "Ctrl-C shuts the guest down.";

/* "LOCAL" or "LOCAL:GUEST". */
static gboolean
parse_port(const char *text, int *local, int *guest, GError **error) {
  g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "0", ":", 2);
  guint64 value[2] = {0, 0};
  for (int i = 0; i < 2 && parts[i] != NULL; i++)
    if (!g_ascii_string_to_unsigned(parts[i], 10, i == 0 ? 0 : 1, 65535, &value[i], NULL)) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "--port '%s': expected LOCAL or LOCAL:GUEST, each a port (LOCAL 0: any free one)",
                  text);
      return FALSE;
    }
  *local = (int)value[0];
  *guest = (int)value[1];
  return TRUE;
}

static int
run(Boot *boot, const char *name, const ForwardPort *reserved) {
  GuestHostOptions options = {0};
  g_autoptr(GuestHost) host = NULL;
  GuestRun how = {0};
  GError *error = NULL;
  options.spec = boot->host;
  if (!boot_prepare(boot, name, &error) ||
      (host = guest_host_open(boot->guest.platform, &options, &error)) == NULL)
    return boot_fail(error);
  if (boot->recipe->port > 0 && boot->recipe->vifs > 0)
    how.port = reserved;
  return guest_run(host, boot->recipe, &boot->guest, &how, &error) ? 0 : cmd_fail(error);
}

int
cmd_run(int argc, char **argv) {
  g_auto(Boot) boot = {.memory = CMD_NOT_GIVEN};
  g_autofree char *port = NULL;
  const GOptionEntry entries[] = {BOOT_ENTRIES(boot),
                                  {"port", 'P', 0, G_OPTION_ARG_STRING, &port,
                                   "Port of this machine, and of the guest", "LOCAL[:GUEST]"},
                                  G_OPTION_ENTRY_NULL};
  g_auto(ForwardPort) reserved = {-1, -1, 0};
  GError *error = NULL;
  int local = 0, guest = 0;
  int status = cmd_parse(&argc, &argv, "NAME|DIR", description, entries);
  if (status < 0)
    status = image_choice_words(&boot.choice, "run", argc);
  if (status >= 0)
    return status;
  if (!parse_port(port, &local, &guest, &error))
    return boot_fail(error);
  /* Before the image is built and the host is up: that takes a while. */
  if (!forward_reserve(local, &reserved, &error))
    return boot_fail(error);
  boot.port = guest;
  boot.needs_port = port != NULL;
  return run(&boot, argv[1], &reserved);
}
