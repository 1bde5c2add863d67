/* sysusers.h - sysusers.d(5): users and groups that systemd would make at boot. */
#ifndef TINYX_DRAFT_SYSUSERS_H
#define TINYX_DRAFT_SYSUSERS_H

#include "tree/tree.h"

typedef struct {
  char type;    /* 'u', 'g' or 'm' */
  char *name;   /* of the user ('u', 'm') or the group ('g') */
  gint64 id;    /* -1: any */
  char *group;  /* 'u': its group, by name or number; NULL: one of its own. 'm': a group for it */
  char *gecos;  /* NULL: none */
  char *home;   /* NULL: the default */
  char *shell;  /* NULL: the default */
  char *origin; /* "FILE:LINE" */
} SysusersEntry;

void sysusers_entry_free(gpointer entry);
/* Adds the entries (SysusersEntry*) of TEXT to ENTRIES. As systemd does, a bad line is left out:
 * COMPLAINTS (char*) gets "FILE:LINE: what; what was expected". */
void sysusers_parse(const char *text, const char *file, GPtrArray *entries, GPtrArray *complaints);
/* The entries of the files that the packages brought. Of files with one name the one in /etc
 * counts, then that in /run. g_ptr_array_unref. */
GPtrArray *sysusers_read(Tree *installed, GPtrArray *complaints);

#endif
