/* examine.c - the examinations of what is on this machine. */
#include "doctor/doctor-private.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/proc.h"
#include "guest/launcher.h"
#include "platform/platform.h"
#include "sandbox/sandbox.h"
#include "xen/accel.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What one build and its tests want at most: the kernel's sources and objects, Debian's base, an
 * application's packages, the Xen host's snapshot (README.md, "Where things are"), and as much
 * again while they are made. */
#define DISK_ENOUGH (6 * G_GUINT64_CONSTANT(1000000000))
#define DISK_LEAST (2 * G_GUINT64_CONSTANT(1000000000))
/* The Xen host has 1 GB; two compilers, or apt and a guest, the rest. */
#define MEMORY_ENOUGH_KB (3 * G_GUINT64_CONSTANT(1000000))
#define MEMORY_LEAST_KB (1 * G_GUINT64_CONSTANT(1000000))
#define SETUP_SECONDS 60

static char *
setup_line(void) {
  g_autofree char *path = data_path("scripts/setup");
  return g_shell_quote(path);
}

DoctorFinding *
examine_data(const char *subject) {
  GError *problem = NULL;
  if (!data_check(&problem))
    return finding_bad(subject, problem,
                       g_strdup("make install, or export TINYX_DATADIR=FOLDER, which has recipes/ "
                                "and rootfs/"));
  return finding_new(subject, DOCTOR_GOOD, data_path(""), NULL);
}

/* scripts/setup knows which packages there must be. */
DoctorFinding *
examine_packages(const char *subject) {
  g_autofree char *setup = data_path("scripts/setup");
  const char *const argv[] = {"/bin/sh", setup, "--check", NULL};
  g_auto(ProcResult) result = {0};
  const ProcSpec spec = {.argv = argv,
                         .deadline = SETUP_SECONDS,
                         .flags = PROC_CAPTURE | PROC_CAPTURE_ERR | PROC_ANY_STATUS};
  g_auto(GStrv) lines = NULL;
  GError *problem = NULL;
  char *said;
  if (!proc_run(&spec, &result, &problem))
    return finding_bad(subject, problem, NULL);
  lines = g_strsplit(g_strstrip(result.out), "\n", -1);
  said = g_strjoinv("; ", lines);
  return result.status == 0 ? finding_new(subject, DOCTOR_GOOD, said, NULL)
                            : finding_new(subject, DOCTOR_BAD, said, setup_line());
}

DoctorFinding *
examine_sandbox(const char *subject) {
  GError *problem = NULL;
  if (sandbox_need(&problem))
    return finding_new(
        "sandbox", DOCTOR_GOOD,
        g_strdup("namespaces and subordinate ids are there: foreign code is kept in"), NULL);
  return finding_bad(subject, problem, NULL);
}

/* A file is made in it: rights, a full disk, a read-only mount all show so. */
DoctorFinding *
examine_cache(const char *subject) {
  g_autofree char *cache = cache_dir(), *folder = NULL, *trial = NULL;
  GError *problem = NULL;
  if ((folder = cache_folder("tmp", &problem)) == NULL)
    return finding_bad(subject, problem, g_strdup("export TINYX_CACHE=FOLDER, one of your own"));
  trial = g_build_filename(folder, "doctor", NULL);
  if (!file_write(trial, "x", 1, 0600, &problem))
    return finding_bad(subject, problem, g_strdup("export TINYX_CACHE=FOLDER, one of your own"));
  unlink(trial);
  return finding_new(subject, DOCTOR_GOOD, g_strdup_printf("%s, yours alone", cache), NULL);
}

DoctorFinding *
examine_disk(const char *subject) {
  g_autofree char *cache = cache_dir(), *room = NULL, *enough = size_text(DISK_ENOUGH);
  struct statvfs disk;
  guint64 bytes;
  DoctorVerdict verdict;
  while (statvfs(cache, &disk) != 0 && errno == ENOENT && strlen(cache) > 1) {
    char *parent = g_path_get_dirname(cache);
    g_free(cache);
    cache = parent;
  }
  bytes = (guint64)disk.f_bavail * disk.f_frsize;
  room = size_text(bytes);
  verdict = bytes >= DISK_ENOUGH ? DOCTOR_GOOD : bytes >= DISK_LEAST ? DOCTOR_POOR : DOCTOR_BAD;
  return finding_new(subject, verdict,
                     g_strdup_printf("%s free where the cache is (%s); a first build and its tests "
                                     "want %s",
                                     room, cache, enough),
                     verdict == DOCTOR_GOOD
                         ? NULL
                         : g_strdup("export TINYX_CACHE=FOLDER, on a disk with more room"));
}

DoctorFinding *
examine_memory(const char *subject) {
  g_autofree char *text = NULL;
  const char *line;
  guint64 kb = 0;
  DoctorVerdict verdict;
  if (file_read("/proc/meminfo", FILE_OWN_MAX, &text, NULL, NULL) &&
      (line = strstr(text, "MemAvailable:")) != NULL)
    kb = g_ascii_strtoull(line + strlen("MemAvailable:"), NULL, 10);
  verdict = kb >= MEMORY_ENOUGH_KB ? DOCTOR_GOOD : kb >= MEMORY_LEAST_KB ? DOCTOR_POOR : DOCTOR_BAD;
  return finding_new(subject, verdict,
                     g_strdup_printf("%.1f GB available; a kernel's build and a Xen host want 3",
                                     (double)kb * 1024 / 1e9),
                     verdict == DOCTOR_GOOD ? NULL : g_strdup("end other programs, or add swap"));
}

/* KVM really runs code, or it does not: a device file says little, least in a virtual machine. */
DoctorFinding *
examine_kvm(const char *subject) {
  g_autoptr(GError) why = NULL;
  if (access("/dev/kvm", F_OK) != 0)
    return finding_new(
        "KVM", DOCTOR_POOR,
        g_strdup("there is no /dev/kvm: QEMU emulates, and guests are 5 to 20 times "
                 "slower"),
        g_strdup("modprobe kvm_intel (or kvm_amd), after switching virtualisation on "
                 "in the firmware, or for this machine where it is a guest itself"));
  if (access("/dev/kvm", R_OK | W_OK) != 0)
    return finding_new(
        "KVM", DOCTOR_POOR, g_strdup("/dev/kvm is there, but not for you"),
        g_strdup_printf("sudo usermod -aG kvm %s, then log in anew", g_get_user_name()));
  if (!accelerator_try("kvm", &why))
    return finding_new(
        "KVM", DOCTOR_POOR,
        g_strdup_printf("/dev/kvm is there, but does not execute what Xen does (%s): "
                        "QEMU emulates, and guests are 5 to 20 times slower",
                        why->message),
        NULL);
  return finding_new(subject, DOCTOR_GOOD, g_strdup("it executes what Xen does"), NULL);
}

DoctorFinding *
examine_platform(const char *subject, const char *name) {
  g_autoptr(GError) why = NULL;
  const GuestHostOptions options = {0};
  g_autoptr(Platform) platform = platform_load(name, &why);
  g_autofree char *by = NULL;
  if (platform == NULL || !guest_host_check(platform, &options, &why))
    return finding_new(
        "platform", DOCTOR_POOR,
        g_strdup_printf("%s: images can be built, but not tested here: %s", name, why->message),
        setup_line());
  by = guest_host_describe(platform, &options);
  return finding_new(subject, DOCTOR_GOOD, g_strdup_printf("%s: by %s", name, by), NULL);
}
