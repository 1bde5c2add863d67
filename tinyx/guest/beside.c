/* beside.c - the recipe's test, run in its own root by an agent. */
#include "guest/beside.h"

#include "base/program.h"

void
beside_add(GString *words, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_string_append_vprintf(words, format, args);
  va_end(args);
  g_string_append_c(words, '\0');
}

GString *
beside_words(const Recipe *recipe, const char *address) {
  g_autofree char *script = g_path_get_basename(recipe->test_script);
  g_autofree char *path = g_strjoinv(":", (char **)program_folders());
  GString *words = g_string_new(NULL);
  beside_add(words, "/test/%s", script);
  beside_add(words, "TINYX_GUEST_IP=%s", address != NULL ? address : "");
  beside_add(words, "TINYX_GUEST_PORT=%d", recipe->ready_port);
  beside_add(words, "TINYX_CONSOLE=/console");
  beside_add(words, "HOME=/tmp");
  beside_add(words, "TMPDIR=/tmp");
  beside_add(words, "PATH=%s:/test", path);
  return words;
}

gboolean
beside_test(Agent *agent, const Recipe *recipe, const GString *words, const char *root,
            int first_side, int sides, AgentRun *run, GError **error) {
  guint id = agent_ask(agent, AGENT_TEST, words->str, words->len, error, "%s %d %d %d", root,
                       recipe->test_timeout, first_side, sides);
  g_auto(AgentReply) reply = {0};
  return id != 0 && agent_wait(agent, id, &reply, error) && agent_run_parse(&reply, run, error);
}

char *
beside_why(const Recipe *recipe, const AgentRun *run) {
  if (run->timed_out)
    return g_strdup_printf("the test did not end within %d s", recipe->test_timeout);
  return run->status != 0 ? g_strdup_printf("the test failed (exit status %d)", run->status) : NULL;
}
