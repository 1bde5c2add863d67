/* protocol.h - the words that tinyx and tinyx-agent say to each other, from words.def. */
#ifndef TINYX_AGENT_PROTOCOL_H
#define TINYX_AGENT_PROTOCOL_H

#define AGENT_VERSION "1"
#define AGENT_LINE_MAX 1024      /* bytes of a line, its end included */
#define AGENT_WORDS_MAX 16       /* words of a line */
#define AGENT_BODY_MAX (1 << 20) /* bytes that follow a line, but for what exec hands on */
#define AGENT_NO_SIDE (-1)
#define AGENT_TIMEOUT "timeout" /* in place of a status */

typedef enum {
#define AGENT_REQUEST(name, word, arguments) AGENT_##name,
#define AGENT_ANSWER(name, word, arguments)
#include "agent/words.def"
#undef AGENT_REQUEST
#undef AGENT_ANSWER
  AGENT_REQUESTS
} AgentRequestKind;

typedef enum {
#define AGENT_REQUEST(name, word, arguments)
#define AGENT_ANSWER(name, word, arguments) AGENT_##name,
#include "agent/words.def"
#undef AGENT_REQUEST
#undef AGENT_ANSWER
  AGENT_ANSWERS
} AgentAnswerKind;

typedef struct {
  const char *word, *arguments;
} AgentWord;

static const AgentWord agent_requests[] __attribute__((unused)) = {
#define AGENT_REQUEST(name, word, arguments) {word, arguments},
#define AGENT_ANSWER(name, word, arguments)
#include "agent/words.def"
#undef AGENT_REQUEST
#undef AGENT_ANSWER
};

static const AgentWord agent_answers[] __attribute__((unused)) = {
#define AGENT_REQUEST(name, word, arguments)
#define AGENT_ANSWER(name, word, arguments) {word, arguments},
#include "agent/words.def"
#undef AGENT_REQUEST
#undef AGENT_ANSWER
};

#endif
