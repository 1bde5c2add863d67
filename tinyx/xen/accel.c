/* accel.c - finds out whether KVM works here: a firmware of a hundred bytes is run by it. */
#include "xen/accel.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "xen/confine.h"
#include "xen/qmp.h"

#include <string.h>
#include <unistd.h>

#define QEMU "qemu-system-x86_64"
#define TRY_SECONDS 10
/* isa-debug-exit ends QEMU with (value << 1) | 1. */
#define TRY_VALUE 0x15
#define TRY_STATUS ((TRY_VALUE << 1) | 1)

#define FIRMWARE_SIZE 65536 /* the least that QEMU takes; it ends at 4 GB, and again at 1 MB */
#define RESET 0xfff0        /* where in it a processor begins */

/* A KVM may exist, create a machine and never run a virtual CPU; or it runs some code by itself and
 * emulates the rest, and then stops at an instruction that its emulator does not know. The latter
 * was seen with RDSSPQ (a no-operation on processors without shadow stacks) in Xen's start, in long
 * mode with null segments: so that is what the firmware does. The address of its first byte is
 * 0xf0000. */
static const guint8 code[] = {
    0xfa,                                                /* cli */
    0x31, 0xc0,                                          /* xor   ax, ax */
    0x8e, 0xd8,                                          /* mov   ds, ax */
    0x8e, 0xd0,                                          /* mov   ss, ax */
    0xbc, 0x00,      0x80,                               /* mov   sp, 0x8000 */
    0xc7, 0x06,      0x00, 0x10, 0x03, 0x20,             /* mov   word [0x1000], 0x2003: PML4 */
    0xc7, 0x06,      0x00, 0x20, 0x03, 0x30,             /* mov   word [0x2000], 0x3003: PDPT */
    0xc7, 0x06,      0x00, 0x30, 0x83, 0x00,             /* mov   word [0x3000], 0x83: 2 MB */
    0x2e, 0x66,      0x0f, 0x01, 0x16, 0x81, 0x00,       /* lgdt  [cs:0x81] */
    0x0f, 0x20,      0xe0,                               /* mov   eax, cr4 */
    0x0c, 0x20,                                          /* or    al, 0x20: PAE */
    0x0f, 0x22,      0xe0,                               /* mov   cr4, eax */
    0x66, 0xb8,      0x00, 0x10, 0x00, 0x00,             /* mov   eax, 0x1000 */
    0x0f, 0x22,      0xd8,                               /* mov   cr3, eax */
    0x66, 0xb9,      0x80, 0x00, 0x00, 0xc0,             /* mov   ecx, 0xc0000080: EFER */
    0x0f, 0x32,                                          /* rdmsr */
    0x80, 0xcc,      0x01,                               /* or    ah, 1: LME */
    0x0f, 0x30,                                          /* wrmsr */
    0x0f, 0x20,      0xc0,                               /* mov   eax, cr0 */
    0x66, 0x0d,      0x01, 0x00, 0x00, 0x80,             /* or    eax, 0x80000001: PG, PE */
    0x0f, 0x22,      0xc0,                               /* mov   cr0, eax */
    0x66, 0xea,      0x55, 0x00, 0x0f, 0x00, 0x08, 0x00, /* jmp   8:0xf0055 */
    0x31, 0xc0,                                          /* 0x55: xor eax, eax; 64 bits now */
    0x8e, 0xd8,                                          /* mov   ds, eax */
    0x8e, 0xd0,                                          /* mov   ss, eax */
    0x6a, 0x01,                                          /* push  1 */
    0x5e,                                                /* pop   rsi */
    0xf3, 0x48,      0x0f, 0x1e, 0xce,                   /* rdsspq rsi */
    0xff, 0xce,                                          /* dec   esi: it must still be 1 */
    0x75, 0x07,                                          /* jnz   the hlt */
    0x66, 0xba,      0x01, 0x05,                         /* mov   dx, 0x501 */
    0xb0, TRY_VALUE,                                     /* mov   al, TRY_VALUE */
    0xee,                                                /* out   dx, al */
    0xf4,                                                /* hlt */
    0xeb, 0xfd,                                          /* jmp   the hlt */
    0,    0,         0,    0,    0,    0,    0,    0,    /* 0x71: descriptors, the null one */
    0,    0,         0,    0,    0,    0x9b, 0x20, 0,    /* 8: code of 64 bits */
    0x0f, 0x00,      0x71, 0x00, 0x0f, 0x00,             /* 0x81: their end, 0xf0071 */
};
static const guint8 reset[] = {0xea, 0x00, 0x00, 0x00, 0xf0}; /* jmp 0xf000:0 */

static gboolean
write_firmware(const char *path, GError **error) {
  g_autofree guint8 *bytes = g_new0(guint8, FIRMWARE_SIZE);
  memcpy(bytes, code, sizeof code);
  memcpy(bytes + RESET, reset, sizeof reset);
  return file_write(path, bytes, FIRMWARE_SIZE, 0600, error);
}

/* Waits until QEMU ends by itself or its virtual CPU stops. */
static gboolean
wait_for_end(const char *folder, Proc *qemu, GError **error) {
  gint64 end = g_get_monotonic_time() + TRY_SECONDS * G_USEC_PER_SEC;
  g_autoptr(GError) problem = NULL;
  g_autoptr(Qmp) qmp = qmp_connect(folder, "qmp.sock", qemu, TRY_SECONDS, &problem);
  int status;
  while (qmp != NULL && g_get_monotonic_time() < end && qmp_runs(qmp, &problem))
    if (!proc_sleep(0.02))
      break;
  if (proc_set_interrupted_error(error))
    return FALSE;
  /* The monitor of a QEMU that ends closes a moment earlier. */
  if (!proc_wait(qemu, 0.5)) {
    if (problem != NULL)
      g_propagate_error(error, g_steal_pointer(&problem));
    else
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT, "its virtual CPU did nothing in %d s",
                  TRY_SECONDS);
    return FALSE;
  }
  if (!proc_alive(qemu, &status) && status == TRY_STATUS)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_CHILD, "QEMU ended with status %d", status);
  return FALSE;
}

static gboolean
try_in(const char *folder, const char *accelerator, GError **error) {
  g_autofree char *firmware = g_build_filename(folder, "firmware", NULL);
  const char *const argv[] = {QEMU,
                              "-accel",
                              accelerator,
                              "-cpu",
                              g_str_equal(accelerator, "kvm") ? "host" : "max",
                              "-nodefaults",
                              "-sandbox",
                              CONFINE_SANDBOX,
                              "-no-user-config",
                              "-display",
                              "none",
                              "-no-reboot",
                              "-m",
                              "16",
                              "-bios",
                              "firmware",
                              "-qmp",
                              "unix:qmp.sock,server=on,wait=off",
                              "-device",
                              "isa-debug-exit,iobase=0x501,iosize=1",
                              NULL};
  ProcSpec spec = {.argv = argv, .cwd = folder};
  Proc *qemu;
  gboolean done;
  if (!write_firmware(firmware, error) || (qemu = proc_start(&spec, error)) == NULL)
    return FALSE;
  done = wait_for_end(folder, qemu, error);
  proc_stop(qemu, 0);
  return done;
}

gboolean
accelerator_try(const char *accelerator, GError **error) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-accel-XXXXXX", error);
  gboolean done = folder != NULL && try_in(folder, accelerator, error);
  if (folder != NULL)
    dir_remove(folder, NULL);
  return done;
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
  g_autofree char *answer = NULL, *known = NULL;
  g_autoptr(GError) why = NULL;
  gboolean works;
  if (access("/dev/kvm", R_OK | W_OK) != 0 || (answer = answer_path()) == NULL)
    return "tcg";
  if (file_read(answer, FILE_OWN_MAX, &known, NULL, NULL))
    return g_str_equal(known, "yes") ? "kvm" : "tcg";
  works = accelerator_try("kvm", &why);
  if (proc_interrupted())
    return "tcg";
  if (!works)
    msg_info("/dev/kvm is there, but cannot execute what Xen does (%s): QEMU emulates (slower)",
             why->message);
  file_write(answer, works ? "yes" : "no", works ? 3 : 2, 0600, NULL);
  return works ? "kvm" : "tcg";
}
