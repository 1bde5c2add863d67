/* machine.h - one QEMU with Xen and our dom0 in it: started, snapshotted, ended.
 */
#ifndef TINYX_XEN_MACHINE_H
#define TINYX_XEN_MACHINE_H

#include "base/proc.h"
#include "xen/remote.h"

#define MACHINE_TRACE "trace.log"

typedef struct {
  char *folder;          /* its run folder: socket, logs, links to what it boots */
  char *image;           /* dom0_image() */
  Proc *qemu;            /* NULL: not our child (left running by another tinyx) */
  struct Keeper *keeper; /* ends QEMU when we are gone; NULL: it dies with us, or outlives us */
  int pid;
  int port;
  const char *accelerator; /* "kvm" or "tcg" */
  gboolean detached;       /* outlives us */
  gboolean counted;        /* MachineExtra */
  Remote *remote;          /* NULL until it is up */
} Machine;

/* What a machine for one purpose has beyond the usual one. */
typedef struct {
  /* "0xSTART+0xLENGTH", virtual addresses of which every block that QEMU translates is listed in
   * FOLDER/trace.log (qemu(1), -d in_asm -dfilter; not with KVM); or NULL. */
  const char *trace;
  /* Raw disk images, dom0's /dev/vda, /dev/vdb, …; several may be the same file. What is written to
   * them is forgotten with the machine. NULL-terminated, or NULL. */
  const char *const *disks;
  /* One processor, whose clock counts its instructions, a nanosecond each (qemu(1), -icount):
   * several times slower. Not with KVM. */
  gboolean counted;
} MachineExtra;

/* TRUE if a machine with EXTRA (may be NULL) is another one for a snapshot. */
gboolean machine_extra_is_special(const MachineExtra *extra);

/* Starts QEMU in FOLDER (which must exist and be empty): a boot, or where SNAPSHOT (a cache entry
 * of machine_snapshot) is given the return from that. EXTRA may be NULL. Comes back as soon as QEMU
 * runs. */
Machine *machine_start(const char *folder, const char *image, const char *accelerator,
                       const char *snapshot, const MachineExtra *extra, gboolean detached,
                       GError **error);
/* Waits until dom0 answers. After a boot KNOWN_HOSTS is written from what dom0 said on its console;
 * after a return it is taken from SNAPSHOT. */
gboolean machine_wait(Machine *machine, const char *snapshot, GError **error);
/* Writes the machine's state (and its known_hosts) to the cache; the machine goes on. */
gboolean machine_snapshot(Machine *machine, const char *key, GError **error);
/* Ends QEMU if it is ours (DESTROY: or if it is not) and removes the folder. */
void machine_end(Machine *machine, gboolean destroy);
/* Lets go of it: it runs on. */
void machine_leave(Machine *machine);

/* One that runs already. */
Machine *machine_join(const char *folder, const char *image, int pid, int port, GError **error);
/* TRUE if a command can be run in dom0. Sets dom0's clock, and so Xen's and that of domains which
 * are created from now on, where it is wrong: a snapshot keeps the time at which it was made. */
gboolean machine_answers(Machine *machine, int deadline, GError **error);

/* Everything that a snapshot depends on besides the image: QEMU's version and arguments. g_free. */
char *machine_key(const char *image, const char *accelerator, GError **error);

#endif
