/* sums.h - what a finished folder holds, so that a later change of any file is noticed.
 *
 * Two lists lie in the folder itself. entry.sum has a line "SHA256 BYTES PATH" for every regular
 * file. entry.stamps has one for every path: its type, mode and size, and the times and the inode
 * that it had when its contents were last compared. To hash a gigabyte at each use would take
 * seconds, so only files whose stamp differs are: whoever writes to a file changes its ctime, which
 * no program can set. Nothing signs the lists: who may write to the whole cache can write them,
 * too.
 */
#ifndef TINYX_BASE_SUMS_H
#define TINYX_BASE_SUMS_H

#include "base/error.h"

/* Writes both lists of FOLDER as it is now, and waits until all of it is on the disk. */
gboolean sums_write(const char *folder, GError **error);
/* NULL: FOLDER is as it was; else what is wrong ("root/bin/sh has other contents …"; g_free). Files
 * whose stamp alone differs (the cache was copied) are hashed, and get a new one. Without
 * entry.stamps (an older tinyx') every file is hashed, and each must have its sum. */
char *sums_check(const char *folder);

#endif
