/* place.h - messages that name a line of a file: "FILE:LINE: what is wrong; what was expected".
 *
 * A LINE counts from 1. LINE 0 stands for the whole file: the message begins with "FILE: " then.
 */
#ifndef TINYX_BASE_PLACE_H
#define TINYX_BASE_PLACE_H

#include "base/error.h"

/* "FILE:LINE", or "FILE"; g_free. */
char *place_text(const char *file, guint line);
/* "FILE:LINE: MESSAGE", for notes and warnings; g_free. */
char *place_message(const char *file, guint line, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Sets TINYX_ERROR_INPUT with "FILE:LINE: MESSAGE": a file that a person wrote is wrong. */
void place_set_error(GError **error, const char *file, guint line, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* The same with another CODE, for files that no person wrote. */
void place_set_error_code(GError **error, TinyxError code, const char *file, guint line,
                          const char *format, ...) G_GNUC_PRINTF(5, 6);
/* Puts "FILE:LINE: " before the message of ERROR; nothing where there is no error. */
void place_prefix_error(GError **error, const char *file, guint line);

/* TEXT as a message can quote it: valid UTF-8, and at most 60 bytes of it. g_free. */
char *place_excerpt(const char *text);

/* TRUE if the SIZE bytes of TEXT are UTF-8 without a NUL; else INPUT with the line of the first
 * byte that is not. Parsers call it first, and take lines and words for granted then. */
gboolean place_check_text(const char *text, gsize size, const char *file, GError **error);

#endif
