/* admin.c - what `tinyx host` does: start, stop, status, shell. */
#include "base/files.h"
#include "base/msg.h"
#include "xen/embedded.h"
#include "xen/host.h"
#include "xen/remote.h"
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

/* What xl says in MACHINE, and how it is reached; ERROR where it is not. g_free. */
static char *
machine_text(const Machine *machine, const HostState *state, GError **error) {
  RemoteRun how = {.deadline = STATUS_SECONDS, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  if (!remote_run(machine->remote, status_script, &how, &result, error))
    return NULL;
  return g_strdup_printf("%saddress:  ssh://root@127.0.0.1:%d\nssh:      -F none -i %s/id -o "
                         "UserKnownHostsFile=%s/known_hosts -o HostKeyAlias=tinyx-embedded\n",
                         result.out, state->port, state->image, machine->folder);
}

/* The hosts that other commands have for themselves, and what runs in them. */
static void
append_living(GString *text) {
  g_autoptr(GPtrArray) all = embedded_living();
  for (guint i = 0; i < all->len; i++) {
    const Living *living = all->pdata[i];
    g_autoptr(GError) problem = NULL;
    Machine *machine = living->state.up ? embedded_attach(living, &problem) : NULL;
    g_autofree char *inside =
        machine != NULL ? machine_text(machine, &living->state, &problem) : NULL;
    g_string_append_printf(text,
                           "\nkind:     embedded (QEMU, %s), of its own for: %s\n"
                           "state:    %s, pid %d (tinyx: %d), for %" G_GINT64_FORMAT " s\n%s",
                           living->state.accelerator, living->command,
                           inside != NULL     ? "running"
                           : living->state.up ? "does not answer"
                                              : "is starting",
                           living->state.pid, living->pid, host_state_seconds(&living->state),
                           inside != NULL ? inside : "");
    if (inside != NULL)
      g_string_append_printf(text, "enter:    tinyx host shell --attach --pid %d\n", living->pid);
    machine_leave(machine);
  }
}

static gboolean
embedded_status(char **text, GError **error) {
  g_auto(HostState) state = {0};
  g_autofree char *problem = NULL, *inside = NULL;
  Machine *machine = embedded_find(&state, &problem);
  GString *all = g_string_new("kind:     embedded");
  gboolean asked = TRUE;
  if (machine != NULL) {
    inside = machine_text(machine, &state, error);
    asked = inside != NULL;
    g_string_append_printf(
        all, " (QEMU, %s), left running\nstate:    running, pid %d, for %" G_GINT64_FORMAT " s\n%s",
        state.accelerator, state.pid, host_state_seconds(&state), asked ? inside : "");
    machine_leave(machine);
  } else if (problem == NULL) {
    g_string_append(all, "\nstate:    not running (none is left running by tinyx host start)\n");
  } else if (state.pid > 1) {
    g_string_append_printf(all, "\nstate:    %s (pid %d); the next start or test replaces it\n",
                           problem, state.pid);
  } else {
    g_string_append_printf(all, "\nstate:    %s\n", problem);
  }
  append_living(all);
  *text = g_string_free(all, FALSE);
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

static int
run_there(char **argv, GError **error) {
  g_auto(ProcResult) result = {0};
  const ProcSpec spec = {.argv = (const char *const *)argv,
                         .flags = PROC_TERMINAL | PROC_ANY_STATUS};
  return proc_run(&spec, &result, error) ? result.status : -1;
}

static const char *const terminal[] = {"-t", NULL};

static char *
shell_script(char *const *command) {
  return command != NULL ? g_strjoinv(" ", (char **)command) : g_strdup("exec /bin/sh -i");
}

/* "123 (tinyx run nginx), 456 (...)". g_free. */
static char *
living_text(const GPtrArray *all) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < all->len; i++) {
    const Living *living = all->pdata[i];
    g_string_append_printf(text, "%s%d (%s)", i > 0 ? ", " : "", living->pid, living->command);
  }
  return g_string_free(text, FALSE);
}

/* The one that PID has, or the only one where PID is 0. */
static const Living *
living_find(const GPtrArray *all, int pid, GError **error) {
  g_autofree char *text = living_text(all);
  for (guint i = 0; i < all->len; i++) {
    const Living *living = all->pdata[i];
    if (pid == living->pid || (pid == 0 && all->len == 1))
      return living;
  }
  if (all->len == 0)
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "--attach: no command has an embedded host of its own now; expected one, as tinyx "
               "run has");
  else
    tinyx_fail(error, TINYX_ERROR_INPUT, "--attach: expected --pid with one of: %s", text);
  return NULL;
}

int
xen_host_attach(int pid, char *const *command, GError **error) {
  g_autoptr(GPtrArray) all = embedded_living();
  const Living *living = living_find(all, pid, error);
  Machine *machine = living != NULL ? embedded_attach(living, error) : NULL;
  g_autofree char *script = shell_script(command);
  g_auto(GStrv) argv = NULL;
  int status;
  if (machine == NULL)
    return -1;
  argv = remote_argv(machine->remote, command == NULL ? terminal : NULL, script);
  status = run_there(argv, error);
  machine_leave(machine);
  return status;
}

/* Who wants to look at what runs does not mean a host without it. */
static gboolean
tell_of_living(const char *text, gboolean interactive, GError **error) {
  g_auto(XenHostSpec) spec = {0};
  g_autoptr(GPtrArray) all = NULL;
  if (!xen_host_spec_parse(text, &spec, error))
    return FALSE;
  if (spec.kind != XEN_HOST_EMBEDDED || embedded_is_left())
    return TRUE;
  all = embedded_living();
  g_autofree char *living = living_text(all);
  if (all->len > 0 && interactive)
    return tinyx_fail(error, TINYX_ERROR_INPUT,
                      "no host is left running, but these have one of their own: %s; expected "
                      "--attach to enter it, or tinyx host start before",
                      living);
  if (all->len > 0)
    msg_info("a host for this alone; others live, which --attach enters: %s", living);
  return TRUE;
}

int
xen_host_shell(const char *text, char *const *command, GError **error) {
  g_autoptr(XenHost) host =
      tell_of_living(text, command == NULL, error) ? xen_host_open(text, error) : NULL;
  g_autofree char *script = shell_script(command);
  g_auto(GStrv) argv = NULL;
  if (host == NULL)
    return -1;
  argv = xen_host_argv(host, command == NULL ? terminal : NULL, script);
  return run_there(argv, error);
}
