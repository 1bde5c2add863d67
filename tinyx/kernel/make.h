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
  gboolean ccache;          /* compile through ccache, if it is there */
  const char *progress;     /* what is counted ("objects"), shown as the stage's detail; or NULL */
  guint *steps;             /* gets how many files were compiled; or NULL */
} KernelMake;

/* Runs it. A failure ends with the compiler's own lines about errors and names the log. */
gboolean kernel_make(const KernelMake *make, GError **error);

/* Compiler and linker, by their own words: what else decides about the bytes. g_free. */
char *kernel_toolchain(GError **error);

#endif
