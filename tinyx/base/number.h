/* number.h - whole numbers in text that others wrote.
 *
 * strtol(3), sscanf(3) and their like take blanks, signs, "0x" and numbers beyond their type: what
 * they make of foreign text is often not what its format means. These take digits and nothing else.
 */
#ifndef TINYX_BASE_NUMBER_H
#define TINYX_BASE_NUMBER_H

#include <glib.h>

/* All of TEXT (may be NULL) is decimal digits that make a number up to MOST: TRUE, and *VALUE. Else
 * *VALUE stays. */
gboolean number_parse(const char *text, guint64 most, guint64 *value);
/* The same for octal digits (BASE 8), or hexadecimal ones without "0x" (16). */
gboolean number_parse_base(const char *text, guint base, guint64 most, guint64 *value);

/* The digits at *AT, at least one, make a number up to MOST: TRUE, *VALUE, and *AT moves behind
 * them. Else both stay. */
gboolean number_take(const char **at, guint base, guint64 most, guint64 *value);

/* VALUE, which a file holds, within LEAST and MOST; LEAST for what is no number at all. A cast of
 * a value that its type does not have is undefined. */
double number_clamp(double value, double least, double most);

#endif
