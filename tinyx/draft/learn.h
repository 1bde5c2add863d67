/* learn.h - what a draft lacks, read from the console of its try-out (rootfs/tryout.rules). */
#ifndef TINYX_DRAFT_LEARN_H
#define TINYX_DRAFT_LEARN_H

#include "draft/draft.h"

/* Adds to DRAFT the applets, files and folders that CONSOLE says are missing, as far as the
 * INSTALLED files have them; each with a note. Returns how many were added, -1 on an error. */
int learn_from_console(Draft *draft, const Tree *installed, const char *console, GError **error);

#endif
