/* rulelines.h - files of rules, a rule a line: "WORDS  # REASON", or without a reason.
 *
 * Empty lines, and those that begin with '#', are none. A reader of such a file says what it takes
 * of a line; the lines and the message with their place are the same for all.
 */
#ifndef TINYX_BASE_RULELINES_H
#define TINYX_BASE_RULELINES_H

#include "base/error.h"

/* Takes the rule LINE (number NUMBER, from 1; without blanks at its ends; it may be written to)
 * into DATA. NULL, or what is wrong and what was expected, without the place: g_free. */
typedef char *(*RuleLineTake)(gpointer data, char *line, guint number);

/* Each rule of TEXT, which is FILE, goes to TAKE. INPUT with "FILE:LINE: " before what TAKE says,
 * or where a byte is no text (UTF-8, and no NUL). */
gboolean rule_lines_read(const char *text, gsize size, const char *file, RuleLineTake take,
                         gpointer data, GError **error);

/* What a line without one was expected to have. */
#define RULE_LINE_REASON "\" # REASON\" at the end of the line"

/* Cuts LINE at its last " # ", and the blanks before it. The reason behind it, in LINE; NULL where
 * there is none. */
const char *rule_line_reason(char *line);

/* What a RuleLineTake says of LINE: "bad line "LINE"; expected EXPECTED". g_free. */
char *rule_line_bad(const char *line, const char *expected);

/* The text of FILE, which is in our data folder. g_free. */
char *rule_lines_text(const char *file, gsize *size, GError **error);

#endif
