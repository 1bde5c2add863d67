/* program.h - where a program is looked for that has only a name.
 *
 * The search does not know what it searches in: this machine, an installed tree, an image. The
 * caller says whether a path is there.
 */
#ifndef TINYX_BASE_PROGRAM_H
#define TINYX_BASE_PROGRAM_H

#include <glib.h>

/* TRUE if PATH, which is absolute, is a program there. */
typedef gboolean (*ProgramTest)(const char *path, gpointer data);

/* The first path of NAME for which IS_THERE says TRUE, in the order of root's PATH in Debian:
 * /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin. An absolute NAME is asked for as it
 * is; a NAME with another slash, or without a letter, is never found. NULL: there is none. g_free.
 */
char *program_find(const char *name, ProgramTest is_there, gpointer data);

/* The folders of that order, NULL-terminated, without a slash at the end. */
const char *const *program_folders(void);

#endif
