/* rootfs.h - from a recipe to the plan of its root file system.
 *
 * base (mmdebstrap, cached) -> overlay install (cached) -> closure and pruning
 * -> BusyBox underlay -> glue. LightVM paper, section 3.2 ("Tinyx").
 */
#ifndef TINYX_ROOTFS_ROOTFS_H
#define TINYX_ROOTFS_ROOTFS_H

#include "facts/facts.h"
#include "platform/platform.h"
#include "recipe/recipe.h"
#include "rootfs/files-lock.h"
#include "rootfs/names.h"
#include "rootfs/secrets.h"
#include "tree/tree.h"

/* cpio: an initramfs packed by xz with its filter for x86 code. cpio.gz: by gzip, a third larger,
 * unpacked several times faster. squashfs: a disk. */
typedef enum { ROOTFS_CPIO, ROOTFS_CPIO_GZIP, ROOTFS_SQUASHFS } RootfsFormat;
#define ROOTFS_FORMATS 3

/* The names of --format. FALSE: NAME is none. */
/* How many of PACKAGES (RootfsPackage*) are Debian's and have bytes in the image: not tinyx' own
 * parts, the recipe's files, nor what there are only links of. */
guint rootfs_package_count(const GPtrArray *packages);

gboolean rootfs_format_parse(const char *name, RootfsFormat *format);
const char *rootfs_format_name(RootfsFormat format);
/* The file's name in an image's folder: "initramfs.cpio.xz". */
const char *rootfs_format_file(RootfsFormat format);
/* Adds what the kernel has to know of it: "format:cpio", "compressor:xz"; "format:times" where
 * files of TREE in an initramfs have times of their own. */
void rootfs_format_facts(RootfsFormat format, Tree *tree, Facts *facts);
/* It is mounted from a disk, and read-only. */
gboolean rootfs_format_is_disk(RootfsFormat format);

typedef struct {
  Tree *tree;
  GPtrArray *packages; /* RootfsPackage*, those that the image has files of, sorted by name */
  GPtrArray *notes;    /* char*, what a person should know (exclusions); may be empty */
  GPtrArray *suspects; /* Suspect*, what the closure may have missed; may be empty */
  GPtrArray *names;    /* NamedPath*, what its programs name by a path */
  Facts *facts;        /* of its files, the glue, the recipe, the format and the packages */
  Secrets *secrets;    /* what was taken out, and what the first boot makes */
  char *key;           /* hash of the inputs */
  char *log_lost;      /* what sends messages to /dev/log that nobody takes; NULL: nothing */
  guint dropped_files; /* by the lock */
  guint64 dropped_bytes;
} RootfsPlan;

typedef struct {
  char *name;
  char *version;
  guint files;
  guint64 bytes;
  char *reason; /* "recipe", "Depends of nginx", "base" */
} RootfsPackage;

/* The plan for RECIPE on PLATFORM, with what LOCK (may be NULL) adds and drops. SOCKETS: the kernel
 * has UNIX sockets where something asks for them, so that messages of syslog(3) can be taken. Uses
 * and fills the cache. */
RootfsPlan *rootfs_plan(const Recipe *recipe, const Platform *platform, RootfsFormat format,
                        const FilesLock *lock, gboolean sockets, GError **error);
void rootfs_plan_free(RootfsPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RootfsPlan, rootfs_plan_free)

/* A key that changes when anything that rootfs_plan reads changes (recipe folder, rootfs/ data,
 * Debian package index, tinyx version), computed in well under a second. g_free. */
char *rootfs_input_key(const Recipe *recipe, const Platform *platform, RootfsFormat format,
                       GError **error);

/* Debian packages as files, never installed: PACKAGES (and, with CLOSURE, all that they depend on)
 * are downloaded by apt (cached) and unpacked (dpkg-deb -x) into one cached folder, whose path is
 * returned (g_free). For the dom0 of the embedded Xen host and for test programs. */
char *debian_unpack(const char *const *packages, gboolean closure, GError **error);

/* The files of a debian_unpack() folder UNPACKED that the PROGRAMS (absolute paths in it) need,
 * added to TREE with their closure (interpreter, libraries, run-time rules). */
gboolean tree_add_programs(Tree *tree, const char *unpacked, const char *const *programs,
                           GError **error);

#endif
