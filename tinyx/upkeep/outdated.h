/* outdated.h - what of the images that have been built the archive has newer by now. */
#ifndef TINYX_UPKEEP_OUTDATED_H
#define TINYX_UPKEEP_OUTDATED_H

#include "base/error.h"

/* A package, or the kernel (its source's package), of an image. */
typedef struct {
  char *package;
  char *version, *newer; /* in the image; what the archive has; newer NULL: it has none any more */
  gboolean security;     /* the newer one comes from the suite of security updates */
  GPtrArray *advisories; /* char*, sorted: what its changelog names; NULL: that could not be read */
  char *why_unread;      /* NULL: it was read, or was not to be */
} OutdatedPackage;

typedef struct {
  char *folder;
  char *name, *platform; /* of the image */
  guint packages;        /* that were looked at, with the kernel */
  GPtrArray *outdated;   /* OutdatedPackage* */
} OutdatedImage;

/* The folders of images that NAMES mean (a recipe's name: all in out/NAME; a folder with a
 * report.json, or with such folders in it); none: all in out/. INPUT for a name without any.
 * g_strfreev. */
char **outdated_folders(char *const *names, GError **error);
/* The images in FOLDERS (OutdatedImage*), compared with the lists that tinyx installs from, which
 * are fetched where they are of another day. CHANGELOGS: the newer packages are downloaded, for the
 * names of advisories. g_ptr_array_unref. */
GPtrArray *outdated_look(char *const *folders, gboolean changelogs, GError **error);

/* What `apt-cache policy` says of one package. */
typedef struct {
  char *candidate; /* NULL: there is none */
  gboolean security;
} Policy;
/* By package (char* -> Policy*). g_hash_table_unref. */
GHashTable *policy_parse(const char *text);

#endif
