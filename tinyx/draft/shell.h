/* shell.h - what can be known of a shell script without running it: its variables that are set to
 * plain values. */
#ifndef TINYX_DRAFT_SHELL_H
#define TINYX_DRAFT_SHELL_H

#include <glib.h>

/* The value of the variable NAME in the script TEXT, which may use others; NULL if it is not set.
 * The first value that is not empty counts. g_free. */
char *shell_variable(const char *text, const char *name);
/* WORDS with $NAME, ${NAME} and ${NAME:-...} replaced by the values in TEXT; variables that it does
 * not set vanish. g_free. */
char *shell_expand(const char *text, const char *words);
/* TEXT without lines that are comments; g_free. */
char *shell_without_comments(const char *text);

#endif
