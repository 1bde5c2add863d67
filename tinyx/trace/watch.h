/* watch.h - an image whose application runs under strace, for one boot: what `tinyx test
 * --diagnose` lays over the files of the very image that was tested.
 *
 * The kernel and the files stay those of the image: strace comes from this machine, in a folder of
 * its own with its own loader and libraries, and brings no evidence. The guest tells failed calls
 * on its console (docs/guest-protocol.md); trace/diagnose.h reads them.
 */
#ifndef TINYX_TRACE_WATCH_H
#define TINYX_TRACE_WATCH_H

#include "base/error.h"

#define WATCH_MEMORY 24 /* MB that strace and its libraries need besides what the image does */

/* A new folder to boot with (GuestImage.at_boot), with all that is in OWN (NULL: nothing) besides.
 * TOOL where this machine has no strace. g_free; the caller removes the folder. */
char *watch_folder_make(const char *own, GError **error);

#endif
