/* source-entry.h - what sources.list(5) says of one source: whose signature it needs. */
#ifndef TINYX_DEPS_SOURCE_ENTRY_H
#define TINYX_DEPS_SOURCE_ENTRY_H

#include "base/error.h"

typedef struct {
  char *signed_by; /* as it stands there: paths, fingerprints or a whole key, whose lines are joined
                      by "\n"; NULL: it says none */
  char *careless;  /* the first option that switches the check of signatures off ("trusted=yes");
                      NULL: none */
} SourceEntry;

void source_entry_clear(SourceEntry *entry);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SourceEntry, source_entry_clear)

/* Finds the entry for binary packages of SUITE at URI in TEXT, the content of FILE (*.sources:
 * deb822; else lines). ENTRY stays empty where there is none. INPUT: a file of another form. */
gboolean source_entry_find(const char *text, gsize size, const char *file, const char *uri,
                           const char *suite, SourceEntry *entry, GError **error);

#endif
