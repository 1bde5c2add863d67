/* codemap.h - a built kernel as a list of what is in it: every function and table with its bytes,
 * the object that it came from, and whether it ran.
 */
#ifndef TINYX_MINIMIZE_CODEMAP_H
#define TINYX_MINIMIZE_CODEMAP_H

#include "base/error.h"

typedef struct {
  guint64 address;
  guint64 size;       /* bytes, up to the next symbol or the end of the object's part */
  const char *name;   /* "do_epoll_wait" */
  const char *object; /* "fs/eventpoll.o"; NULL: not known */
  gboolean code;      /* a function, not data */
  gboolean init;      /* runs while the kernel starts, and never again (.init.text) */
  gboolean ran;
} CodeSymbol;

typedef struct Codemap Codemap;

/* From what nm prints of vmlinux (SYSTEM_MAP, the text of System.map) and ld's map (LINK_MAP, the
 * text of vmlinux.map: CONFIG_VMLINUX_MAP). FILE is for messages. */
Codemap *codemap_parse(const char *system_map, const char *link_map, const char *file,
                       GError **error);
/* FOLDER/System.map and FOLDER/vmlinux.map. */
Codemap *codemap_load(const char *folder, GError **error);
void codemap_free(Codemap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Codemap, codemap_free)

/* CodeSymbol, sorted by address; several may have one. Owned by MAP. */
const CodeSymbol *codemap_symbols(const Codemap *map, guint *count);
/* The first one of that name, or NULL. */
const CodeSymbol *codemap_find(const Codemap *map, const char *name);
/* Addresses of the code: from _text up to (not including) the end of .init.text. */
void codemap_range(const Codemap *map, guint64 *low, guint64 *high);

/* Notes that an instruction at ADDRESS was executed. */
void codemap_mark(Codemap *map, guint64 address);
/* Reads QEMU's log of translated blocks (-d in_asm: a line "0xADDRESS:  …" an instruction) and
 * marks what lies in the code. Returns how many instructions of the kernel it named; fails if there
 * is none at all. */
gboolean codemap_read_trace(Codemap *map, const char *path, guint *instructions, GError **error);

#endif
