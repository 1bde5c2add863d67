/* run.c - `tinyx run`: boots an image, shows its console, and forwards its port. */
#include "cmd/boot.h"
#include "cmd/cmd.h"
#include "guest/launcher.h"

#include <stdlib.h>

static const char description[] =
    "Builds the image if that is needed and runs it in the foreground, with its console.\n"
    "A port of this machine (127.0.0.1) is forwarded to the port that the recipe names.\n"
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

int
cmd_run(int argc, char **argv) {
  g_auto(Boot) boot = {0};
  g_autofree char *port = NULL;
  g_autoptr(GuestHost) host = NULL;
  GuestHostOptions options = {0};
  const GOptionEntry entries[] = {BOOT_ENTRIES(boot),
                                  {"port", 'P', 0, G_OPTION_ARG_STRING, &port,
                                   "Port of this machine, and of the guest", "LOCAL[:GUEST]"},
                                  G_OPTION_ENTRY_NULL};
  GError *error = NULL;
  int local = 0, guest = 0;
  int status = cmd_parse(&argc, &argv, "NAME|DIR", description, entries);
  if (status < 0)
    status = image_choice_words(&boot.choice, "run", argc);
  if (status >= 0)
    return status;
  if (!parse_port(port, &local, &guest, &error) || !boot_prepare(&boot, argv[1], &error))
    return boot_fail(error);
  if (guest > 0)
    boot.recipe->port = guest;
  options.spec = boot.host;
  if ((host = guest_host_open(boot.guest.platform, &options, &error)) == NULL)
    return boot_fail(error);
  return guest_run(host, boot.recipe, &boot.guest, local, &error) ? 0 : cmd_fail(error);
}
