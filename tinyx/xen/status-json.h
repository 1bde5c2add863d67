/* status-json.h - what `tinyx host status` says, as JSON. */
#ifndef TINYX_XEN_STATUS_JSON_H
#define TINYX_XEN_STATUS_JSON_H

/* TEXT is what xen_host_status() gave: "KEY: VALUE" lines, a host from each "kind:" on. The hosts
 * as
 * {"hosts": [...]}; whatever else xl may have said is left out. g_free. */
char *host_status_json(const char *text);

#endif
