/* debian.h - the Debian image that people would otherwise run. */
#ifndef TINYX_COMPARE_DEBIAN_H
#define TINYX_COMPARE_DEBIAN_H

#include "platform/platform.h"
#include "recipe/recipe.h"
#include "tree/tree.h"

#define DEBIAN_KERNEL "vmlinuz"
#define DEBIAN_INITRD "initrd"
#define DEBIAN_CONFIG "config"
#define DEBIAN_DISK "disk.img"
typedef struct {
  char *folder; /* a cache entry with these files */
  char *key;
  Tree *tree; /* everything on the disk */
} DebianImage;

/* Debian as debootstrap --variant=minbase makes it, with compare/debian.packages and RECIPE's
 * packages, files and applications, and the package busybox where these run it; it names PLATFORM's
 * devices. Cached. */
gboolean debian_image(const Recipe *recipe, const Platform *platform, DebianImage *image,
                      GError **error);
void debian_image_clear(DebianImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DebianImage, debian_image_clear)

/* What its kernel is told before ip=. g_free. */
char *debian_cmdline(const Platform *platform);

/* Whether Debian's kernels run on PLATFORM; INPUT, with those on which they do, if not. */
gboolean debian_check_platform(const Platform *platform, GError **error);

/* Changes with everything that the image is made of: the installation in ROOT, the recipe and what
 * it brings along, PLATFORM's devices, the scripts in the folder GLUE (rootfs/glue) that units_add
 * takes. g_free. For tests. */
char *debian_image_key(const Recipe *recipe, const Platform *platform, const char *root,
                       const char *glue, GError **error);

/* "NAME reason" lines of compare/debian.packages; g_strfreev. For tests. */
char **debian_packages_parse(const char *text, const char *file, GError **error);

/* The files of the modules NAMES below RELEASE_FOLDER (lib/modules/VERSION) and of those that they
 * depend on, in an order in which they can be loaded: char*; g_ptr_array_unref. */
GPtrArray *debian_modules(const char *release_folder, char *const *names, GError **error);

/* The path of the one file FOLDER/PREFIX* that sorts last; g_free. */
char *debian_find(const char *folder, const char *prefix, GError **error);

#endif
