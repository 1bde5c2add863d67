/* host.c - `tinyx host`: the Xen host started, stopped, asked how it is, and its shell. */
#include "xen/host.h"

#include "base/near.h"
#include "base/plain.h"
#include "cmd/cmd.h"

static const char description[] =
    "The Xen host on which images are tested and run. The embedded one is QEMU with Xen and a "
    "small\n"
    "dom0 in it; 'start' leaves it running for the commands that follow, which otherwise each "
    "take\n"
    "one of their own from its snapshot.\n\n"
    "  start    start the embedded host\n"
    "  stop     end it\n"
    "  status   kind, process, uptime, Xen's version, memory, domains\n"
    "  shell    a shell in dom0, or one command: tinyx host shell -- xl list";

static int
show_status(const char *spec) {
  g_autofree char *text = NULL;
  GError *error = NULL;
  if (!xen_host_status(spec, &text, &error))
    return cmd_fail(error);
  plain_show(text);
  return 0;
}

/* The command's words follow "--" or "shell". */
static int
run_shell(const char *spec, int argc, char **argv) {
  GError *error = NULL;
  int first = argc > 2 && g_str_equal(argv[2], "--") ? 3 : 2;
  int status = xen_host_shell(spec, first < argc ? argv + first : NULL, &error);
  return status >= 0 ? status : cmd_fail(error);
}

static int
unknown_word(const char *word) {
  static const char *const words[] = {"start", "stop", "status", "shell", NULL};
  g_autofree char *near = near_text(word, words);
  return cmd_usage("host", "'%s'%s; expected start, stop, status or shell", word, near);
}

int
cmd_host(int argc, char **argv) {
  g_autofree char *spec = NULL;
  const GOptionEntry entries[] = {
      {"host", 'H', 0, G_OPTION_ARG_STRING, &spec,
       "embedded, local or ssh://user@machine[:port]; without it embedded, or local in a dom0",
       "HOST"},
      G_OPTION_ENTRY_NULL};
  GError *error = NULL;
  int status =
      cmd_parse(&argc, &argv, "start|stop|status|shell [-- COMMAND...]", description, entries);
  if (status >= 0)
    return status;
  if (argc < 2)
    return cmd_usage("host", "what to do is missing; expected start, stop, status or shell");
  if (g_str_equal(argv[1], "shell"))
    return run_shell(spec, argc, argv);
  if (argc > 2)
    return cmd_usage("host", "'%s' is too much after '%s'", argv[2], argv[1]);
  if (g_str_equal(argv[1], "status"))
    return show_status(spec);
  if (g_str_equal(argv[1], "start"))
    return xen_host_start(spec, &error) ? 0 : cmd_fail(error);
  if (g_str_equal(argv[1], "stop"))
    return xen_host_stop(spec, &error) ? 0 : cmd_fail(error);
  return unknown_word(argv[1]);
}
