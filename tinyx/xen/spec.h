/* spec.h - the value of --host: "embedded", "local" or "ssh://[user@]machine[:port]". */
#ifndef TINYX_XEN_SPEC_H
#define TINYX_XEN_SPEC_H

#include "base/error.h"

typedef enum { XEN_HOST_EMBEDDED, XEN_HOST_LOCAL, XEN_HOST_SSH } XenHostKind;

typedef struct {
  XenHostKind kind;
  char *user;    /* ssh: NULL where the text names none */
  char *machine; /* ssh: a name or an address, without brackets */
  int port;      /* ssh: 0 where the text names none */
} XenHostSpec;

/* TEXT may be NULL or "": embedded, unless this machine is a dom0 (/proc/xen/capabilities says
 * control_d): then local. INPUT for anything else than the three forms. */
gboolean xen_host_spec_parse(const char *text, XenHostSpec *spec, GError **error);
void xen_host_spec_clear(XenHostSpec *spec);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(XenHostSpec, xen_host_spec_clear)

/* TRUE if this machine is the control domain of a Xen host. */
gboolean xen_host_is_dom0(void);

#endif
