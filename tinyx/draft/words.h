/* words.h - systemd's command lines: quoting, specifiers and variables (systemd.service(5),
 * "COMMAND LINES"; systemd.unit(5), "SPECIFIERS"), decided when the image is made, not when it
 * boots. */
#ifndef TINYX_DRAFT_WORDS_H
#define TINYX_DRAFT_WORDS_H

#include "base/error.h"

typedef struct {
  const char *unit;        /* "tor@default.service": for %n, %p, %i */
  GHashTable *environment; /* char* -> char* */
} WordsContext;

/* VALUE split by systemd's quoting, specifiers resolved; g_strfreev. INPUT for an open quote or an
 * unknown specifier. Variables are left as they are. */
char **words_split(const char *value, const WordsContext *context, GError **error);
/* VALUE at each ";" that is a word of its own and not quoted ("\\;"): a command each, as it stands
 * there; g_strfreev. */
char **words_commands(const char *value);
/* The words of a command: as words_split, and ${VAR} put in. A word that is only $VAR becomes as
 * many words as the value has, none where there is no value; within a word it is left for a shell.
 */
char **words_command(const char *value, const WordsContext *context, GError **error);
/* The words as one line, quoted for a shell where they need it; g_free. */
char *words_join(const char *const *words);

#endif
