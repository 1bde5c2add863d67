/* query.h - what the kernel tree's own Kconfig code says about a symbol.
 *
 * kconfig-heuristics/kconfig-query.c, compiled against the tree at hand: no
 * parser of ours for Kconfig files.
 */
#ifndef TINYX_KERNEL_QUERY_H
#define TINYX_KERNEL_QUERY_H

#include "kernel/kernel.h"
#include "kernel/source.h"

typedef struct {
  char *symbol;
  char *type;   /* "bool", "hex", …; NULL: the tree has no such symbol */
  char *value;  /* as it is in the .config; "" for a number or string that is not visible */
  char *prompt; /* NULL: none, it cannot be chosen */
  gboolean visible;
  char *depends; /* "NET [=y] && INET [=n]", or NULL */
  gboolean depends_met;
  char *selected;  /* by what: " - SWIOTLB_XEN [=y] && XEN [=y]", or NULL */
  char *range;     /* "12 to 25", or NULL */
  char *choice;    /* the prompt of the choice that it is a member of, or NULL */
  GPtrArray *near; /* char*: symbols with a name like it, where there is no such symbol */
} SymbolFacts;

/* Answers for each of REQUESTS (SymbolRequest*), in that order, for the .config in the build folder
 * OBJECTS of the tree SOURCE, in which `make allnoconfig` has run. SymbolFacts*; g_ptr_array_unref.
 */
GPtrArray *kconfig_query(const KernelSource *source, const char *objects, const GPtrArray *requests,
                         GError **error);

/* Compiles HELPER (a C file of ours, as data_path takes it) to PROGRAM against the tree SOURCE and
 * what `make allnoconfig` left in OBJECTS/scripts/kconfig. */
gboolean kconfig_compile(const KernelSource *source, const char *objects, const char *helper,
                         const char *program, GError **error);

/* What helpers write: blocks of "KEY<TAB>TEXT" lines, of which "symbol<TAB>NAME" begins one. */
typedef struct {
  gpointer (*begin)(const char *name);                                 /* a new block */
  gboolean (*take)(gpointer block, const char *key, const char *text); /* FALSE: an unknown KEY */
  GDestroyNotify free;                                                 /* of a block */
} KconfigBlocks;

/* The blocks of TEXT, in order; CORRUPT with the line of FILE for a line that is no such thing.
 * g_ptr_array_unref. */
GPtrArray *kconfig_blocks_parse(const KconfigBlocks *kind, const char *text, const char *file,
                                GError **error);

/* Reads what the helper of kconfig_query wrote; for tests. */
GPtrArray *kconfig_answer_parse(const char *text, const char *file, GError **error);

#endif
