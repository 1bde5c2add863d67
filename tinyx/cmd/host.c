/* host.c - `tinyx host`: the Xen host started, stopped, asked how it is, and its shell. */
#include "xen/host.h"

#include "base/near.h"
#include "base/plain.h"
#include "base/strings.h"
#include "cmd/cmd.h"
#include "domain/domain.h"
#include "xen/status-json.h"

static const char description[] =
    "The Xen host on which images are tested and run. The embedded one is QEMU with Xen and a "
    "small\n"
    "dom0 in it; 'start' leaves it running for the commands that follow, which otherwise each "
    "take\n"
    "one of their own from its snapshot.\n\n"
    "  start    start the embedded host\n"
    "  stop     end it\n"
    "  status   kind, process, uptime, Xen's version, memory, domains; also of those that a\n"
    "           running command has for itself\n"
    "  shell    a shell in dom0, or one command: tinyx host shell -- xl list";

typedef struct {
  char *spec; /* --host as given */
  gboolean attach, json;
  int pid; /* with attach; 0: not given */
} Given;

static int
show_status(const Given *given) {
  g_autofree char *text = NULL, *as_json = NULL;
  GError *error = NULL;
  if (!xen_host_status(given->spec, &text, &error))
    return cmd_fail(error);
  if (given->json)
    as_json = host_status_json(text);
  plain_show(given->json ? as_json : text);
  return 0;
}

/* The command's words follow "--" or "shell". */
static int
run_shell(const Given *given, int argc, char **argv) {
  GError *error = NULL;
  int first = argc > 2 && g_str_equal(argv[2], "--") ? 3 : 2;
  char **command = first < argc ? argv + first : NULL;
  int status = given->attach ? xen_host_attach(given->pid, command, &error)
                             : xen_host_shell(given->spec, command, &error);
  return status >= 0 ? status : cmd_fail(error);
}

/* Whoever started a domain in the background counts on it. */
static gboolean
check_empty(GError **error) {
  g_autoptr(GPtrArray) names = domain_names_on_left_host();
  g_autofree char *list = strings_join(names, " ");
  return !xen_host_is_left() || names->len == 0 ||
         tinyx_fail(error, TINYX_ERROR_INPUT,
                    "domains of tinyx run -d are on it; expected tinyx stop %s before", list);
}

static int
unknown_word(const char *word) {
  static const char *const words[] = {"start", "stop", "status", "shell", NULL};
  g_autofree char *near = near_text(word, words);
  return cmd_usage("host", "'%s'%s; expected start, stop, status or shell", word, near);
}

static int
run_word(const Given *given, int argc, char **argv) {
  GError *error = NULL;
  if (g_str_equal(argv[1], "shell") && !given->json)
    return run_shell(given, argc, argv);
  if ((given->attach || given->pid != 0) && !g_str_equal(argv[1], "shell"))
    return cmd_usage("host", "--attach and --pid belong to shell, not to '%s'", argv[1]);
  if (given->json && !g_str_equal(argv[1], "status"))
    return cmd_usage("host", "--json belongs to status, not to '%s'", argv[1]);
  if (argc > 2)
    return cmd_usage("host", "'%s' is too much after '%s'", argv[2], argv[1]);
  if (g_str_equal(argv[1], "status"))
    return show_status(given);
  if (g_str_equal(argv[1], "start"))
    return xen_host_start(given->spec, &error) ? 0 : cmd_fail(error);
  if (g_str_equal(argv[1], "stop"))
    return check_empty(&error) && xen_host_stop(given->spec, &error) ? 0 : cmd_fail(error);
  return unknown_word(argv[1]);
}

int
cmd_host(int argc, char **argv) {
  Given given = {0};
  const GOptionEntry entries[] = {
      {"host", 'H', 0, G_OPTION_ARG_STRING, &given.spec,
       "embedded, local or ssh://user@machine[:port]; without it embedded, or local in a dom0",
       "HOST"},
      {"attach", 0, 0, G_OPTION_ARG_NONE, &given.attach,
       "With shell: in the embedded host that a running command has for itself", NULL},
      {"pid", 0, 0, G_OPTION_ARG_INT, &given.pid,
       "With --attach: that command's process, where there are several (tinyx host status)", "PID"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &given.json, "With status: print JSON", NULL},
      G_OPTION_ENTRY_NULL};
  int status =
      cmd_parse(&argc, &argv, "start|stop|status|shell [-- COMMAND...]", description, entries);
  if (status >= 0)
    return status;
  if (argc < 2)
    return cmd_usage("host", "what to do is missing; expected start, stop, status or shell");
  status = given.pid != 0 && !given.attach ? cmd_usage("host", "--pid belongs to --attach")
           : given.spec != NULL && given.attach
               ? cmd_usage("host", "--attach is for embedded hosts; expected no --host")
               : run_word(&given, argc, argv);
  g_free(given.spec);
  return status;
}
