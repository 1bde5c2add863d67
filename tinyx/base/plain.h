/* plain.h - the one printer: whatever a name, a console, a test or a child says comes to the
 * terminal as characters that one can see.
 *
 * Control characters (C0 but newline and tab, DEL, C1), bytes that are no UTF-8, and characters
 * that cannot be seen or turn the order of others (formats such as U+202E, U+2028, private ones,
 * those that Unicode does not know) become \xNN, byte by byte. Nobody else writes to standard
 * output or standard error (msg.h does it by these functions; tests/cmd/plain.sh looks): raw are
 * only `tinyx run`, which shows a guest's console, and `tinyx host shell`.
 */
#ifndef TINYX_BASE_PLAIN_H
#define TINYX_BASE_PLAIN_H

#include <glib.h>

/* Bytes of the character at TEXT; *SEEN tells whether it can be shown as it is. A newline and a tab
 * are not. 0 at the end. */
gsize plain_next(const char *text, gboolean *seen);

/* TEXT on one line: newlines become \xNN, too. g_free. */
char *plain_line(const char *text);
/* TEXT as lines; those after the first begin with INDENT, so that nothing foreign stands where
 * words of ours do. A carriage return at the end of a line goes, as does the last newline. g_free.
 */
char *plain_lines(const char *text, const char *indent);

/* The same as it stands, the last newline, too: a whole text of ours with foreign words in it.
 * g_free. */
char *plain_text(const char *text);

/* As printf(3), but for each %s plain_line(): FORMAT alone makes lines. Knows d i u x o c s f g e,
 * *, and the lengths of integers. g_free. */
char *plain_format(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* The same at the end of TEXT, for what is composed of many parts. */
void plain_append(GString *text, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same to standard output: a table's row, a line of a result. */
void plain_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* A whole text to standard output; its newlines and tabs are its author's. */
void plain_show(const char *text);

#endif
