/* search.h - where ld.so(8) finds a library, inside a root.
 *
 * Order (glibc, elf/dl-load.c): DT_RPATH of the loading object and of those
 * that loaded it (only without DT_RUNPATH), LD_LIBRARY_PATH, DT_RUNPATH of the loading object,
 * the folders of ld.so.conf (in the running system through ld.so.cache, which
 * ldconfig(8) makes of them), the default folders. A file of another class or
 * machine is passed over.
 *
 * glibc-hwcaps: an image is to run on any CPU, so the base file is the one, and
 * a variant (the lowest) is taken only where there is no base file. SEARCH_THIS_CPU
 * picks what this machine's loader would, as ldd(1) shows it.
 */
#ifndef TINYX_DEPS_SEARCH_H
#define TINYX_DEPS_SEARCH_H

#include "deps/content.h"

typedef enum { SEARCH_THIS_CPU = 1 << 0 } SearchFlags;

/* One loaded object of a program, as in glibc's struct link_map. */
typedef struct LinkMap {
  Content *content;
  char *name;             /* the path that it was found by; its folder is $ORIGIN */
  struct LinkMap *loader; /* the object that asked for it; NULL for the program */
} LinkMap;

typedef struct {
  char *name;           /* the path that it was found by (in the root), or NULL: not found */
  const RootPath *path; /* where that leads */
  Content *content;
  gboolean by_conf; /* found only through ld.so.conf, so that the loader needs ld.so.cache */
  char *problem;    /* NULL, or why the loader would give up on a file that it found */
} SearchResult;

void search_result_clear(SearchResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SearchResult, search_result_clear)

typedef struct LibrarySearch LibrarySearch;
LibrarySearch *library_search_new(Root *root, ContentStore *store, SearchFlags flags);
void library_search_free(LibrarySearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LibrarySearch, library_search_free)

/* Looks NAME (a DT_NEEDED entry or what dlopen(3) is given) up for LOADER in the program MAIN,
 * which is started with LIBRARY_PATH (NULL: none) as LD_LIBRARY_PATH: absolute folders, or $ORIGIN.
 */
gboolean search_library(LibrarySearch *search, const LinkMap *loader, const LinkMap *main_map,
                        const char *ld_library_path, const char *name, SearchResult *result);
/* NAME as a program in the usual PATH of a Debian system; NULL if there is none. g_free. */
char *search_program(Root *root, const char *name);
/* TRUE if PROGRAM is run by musl's loader. */
gboolean search_is_musl(const ElfInfo *program);

#endif
