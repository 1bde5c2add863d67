/* lines.h - where in recipe.conf each section and key stands. */
#ifndef TINYX_RECIPE_LINES_H
#define TINYX_RECIPE_LINES_H

#include "base/error.h"

/* The lines (from 1) of TEXT, which is FILE: "SECTION/KEY" and "[SECTION]" -> number. NULL with
 * INPUT where a line is neither, or is unknown, or is there twice: "FILE:LINE: what; what was
 * expected". g_hash_table_unref. */
GHashTable *recipe_lines_scan(const char *text, const char *file, GError **error);

/* The line of KEY in SECTION; 0: it is not there. LINES may be NULL. */
guint recipe_lines_find(GHashTable *lines, const char *section, const char *key);

#endif
