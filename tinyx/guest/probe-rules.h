/* probe-rules.h - rootfs/ports.probes: how a service is asked whether it serves. */
#ifndef TINYX_GUEST_PROBE_RULES_H
#define TINYX_GUEST_PROBE_RULES_H

#include "base/error.h"

typedef enum { PROBE_ANSWER, PROBE_REFUSE, PROBE_UNSURE } ProbeMeaning;

typedef struct {
  ProbeMeaning meaning;
  GRegex *regex; /* of bytes */
  char *reason;
} ProbeReply;

typedef struct {
  char *name;         /* "redis" */
  GString *send;      /* what is said first; NULL: the server speaks first */
  char **where;       /* ports, and globs of programs' base names */
  GPtrArray *replies; /* ProbeReply*, in the order in which they are tried */
} ProbeProtocol;

typedef struct {
  GPtrArray *protocols; /* ProbeProtocol* */
} ProbeRules;

ProbeRules *probe_rules_load(GError **error);
/* TEXT is that of FILE (for messages); for tests and fuzzing. */
ProbeRules *probe_rules_parse(const char *text, gsize size, const char *file, GError **error);
void probe_rules_free(ProbeRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProbeRules, probe_rules_free)

/* The protocol of that name; NULL: there is none. */
const ProbeProtocol *probe_rules_named(const ProbeRules *rules, const char *name);
/* What speaks on PORT where PROGRAMS (paths or names; NULL-terminated) run: by a program and the
 * port, else by a program, else by the port. NULL: nobody knows. */
const ProbeProtocol *probe_rules_find(const ProbeRules *rules, const char *const *programs,
                                      int port);
/* The first reply of PROTOCOL that the SIZE bytes of SAID match; NULL: none. */
const ProbeReply *probe_reply_find(const ProbeProtocol *protocol, const char *said, gsize size);

#endif
