/* guest.h - a domain on a Xen host, from an image that `tinyx build` made.
 */
#ifndef TINYX_GUEST_GUEST_H
#define TINYX_GUEST_GUEST_H

#include "platform/platform.h"
#include "recipe/recipe.h"
#include "rootfs/rootfs.h"
#include "xen/host.h"

typedef struct {
  const Platform *platform;
  const char *folder; /* out/NAME/PLATFORM: vmlinux, bzImage, rootfs_format_file(format) */
  const char *kernel; /* file in folder to boot: "bzImage" */
  RootfsFormat format;
  int memory;          /* MB */
  const char *at_boot; /* folder with files that this domain alone gets (initramfs only); or NULL */
  int boot_seconds;    /* until it answers, at most; 0: as guest_boot_seconds() has it */

  /* For images that tinyx did not make; all may be 0 or NULL. */
  const char *initrd;    /* file in folder that is handed to the kernel, instead of FORMAT's */
  const char *host_disk; /* path on the host of a raw disk, instead of FORMAT's: a device that the
                            domain writes to, or a file of which it gets a copy */
  const char *cmdline;   /* what the kernel is told before ip=; NULL: what FORMAT needs */
  gboolean last;    /* nothing runs after it on this host: where that ends with us, it takes the
                       domain along, which need not be destroyed */
  gboolean counted; /* ask Xen for CPU times: see answer_cpu_seconds */
} GuestImage;

typedef struct {
  gboolean passed;
  char *why;             /* not passed: what failed, one line */
  double create_seconds; /* xl create */
  double answer_seconds; /* from xl create to the first answer on the ready port */
  double test_seconds;
  double end_seconds; /* from xl create until it had powered itself off; -1: it did not */
  /* With counted, else -1: CPU time of dom0 for xl create, and of the domain up to its first
   * answer. Xen tells tenths. */
  double create_cpu_seconds, answer_cpu_seconds;
  gint64 mem_total, mem_available, mem_free; /* kB, as the guest sees it; -1: not known */
  int starts;                                /* of an application, by init; 1 is right */
  int shutdown_clean;                        /* 1: powered off when asked, 0: had to be destroyed */
  char *console;                             /* the guest's whole console */
  char *test_output;
} GuestVerdict;

/* Boots IMAGE, waits for it, runs RECIPE's test beside it (TINYX_GUEST_IP in its environment),
 * shuts it down. A failed test is a verdict, not an error. */
gboolean guest_test(XenHost *host, const Recipe *recipe, const GuestImage *image,
                    GuestVerdict *verdict, GError **error);
void guest_verdict_clear(GuestVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuestVerdict, guest_verdict_clear)

/* In the foreground with its console; LOCAL_PORT (0: any free one) of this machine is forwarded to
 * the recipe's port. Ends when the domain does; Ctrl-C shuts it down. */
gboolean guest_run(XenHost *host, const Recipe *recipe, const GuestImage *image, int local_port,
                   GError **error);

#endif
