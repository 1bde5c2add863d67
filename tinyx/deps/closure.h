/* closure.h - which files a set of files needs in order to run.
 *
 * Everything is looked up inside a root folder, and nothing in it is executed.
 * Rules: ld.so(8) for DT_NEEDED (RPATH, RUNPATH, $ORIGIN, ld.so.conf, default
 * folders, glibc-hwcaps), PT_INTERP, "#!" lines (execve(2)), the ELF note
 * .note.dlopen, and the run-time rules in rootfs/runtime.rules (data).
 */
#ifndef TINYX_DEPS_CLOSURE_H
#define TINYX_DEPS_CLOSURE_H

#include "base/error.h"

typedef enum {
  DEP_NAMED,   /* asked for by the caller */
  DEP_NEEDED,  /* DT_NEEDED */
  DEP_INTERP,  /* PT_INTERP */
  DEP_SCRIPT,  /* "#!" */
  DEP_DLOPEN,  /* .note.dlopen */
  DEP_RULE,    /* rootfs/runtime.rules */
  DEP_SYMLINK, /* a link, or the target of one, on the way to another entry */
} DepKind;

typedef struct {
  char *path;      /* in the root: "/lib/x86_64-linux-gnu/libc.so.6" with every folder component
                      resolved ("/usr/lib/…" on a merged-/usr root) */
  char *link;      /* NULL, or the symlink's target text: the entry is a symlink */
  guint64 size;    /* bytes (0 for a link) */
  DepKind kind;    /* why it came in first */
  char *needed_by; /* path of the entry that asked first; NULL for DEP_NAMED */
  char
      *rule; /* one word or line on the rule: "NEEDED libc.so.6", "#! /bin/sh", the rule's reason */
} DepFile;

typedef struct {
  const char *root;         /* "/" or another folder */
  const char *const *names; /* NULL-terminated paths in the root */
  const char *rules;        /* the run-time rules' file; NULL: data_path("rootfs/runtime.rules") */
  gboolean static_only;     /* only what ldd would follow: INTERP and NEEDED, and for "/" the
                               glibc-hwcaps variants that this machine's CPU gets */
  const char *ld_library_path; /* as LD_LIBRARY_PATH, folders with colons between; NULL: none */
  gboolean path_of_some; /* not all programs are started with it: what others find comes, too */
  const char *preload;   /* as LD_PRELOAD, names with colons between; NULL: none */
  gboolean preload_elsewhere; /* one that is not found may be in another root: not `missing` */
  gboolean pass_over;         /* a named file that is broken is noted, and has no needs */
} ClosureInput;

typedef struct {
  GPtrArray *files; /* DepFile*, sorted by path */
  /* char*: "/usr/sbin/x: NEEDED libfoo.so.1: not found", sorted; may be empty */
  GPtrArray *missing;
  /* char*: what a person should know (static or foreign programs, files that a rule suggests but
   * does not bring in), sorted; may be empty */
  GPtrArray *notes;
  /* Suspect*: what cannot be followed (suspects.h), sorted; empty with static_only */
  GPtrArray *suspects;
} Closure;

/* INPUT for a named file that does not exist or (without pass_over) is malformed (the message says
 * how). A library that
 * is not found is no error but a line in `missing`. */
gboolean closure_compute(const ClosureInput *input, Closure *closure, GError **error);
/* What the name service modules cost that nsswitch.conf brings into CLOSURE, the result of INPUT:
 * their bytes with those of what only they need, and the line of a recipe that leaves all of it
 * out; "" where there is none. Computes the closure once more. g_free. */
char *closure_nss_note(const ClosureInput *input, const Closure *closure, GError **error);
void closure_clear(Closure *closure);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Closure, closure_clear)

#endif
