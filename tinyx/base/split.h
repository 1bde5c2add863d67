/* split.h - words of a text. */
#ifndef TINYX_BASE_SPLIT_H
#define TINYX_BASE_SPLIT_H

#include <glib.h>

/* The words of TEXT between any of SEPARATORS, without empty ones; g_strfreev. */
char **split_words(const char *text, const char *separators);

#endif
