/* confine.c - QEMU's seccomp filters and user, and who ends it when we are gone. */
#include "xen/confine.h"

#include "base/process.h"

#include "xen/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Users that exist only as long as a service runs: systemd's range for them (DynamicUser=), so that
 * nobody else is one. */
#define USER_FIRST 61184
#define USER_COUNT 4336
#define USER_TRIES 20

/* By capabilities(7). */
#define CAP_SETGID_BIT 6
#define CAP_SETUID_BIT 7

/* It becomes another user before the guest runs, so the filter must let it; from there no way leads
 * back: it has no capability and no_new_privs. */
#define SANDBOX_RUNAS "on,obsolete=deny,spawn=deny,resourcecontrol=deny"

/* Whether ID is one here: in a container's user namespace there may be one or a few. */
static gboolean
is_mapped(const char *map, guint id) {
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  if (!g_file_get_contents(map, &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    guint inside, outside, count;
    if (sscanf(lines[i], "%u %u %u", &inside, &outside, &count) == 3 && id >= inside &&
        id - inside < count)
      return TRUE;
  }
  return FALSE;
}

static gboolean
may_change_user(void) {
  g_autofree char *text = NULL;
  const char *line;
  guint64 capabilities;
  if (geteuid() != 0 || !g_file_get_contents("/proc/self/status", &text, NULL, NULL) ||
      (line = strstr(text, "\nCapEff:")) == NULL)
    return FALSE;
  capabilities = g_ascii_strtoull(line + strlen("\nCapEff:"), NULL, 16);
  return (capabilities >> CAP_SETUID_BIT & capabilities >> CAP_SETGID_BIT & 1) != 0;
}

/* 0: none. */
static guint
choose_user(void) {
  for (int i = 0; i < USER_TRIES; i++) {
    guint id = USER_FIRST + (guint)g_random_int_range(0, USER_COUNT);
    if (getpwuid(id) == NULL && is_mapped("/proc/self/uid_map", id) &&
        is_mapped("/proc/self/gid_map", id))
      return id;
  }
  return 0;
}

gboolean
confine_add(GPtrArray *argv) {
  guint user = may_change_user() ? choose_user() : 0;
  g_ptr_array_add(argv, g_strdup("-sandbox"));
  g_ptr_array_add(argv, g_strdup(user != 0 ? SANDBOX_RUNAS : CONFINE_SANDBOX));
  if (user == 0)
    return FALSE;
  g_ptr_array_add(argv, g_strdup("-runas"));
  g_ptr_array_add(argv, g_strdup_printf("%u:%u", user, user));
  return TRUE;
}

/* ---- its end ----------------------------------------------------------- */

struct Keeper {
  Proc *proc;
  int line; /* ends with us */
};

/* The 22nd field of /proc/PID/stat is when a process began: the id may be another's by then. */
static const char keeper_script[] =
    "read -r _\n"
    "set -- \"$1\" \"$2\" $(sed 's/.*) //' \"/proc/$1/stat\" 2>/dev/null)\n"
    "[ \"${22}\" != \"$2\" ] || kill -KILL \"$1\"\n";

Keeper *
keeper_start(int qemu, GError **error) {
  g_autofree char *pid = g_strdup_printf("%d", qemu);
  g_autofree char *started = g_strdup_printf("%" G_GUINT64_FORMAT, process_started(qemu));
  const char *const argv[] = {"sh", "-c", keeper_script, "sh", pid, started, NULL};
  ProcSpec spec = {.argv = argv, .cwd = "/"};
  Keeper *keeper;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "pipe: %s", g_strerror(errno));
    return NULL;
  }
  keeper = g_new0(Keeper, 1);
  keeper->line = ends[1];
  spec.input_fd = ends[0];
  keeper->proc = proc_start_detached(&spec, error);
  close(ends[0]);
  if (keeper->proc != NULL)
    return keeper;
  close(ends[1]);
  g_free(keeper);
  return NULL;
}

void
keeper_stop(Keeper *keeper) {
  if (keeper == NULL)
    return;
  proc_stop(keeper->proc, 0);
  close(keeper->line);
  g_free(keeper);
}
