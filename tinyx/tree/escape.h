/* escape.h - odd characters in manifest.txt and contents.txt: \ooo, byte by byte. */
#ifndef TINYX_TREE_ESCAPE_H
#define TINYX_TREE_ESCAPE_H

#include <glib.h>

#define ESCAPE_ARROW " -> " /* between a link and its target; in a name it is escaped */

void escape_append(GString *out, const char *text);
/* The reverse, in place; FALSE if a backslash is not followed by three octal digits. */
gboolean escape_undo(char *text);

#endif
