/* namespaces.c - how a program is started in namespaces of its own, and whether it can be. */
#include "rootfs/namespaces.h"

#include "base/proc.h"

#include <unistd.h>

void
namespaces_args(GPtrArray *argv) {
  static const char *const always[] = {"unshare",      "--mount",       "--pid",  "--fork",
                                       "--kill-child", "--propagation", "private"};
  for (guint i = 0; i < G_N_ELEMENTS(always); i++)
    g_ptr_array_add(argv, (gpointer)always[i]);
  if (geteuid() != 0) {
    g_ptr_array_add(argv, (gpointer) "--map-root-user");
    g_ptr_array_add(argv, (gpointer) "--map-auto");
  }
}

gboolean
namespaces_need(GError **error) {
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  g_autoptr(GError) why = NULL;
  namespaces_args(argv);
  g_ptr_array_add(argv, (gpointer) "true");
  g_ptr_array_add(argv, NULL);
  ProcSpec spec = {.argv = (const char *const *)argv->pdata, .deadline = 30};
  if (proc_run(&spec, NULL, &why))
    return TRUE;
  if (why->code == TINYX_ERROR_TOOL || why->code == TINYX_ERROR_INTERRUPTED) {
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
  }
  g_set_error(
      error, TINYX_ERROR, TINYX_ERROR_TOOL,
      "packages are installed, and run, with their owners and mounts, which takes root or user "
      "namespaces (package uidmap and a line for the user in /etc/subuid and "
      "/etc/subgid): %s",
      why->message);
  return FALSE;
}
