/* own.h - a person's own program: a file or a folder of this machine, and what runs it. */
#ifndef TINYX_DRAFT_OWN_H
#define TINYX_DRAFT_OWN_H

#include "base/error.h"

typedef struct {
  char *name;             /* that a recipe can have: from the file's or the folder's */
  char *kind;             /* as rootfs/own-programs.conf calls it */
  char *folder;           /* absolute: where its files are on this machine */
  char *root;             /* where they are in the image: "/srv/NAME" */
  gboolean in_place;      /* a folder was named: the recipe may be put into it */
  GPtrArray *entries;     /* char*: names in FOLDER that go into the image */
  GPtrArray *packages;    /* char*: Debian packages that it takes */
  GPtrArray *leave;       /* char*: what stays out, as paths in the image */
  char **environment;     /* NAME=VALUE; NULL: none */
  char **applets;         /* of BusyBox; NULL: none */
  char *command;          /* with absolute paths of the image */
  int port;               /* that the command names; 0: none */
  gboolean evidence_only; /* what its files show is all that its kernel has */
  char *same, *same_as; /* a glob in FOLDER, and the folder of the image that has to have the names
                           of what it finds; NULL: none */
  GPtrArray *notes;     /* char*: for a person */
} OwnProgram;

/* TRUE for a word that names a file or a folder, and no Debian package: it has a slash, or is "."
 * or "..". */
gboolean own_is_path(const char *word);
/* Finds out what PATH is: nothing of it is run. INPUT where it is of no known kind, is not whole
 * (no node_modules, nothing compiled), or has several files that could be meant. */
gboolean own_find(const char *path, OwnProgram *own, GError **error);
void own_clear(OwnProgram *own);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OwnProgram, own_clear)

#endif
