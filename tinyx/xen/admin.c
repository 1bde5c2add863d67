/* admin.c - what `tinyx host` does: start, stop, status, shell. */
#include "base/files.h"
#include "base/msg.h"
#include "xen/embedded.h"
#include "xen/host.h"
#include "xen/spec.h"

#include <string.h>

#define STATUS_SECONDS 60

/* Only the embedded host is ours to start and stop. */
static gboolean
need_embedded(const char *text, const char *what, GError **error) {
  g_auto(XenHostSpec) spec = {0};
  if (!xen_host_spec_parse(text, &spec, error))
    return FALSE;
  if (spec.kind == XEN_HOST_EMBEDDED)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "only the embedded Xen host can be %s; this one is %s", what,
              spec.kind == XEN_HOST_LOCAL ? "the machine itself" : "another machine");
  return FALSE;
}

gboolean
xen_host_start(const char *text, GError **error) {
  gboolean already = FALSE;
  if (!need_embedded(text, "started", error) || !embedded_start(&already, error))
    return FALSE;
  msg_info(already ? "the Xen host is already running" : "the Xen host is running");
  return TRUE;
}

gboolean
xen_host_stop(const char *text, GError **error) {
  gboolean was = FALSE;
  if (!need_embedded(text, "stopped", error) || !embedded_stop(&was, error))
    return FALSE;
  msg_info(was ? "the Xen host has been stopped" : "no Xen host was running");
  return TRUE;
}

/* Xen's version, memory and domains, as `xl` tells them. */
static const char status_script[] =
    "xl info | awk -F ' *: *' '/^xen_version/ { print \"Xen:      \" $2 }\n"
    "  /^total_memory/ { t = $2 } /^free_memory/ { print \"memory:   \" t \" MB, \" $2 \" MB "
    "free\" }'\n"
    "xl list | awk 'NR > 1 && $1 != \"Domain-0\" { n++; list = list \" \" $1 \" (\" $3 \" MB)\" }\n"
    "  END { print \"domains:  \" n + 0 list }'\n";

static gboolean
embedded_status(char **text, GError **error) {
  g_auto(HostState) state = {0};
  g_autofree char *problem = NULL;
  Machine *machine = embedded_find(&state, &problem);
  RemoteRun how = {.deadline = STATUS_SECONDS, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  gint64 seconds;
  gboolean asked;
  if (machine == NULL) {
    *text = problem == NULL ? g_strdup("kind:     embedded\nstate:    not running\n")
            : state.pid > 1 ? g_strdup_printf("kind:     embedded\nstate:    %s (pid %d); "
                                              "the next start or test replaces it\n",
                                              problem, state.pid)
                            : g_strdup_printf("kind:     embedded\nstate:    %s\n", problem);
    return TRUE;
  }
  asked = remote_run(machine->remote, status_script, &how, &result, error);
  seconds = host_state_seconds(&state);
  if (asked)
    *text = g_strdup_printf(
        "kind:     embedded (QEMU, %s)\nstate:    running, pid %d, for %" G_GINT64_FORMAT
        " s\n%saddress:  ssh://root@127.0.0.1:%d\nssh:      -F none -i %s/id -o "
        "UserKnownHostsFile=%s/known_hosts "
        "-o HostKeyAlias=tinyx-embedded\n",
        state.accelerator, state.pid, seconds, result.out, state.port, state.image,
        machine->folder);
  machine_leave(machine);
  return asked;
}

gboolean
xen_host_status(const char *spec, char **text, GError **error) {
  g_auto(XenHostSpec) parsed = {0};
  g_autoptr(XenHost) host = NULL;
  g_auto(ProcResult) result = {0};
  if (!xen_host_spec_parse(spec, &parsed, error))
    return FALSE;
  if (parsed.kind == XEN_HOST_EMBEDDED)
    return embedded_status(text, error);
  if ((host = xen_host_open(spec, error)) == NULL ||
      !xen_host_run(host, status_script, STATUS_SECONDS, PROC_CAPTURE, &result, error))
    return FALSE;
  *text = g_strdup_printf("kind:     %s\nstate:    reachable\n%s", xen_host_name(host), result.out);
  return TRUE;
}

int
xen_host_shell(const char *text, char *const *command, GError **error) {
  static const char *const terminal[] = {"-t", NULL};
  g_autoptr(XenHost) host = xen_host_open(text, error);
  g_autofree char *script = NULL;
  g_auto(GStrv) argv = NULL;
  g_auto(ProcResult) result = {0};
  ProcSpec spec = {.flags = PROC_TERMINAL | PROC_ANY_STATUS};
  if (host == NULL)
    return -1;
  script = command != NULL ? g_strjoinv(" ", (char **)command) : g_strdup("exec /bin/sh -i");
  argv = xen_host_argv(host, command == NULL ? terminal : NULL, script);
  spec.argv = (const char *const *)argv;
  return proc_run(&spec, &result, error) ? result.status : -1;
}
