/* test-sides.c - the sides of tinyx-agent: networks of their own, where those can be made. */
#include "base/files.h"
#include "base/proc.h"
#include "guest/agent.h"

#include "agent-world.h"

#include <signal.h>
#include <string.h>

static void
side(World *world, int number) {
  g_auto(AgentReply) tap = {0}, reply = {0};
  g_autoptr(GError) error = NULL;
  agent_call(world->agent, AGENT_TAP, "", &tap, &error,
             "t%d 10.99.%d.1 10.99.%d.2 00:16:3e:00:00:01", number, number, number);
  g_assert_no_error(error);
  agent_call(world->agent, AGENT_SIDE, "", &reply, &error,
             "t%d 10.99.%d.1 10.99.%d.2 00:16:3e:00:00:01", number, number, number);
  g_assert_no_error(error);
  g_assert_cmpint((int)g_ascii_strtoll(reply.words[0], NULL, 10), ==, number);
}

static void
test_sides(void) {
  static const char *const prefix[] = {"unshare", "--user", "--map-root-user", "--net", NULL};
  static const char words[] = "/test/t.sh\0PATH=/bin\0WHO=me";
  /* Its own network is that of the first side; side is asked for the other's, for a status, and for
   * an empty word. */
  static const char script[] =
      "devices='while read -r line; do case $line in t*) echo \"${line%%:*}\";; esac; done "
      "</proc/self/net/dev'\n"
      "eval \"$devices\"\n"
      "/test/side 1 /bin/sh -c \"$devices\"\n"
      "/test/side 1 /bin/sh -c 'echo \"$1.$2.$WHO\"; exit 7' sh '' two; echo $?\n"
      "echo in | /test/side 0 /bin/sh -c 'read -r line; echo $line'\n"
      "/test/side 2 /bin/sh 2>/dev/null || echo no third\n";
  const char *check[] = {"unshare", "--user", "--map-root-user", "--net",
                         "test",    "-c",     "/dev/net/tun",    NULL};
  ProcSpec spec = {.argv = check, .deadline = 10};
  World world = {0};
  g_auto(AgentReply) reply = {0};
  g_auto(AgentRun) run = {0};
  guint id;
  if (!proc_run(&spec, NULL, NULL)) {
    g_test_skip("no user and network namespaces, or no /dev/net/tun");
    return;
  }
  world_make(&world, prefix);
  g_assert_false(agent_is_real_root(world.agent));
  make_root(&world);
  side(&world, 0);
  side(&world, 1);
  g_autofree char *file = g_build_filename(world.place, "root/test/t.sh", NULL);
  g_assert_true(g_file_set_contents(file, script, -1, NULL));
  id = agent_ask(world.agent, AGENT_TEST, words, sizeof words, NULL, "root 20 0 2");
  g_assert_true(agent_wait(world.agent, id, &reply, NULL));
  g_assert_true(agent_run_parse(&reply, &run, NULL));
  g_assert_cmpstr(run.out, ==, "t0\nt1\n.two.me\n7\nin\nno third\n");
  world_tear_down(&world, NULL);
}

int
main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/sides/networks", test_sides);
  return g_test_run();
}
