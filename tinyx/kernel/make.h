/* make.h - runs the kernel tree's own make, the same way every time. */
#ifndef TINYX_KERNEL_MAKE_H
#define TINYX_KERNEL_MAKE_H

#include "kernel/source.h"

typedef struct {
  const KernelSource *source;
  const char *objects;      /* the build folder, O= */
  const char *const *goals; /* "allnoconfig", "bzImage", "-j4", "NAME=VALUE"; NULL-terminated */
  const char *const *env;   /* or NULL */
  const char *log;          /* what make prints, anew each time */
  int deadline;             /* seconds */
  gboolean cached;          /* compile through the object cache and, if it is there, ccache */
  const char *progress;     /* what is counted ("objects"), shown as the stage's detail; or NULL */
  guint total;              /* how many of them it will be; 0: not known */
  guint *compiled;          /* gets how many files were compiled; or NULL */
  guint *copied;            /* gets how many came from the object cache instead; or NULL */
} KernelMake;

/* PROGRAM, under the name COMPILE_NAME, is the compiler's stand-in (compile.h); unless this was
 * called there is no object cache. PROGRAM's text must live on. */
void kernel_make_stand_in(const char *program);

/* Runs it. A failure ends with the compiler's own lines about errors and names the log. */
gboolean kernel_make(const KernelMake *make, GError **error);

/* How many files MAKE would compile, by a dry run of a second or two: make's -n. It is no error
 * that such a run cannot come to its end. 0: that is not known. The folder must be prepared: some
 * goal was made in it. */
guint kernel_make_count(const KernelMake *make);
/* "120 of 700 objects, about 3 min left" after SECONDS, TOTAL 0 where that is not known. g_free. */
char *kernel_make_progress(guint count, guint total, const char *what, double seconds);

/* The words that run COMMAND in a sandbox, as the makefiles and programs of SOURCE are run: with
 * the caller's own id, since the folders are the caller's, and no rights. It sees the machine's
 * programs, the source, and SHOWN (a file, or NULL), and writes to FOLDERS (NULL-terminated; all of
 * them are there). g_strfreev. */
char **kernel_confine(const KernelSource *source, const char *const *folders, const char *shown,
                      const char *const *command, GError **error);

/* Whether TEXT, what make said, tells of a machine that ran out of memory or disk (a compiler that
 * was killed among it), and not of the sources. */
gboolean kernel_make_ran_out(const char *text);

/* Compiler and linker, by their own words: what else decides about the bytes. g_free. */
char *kernel_toolchain(GError **error);

#endif
