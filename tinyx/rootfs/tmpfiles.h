/* tmpfiles.h - tmpfiles.d(5): folders, links and files that Debian packages ask for at boot. */
#ifndef TINYX_ROOTFS_TMPFILES_H
#define TINYX_ROOTFS_TMPFILES_H

#include "tree/tree.h"

typedef struct {
  char type; /* 'd' 'f' 'L' 'C' 'p' 'c' 'b' 'z' 'Z'; other letters of the same meaning become these
              */
  gboolean force; /* "+" : takes the place of what is there */
  char *path;
  int mode;        /* -1: the default */
  gboolean masked; /* of the mode, x only where something had it, set-id bits only for folders */
  char *user;      /* NULL: root */
  char *group;     /* NULL: root */
  char *argument;  /* content, target, what is copied, or MAJOR:MINOR; NULL if there is none */
  char *origin;    /* "FILE:LINE" */
} TmpfilesEntry;

/* The entries (TmpfilesEntry*) of TEXT that make something. Lines that only clean, adjust what
 * an image does not have (ACLs, attributes, quotas), or write into /proc and /sys are
 * passed over. As systemd does, a bad line is left out, not the whole file: COMPLAINTS (char*, or
 * NULL) gets "FILE:LINE: what; what was expected". */
GPtrArray *tmpfiles_parse(const char *text, gsize size, const char *file, GPtrArray *complaints);

/* Reads every tmpfiles.d file of TREE (/etc over /run over /usr/lib, then by name; the first line
 * for a path wins), makes in TREE what they say, and takes the files out. MADE (char*) gets the
 * paths of folders outside /run. Bad lines are warned of, and left out. */
void tmpfiles_apply(Tree *tree, GPtrArray *made);

#endif
