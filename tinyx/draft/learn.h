/* learn.h - what the console of a draft that was tried says is missing (rootfs/tryout.rules). */
#ifndef TINYX_DRAFT_LEARN_H
#define TINYX_DRAFT_LEARN_H

#include "draft/draft.h"

/* The applets of rootfs/script.applets; g_strfreev. */
char **applet_words(GError **error);

/* Adds to DRAFT applets of its first service and include=, as CONSOLE asks for them and the
 * INSTALLED files have them; each with a note. The number of those that were not there already; -1
 * on an error. */
int learn_from_console(Draft *draft, const Tree *installed, const char *console, GError **error);

#endif
