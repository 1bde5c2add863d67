/* run.c - `tinyx run`: boots an image, shows its console or leaves it to a keeper, and forwards its
 * port. */
#include "cmd/boot.h"
#include "cmd/cmd.h"
#include "domain/keeper.h"
#include "guest/forward.h"
#include "guest/launcher.h"

#include "base/files.h"
#include "base/owner.h"
#include "base/plain.h"
#include "base/process.h"
#include "base/strings.h"

#include <fcntl.h>
#include <unistd.h>

static const char description[] =
    "Builds the image if that is needed and runs it in the foreground, with its console; with -d\n"
    "in the background.\n"
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

/* What `tinyx run` is given. */
typedef struct {
  Boot boot;
  char *port; /* as given */
  char *name; /* of the domain, as given */
  gboolean detached;
  int argc; /* as they were */
  char **argv;
} RunCommand;

/* Boots it on a host of its own, which ends with it. */
static gboolean
work(const GuestRun *how, gpointer data, GError **error) {
  const Boot *boot = data;
  const GuestHostOptions options = {.spec = boot->host};
  g_autoptr(GuestHost) host = guest_host_open(boot->guest.platform, &options, error);
  return host != NULL && guest_run(host, boot->recipe, &boot->guest, how, error);
}

/* The port is taken whether or not the recipe has one for it. */
static GuestRun
how_of(const Boot *boot, const ForwardPort *reserved) {
  gboolean forwards = boot->recipe->port > 0 && boot->recipe->vifs > 0;
  return (GuestRun){.port = forwards ? reserved : NULL};
}

static int
run(Boot *boot, const char *name, const ForwardPort *reserved) {
  GError *error = NULL;
  if (!boot_prepare(boot, name, &error))
    return boot_fail(error);
  const GuestRun how = how_of(boot, reserved);
  return work(&how, boot, &error) ? 0 : cmd_fail(error);
}

/* ---- in the background ------------------------------------------------- */

/* Whatever else was open when we were called is not the keeper's: it would hold the caller's locks
 * and pipes as long as the domain runs. Ours are all closed at exec. */
static void
close_inherited(void) {
  long most = sysconf(_SC_OPEN_MAX);
  for (int fd = 3; fd < MIN(most, 1024); fd++) {
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0)
      close(fd);
  }
}

/* What its record has before the guest runs. */
static void
describe(Domain *domain, const RunCommand *command, const GuestRun *how) {
  const Boot *boot = &command->boot;
  domain->recipe = recipe_argument(boot->recipe);
  domain->recipe_file = g_strdup(boot->recipe->file);
  domain->takes_commands = strv_has(boot->recipe->with, "exec");
  domain->platform = g_strdup(boot->guest.platform->name);
  domain->image = g_strdup(boot->guest.folder);
  domain->memory = boot->guest.memory;
  domain->port = how->port != NULL ? how->port->port : 0;
  domain->guest_port = how->port != NULL ? boot->recipe->port : 0;
  domain->spec = g_strdup(boot->host);
}

/* The name is taken first: the build of its image may take a while, and shows in ps. */
static Domain *
claim(const RunCommand *command, const char *recipe, int *held, GError **error) {
  g_autofree char *absolute = path_absolute(recipe);
  g_autofree char *base = g_path_get_basename(absolute);
  const char *name = command->name != NULL ? command->name : base;
  Domain *domain = domain_claim(name, held, error);
  if (domain == NULL)
    return NULL;
  domain->pid = (int)getpid();
  domain->started = process_started(domain->pid);
  domain->owner = owner_line_of_process(domain->pid);
  domain->command = g_strdupv(command->argv);
  domain->directory = g_get_current_dir();
  return domain;
}

/* It could not even be built. One that was there before stays listed: tinyx restart has its
 * command.
 */
static void
drop(Domain *domain, const GError *why) {
  g_free(domain->phase);
  domain->phase = g_strdup("ended");
  domain->how = g_strdup(why->message);
  domain->until = g_get_real_time() / G_USEC_PER_SEC;
  if (!domain->renewed || !domain_save(domain, NULL))
    domain_forget(domain, NULL);
}

static int
run_detached(RunCommand *command, const char *name, const ForwardPort *reserved) {
  g_autoptr(Domain) domain = NULL;
  GError *error = NULL;
  int held = -1, status;
  close_inherited();
  domain = claim(command, name, &held, &error);
  if (domain == NULL)
    return boot_fail(error);
  fcntl(held, F_SETFD, FD_CLOEXEC); /* the keeper's, not of the programs that it starts */
  if (!domain_save(domain, &error) || !boot_prepare(&command->boot, name, &error)) {
    drop(domain, error);
    return boot_fail(error);
  }
  const GuestRun how = how_of(&command->boot, reserved);
  describe(domain, command, &how);
  status = domain_keep(domain, &how, work, &command->boot);
  if (status == 0)
    plain_print("%s\n", domain->name);
  return status;
}

/* ---- the command ------------------------------------------------------- */

static int
run_command(RunCommand *command, const char *name) {
  g_auto(ForwardPort) reserved = {-1, -1, 0};
  GError *error = NULL;
  int local = 0, guest = 0;
  if (command->name != NULL && !command->detached)
    return cmd_usage("run", "--name belongs to --detach");
  if (!parse_port(command->port, &local, &guest, &error))
    return boot_fail(error);
  command->boot.port = guest;
  command->boot.needs_port = command->port != NULL;
  /* Before the image is built and the host is up: that takes a while. */
  if (!forward_reserve(local, &reserved, &error))
    return boot_fail(error);
  return command->detached ? run_detached(command, name, &reserved)
                           : run(&command->boot, name, &reserved);
}

int
cmd_run(int argc, char **argv) {
  RunCommand command = {.boot.memory = CMD_NOT_GIVEN, .argv = g_strdupv(argv)};
  const GOptionEntry entries[] = {
      {"detach", 'd', 0, G_OPTION_ARG_NONE, &command.detached,
       "Come back once it runs: tinyx ps, logs, exec, stop and restart have it then", NULL},
      {"name", 'n', 0, G_OPTION_ARG_STRING, &command.name,
       "With --detach: its name (default: the recipe's)", "NAME"},
      BOOT_ENTRIES(command.boot),
      {"port", 'P', 0, G_OPTION_ARG_STRING, &command.port, "Port of this machine, and of the guest",
       "LOCAL[:GUEST]"},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "NAME|DIR", description, entries);
  if (status < 0)
    status = image_choice_words(&command.boot.choice, "run", argc);
  if (status < 0)
    status = run_command(&command, argv[1]);
  boot_clear(&command.boot);
  g_free(command.port);
  g_free(command.name);
  g_strfreev(command.argv);
  return status;
}
