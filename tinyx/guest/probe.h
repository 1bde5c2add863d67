/* probe.h - a service asked by its protocol whether it serves, beyond that its port is open.
 *
 * A port that is open says only that somebody listens: a daemon may refuse whoever comes. Which
 * service is asked what, and what its replies mean, is data: rootfs/ports.probes.
 */
#ifndef TINYX_GUEST_PROBE_H
#define TINYX_GUEST_PROBE_H

#include "guest/agent.h"
#include "guest/probe-rules.h"
#include "recipe/recipe.h"

typedef enum {
  PROBED_NOT,      /* nobody asked */
  PROBED_ANSWERED, /* it serves */
  PROBED_REFUSED,  /* it refuses whoever asks */
  PROBED_UNSURE,   /* its reply may mean either */
  PROBED_UNKNOWN,  /* a reply that no rule knows */
  PROBED_SILENT,   /* it said nothing, or closed the connection */
} ProbeResult;

typedef struct {
  ProbeResult result;
  char *protocol; /* "redis"; NULL: none was found */
  char *said;     /* the first line of its reply, as text; NULL: nothing */
  char *reason;   /* that the rule has for RESULT; NULL: none */
} ProbeFinding;

void probe_finding_clear(ProbeFinding *finding);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ProbeFinding, probe_finding_clear)

/* "answered", "refused", …; static. */
const char *probe_result_name(ProbeResult result);

/* Asks what listens on PORT of ADDRESS, from the agent's SIDE. PROGRAMS: what may listen there. A
 * refusal is asked again for PATIENCE seconds. FALSE with ERROR as agent.h has them. */
gboolean probe_service(Agent *agent, const ProbeRules *rules, int side, const char *address,
                       int port, const char *const *programs, double patience,
                       ProbeFinding *finding, GError **error);

/* TRUE if RECIPE's test sees no more than an open port, so that asking the service tells more. */
gboolean probe_is_wanted(const Recipe *recipe);
/* The same for RECIPE's service on ADDRESS, by the shipped rules. A refusal is asked again for half
 * of the seconds that the recipe's test has. */
gboolean probe_recipe(Agent *agent, const Recipe *recipe, int side, const char *address,
                      ProbeFinding *finding, GError **error);
/* FINDING in a line: "redis refused: -DENIED … (protected mode: …)". g_free. */
char *probe_finding_text(const ProbeFinding *finding);

#endif
