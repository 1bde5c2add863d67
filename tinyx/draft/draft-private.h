/* draft-private.h - what the files of this folder share; not for others. */
#ifndef TINYX_DRAFT_DRAFT_PRIVATE_H
#define TINYX_DRAFT_DRAFT_PRIVATE_H

#include "draft/draft.h"

/* An empty draft of the recipe NAME. */
void draft_init(Draft *draft, const char *name);
/* What the kernel has for SERVICE, whatever evidence its files give. */
void draft_add_kernel(Draft *draft, const Service *service);
/* Adds SERVICE, the application NAME, to DRAFT, which takes it. */
void draft_take_service(Draft *draft, Service *service, const char *name);
/* Adds to DRAFT the applets, files and folders that SERVICE names. */
void draft_take_needs(Draft *draft, const Service *service);
/* What the start of SERVICE needs besides its program, and its accounts. */
gboolean draft_add_accounts(Draft *draft, Tree *installed, Service *service, GError **error);
/* Notes for devices that DRAFT names and that guests of PLATFORM do not have: their platform's
 * console and disk. */
void draft_note_devices(Draft *draft, const Platform *platform);

/* Puts TEXT, which it takes, into files/ in place of ENTRY, a file of the installation. */
void draft_put_copy(Draft *draft, const TreeEntry *entry, char *text);

#endif
