/* source-facts.h - what the object cache knows of a source file: its hash, the CONFIG_ symbols in
 * it, whether its text alone decides about the object. Kept beside the objects under path, size and
 * times, so that a build reads each header once. */
#ifndef TINYX_KERNEL_SOURCE_FACTS_H
#define TINYX_KERNEL_SOURCE_FACTS_H

#include <glib.h>

typedef struct {
  char *sha256;
  char *stamp;    /* size, inode, times; "-": it changed a moment ago, and times cannot tell */
  char **symbols; /* "CONFIG_SMP"; in the order of the file, each once */
  gboolean volatile_text; /* __DATE__, .incbin and the like */
} SourceFacts;

/* PATH as it is now; NULL: it cannot be read. CACHE is a folder. */
SourceFacts *source_facts(const char *cache, const char *path);
void source_facts_free(SourceFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SourceFacts, source_facts_free)

/* Size, inode, modification and change times of PATH; "-" where it changed less than two seconds
 * ago; NULL: there is none. g_free. */
char *source_stamp(const char *path);

/* The CONFIG_ symbols in TEXT, as fixdep finds them (a trailing _MODULE does not count). */
char **source_symbols(const char *text);

#endif
