/* host.c - one Xen host of any kind (embedded, local, by ssh), driven through the same calls. */
#include "xen/host.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "xen/embedded.h"
#include "xen/remote.h"
#include "xen/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHORT_SECONDS 60

struct XenHost {
  XenHostKind kind;
  Machine *machine; /* embedded */
  Remote *remote;   /* local, ssh; embedded: the machine's */
  char *scratch;    /* a folder of ours on this machine, for the log; NULL: embedded */
  char *folder;     /* ours on the host */
  char *name;
};

static const Remote *
host_remote(const XenHost *host) {
  return host->machine != NULL ? host->machine->remote : host->remote;
}

static gboolean
open_remote(XenHost *host, const XenHostSpec *spec, GError **error) {
  g_autofree char *log = NULL;
  host->scratch = g_dir_make_tmp("tinyx-host-XXXXXX", error);
  if (host->scratch == NULL)
    return FALSE;
  log = g_build_filename(host->scratch, "log", NULL);
  if (spec->kind == XEN_HOST_LOCAL)
    host->remote = remote_local(log);
  else
    host->remote = remote_ssh(spec->user, spec->machine, spec->port, NULL, NULL, log, error);
  if (host->remote == NULL)
    return FALSE;
  host->name = spec->kind == XEN_HOST_LOCAL ? g_strdup("local")
                                            : g_strdup_printf("ssh://%s", host->remote->name);
  return TRUE;
}

/* Asks for what tinyx needs there, and makes the folder. One round trip. */
static gboolean
make_folder(XenHost *host, GError **error) {
  static const char script[] = "command -v xl >/dev/null || { echo 'it has no xl'; exit 1; }\n"
                               "xl info >/dev/null 2>&1 || { echo 'xl does not work there (no "
                               "dom0, or not root)'; exit 1; }\n"
                               "mktemp -d /tmp/tinyx-XXXXXX || mktemp -d /var/tmp/tinyx-XXXXXX || "
                               "{ echo 'no folder can be made in /tmp or /var/tmp'; exit 1; }\n";
  RemoteRun how = {.deadline = SHORT_SECONDS, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  if (!remote_run(host_remote(host), script, &how, &result, error))
    return FALSE;
  g_strchomp(result.out);
  if (result.status != 0 || !g_str_has_prefix(result.out, "/")) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "the Xen host %s cannot be used: %s",
                host->name, result.out[0] != '\0' ? result.out : "its shell does not answer");
    return FALSE;
  }
  host->folder = g_strdup(result.out);
  return TRUE;
}

XenHost *
xen_host_open(const char *text, GError **error) {
  g_auto(XenHostSpec) spec = {0};
  g_autoptr(XenHost) host = g_new0(XenHost, 1);
  if (!xen_host_spec_parse(text, &spec, error))
    return NULL;
  host->kind = spec.kind;
  if (spec.kind == XEN_HOST_EMBEDDED) {
    host->machine = embedded_open(error);
    if (host->machine == NULL)
      return NULL;
    host->name = g_strdup(host->machine->qemu != NULL ? "embedded" : "embedded, left running");
    /* Ours from the kernel up: nothing to ask, nobody else there. Made with the first job. */
    host->folder = g_strdup_printf("/tmp/tinyx-%08x%08x", g_random_int(), g_random_int());
    return g_steal_pointer(&host);
  } else if (!open_remote(host, &spec, error)) {
    return NULL;
  }
  return make_folder(host, error) ? g_steal_pointer(&host) : NULL;
}

static XenHost *
open_extra(const MachineExtra *extra, const char *name, GError **error) {
  g_autoptr(XenHost) host = g_new0(XenHost, 1);
  host->kind = XEN_HOST_EMBEDDED;
  host->machine = embedded_open_extra(extra, error);
  if (host->machine == NULL)
    return NULL;
  host->name = g_strdup(name);
  host->folder = g_strdup_printf("/tmp/tinyx-%08x%08x", g_random_int(), g_random_int());
  return g_steal_pointer(&host);
}

XenHost *
xen_host_open_traced(guint64 low, guint64 high, GError **error) {
  g_autofree char *trace =
      g_strdup_printf("0x%" G_GINT64_MODIFIER "x+0x%" G_GINT64_MODIFIER "x", low, high - low);
  const MachineExtra extra = {.trace = trace};
  return open_extra(&extra, "embedded, traced", error);
}

XenHost *
xen_host_open_measuring(const char *const *disks, gboolean counted, GError **error) {
  const MachineExtra extra = {.disks = disks, .counted = counted};
  return open_extra(&extra, counted ? "embedded, counting instructions" : "embedded, with disks",
                    error);
}

int
xen_host_patience(const XenHost *host) {
  return host->machine != NULL && host->machine->counted ? 10 : 1;
}

char *
xen_host_trace(const XenHost *host) {
  return g_build_filename(host->machine->folder, MACHINE_TRACE, NULL);
}

static void
remove_remote_folder(XenHost *host) {
  g_autofree char *quoted = g_shell_quote(host->folder);
  g_autofree char *script = g_strconcat("rm -rf ", quoted, NULL);
  RemoteRun how = {.deadline = SHORT_SECONDS};
  g_autoptr(GError) error = NULL;
  /* After Ctrl-C waits end at once: then let it be done without us. */
  if (proc_interrupted()) {
    g_auto(GStrv) argv = remote_argv(host_remote(host), NULL, script);
    ProcSpec spec = {.argv = (const char *const *)argv};
    Proc *proc = proc_start_detached(&spec, NULL);
    if (proc != NULL)
      proc_free(proc);
  } else if (!remote_run(host_remote(host), script, &how, NULL, &error)) {
    msg_warn("%s: %s stays there: %s", host->name, host->folder, error->message);
  }
}

void
xen_host_close(XenHost *host) {
  if (host == NULL)
    return;
  if (host->folder != NULL && !xen_host_is_private(host))
    remove_remote_folder(host); /* a private host takes its folder with it */
  machine_end(host->machine, FALSE);
  remote_free(host->remote);
  if (host->scratch != NULL)
    dir_remove(host->scratch, NULL);
  g_free(host->scratch);
  g_free(host->folder);
  g_free(host->name);
  g_free(host);
}

const char *
xen_host_folder(const XenHost *host) {
  return host->folder;
}

const char *
xen_host_name(const XenHost *host) {
  return host->name;
}

gboolean
xen_host_run(XenHost *host, const char *script, int deadline, ProcFlags flags, ProcResult *result,
             GError **error) {
  RemoteRun how = {.deadline = deadline, .flags = flags};
  return remote_run(host_remote(host), script, &how, result, error);
}

char **
xen_host_argv(const XenHost *host, const char *const *ssh_options, const char *script) {
  return remote_argv(host_remote(host), ssh_options, script);
}

gboolean
xen_host_is_private(const XenHost *host) {
  return host->machine != NULL && host->machine->qemu != NULL;
}

gboolean
xen_host_is_left(void) {
  return embedded_is_left();
}
