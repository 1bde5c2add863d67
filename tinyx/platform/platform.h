/* platform.h - what images are made for: Xen PV domains, QEMU's microvm, …
 *
 * What data can say stands in kconfig-heuristics/platforms/NAME.conf; what it cannot say is a
 * PlatformRoom (room.h), C code that no other folder knows of. A platform without a room is one
 * that any ELF kernel boots on, and that no launcher has files of.
 */
#ifndef TINYX_PLATFORM_PLATFORM_H
#define TINYX_PLATFORM_PLATFORM_H

#include "platform/vmlinux.h"

/* The platform that is meant where nobody names one. */
#define PLATFORM_DEFAULT "xen-pv"

/* A kernel's files that a platform can boot, and their names for a message or a help text. */
#define PLATFORM_KERNEL_ELF "vmlinux"
#define PLATFORM_KERNEL_IMAGE "bzImage"
#define PLATFORM_KERNELS PLATFORM_KERNEL_IMAGE " or " PLATFORM_KERNEL_ELF

/* A device node that images for the platform have beyond those of every Linux. */
typedef struct {
  char *path; /* "/dev/hvc0" */
  gboolean is_block;
  unsigned mode, major, minor; /* numbers: Documentation/admin-guide/devices.txt */
} PlatformNode;

/* How a guest is asked to shut down. */
typedef enum {
  PLATFORM_SHUTDOWN_HYPERVISOR, /* the hypervisor tells its kernel, which runs /sbin/poweroff */
  PLATFORM_SHUTDOWN_CONSOLE,    /* a line on its console, which a script of the glue reads */
} PlatformShutdown;

typedef struct PlatformRoom PlatformRoom;

/* Read from NAME.conf; see there for what each key is. All strings are owned. */
typedef struct {
  char *name;
  char *description;
  char *needs;    /* what a machine must have to run its guests, for people */
  char *family;   /* whose drivers it takes: lines "on FAMILY: " of kconfig-heuristics/features */
  char *fragment; /* the kernel's fragment, a file beside the .conf */
  char *layout;   /* the linker script's changes, a file beside the .conf; NULL: none */
  char *kernel;   /* the file that is booted: one of PLATFORM_KERNELS */
  char *packed;   /* the file by whose size kernels are compared: the same, or the other one */
  char *console;  /* the kernel's name of the console: "hvc0" */
  char *disk;     /* the kernel's name of the first disk: "xvda" */
  char *network;  /* network interfaces are this and a number: "eth" */
  char *cmdline;  /* what every guest's kernel is told, "" for nothing */
  char *end;      /* the command that ends the guest in it: "poweroff" or "reboot" */
  PlatformShutdown shutdown;
  char **kernel_compressions; /* that its loaders unpack: "gzip", "xz", …; the first is standard */
  char **launchers;           /* names of those that can start its guests, the best first */
  GPtrArray *nodes;           /* PlatformNode* */
  char *xl_type; /* type= in an xl.cfg: "pv" or "pvh"; "" where xl has no such guests */
  /* For launchers that are QEMU's command line; "" elsewhere. */
  char *qemu_machine, *qemu_network, *qemu_disk;
  /* For tinyx compare: a distribution's kernel here. The machine is qemu_machine where such a
   * kernel finds its devices in it; the modules, and those that they need, bring the network up.
   * Without any the platform is none that distributions run on. */
  char *qemu_distribution_machine;
  char **distribution_modules;
  const PlatformRoom *room; /* NULL: none */
} Platform;

/* NAME as kconfig-heuristics/platforms/NAME.conf has it. INPUT for an unknown one, with those that
 * there are, and for a file that is no such thing, with the line. */
Platform *platform_load(const char *name, GError **error);
void platform_free(Platform *platform);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Platform, platform_free)

/* The names of all that there are, sorted. g_strfreev. */
char **platform_names(void);
/* The names and the families of all that there are, each once. g_strfreev. */
char **platform_known_words(GError **error);

/* TRUE if NAME is one of PLATFORM_KERNELS. */
gboolean platform_is_kernel(const char *name);

/* Reads the text of FILE (for messages). For tests. */
Platform *platform_parse(const char *name, const char *text, const char *file, GError **error);

/* The ELF kernel PATH: where it lies in memory. UNBOOTABLE where PLATFORM's loader would refuse it;
 * FAILED where it is no kernel. */
gboolean platform_check_kernel(const Platform *platform, const char *path, VmlinuxFacts *facts,
                               GError **error);

/* Least memory, in MB, with which a guest of this kernel can be created, and an initramfs of which
 * the loader puts INITRD bytes into it (0: none). The kernel needs more to unpack it and to run. */
int platform_least_memory(const Platform *platform, const VmlinuxFacts *kernel, guint64 initrd);

/* What must be done to the finished initramfs at PATH so that PLATFORM's loader hands it to the
 * kernel as it is. */
gboolean platform_finish_rootfs(const Platform *platform, const char *path, GError **error);

/* The kernel command line of an image: IP is the text for ip= or NULL; DISK tells that the root is
 * a squashfs on the first disk, else it is an initramfs. g_free. */
char *platform_cmdline(const Platform *platform, const char *ip, gboolean disk);

/* An image that somebody starts by hand: its files are absolute paths. */
typedef struct {
  const char *name;
  const char *kernel;  /* the file that is booted */
  const char *vmlinux; /* the same kernel as an ELF file */
  const char *initrd;  /* or NULL */
  const char *disk;    /* raw, read-only; or NULL */
  const char *cmdline;
  int memory; /* MB */
  int vifs;   /* network interfaces */
} PlatformImage;

typedef struct {
  char *name; /* in the image's folder */
  char *text;
  gboolean is_program;
} PlatformFile;

/* The files with which PLATFORM's launchers start IMAGE (PlatformFile*, may be empty).
 * g_ptr_array_unref. */
GPtrArray *platform_launch_files(const Platform *platform, const PlatformImage *image);

/* An image whose files are to be started on other machines, from wherever they are unpacked: the
 * paths of IMAGE are names in FOLDER, which is "." or a name beside the script. Adds the script
 * (PlatformFile*; its name is of what starts it, "run-qemu.sh") to SCRIPTS, and what it reads to
 * BESIDE, for FOLDER. Text for a person, which says how to call it: g_free. NULL where no launcher
 * of PLATFORM has such a script. */
char *platform_export(const Platform *platform, const PlatformImage *image, const char *folder,
                      GPtrArray *scripts, GPtrArray *beside);
void platform_file_free(gpointer file);

#endif
