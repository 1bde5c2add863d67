/* testbed.c - the hosts on which the systems that are compared are booted. */
#include "compare/testbed.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "guest/launcher.h"

#include <string.h>

#define DISKS 10 /* fresh ones that a machine has; then a new machine is started */

struct Testbed {
  const Platform *platform;
  const char *spec;
  GuestAbilities abilities;
  GuestHost *host;
  char *disk;       /* of HOST: the file behind its disks; NULL: it has none */
  gboolean counted; /* of HOST */
  int used;         /* disks of HOST that were written to */
  gboolean sent;    /* HOST does not own its disks, and is elsewhere: the file is there */
};

Testbed *
testbed_new(const Platform *platform, const char *spec) {
  Testbed *testbed = g_new0(Testbed, 1);
  const GuestHostOptions options = {.spec = spec};
  testbed->platform = platform;
  testbed->spec = spec;
  testbed->abilities = guest_host_abilities(platform, &options);
  return testbed;
}

static void
close_host(Testbed *testbed) {
  g_clear_pointer(&testbed->host, guest_host_close);
  g_clear_pointer(&testbed->disk, g_free);
  testbed->used = 0;
  testbed->sent = FALSE;
}

void
testbed_free(Testbed *testbed) {
  if (testbed == NULL)
    return;
  close_host(testbed);
  g_free(testbed);
}

gboolean
testbed_can_count(const Testbed *testbed) {
  return (testbed->abilities & GUEST_CAN_COUNT) != 0;
}

char *
testbed_describe(const Testbed *testbed) {
  const GuestHostOptions options = {.spec = testbed->spec};
  char *text = guest_host_describe(testbed->platform, &options);
  return text != NULL ? text : g_strdup("none");
}

static gboolean
owns_disks(const Testbed *testbed) {
  return (testbed->abilities & GUEST_OWNS_DISKS) != 0;
}

/* A host that fits: the one at hand, or a new one. */
static gboolean
need_host(Testbed *testbed, const System *system, gboolean counted, GError **error) {
  const char *disks[DISKS + 1] = {NULL};
  GuestHostOptions options = {.spec = testbed->spec, .counted = counted};
  if (testbed->host != NULL && testbed->counted == counted &&
      g_strcmp0(testbed->disk, system->disk) == 0 && testbed->used < DISKS)
    return TRUE;
  close_host(testbed);
  testbed->disk = g_strdup(system->disk);
  testbed->counted = counted;
  if (owns_disks(testbed)) {
    for (int i = 0; i < DISKS && system->disk != NULL; i++)
      disks[i] = system->disk;
    options.measuring = TRUE;
    options.disks = disks;
  }
  testbed->host = guest_host_open(testbed->platform, &options, error);
  return testbed->host != NULL;
}

/* Where the next guest finds its disk: the host's next device, or a file there of which each
 * guest gets a copy. NULL with ERROR; "" where there is no disk. g_free. */
static char *
place_disk(Testbed *testbed, const System *system, GError **error) {
  g_autofree char *path = NULL;
  if (system->disk == NULL)
    return g_strdup("");
  if (owns_disks(testbed))
    return g_strdup_printf("/dev/vd%c", 'a' + testbed->used++);
  if (testbed->host->is_here)
    return g_strdup(system->disk);
  path = g_build_filename(testbed->host->folder, "compare-disk.img", NULL);
  if (!testbed->sent) {
    msg_stage_detail("copying the disk to the host");
    if (!agent_put(testbed->host->agent, system->disk, path, error))
      return NULL;
    testbed->sent = TRUE;
  }
  return g_steal_pointer(&path);
}

static char *
command_line(const System *system, gboolean talkative) {
  GString *text = g_string_new(system->cmdline);
  if (talkative)
    g_string_replace(text, "loglevel=4", "loglevel=7", 1);
  return g_string_free(text, FALSE);
}

static gboolean
boot_once(Testbed *testbed, const System *system, const TestbedBoot *how, GuestVerdict *verdict,
          GError **error) {
  g_autofree char *disk = NULL, *cmdline = command_line(system, how->talkative);
  if (!need_host(testbed, system, how->counted, error) ||
      (disk = place_disk(testbed, system, error)) == NULL)
    return FALSE;
  GuestImage image = {.platform = testbed->platform,
                      .folder = system->folder,
                      .kernel = system->kernel,
                      .initrd = system->initrd,
                      .host_disk = disk[0] != '\0' ? disk : NULL,
                      .cmdline = cmdline,
                      .is_distribution = system->is_distribution,
                      .memory = how->memory,
                      .boot_seconds = how->boot_seconds,
                      .counted = how->counted};
  return guest_test(testbed->host, how->recipe, &image, verdict, error);
}

/* A host's failure is no verdict: then once more on a new one. */
gboolean
testbed_boot(Testbed *testbed, const System *system, const TestbedBoot *how, GuestVerdict *verdict,
             GError **error) {
  for (int attempt = 0;; attempt++) {
    g_autoptr(GError) problem = NULL;
    if (boot_once(testbed, system, how, verdict, &problem))
      return TRUE;
    guest_verdict_clear(verdict);
    close_host(testbed);
    if (attempt > 0 || proc_interrupted() || !guest_host_failed(problem)) {
      g_propagate_error(error, g_steal_pointer(&problem));
      return FALSE;
    }
    msg_verbose("the host is opened anew: %s", problem->message);
  }
}
