/* keylines.h - where in a file of [sections] and key=value lines each of them stands.
 *
 * GKeyFile, which reads the values, knows no line numbers, takes any key, and of one that is there
 * twice the last: the lines are looked at before it reads them.
 */
#ifndef TINYX_BASE_KEYLINES_H
#define TINYX_BASE_KEYLINES_H

#include "base/error.h"

/* What such a file may have. */
typedef struct {
  const char *first; /* the section that comes first, for messages: "recipe" */
  gboolean (*is_section)(const char *section);
  gboolean (*is_key)(const char *section, const char *key);
  /* "expected one of: a b" for the keys of SECTION, or for the sections (NULL). g_free. */
  char *(*expected)(const char *section);
} KeyLinesFormat;

/* The lines (from 1) of TEXT, which is FILE: "SECTION/KEY" and "[SECTION]" -> number. NULL with
 * INPUT where a line is neither, or is unknown, or is there twice: "FILE:LINE: what; what was
 * expected". g_hash_table_unref. */
GHashTable *key_lines_scan(const KeyLinesFormat *format, const char *text, const char *file,
                           GError **error);

/* The line of KEY in SECTION; 0: it is not there. LINES may be NULL. */
guint key_lines_find(GHashTable *lines, const char *section, const char *key);

#endif
