/* given.h - what a recipe brings along: its folder files/, and what files= names. */
#ifndef TINYX_ROOTFS_GIVEN_H
#define TINYX_ROOTFS_GIVEN_H

#include "base/folder.h"
#include "recipe/recipe.h"
#include "tree/reason.h"

#include <sys/stat.h>

/* Bytes of all that a recipe brings along: an initramfs is unpacked into the guest's memory. */
#define GIVEN_BYTES_MAX FOLDER_BYTES_MAX

typedef struct {
  char *source;    /* a file or a folder on this machine, absolute */
  char *path;      /* where it goes: "/usr/bin/x"; "" for a folder that goes over the whole image */
  gboolean folder; /* SOURCE is one */
  char *place;     /* for messages: the recipe's line that names it */
  TreeReasonKind kind; /* REASON_FILES or REASON_FILES_FOLDER */
  unsigned withheld;   /* permissions that recipe.conf has not either: the umask took them */
} Given;

/* Given*, in the order in which they are added: files/ first, if there is one. INPUT where files=
 * names what is neither a file nor a folder, for a FIFO or a device among them, and for more than
 * GIVEN_BYTES_MAX. g_ptr_array_unref. */
GPtrArray *given_list(const Recipe *recipe, GError **error);
/* The mode in the image of what is INFO here: 0755 for folders and what may be executed, else 0644,
 * less what others may not do here, as far as the umask has not taken it. */
unsigned given_mode(const Given *given, const struct stat *info);
/* What of files=, files/, the test's script and at-boot= is outside of the recipe's folder, by its
 * path or through a link: "FILE:LINE: KEY: PATH" (char*). g_ptr_array_unref. */
GPtrArray *given_outside(const Recipe *recipe);
/* A hash of the contents, places and modes of all of them. g_free. */
char *given_hash(const GPtrArray *given, GError **error);

#endif
