/* container-run.c - the applications of an image under strace in a container, and their test beside
 * them. */
#include "trace/container-run.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/own.h"
#include "guest/beside.h"
#include "sandbox/sandbox.h"

#include <string.h>
#include <unistd.h>

#define BOOT_SECONDS 60
#define PREPARE_SECONDS 300 /* unpacking */
#define SLACK_SECONDS 180   /* unpacking, restarts, the end */
#define STOP_SECONDS 20     /* scripts/trace-run gives the applications five */
#define ASK_SECONDS 10      /* of a shell command that does one thing */
#define WATCH_SECONDS 0.5   /* between two looks at what is traced */
#define QUIET_LOOKS 2       /* seconds in which nothing was opened */
#define QUIET_MOST 10

typedef struct {
  const Recipe *recipe;
  const char *out;
  Agent *agent;
  GString *line; /* of scripts/trace-run, begun */
  gboolean prepared, over;
  guint ended;     /* applications that are not started any more */
  int status;      /* of the first of them */
  gboolean broken; /* one should have stayed, or ended badly: */
  int bad_status;
} Container;

/* "ended=STATUS ON-EXIT"; FALSE: LINE is another. */
static gboolean
take_end(Container *container, const char *line) {
  const char *at = line + strlen("ended=");
  guint64 status;
  if (!g_str_has_prefix(line, "ended=") || !number_take(&at, 10, 255, &status) || *at != ' ')
    return FALSE;
  if (container->ended++ == 0)
    container->status = (int)status;
  if (!container->broken && !g_str_equal(line, "ended=0 poweroff")) {
    container->broken = TRUE;
    container->bad_status = (int)status;
  }
  return TRUE;
}

/* "prepared=1", or an application's end */
static void
take_line(Container *container, const char *line) {
  if (g_str_equal(line, "prepared=1")) {
    container->prepared = TRUE;
    msg_stage_detail("started, under strace");
  } else if (!take_end(container, line)) {
    msg_verbose("trace-run: %s", line);
  }
}

static void
take_output(const char *bytes, gsize size, gpointer data) {
  Container *container = data;
  container->over = container->over || bytes == NULL;
  for (gsize i = 0; i < size; i++) {
    if (bytes[i] != '\n') {
      g_string_append_c(container->line, bytes[i]);
      continue;
    }
    take_line(container, container->line->str);
    g_string_truncate(container->line, 0);
  }
}

/* Starts an agent in a sandbox, as its trusted root: what it runs of others is in sandboxes of its
 * own there. */
static gboolean
open_agent(Container *container, const char *work, GError **error) {
  g_autofree char *start = agent_script("/area", error);
  g_autofree char *script = data_path("scripts/trace-run");
  g_autofree char *confine = own_program("tinyx-confine", error);
  const char *const options[] = {"--trusted",    "--programs", "--bare-proc", "/proc", "--dev",
                                 "/dev",         "--give",     work,          "/area", "--give",
                                 container->out, "/out",       "--show",      script,  "/trace-run",
                                 "--show",       confine,      "/confine",    NULL};
  const char *const command[] = {"/bin/sh", "-c", start, NULL};
  g_auto(GStrv) argv = NULL;
  if (start == NULL || confine == NULL || (argv = sandbox_words(options, command, error)) == NULL)
    return FALSE;
  container->agent = agent_open((const char *const *)argv, "the container", error);
  return container->agent != NULL;
}

static guint
start(Container *container, GError **error) {
  static const char script[] =
      "exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc "
      "sh /trace-run /area /out /confine";
  guint id = agent_start(container->agent, "trace-run", script, take_output, container, error);
  while (id != 0 && !container->prepared && !container->over)
    if (!agent_wait_any(container->agent, WATCH_SECONDS, error))
      return 0;
  if (id == 0 || container->prepared)
    return id;
  tinyx_fail(error, TINYX_ERROR_GUEST, "the container cannot be made: %s", container->line->str);
  return 0;
}

/* Stops the applications as a shutdown does: what they open then belongs to the trace, too. */
static gboolean
stop(Container *container, guint id, GError **error) {
  g_autoptr(GError) ended = NULL;
  gint64 end = g_get_monotonic_time() + STOP_SECONDS * G_USEC_PER_SEC;
  if (!agent_tell(container->agent, id, "stop\n", &ended) &&
      !g_error_matches(ended, TINYX_ERROR, TINYX_ERROR_GUEST)) {
    g_propagate_error(error, g_steal_pointer(&ended));
    return FALSE;
  }
  while (!container->over && g_get_monotonic_time() < end)
    if (!agent_wait_any(container->agent, WATCH_SECONDS, error))
      return FALSE;
  return TRUE;
}

static guint
probe(Container *container, int seconds, GError **error) {
  return agent_ask(container->agent, AGENT_CONNECT, "", 0, error, "%s %d %d %d", CONTAINER_ADDRESS,
                   container->recipe->ready_port, seconds, AGENT_NO_SIDE);
}

/* Whether a socket of the container has that UDP port: the second column of proc(5)'s net/udp ends
 * with it, in hexadecimal digits. */
static gboolean
udp_is_open(Container *container, int port, gboolean *open, GError **error) {
  g_autofree char *script = g_strdup_printf(
      "cat /proc/net/udp /proc/net/udp6 2>/dev/null | grep -q '^ *[0-9]*: [0-9A-F]*:%04X '", port);
  g_auto(AgentRun) run = {0};
  if (!agent_exec(container->agent, ASK_SECONDS, script, NULL, &run, error))
    return FALSE;
  *open = run.status == 0;
  return TRUE;
}

static gboolean
wait_ready_udp(Container *container, GError **error) {
  int port = container->recipe->ready_udp;
  gint64 end = g_get_monotonic_time() + BOOT_SECONDS * (gint64)G_USEC_PER_SEC;
  gboolean open = FALSE;
  while (udp_is_open(container, port, &open, error)) {
    if (open)
      return TRUE;
    if (container->broken)
      return tinyx_fail(error, TINYX_ERROR_GUEST,
                        "the application ended (exit status %d) before it had UDP port %d",
                        container->bad_status, port);
    if (g_get_monotonic_time() > end)
      return tinyx_fail(error, TINYX_ERROR_GUEST, "UDP port %d was not open within %d s", port,
                        BOOT_SECONDS);
    if (!agent_wait_any(container->agent, WATCH_SECONDS, error))
      return FALSE;
  }
  return FALSE;
}

static gboolean
wait_ready_tcp(Container *container, GError **error) {
  int port = container->recipe->ready_port;
  guint id = probe(container, BOOT_SECONDS, error);
  g_auto(AgentReply) reply = {0};
  while (id != 0 && !agent_take(container->agent, id, &reply)) {
    if (container->broken) {
      agent_stop(container->agent, id);
      return tinyx_fail(error, TINYX_ERROR_GUEST,
                        "the application ended (exit status %d) before it answered on port %d",
                        container->bad_status, port);
    }
    if (!agent_wait_any(container->agent, WATCH_SECONDS, error))
      return FALSE;
  }
  return id != 0 &&
         (!reply.failed || tinyx_fail(error, TINYX_ERROR_GUEST, "no answer on port %d within %d s",
                                      port, BOOT_SECONDS));
}

static gboolean
wait_ready(Container *container, GError **error) {
  if (container->recipe->ready_port != 0)
    return wait_ready_tcp(container, error);
  return container->recipe->ready_udp == 0 || wait_ready_udp(container, error);
}

/* Waits for the end of an application that ends by itself and has no test: status 0 is its test. */
static gboolean
wait_end(Container *container, GError **error) {
  int seconds = container->recipe->test_timeout;
  gint64 end = g_get_monotonic_time() + seconds * (gint64)G_USEC_PER_SEC;
  while (container->ended == 0) {
    if (g_get_monotonic_time() > end)
      return tinyx_fail(error, TINYX_ERROR_GUEST, "the application did not end within %d s",
                        seconds);
    if (!agent_wait_any(container->agent, WATCH_SECONDS, error))
      return FALSE;
  }
  return container->status == 0 ||
         tinyx_fail(error, TINYX_ERROR_GUEST, "the application ended with exit status %d",
                    container->status);
}

static gboolean
run_test(Container *container, GError **error) {
  const Recipe *recipe = container->recipe;
  GString *words = beside_words(recipe, CONTAINER_ADDRESS);
  g_autofree char *file = g_build_filename(container->out, "test.out", NULL), *why = NULL;
  g_auto(AgentRun) run = {0};
  gboolean done =
      beside_test(container->agent, recipe, words, "bundle", AGENT_NO_SIDE, 0, &run, error);
  g_string_free(words, TRUE);
  if (!done || !file_write(file, run.out, strlen(run.out), 0644, error))
    return FALSE;
  why = beside_why(recipe, &run);
  return why == NULL || tinyx_fail(error, TINYX_ERROR_GUEST, "%s", why);
}

static gboolean
test_them(Container *container, GError **error) {
  if (!wait_ready(container, error))
    return FALSE;
  msg_stage_detail("testing");
  if (container->recipe->test_script != NULL)
    return run_test(container, error);
  return container->recipe->ready_port != 0 || container->recipe->ready_udp != 0 ||
         wait_end(container, error);
}

/* Bytes of all traces so far. */
static gint64
traced_bytes(const char *out) {
  g_autoptr(GDir) dir = g_dir_open(out, 0, NULL);
  const char *name;
  gint64 bytes = 0;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(out, name, NULL);
    if (g_str_has_prefix(name, "trace."))
      bytes += MAX(file_size(path), 0);
  }
  return bytes;
}

/* Waits until the traces do not grow any more: an application still starts after its port is open.
 */
static gboolean
wait_quiet(Container *container, GError **error) {
  gint64 before = -1;
  for (int i = 0, still = 0; i < QUIET_MOST && still < QUIET_LOOKS; i++) {
    gint64 bytes = traced_bytes(container->out);
    gint64 end = g_get_monotonic_time() + G_USEC_PER_SEC;
    still = bytes == before ? still + 1 : 0;
    before = bytes;
    while (still < QUIET_LOOKS && g_get_monotonic_time() < end)
      if (!agent_wait_any(container->agent, WATCH_SECONDS, error))
        return FALSE;
  }
  return TRUE;
}

/* Watches the applications of a draft, whose port is a guess: for SECONDS, or until the port is
 * open, or until all of them have ended. */
static gboolean
watch_them(Container *container, int seconds, GError **error) {
  guint id = container->recipe->ready_port != 0 ? probe(container, seconds, error) : 0;
  gint64 end = g_get_monotonic_time() + seconds * (gint64)G_USEC_PER_SEC;
  g_auto(AgentReply) reply = {0};
  if (id == 0 && container->recipe->ready_port != 0)
    return FALSE;
  while (g_get_monotonic_time() < end && container->ended < container->recipe->runs->len) {
    if (id != 0 && agent_take(container->agent, id, &reply))
      return reply.failed || wait_quiet(container, error);
    if (!agent_wait_any(container->agent, WATCH_SECONDS, error))
      return FALSE;
  }
  if (id != 0)
    agent_stop(container->agent, id);
  return TRUE;
}

/* Runs the applications and their test; or, with WATCH other than 0, watches them for so many
 * seconds. They are stopped in the end, so that their traces are complete. */
static gboolean
go_through(Container *container, const char *work, int watch, GError **error) {
  g_autoptr(GError) problem = NULL;
  guint id;
  if (!open_agent(container, work, error))
    return FALSE;
  agent_set_deadline(container->agent, PREPARE_SECONDS + BOOT_SECONDS + watch +
                                           container->recipe->test_timeout + SLACK_SECONDS);
  if ((id = start(container, error)) == 0)
    return FALSE;
  gboolean passed =
      watch > 0 ? watch_them(container, watch, &problem) : test_them(container, &problem);
  if (!passed && !g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_GUEST)) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  if (!stop(container, id, error))
    return FALSE;
  if (!passed)
    g_propagate_error(error, g_steal_pointer(&problem));
  return passed;
}

gboolean
container_run(const Recipe *recipe, const char *work, const char *out, int watch, GError **error) {
  Container container = {.recipe = recipe, .out = out, .line = g_string_new(NULL)};
  gboolean passed = go_through(&container, work, watch, error);
  agent_close(container.agent, STOP_SECONDS);
  g_string_free(container.line, TRUE);
  return passed;
}
