/* given.h - what a recipe brings along: its folder files/, and what files= names. */
#ifndef TINYX_ROOTFS_GIVEN_H
#define TINYX_ROOTFS_GIVEN_H

#include "recipe/recipe.h"
#include "tree/reason.h"

typedef struct {
  char *source;    /* a file or a folder on this machine, absolute */
  char *path;      /* where it goes: "/usr/bin/x"; "" for a folder that goes over the whole image */
  gboolean folder; /* SOURCE is one */
  TreeReasonKind kind; /* REASON_FILES or REASON_FILES_FOLDER */
} Given;

/* Given*, in the order in which they are added: files/ first, if there is one. INPUT where files=
 * names what is neither a file nor a folder. g_ptr_array_unref. */
GPtrArray *given_list(const Recipe *recipe, GError **error);
/* A hash of the contents and places of all of them. g_free. */
char *given_hash(const GPtrArray *given, GError **error);

#endif
