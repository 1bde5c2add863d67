/* debian.h - the Debian image that people would otherwise run. */
#ifndef TINYX_COMPARE_DEBIAN_H
#define TINYX_COMPARE_DEBIAN_H

#include "recipe/recipe.h"
#include "tree/tree.h"

#define DEBIAN_KERNEL "vmlinuz"
#define DEBIAN_INITRD "initrd"
#define DEBIAN_CONFIG "config"
#define DEBIAN_DISK "disk.img"
/* What its kernel is told before ip=. */
#define DEBIAN_CMDLINE "root=/dev/xvda ro console=hvc0 loglevel=4 panic=-1 net.ifnames=0"

typedef struct {
  char *folder; /* a cache entry with these files */
  char *key;
  Tree *tree; /* everything on the disk */
} DebianImage;

/* Debian as debootstrap --variant=minbase makes it, with compare/debian.packages and RECIPE's
 * packages, files and applications, and the package busybox where these run it. Cached. */
gboolean debian_image(const Recipe *recipe, DebianImage *image, GError **error);
void debian_image_clear(DebianImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DebianImage, debian_image_clear)

/* Changes with everything that the image is made of: the installation in ROOT, the recipe and what
 * it brings along, the script STOP of units_add. g_free. For tests. */
char *debian_image_key(const Recipe *recipe, const char *root, const char *stop, GError **error);

/* "NAME reason" lines of compare/debian.packages; g_strfreev. For tests. */
char **debian_packages_parse(const char *text, const char *file, GError **error);

/* The path of the one file FOLDER/PREFIX* that sorts last; g_free. */
char *debian_find(const char *folder, const char *prefix, GError **error);

#endif
