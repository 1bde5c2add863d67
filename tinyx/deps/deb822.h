/* deb822.h - Debian control data (deb822(5)) and relations between packages (Debian policy, 5 and
 * 7). */
#ifndef TINYX_DEPS_DEB822_H
#define TINYX_DEPS_DEB822_H

#include "base/error.h"

typedef struct {
  int line;           /* of its first field */
  GHashTable *fields; /* lower-case name -> value; lines of a value are joined by "\n" */
} Deb822Stanza;

/* The stanzas (Deb822Stanza*) of TEXT; FILE is for messages. INPUT: "FILE:LINE: what; what was
 * expected". g_ptr_array_unref. */
GPtrArray *deb822_parse(const char *text, gsize size, const char *file, GError **error);
/* The value of field NAME (any case), or NULL. */
const char *deb822_get(const Deb822Stanza *stanza, const char *name);

typedef enum { REL_ANY, REL_LESS, REL_LESS_EQUAL, REL_EQUAL, REL_GREATER_EQUAL, REL_GREATER } RelOp;

/* One alternative: "name:any (>= 1.0)". */
typedef struct {
  char *name;
  RelOp op;
  char *version; /* NULL with REL_ANY */
} Relation;

/* A relationship field ("a (>= 1) | b, c"): an array of arrays (GPtrArray*) of alternatives
 * (Relation*). FILE and LINE are for messages. INPUT. g_ptr_array_unref. */
GPtrArray *relations_parse(const char *text, const char *file, int line, GError **error);

/* <0, 0, >0 as `dpkg --compare-versions` orders A and B (deb-version(7)). */
int debian_version_compare(const char *a, const char *b);
/* TRUE if VERSION satisfies RELATION. A NULL version (an unversioned Provides) only REL_ANY. */
gboolean relation_accepts(const Relation *relation, const char *version);
/* TRUE for what may be a package's name (Debian policy, 5.6.1). */
gboolean debian_name_valid(const char *name);

#endif
