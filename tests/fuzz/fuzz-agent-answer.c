/* fuzz-agent-answer.c - any bytes as what tinyx-agent says over the line:
 * tinyx/guest/agent-answer.c. */
#include "guest/agent-answer.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  for (gsize done = 0;;) {
    g_auto(AgentAnswer) answer = {0};
    AgentAnswerState state = agent_answer_parse(copy + done, size - done, &answer);
    if ((state == AGENT_ANSWER_WHOLE) != (answer.words != NULL))
      g_error("state %d, words %p", state, (void *)answer.words);
    if (state != AGENT_ANSWER_WHOLE)
      return 0;
    if (answer.head == 0 || answer.head + answer.size > size - done ||
        answer.kind >= AGENT_ANSWERS || copy[done + answer.head - 1] != '\n')
      g_error("%zu and %zu bytes of %zu", answer.head, answer.size, size - done);
    done += answer.head + answer.size;
  }
}
