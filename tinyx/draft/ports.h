/* ports.h - the TCP port on which a daemon listens, read from its command line and configuration by
 * the regular expressions in rootfs/ports.rules. What it finds is a guess; a try-out shows whether
 * it is right. */
#ifndef TINYX_DRAFT_PORTS_H
#define TINYX_DRAFT_PORTS_H

#include "base/error.h"

typedef struct PortRules PortRules;

/* Parses TEXT, the content of FILE. INPUT with "FILE:LINE" for a line that is no rule. */
PortRules *port_rules_parse(const char *text, gsize size, const char *file, GError **error);
/* Those of rootfs/ports.rules. */
PortRules *port_rules_load(GError **error);
void port_rules_free(PortRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PortRules, port_rules_free)

/* How much may be taken for an address to listen on. More than the plain ones are changed only
 * where a try-out shows the loopback, and stay changed only where that helped. */
typedef enum {
  PORTS_PLAIN,
  PORTS_HIDDEN,   /* lines that may be about something else */
  PORTS_DEFAULTS, /* defaults that are commented out: their comment sign goes */
  PORTS_BOLDEST = PORTS_DEFAULTS
} PortsBoldness;

/* These return the port, or 0 where none is found. *LINE (may be NULL): the line, from 1. */
int ports_in_command(const PortRules *rules, const char *command);
/* COMMENTED: reads only the lines that are commented out, which often show a default. */
int ports_in_text(const PortRules *rules, const char *text, gboolean commented, int *line);
/* The port of the service NAME in this machine's /etc/services (services(5)). */
int ports_by_name(const char *name);
/* TEXT, a command or a file, with 0.0.0.0 in place of each loopback address that it tells the
 * daemon to listen on, as far as BOLDNESS goes; NULL: there is none. *LINE (may be NULL): the first
 * line that was changed, from 1. g_free. */
char *ports_open_up(const PortRules *rules, const char *text, PortsBoldness boldness, int *line);

#endif
