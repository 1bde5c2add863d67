/* scan.h - what a start needs besides its program: the programs, BusyBox applets and files that its
 * shell scripts name. */
#ifndef TINYX_DRAFT_SCAN_H
#define TINYX_DRAFT_SCAN_H

#include "draft/draft.h"

/* Reads the command of SERVICE, the lines that are run before it and, as far as these are shell
 * scripts, what they call and source. What is found goes to DRAFT's recipe: BusyBox applets
 * (rootfs/script.applets) to applets=, and to include= what none of its packages brings anyway. */
gboolean scan_start(Draft *draft, const Service *service, const Tree *installed, GError **error);

/* The same for TEXT, a shell script that no package has. */
gboolean scan_script_text(Draft *draft, const char *text, const Tree *installed, GError **error);

/* Adds to include= the plugins of the packages in DIRECT, on which the named packages depend:
 * shared objects outside the folders that the loader searches. Nothing is linked with them, so no
 * analysis of the program finds them. */
void scan_plugins(Draft *draft, const Tree *installed, const char *const *direct);

#endif
