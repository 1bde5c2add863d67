/* users.h - users and groups that no maintainer script has made: systemd-sysusers(8) would make
 * them at boot. They go to files/etc/passwd and files/etc/group of the draft, with a note. */
#ifndef TINYX_DRAFT_USERS_H
#define TINYX_DRAFT_USERS_H

#include "draft/draft.h"

/* Adds the users and groups that the packages' sysusers.d(5) files name. */
void users_add_sysusers(Draft *draft, const Tree *installed);
/* Adds the user NAME with the home HOME (NULL: "/"), or the group NAME, unless it is there. */
void users_add(Draft *draft, const Tree *installed, const char *name, const char *home);
/* Makes USER, of the unit ORIGIN, a member of GROUP; both are added where they are missing. */
void users_add_member(Draft *draft, const Tree *installed, const char *user, const char *group,
                      const char *origin);
void users_add_group(Draft *draft, const Tree *installed, const char *name);

#endif
