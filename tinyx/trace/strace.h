/* strace.h - from strace's output to the files that were used, each with the program that did.
 *
 * The lines of `strace -f -y -o FILE` that are read: calls with a path; chdir, fchdir, chroot and
 * fork, which decide what a process's paths mean; and execve, which tells the program. Only calls
 * that succeeded count.
 */
#ifndef TINYX_TRACE_STRACE_H
#define TINYX_TRACE_STRACE_H

#include <glib.h>

/* From the weakest to the strongest: of several uses of a path the strongest counts. */
typedef enum {
  USE_SHOW,  /* no path: a fact of another kind, as rules name it ("net:ipv6") */
  USE_LOOK,  /* its existence or its link was asked for: stat, access, readlink, chmod, O_PATH */
  USE_WRITE, /* made or written from nothing: only its folder is needed */
  USE_OPEN,  /* opened: a file's content, a folder's names */
  USE_EXEC,  /* run */
} UseKind;

typedef struct {
  char *path; /* the fact, or the path: in the root, as the program named it (relative ones behind
                 where it was), with the links and the ".." that were in it */
  UseKind kind;
  char *program; /* path in the root of the program that did it first */
} Use;

void use_free(Use *use);
const char *use_kind_name(UseKind kind);

/* The uses (Use*, sorted by path, each path once) in the trace TEXT of files below the folder ROOT,
 * the root of the traced programs (an absolute path without links). Lines that are not strace's are
 * passed over. g_ptr_array_unref. */
GPtrArray *strace_uses(const char *text, gsize size, const char *root);
/* Adds OTHER's uses to USES: for several traces of one run. */
void uses_merge(GPtrArray *uses, const GPtrArray *other);

/* As lines "KIND<tab>PATH<tab>PROGRAM" ("show<tab>FACT<tab>PROGRAM"), and back; for the cache and
 * for people. */
char *uses_text(const GPtrArray *uses);
/* INPUT: "FILE:LINE: what; what was expected". */
GPtrArray *uses_parse(const char *text, gsize size, const char *file, GError **error);

#endif
