/* agent-answer.h - one answer of tinyx-agent, as it comes over the line (docs/guest-protocol.md).
 */
#ifndef TINYX_GUEST_AGENT_ANSWER_H
#define TINYX_GUEST_AGENT_ANSWER_H

#include "agent/protocol.h"
#include "base/error.h"

typedef struct {
  guint id; /* the request's; 0: nobody asked */
  AgentAnswerKind kind;
  double time;  /* of the agent's clock, seconds */
  char **words; /* what stands between the time and the size */
  gsize head;   /* bytes of the line, its end included */
  gsize size;   /* bytes that belong to it and follow the line; at most 64 MB */
} AgentAnswer;

typedef enum {
  AGENT_ANSWER_WHOLE,
  AGENT_ANSWER_CUT_OFF, /* more of it has to come */
  AGENT_ANSWER_WRONG,   /* the bytes begin with no answer, and will not whatever follows */
} AgentAnswerState;

/* What SIZE BYTES begin with: "ID WORD TIME VALUE... BYTES" and so many bytes. ANSWER is to be
 * cleared where it is WHOLE. */
AgentAnswerState agent_answer_parse(const char *bytes, gsize size, AgentAnswer *answer);
void agent_answer_clear(AgentAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AgentAnswer, agent_answer_clear)

#endif
