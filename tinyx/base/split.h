/* split.h - words and lines of a text. */
#ifndef TINYX_BASE_SPLIT_H
#define TINYX_BASE_SPLIT_H

#include "base/error.h"

/* The words of TEXT between any of SEPARATORS, without empty ones; g_strfreev. */
char **split_words(const char *text, const char *separators);

/* WORD as a shell takes it, quoted only where it must be: for commands in messages. g_free. */
char *split_shell_word(const char *word);

/* The lines of TEXT, which FILE holds; INPUT with "FILE:LINE" where a byte of it is no text (UTF-8,
 * and no NUL). g_strfreev. */
char **split_lines(const char *text, gsize size, const char *file, GError **error);

#endif
