/* ports.h - the TCP port on which a daemon listens, read from its command line and configuration by
 * the regular expressions in rootfs/ports.rules. What it says is a guess; the test shows. */
#ifndef TINYX_DRAFT_PORTS_H
#define TINYX_DRAFT_PORTS_H

#include "base/error.h"

typedef struct PortRules PortRules;

/* TEXT as FILE would hold it. INPUT with "FILE:LINE" for what is no rule. */
PortRules *port_rules_parse(const char *text, gsize size, const char *file, GError **error);
/* Those of rootfs/ports.rules. */
PortRules *port_rules_load(GError **error);
void port_rules_free(PortRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PortRules, port_rules_free)

/* How far to go. What is more than plain is to be tried, and kept only where it helps. */
typedef enum {
  PORTS_PLAIN,
  PORTS_HIDDEN,   /* words that may mean something else */
  PORTS_DEFAULTS, /* lines that show a default, commented out: they are put to work */
  PORTS_BOLDEST = PORTS_DEFAULTS
} PortsBoldness;

/* Each returns 0 where nothing is found. LINE (may be NULL) gets the number of the line. */
int ports_in_command(const PortRules *rules, const char *command);
/* COMMENTED: only the lines that are commented out, which often show a default. */
int ports_in_text(const PortRules *rules, const char *text, gboolean commented, int *line);
/* The port of a service of that name in the machine's /etc/services (services(5)). */
int ports_by_name(const char *name);
/* TEXT (a command, or lines) with 0.0.0.0 for each
 * loopback address on which it says to listen, as far as BOLDNESS goes; NULL if there is none.
 * LINE: the first changed; NULL: TEXT is a command. g_free. */
char *ports_open_up(const PortRules *rules, const char *text, PortsBoldness boldness, int *line);
/* TRUE if a line that is not commented out speaks of an IPv6 address ("[::]"). */
gboolean ports_text_has_ipv6(const char *text);

#endif
