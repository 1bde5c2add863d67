/* facts.h - what scripts of ours print: "name=value" lines and blobs. */
#ifndef TINYX_BASE_FACTS_H
#define TINYX_BASE_FACTS_H

#include "base/error.h"

/* TEXT of SIZE bytes -> table of char * to char *: each name and blob name with its value or bytes
 * (a NUL among them becomes '?'). A later value replaces an earlier one. A blob that is cut off is
 * taken as far as it goes. Lines of another form are passed over. */
GHashTable *facts_parse(const char *text, gsize size);

/* The value of NAME as seconds, or -1. */
double facts_seconds(GHashTable *facts, const char *name);

#endif
