/* predict.h - from what ran in one traced boot to what each symbol is likely to be needed for.
 *
 * A prediction orders the search, and is never a result.
 */
#ifndef TINYX_MINIMIZE_PREDICT_H
#define TINYX_MINIMIZE_PREDICT_H

#include "minimize/codemap.h"
#include "minimize/kbuild.h"

/* The code that is in the kernel because of one symbol. */
typedef struct {
  guint64 bytes;   /* code and data of objects that are built by it, and functions below #ifdef */
  guint functions; /* how many of those */
  guint ran;       /* of them, after the start */
  guint ran_at_start; /* of them, only while the kernel started (.init.text) */
  guint rebuilds;     /* objects that are compiled again when it changes (fixdep) */
  GPtrArray *code;    /* const CodeSymbol*: the functions, owned by the map */
} SymbolCode;

/* For every symbol (name without CONFIG_ -> SymbolCode*) that MAP's code depends on. OBJECTS is the
 * text of a build's objects.list (kernel/objects.h); TREE the source. g_hash_table_unref; the map
 * must outlive it. */
GHashTable *predict_code(const Codemap *map, const char *tree, const char *objects);

/* How likely it is (0 to 1) that CODE (NULL: none was found) is needed. */
double predict_needed(const SymbolCode *code);

#endif
