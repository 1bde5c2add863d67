/* agent-world.h - a real tinyx-agent in a folder of a test's own. */
#ifndef TINYX_TESTS_AGENT_WORLD_H
#define TINYX_TESTS_AGENT_WORLD_H

#include "base/files.h"
#include "guest/agent.h"

#include <string.h>

typedef struct {
  char *folder; /* of the test */
  char *place;  /* of the agent, in it */
  Agent *agent;
} World;

/* PREFIX: words before the shell, or NULL. */
static inline Agent *
open_agent(const char *place, const char *const *prefix, GError **error) {
  g_autofree char *script = agent_script(place, error);
  const char *argv[16];
  int count = 0;
  for (; prefix != NULL && prefix[count] != NULL; count++)
    argv[count] = prefix[count];
  argv[count++] = "/bin/sh";
  argv[count++] = "-c";
  argv[count++] = script;
  argv[count] = NULL;
  return script != NULL ? agent_open(argv, "this machine", error) : NULL;
}

static inline void
world_make(World *world, const char *const *prefix) {
  g_autoptr(GError) error = NULL;
  world->folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  world->place = g_build_filename(world->folder, "agent", NULL);
  world->agent = open_agent(world->place, prefix, &error);
  g_assert_no_error(error);
}

static inline void
world_set_up(World *world, gconstpointer data) {
  (void)data;
  world_make(world, NULL);
}

static inline void
world_tear_down(World *world, gconstpointer data) {
  (void)data;
  agent_close(world->agent, 10);
  g_assert_false(g_file_test(world->place, G_FILE_TEST_EXISTS));
  g_assert_true(dir_remove(world->folder, NULL));
  g_free(world->place);
  g_free(world->folder);
}

/* A root with a shell, in the agent's folder. */
static inline void
make_root(World *world) {
  static const char script[] =
      "set -e; mkdir -p root/bin root/test root/tmp root/dev; chmod 1777 root/tmp; cp /bin/sh "
      "root/bin/sh;"
      "cp /bin/sleep root/bin/; for l in $(ldd /bin/sh /bin/sleep | grep -o '/[^ ]*' | grep -v :); "
      "do"
      " mkdir -p root${l%/*}; cp $l root$l; done";
  g_auto(AgentRun) run = {0};
  g_assert_true(agent_exec(world->agent, 60, script, NULL, &run, NULL));
  g_assert_cmpstr(run.out, ==, "");
  g_assert_cmpint(run.status, ==, 0);
}

#endif
