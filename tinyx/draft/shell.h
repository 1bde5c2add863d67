/* shell.h - what can be known of a shell script without running it: its variables that are set to
 * plain values. */
#ifndef TINYX_DRAFT_SHELL_H
#define TINYX_DRAFT_SHELL_H

#include <glib.h>

/* The most that values may add to all texts that one Shell expands, in bytes: a few lines that name
 * each other would make gigabytes. What comes then stays without a value. */
#define SHELL_ADDED_MAX (1 << 20)

/* The variables of one script. Its assignments are found once, and the value of each variable is
 * made once, so that asking for all of them takes time in proportion to the script. */
typedef struct Shell Shell;

/* TEXT must outlive the result. */
Shell *shell_new(const char *text);
void shell_free(Shell *shell);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Shell, shell_free)

/* The value of the variable NAME in the script, which may use others; NULL if it is not set. The
 * first value that is not empty counts. g_free. */
char *shell_variable(Shell *shell, const char *name);
/* WORDS with $NAME, ${NAME} and ${NAME:-...} replaced by the values in the script; variables that
 * it does not set vanish. g_free. */
char *shell_expand(Shell *shell, const char *words);
/* TEXT without lines that are comments; g_free. */
char *shell_without_comments(const char *text);

#endif
