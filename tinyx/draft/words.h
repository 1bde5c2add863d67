/* words.h - systemd's command lines: quoting, specifiers (specifiers.h) and variables
 * (systemd.service(5), "COMMAND LINES"). */
#ifndef TINYX_DRAFT_WORDS_H
#define TINYX_DRAFT_WORDS_H

#include "tree/tree.h"

typedef struct {
  const char *unit;        /* "tor@default.service": for %n, %p, %i */
  const char *file;        /* its path, for %y; NULL: it has none */
  const Tree *installed;   /* for what os-release(5) says; NULL: nothing */
  GHashTable *environment; /* char* -> char* */
  gboolean takes_live;     /* the words may have marks for what the running guest says */
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
/* WORDS as one line that a shell splits into the same words, with the guest's values for marks;
 * g_free. */
char *words_join(const char *const *words);

#endif
