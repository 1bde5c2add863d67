/* Does KVM work here? /dev/kvm may exist and even create a machine, and no virtual CPU ever runs:
 * so a boot sector is run that ends QEMU with a status of its own. */
#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "xen/machine.h"

#include <string.h>
#include <unistd.h>

#define PROBE_SECONDS 5
/* isa-debug-exit ends QEMU with (value << 1) | 1. */
#define PROBE_VALUE 0x15
#define PROBE_STATUS ((PROBE_VALUE << 1) | 1)

/* mov dx, 0x501; mov al, VALUE; out dx, al; hlt; jmp to the hlt; boot sector's mark at its end. */
static gboolean
write_sector(const char *path, GError **error) {
  static const guint8 code[] = {0xba, 0x01, 0x05, 0xb0, PROBE_VALUE, 0xee, 0xf4, 0xeb, 0xfd};
  guint8 sector[512] = {0};
  memcpy(sector, code, sizeof code);
  sector[510] = 0x55;
  sector[511] = 0xaa;
  return file_write(path, sector, sizeof sector, 0600, error);
}

static gboolean
kvm_runs(const char *sector) {
  g_autofree char *drive = g_strdup_printf("format=raw,if=floppy,readonly=on,file=%s", sector);
  const char *const argv[] = {"qemu-system-x86_64",
                              "-accel",
                              "kvm",
                              "-nodefaults",
                              "-display",
                              "none",
                              "-no-reboot",
                              "-m",
                              "16",
                              "-drive",
                              drive,
                              "-boot",
                              "a",
                              "-device",
                              "isa-debug-exit,iobase=0x501,iosize=1",
                              NULL};
  ProcSpec spec = {.argv = argv, .deadline = PROBE_SECONDS, .flags = PROC_ANY_STATUS};
  g_auto(ProcResult) result = {0};
  return proc_run(&spec, &result, NULL) && result.status == PROBE_STATUS;
}

/* The file that holds the answer for this boot of the machine, "yes" or "no"; NULL: nowhere. */
static char *
answer_path(void) {
  g_autofree char *boot = NULL, *folder = NULL;
  if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL) ||
      (folder = cache_folder("kvm", NULL)) == NULL)
    return NULL;
  return g_build_filename(folder, g_strchomp(boot), NULL);
}

void
machine_refuse_kvm(void) {
  g_autofree char *answer = answer_path();
  if (answer != NULL)
    file_write(answer, "no", 2, 0600, NULL);
}

const char *
machine_accelerator(void) {
  g_autofree char *answer = NULL, *sector = NULL, *known = NULL;
  gboolean works;
  if (access("/dev/kvm", R_OK | W_OK) != 0 || (answer = answer_path()) == NULL)
    return "tcg";
  if (g_file_get_contents(answer, &known, NULL, NULL))
    return g_str_equal(known, "yes") ? "kvm" : "tcg";
  sector = g_strconcat(answer, ".img", NULL);
  works = write_sector(sector, NULL) && kvm_runs(sector);
  unlink(sector);
  if (proc_interrupted())
    return "tcg";
  if (!works)
    msg_info("/dev/kvm is there, but no virtual CPU runs by it: QEMU emulates (slower)");
  file_write(answer, works ? "yes" : "no", works ? 3 : 2, 0600, NULL);
  return works ? "kvm" : "tcg";
}
