/* xen-config.h - the configurations that Xen's launchers read: xl.cfg(5) for xl, JSON for
 * LightVM's chaos. Plain data in, text out.
 */
#ifndef TINYX_PLATFORM_XEN_CONFIG_H
#define TINYX_PLATFORM_XEN_CONFIG_H

#include "platform/platform.h"

typedef struct {
  const char *name;    /* the domain's */
  const char *type;    /* xl: "pv" or "pvh" */
  const char *kernel;  /* absolute path on the host, of a bzImage or an ELF vmlinux */
  const char *ramdisk; /* absolute path, or NULL */
  const char *disk;    /* absolute path of a raw image, read-only; or NULL */
  const char *vdev;    /* the domain's name of it: "xvda" */
  gboolean disk_writable;
  const char *cmdline;
  int memory;             /* MB */
  int vcpus;              /* 0: 1 */
  gint64 clock_ahead;     /* xl: seconds that its wall clock is ahead of the host's */
  int vifs;               /* network interfaces */
  char *const *macs;      /* one for each of them; NULL: the launcher chooses */
  const char *bridge;     /* NULL: the launcher's default */
  const char *vif_script; /* xl: absolute path of the vif script; NULL: xl's default */
  const char *on_end; /* xl: what on_poweroff, on_reboot and on_crash say; NULL: destroy, restart,
                         destroy */
} XenConfig;

/* What PLATFORM, one of Xen's, says of IMAGE; the strings are theirs. */
XenConfig xen_config_of(const Platform *platform, const PlatformImage *image);

/* Text of an xl.cfg; g_free. */
char *xen_config_xl(const XenConfig *config);

/* Text of chaos' configuration (lib/h2/config.c there: an unknown or a double key is an error, and
 * a missing cmdline a crash); g_free. */
char *xen_config_chaos(const XenConfig *config);

#endif
