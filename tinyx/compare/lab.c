/* lab.c - the hosts on which the systems that are compared are booted. */
#include "compare/lab.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "guest/launcher.h"

#include <string.h>

#define DISKS 10 /* fresh ones that a machine has; then a new machine is started */

struct Lab {
  const Platform *platform;
  const char *spec;
  GuestAbilities abilities;
  GuestHost *host;
  char *disk;       /* of HOST: the file behind its disks; NULL: it has none */
  gboolean counted; /* of HOST */
  int used;         /* disks of HOST that were written to */
  gboolean sent;    /* HOST does not own its disks, and is elsewhere: the file is there */
};

Lab *
lab_new(const Platform *platform, const char *spec) {
  Lab *lab = g_new0(Lab, 1);
  const GuestHostOptions options = {.spec = spec};
  lab->platform = platform;
  lab->spec = spec;
  lab->abilities = guest_host_abilities(platform, &options);
  return lab;
}

static void
close_host(Lab *lab) {
  g_clear_pointer(&lab->host, guest_host_close);
  g_clear_pointer(&lab->disk, g_free);
  lab->used = 0;
  lab->sent = FALSE;
}

void
lab_free(Lab *lab) {
  if (lab == NULL)
    return;
  close_host(lab);
  g_free(lab);
}

gboolean
lab_can_count(const Lab *lab) {
  return (lab->abilities & GUEST_CAN_COUNT) != 0;
}

char *
lab_host_text(const Lab *lab) {
  const GuestHostOptions options = {.spec = lab->spec};
  char *text = guest_host_describe(lab->platform, &options);
  return text != NULL ? text : g_strdup("none");
}

static gboolean
owns_disks(const Lab *lab) {
  return (lab->abilities & GUEST_OWNS_DISKS) != 0;
}

/* A host that fits: the one at hand, or a new one. */
static gboolean
need_host(Lab *lab, const Contender *contender, gboolean counted, GError **error) {
  const char *disks[DISKS + 1] = {NULL};
  GuestHostOptions options = {.spec = lab->spec, .counted = counted};
  if (lab->host != NULL && lab->counted == counted && g_strcmp0(lab->disk, contender->disk) == 0 &&
      lab->used < DISKS)
    return TRUE;
  close_host(lab);
  lab->disk = g_strdup(contender->disk);
  lab->counted = counted;
  if (owns_disks(lab)) {
    for (int i = 0; i < DISKS && contender->disk != NULL; i++)
      disks[i] = contender->disk;
    options.measuring = TRUE;
    options.disks = disks;
  }
  lab->host = guest_host_open(lab->platform, &options, error);
  return lab->host != NULL;
}

/* Where the next guest finds its disk: the host's next device, or a file there of which each
 * guest gets a copy. NULL with ERROR; "" where there is no disk. g_free. */
static char *
place_disk(Lab *lab, const Contender *contender, GError **error) {
  g_autofree char *path = NULL;
  if (contender->disk == NULL)
    return g_strdup("");
  if (owns_disks(lab))
    return g_strdup_printf("/dev/vd%c", 'a' + lab->used++);
  if (lab->host->is_here)
    return g_strdup(contender->disk);
  path = g_build_filename(lab->host->folder, "compare-disk.img", NULL);
  if (!lab->sent) {
    msg_stage_detail("copying the disk to the host");
    if (!agent_put(lab->host->agent, contender->disk, path, error))
      return NULL;
    lab->sent = TRUE;
  }
  return g_steal_pointer(&path);
}

static char *
command_line(const Contender *contender, gboolean talkative) {
  GString *text = g_string_new(contender->cmdline);
  if (talkative)
    g_string_replace(text, "loglevel=4", "loglevel=7", 1);
  return g_string_free(text, FALSE);
}

static gboolean
boot_once(Lab *lab, const Contender *contender, const LabBoot *how, GuestVerdict *verdict,
          GError **error) {
  g_autofree char *disk = NULL, *cmdline = command_line(contender, how->talkative);
  if (!need_host(lab, contender, how->counted, error) ||
      (disk = place_disk(lab, contender, error)) == NULL)
    return FALSE;
  GuestImage image = {.platform = lab->platform,
                      .folder = contender->folder,
                      .kernel = contender->kernel,
                      .initrd = contender->initrd,
                      .host_disk = disk[0] != '\0' ? disk : NULL,
                      .cmdline = cmdline,
                      .is_distribution = contender->is_distribution,
                      .memory = how->memory,
                      .boot_seconds = how->boot_seconds,
                      .counted = how->counted};
  return guest_test(lab->host, how->recipe, &image, verdict, error);
}

/* A host's failure is no verdict: then once more on a new one. */
gboolean
lab_boot(Lab *lab, const Contender *contender, const LabBoot *how, GuestVerdict *verdict,
         GError **error) {
  for (int attempt = 0;; attempt++) {
    g_autoptr(GError) problem = NULL;
    if (boot_once(lab, contender, how, verdict, &problem))
      return TRUE;
    guest_verdict_clear(verdict);
    close_host(lab);
    if (attempt > 0 || proc_interrupted() ||
        !(g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_HOST) ||
          g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_TIMEOUT))) {
      g_propagate_error(error, g_steal_pointer(&problem));
      return FALSE;
    }
    msg_verbose("the host is opened anew: %s", problem->message);
  }
}
