/* beside.h - the recipe's test, run in its own root by an agent: beside a guest, or beside the
 * application in a container (trace/). */
#ifndef TINYX_GUEST_BESIDE_H
#define TINYX_GUEST_BESIDE_H

#include "guest/agent.h"
#include "recipe/recipe.h"

/* RECIPE's script and its environment as the agent takes them, with ADDRESS (NULL: none) as that of
 * the guest; the rest is added by beside_add(). g_string_free. */
GString *beside_words(const Recipe *recipe, const char *address);
void beside_add(GString *words, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Runs them in ROOT, a path below the agent's folder that has test_bundle() in it; with SIDES of
 * FIRST_SIDE and the following (AGENT_NO_SIDE, 0: none). */
gboolean beside_test(Agent *agent, const Recipe *recipe, const GString *words, const char *root,
                     int first_side, int sides, AgentRun *run, GError **error);
/* Why RUN is no pass, or NULL. g_free. */
char *beside_why(const Recipe *recipe, const AgentRun *run);

#endif
