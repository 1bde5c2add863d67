/* facts.h - what scripts/guest-test prints: "name=value" lines and blobs. */
#ifndef TINYX_XEN_FACTS_H
#define TINYX_XEN_FACTS_H

#include "base/error.h"

/* TEXT of SIZE bytes -> table of char * to char *: each name and blob name with its value or bytes
 * (a NUL among them becomes '?'). A later value replaces an earlier one. A blob that is cut off is
 * taken as far as it goes. Lines of another form are passed over. */
GHashTable *facts_parse(const char *text, gsize size);

/* The value of NAME as seconds, or -1. */
double facts_seconds(GHashTable *facts, const char *name);

/* From the line "tinyx: meminfo MemTotal=… MemFree=… MemAvailable=…" of a guest's console: the
 * value of FIELD in kB, or -1. The last such line counts. */
gint64 console_meminfo(const char *console, const char *field);

#endif
