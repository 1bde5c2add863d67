/* launcher.c - the launchers that there are, and the hosts that they open. */
#include "guest/launcher.h"

extern const Launcher launcher_xl, launcher_qemu;

static const Launcher *const launchers[] = {&launcher_xl, &launcher_qemu, NULL};

const Launcher *
launcher_find(const char *name) {
  for (guint i = 0; launchers[i] != NULL; i++)
    if (g_str_equal(launchers[i]->name, name))
      return launchers[i];
  return NULL;
}

static const Launcher *
launcher_choose(const Platform *platform, const GuestHostOptions *options, GError **error) {
  g_autoptr(GError) first = NULL;
  for (guint i = 0; platform->launchers != NULL && platform->launchers[i] != NULL; i++) {
    const Launcher *launcher = launcher_find(platform->launchers[i]);
    if (launcher != NULL && launcher->check(options, first == NULL ? &first : NULL))
      return launcher;
  }
  if (first != NULL)
    g_propagate_error(error, g_steal_pointer(&first));
  else
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "platform %s: tinyx has no launcher for it",
                platform->name);
  return NULL;
}

gboolean
guest_host_check(const Platform *platform, const GuestHostOptions *options, GError **error) {
  return launcher_choose(platform, options, error) != NULL;
}

GuestAbilities
guest_host_abilities(const Platform *platform, const GuestHostOptions *options) {
  const Launcher *launcher = launcher_choose(platform, options, NULL);
  return launcher != NULL ? launcher->abilities(options) : (GuestAbilities)0;
}

char *
guest_host_describe(const Platform *platform, const GuestHostOptions *options) {
  const Launcher *launcher = launcher_choose(platform, options, NULL);
  return launcher != NULL ? launcher->describe(options) : NULL;
}

GuestHost *
guest_host_open(const Platform *platform, const GuestHostOptions *options, GError **error) {
  const Launcher *launcher = launcher_choose(platform, options, error);
  GuestHost *host;
  if (launcher == NULL)
    return NULL;
  host = g_new0(GuestHost, 1);
  host->launcher = launcher;
  host->patience = 1;
  if (launcher->open(host, options, error))
    return host;
  guest_host_close(host);
  return NULL;
}

gboolean
guest_host_failed(const GError *problem) {
  return g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_HOST) ||
         g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_TIMEOUT);
}

void
guest_host_close(GuestHost *host) {
  if (host == NULL)
    return;
  host->launcher->close(host);
  g_free(host->folder);
  g_free(host->name);
  g_free(host->trace);
  g_free(host);
}
