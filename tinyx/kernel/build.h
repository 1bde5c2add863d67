/* build.h - a .config becomes vmlinux and bzImage, once. */
#ifndef TINYX_KERNEL_BUILD_H
#define TINYX_KERNEL_BUILD_H

#include "kernel/source.h"
#include "platform/platform.h"

typedef struct {
  KernelSource *source;     /* unpacked if need be */
  const char *toolchain;    /* kernel_toolchain() */
  const char *config;       /* the verified .config */
  const Platform *platform; /* whose layout (layout.h) the kernel gets, and who checks it */
  guint jobs;               /* 0: one a processor */
  gboolean cached_only;     /* INPUT where it would have to be built */
  gboolean clean;           /* by nothing that was there before: no kept objects, no ccache */
  guint compiled;           /* set: objects that were compiled */
  guint copied;             /* set: objects that came from the object cache */
} KernelBuild;

/* The hash of all that decides about the bytes. g_free. */
char *build_key(const KernelBuild *build, GError **error);

/* The cache entry with vmlinux (stripped; checked by the platform), bzImage, kernel.config and
 * System.map; where CONFIG_VMLINUX_MAP is on also vmlinux.map, and objects.list (objects.h).
 * g_free. */
char *build_kernel(KernelBuild *build, gboolean *from_cache, GError **error);

#endif
