/* guest.h - an image that `tinyx build` made, booted by a launcher: tested, or run in the
 * foreground. */
#ifndef TINYX_GUEST_GUEST_H
#define TINYX_GUEST_GUEST_H

#include "guest/probe.h"
#include "platform/platform.h"
#include "recipe/recipe.h"
#include "rootfs/rootfs.h"

typedef struct GuestHost GuestHost; /* see launcher.h */

typedef struct {
  const Platform *platform;
  const char *folder; /* out/NAME/PLATFORM: kernel_files(), rootfs_format_file(format) */
  const char *kernel; /* file in folder to boot: one of PLATFORM_KERNELS */
  RootfsFormat format;
  int memory;          /* MB */
  int start_memory;    /* MB that it takes to unpack its files and start, as far as is known; 0 */
  const char *at_boot; /* folder with files that this guest alone gets (initramfs only); or NULL */
  int boot_seconds;    /* until it answers, at most; 0: as guest_boot_seconds() has it */

  /* For images that tinyx did not make; all may be 0 or NULL. */
  const char *initrd;    /* file in folder that is handed to the kernel, instead of FORMAT's */
  const char *host_disk; /* path on the host of a raw disk, instead of FORMAT's: a device that the
                            guest writes to, or a file of which it gets a copy */
  const char *cmdline;   /* what the kernel is told before ip=; NULL: what FORMAT needs */
  gboolean is_distribution; /* its kernel is a distribution's, and finds devices as on hardware */
  gboolean last;    /* nothing runs after it on this host: where that ends with us, it takes the
                       guest along, which need not be destroyed */
  gboolean counted; /* ask for CPU times: see answer_cpu_seconds */

  /* Otherwise than the host is; only where its abilities (launcher.h) have it. */
  const char *processor; /* the maker that CPUID tells: "GenuineIntel"; NULL: the host's */
  gint64 clock_ahead;    /* seconds that its wall clock is ahead of ours; 0: none */
  gboolean saved;        /* it is saved and restored before its test */
} GuestImage;

/* Seconds are by the host's clock. */
typedef struct {
  gboolean passed;
  char *why;             /* not passed: what failed, one line */
  double create_seconds; /* what the launcher took to create it */
  double answer_seconds; /* from its creation to the first answer on the ready port */
  double test_seconds;
  double end_seconds; /* from its creation until it had powered itself off; -1: it did not */
  /* With counted, else -1: CPU time of the host for its creation, and of the guest up to its first
   * answer. Xen tells tenths. */
  double create_cpu_seconds, answer_cpu_seconds;
  gint64 mem_total, mem_available, mem_free; /* kB, as the guest sees it; -1: not known */
  ProbeFinding probe; /* where the test alone saw no more than an open port: probe.h */
  int starts;         /* of an application, by init; 1 is right */
  int shutdown_clean; /* 1: powered off when asked, 0: had to be destroyed */
  double seconds;     /* all of it, by this machine's clock: what one more boot costs a search */
  char *console;      /* the guest's whole console */
  char *test_output;
} GuestVerdict;

/* TRUE if VERDICT on RECIPE's image rests on no more than a port that was open, or an end that was
 * clean: it is called weak. */
gboolean guest_verdict_is_weak(const Recipe *recipe, const GuestVerdict *verdict);

/* INPUT for a RECIPE that has nothing to test: neither a script nor a port, and no end. */
gboolean guest_test_check(const Recipe *recipe, GError **error);
/* Boots IMAGE, waits for it, runs RECIPE's test beside it (TINYX_GUEST_IP in its environment),
 * shuts it down. A failed test is a verdict, not an error. */
gboolean guest_test(GuestHost *host, const Recipe *recipe, const GuestImage *image,
                    GuestVerdict *verdict, GError **error);
void guest_verdict_clear(GuestVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuestVerdict, guest_verdict_clear)

/* The same with BUNDLE as the test's root: a tar file as test_bundle() makes it. */
gboolean guest_test_in(GuestHost *host, const Recipe *recipe, const GuestImage *image,
                       const char *bundle, GuestVerdict *verdict, GError **error);

typedef struct Guest Guest; /* see launcher.h */

/* How a guest is run; all may be 0 or NULL. */
typedef struct {
  const struct ForwardPort *port; /* forward.h: leads to the recipe's; it stays the caller's */
  void (*on_console)(const char *bytes, gsize size, gpointer data); /* NULL: standard output */
  /* Once it runs and its port leads to it. FALSE with ERROR ends it. */
  gboolean (*on_start)(Guest *guest, gpointer data, GError **error);
  void (*on_turn)(Guest *guest, gpointer data); /* five times a second and more */
  void (*on_end)(Guest *guest, gpointer data);  /* of one that has started: guest->end says how */
  gpointer data;
} GuestRun;

/* Runs it until it ends; Ctrl-C shuts it down, and by force where that takes too long. */
gboolean guest_run(GuestHost *host, const Recipe *recipe, const GuestImage *image,
                   const GuestRun *how, GError **error);

/* Seconds that a boot of IMAGE may take before it counts as hung: those that it says; else a
 * minute, and what an emulated host may take to unpack it. A recipe that gives its test more than
 * that gives its start as much. */
int guest_boot_seconds(const GuestImage *image, const Recipe *recipe);
/* Seconds that a guest of IMAGE has to shut down before it is destroyed: what takes long to boot
 * takes long to end, and its applications have the time that RECIPE gives them. */
int guest_shutdown_seconds(const GuestImage *image, const Recipe *recipe);

#endif
