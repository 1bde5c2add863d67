/* fuzz-agent-request.c - any bytes as what tinyx says to tinyx-agent: tinyx/agent/frames.c, which
 * is no part of the library. */
#include "agent/frames.c"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    Request request;
    const char *why = NULL;
    bool good = request_parse(lines[i], &request, &why);
    if (!good && why == NULL)
      g_error("no request, and no reason");
    if (!good)
      continue;
    if (request.id == NOBODY || request.kind < 0 || request.kind >= AGENT_REQUESTS)
      g_error("request %u, kind %d", request.id, request.kind);
    for (int j = 0; j < request.count; j++)
      if (strpbrk(request.words[j], " \n") != NULL)
        g_error("the word '%s'", request.words[j]);
  }
  return 0;
}
