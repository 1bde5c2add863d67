/* words.h - systemd's command lines: quoting, specifiers and variables (systemd.service(5),
 * "COMMAND LINES"; systemd.unit(5), "SPECIFIERS"). They get their values when the image is made,
 * not when it boots. */
#ifndef TINYX_DRAFT_WORDS_H
#define TINYX_DRAFT_WORDS_H

#include "base/error.h"

typedef struct {
  const char *unit;        /* "tor@default.service": for %n, %p, %i */
  GHashTable *environment; /* char* -> char* */
} WordsContext;

/* Splits VALUE into words by systemd's quoting, and puts values for specifiers; variables stay as
 * they are. INPUT for a quote that does not end, and for an unknown specifier. g_strfreev. */
char **words_split(const char *value, const WordsContext *context, GError **error);
/* Splits VALUE into commands at each ";" that is a word of its own and not quoted (as "\\;" is).
 * The commands are not changed. g_strfreev. */
char **words_commands(const char *value);
/* The words of the command VALUE: as words_split() has them, and with the values of ${VAR}. A word
 * that is $VAR alone becomes as many words as its value has; within a word, $VAR stays as it is,
 * for a shell that the command runs. g_strfreev. */
char **words_command(const char *value, const WordsContext *context, GError **error);
/* WORDS as one line that a shell splits into the same words; g_free. */
char *words_join(const char *const *words);

#endif
