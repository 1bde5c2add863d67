/* deb822.h - Debian control data (deb822(5)) and relations between packages (Debian policy, 5 and
 * 7). */
#ifndef TINYX_DEPS_DEB822_H
#define TINYX_DEPS_DEB822_H

#include "base/error.h"

#define DEB822_BYTES_MAX (512U << 20) /* of an index or dpkg's database */

typedef struct {
  int line;           /* of its first field */
  GHashTable *fields; /* lower-case name -> value; lines of a value are joined by "\n" */
} Deb822Stanza;

/* The stanzas (Deb822Stanza*) of TEXT; FILE is for messages. INPUT: "FILE:LINE: what; what was
 * expected". g_ptr_array_unref. */
GPtrArray *deb822_parse(const char *text, gsize size, const char *file, GError **error);
/* The value of field NAME (any case), or NULL. */
const char *deb822_get(const Deb822Stanza *stanza, const char *name);

typedef enum {
  DEB822_ANY,
  DEB822_LESS,
  DEB822_LESS_EQUAL,
  DEB822_EQUAL,
  DEB822_GREATER_EQUAL,
  DEB822_GREATER
} Deb822Operator;

/* One alternative: "name:any (>= 1.0)". */
typedef struct {
  char *name;
  Deb822Operator op;
  char *version; /* NULL with DEB822_ANY */
} Deb822Relation;

/* A relationship field ("a (>= 1) | b, c"): an array of arrays (GPtrArray*) of alternatives
 * (Deb822Relation*). FILE and LINE are for messages. INPUT. g_ptr_array_unref. */
GPtrArray *deb822_relations_parse(const char *text, const char *file, int line, GError **error);

/* <0, 0, >0 as `dpkg --compare-versions` orders A and B (deb-version(7)). */
int deb822_version_compare(const char *a, const char *b);
/* TRUE if VERSION satisfies RELATION. A NULL version (an unversioned Provides) only DEB822_ANY. */
gboolean deb822_relation_accepts(const Deb822Relation *relation, const char *version);
/* TRUE for what may be a package's name (Debian policy, 5.6.1). */
gboolean deb822_name_valid(const char *name);

#endif
