/* test.c - an image booted and tested: one way for all launchers. What comes out is a verdict.
 *
 * A step that finds the guest at fault fails with TINYX_ERROR_GUEST, and that is the verdict. */
#include "guest/launcher.h"

#include "base/msg.h"
#include "base/proc.h"
#include "guest/beside.h"
#include "guest/bundle.h"
#include "guest/console.h"

#include <string.h>

/* Beyond the deadlines of boot, test and shutdown, by our own clock: creating, copying. */
#define SLACK_SECONDS 90
#define COPY_SECONDS 600
#define RESTARTS                                                                                   \
  10 /* of an application that does not answer: one that waits for something gets                  \
        some */
#define LOOK_SECONDS 1.0 /* between two looks at a guest that does not answer yet */
#define END_SECONDS 0.5  /* and at one that is to end by itself */
#define LAST_WORDS 0.3   /* seconds that a panic's last lines may take */
#define QUIET_US 100000
#define DRAIN_US 1000000
#define DRAIN_MOST_US 2000000

typedef struct {
  Guest *guest;
  const Recipe *recipe;
  const GuestImage *image;
  GuestVerdict *verdict;
  Agent *agent;
  gboolean drained; /* it has ended, and all that it said is there */
} TestRun;

static gboolean
look(TestRun *test, GError **error) {
  return test->guest->host->launcher->ended(test->guest, error);
}

/* Its console is read meanwhile. */
static gboolean
pass_time(TestRun *test, double seconds, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
  gint64 left;
  while ((left = end - g_get_monotonic_time()) > 0)
    if (!agent_wait_any(test->agent, (double)left / G_USEC_PER_SEC, error))
      return FALSE;
  return TRUE;
}

/* A guest that has ended is still there, but its last words may be on their way: until nothing has
 * come for a moment; the glue's last line (rootfs/) is waited for longer. */
static gboolean
drain_console(TestRun *test, GError **error) {
  const Guest *guest = test->guest;
  gint64 begin = g_get_monotonic_time(), now;
  if (test->drained)
    return TRUE;
  while ((now = g_get_monotonic_time()) - begin < DRAIN_MOST_US) {
    gboolean quiet = now - MAX(guest->console_heard, begin) >= QUIET_US;
    if (quiet && (now - begin >= DRAIN_US || console_says_meminfo(guest->console->str)))
      break;
    if (!agent_wait_any(test->agent, (double)QUIET_US / G_USEC_PER_SEC, error))
      return FALSE;
  }
  test->drained = guest->end != GUEST_RUNS;
  return TRUE;
}

/* What became of a guest that has ended unasked. g_free; NULL with ERROR. */
static char *
explain_end(TestRun *test, GError **error) {
  const Guest *guest = test->guest;
  g_autofree char *panic = NULL;
  if (!drain_console(test, error))
    return NULL;
  if ((panic = console_panic(guest->console->str)) != NULL)
    return g_strdup_printf("the kernel panicked: %s", panic);
  switch (guest->end) {
  case GUEST_POWERED_OFF:
    return g_strdup("the guest powered itself off");
  case GUEST_REBOOTED:
    return g_strdup("the guest rebooted itself");
  case GUEST_CRASHED:
    return g_strdup("the guest crashed");
  case GUEST_GONE:
    return g_strdup_printf("the guest disappeared (destroyed by someone else?) %s",
                           guest->detail != NULL ? guest->detail : "");
  default:
    return g_strdup_printf("the guest ended with reason %s",
                           guest->detail != NULL ? guest->detail : "unknown");
  }
}

/* ---- creating ---------------------------------------------------------- */

/* The test's root, with the console in it as it grows. */
static gboolean
send_bundle(TestRun *test, const char *bundle, GError **error) {
  const Guest *guest = test->guest;
  g_autofree char *root = g_build_filename(guest->folder, GUEST_BUNDLE_FOLDER, NULL);
  g_autofree char *console = g_build_filename(guest->folder, GUEST_CONSOLE_FILE, NULL);
  g_autofree char *quoted = g_shell_quote(root), *quoted_console = g_shell_quote(console);
  g_autofree char *script = g_strdup_printf(": >%s && { ln %s %s/console 2>/dev/null || :; }",
                                            quoted_console, quoted_console, quoted);
  g_auto(AgentRun) run = {0};
  if (!agent_unpack(test->agent, bundle, root, error) ||
      !agent_exec(test->agent, COPY_SECONDS, script, NULL, &run, error))
    return FALSE;
  if (run.status != 0)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "%s: %s", guest->host->name, run.out);
  return run.status == 0;
}

static gboolean
create(TestRun *test, GError **error) {
  Guest *guest = test->guest;
  GuestVerdict *verdict = test->verdict;
  if (!guest->host->launcher->create(guest, error))
    return FALSE;
  verdict->create_seconds = guest->created - guest->began;
  verdict->create_cpu_seconds = guest->create_cpu_seconds;
  msg_stage_detail("created, booting");
  return TRUE;
}

static gboolean
start(TestRun *test, GError **error) {
  return test->guest->host->launcher->start(test->guest, error);
}

/* ---- waiting for it ---------------------------------------------------- */

static gboolean
answered(TestRun *test, double time) {
  Guest *guest = test->guest;
  test->verdict->answer_seconds = time - guest->began;
  if (test->image->counted)
    test->verdict->answer_cpu_seconds = guest->host->launcher->cpu_seconds(guest);
  msg_stage_detail("it answers, testing");
  return TRUE;
}

/* Of one that does not answer yet: whether there is any sense in waiting. */
static gboolean
may_answer(TestRun *test, int port, GError **error) {
  Guest *guest = test->guest;
  int starts;
  if (!look(test, error))
    return FALSE;
  if (guest->end != GUEST_RUNS) {
    g_autofree char *why = explain_end(test, error);
    return why != NULL &&
           tinyx_fail(error, TINYX_ERROR_GUEST, "%s before it answered on port %d", why, port);
  }
  starts = console_starts(guest->console->str);
  if (starts > RESTARTS)
    return tinyx_fail(
        error, TINYX_ERROR_GUEST,
        "the application ended %d times before it answered on port %d: the console shows "
        "why",
        starts - 1, port);
  return TRUE;
}

static gboolean
no_answer(const TestRun *test, int port, GError **error) {
  return tinyx_fail(error, TINYX_ERROR_GUEST, "no answer on port %d within %d s", port,
                    guest_boot_seconds(test->image, test->recipe));
}

static gboolean
wait_tcp(TestRun *test, guint probe, int port, GError **error) {
  gint64 interval = (gint64)(LOOK_SECONDS * G_USEC_PER_SEC);
  gint64 next = g_get_monotonic_time() + interval;
  for (;;) {
    g_auto(AgentReply) reply = {0};
    if (!agent_wait_any(test->agent, LOOK_SECONDS / 4, error))
      return FALSE;
    if (agent_take(test->agent, probe, &reply))
      return reply.failed ? no_answer(test, port, error) : answered(test, reply.time);
    if (g_get_monotonic_time() < next)
      continue;
    if (!may_answer(test, port, error))
      return FALSE;
    next = g_get_monotonic_time() + interval;
  }
}

static gboolean
wait_ready_tcp(TestRun *test, int port, GError **error) {
  guint probe =
      agent_ask(test->agent, AGENT_CONNECT, "", 0, error, "%s %d %d %d", test->guest->vifs[0].guest,
                port, guest_boot_seconds(test->image, test->recipe), test->guest->first_side);
  if (probe == 0)
    return FALSE;
  if (wait_tcp(test, probe, port, error))
    return TRUE;
  agent_stop(test->agent, probe);
  agent_forget(test->agent, probe);
  return FALSE;
}

/* A UDP port that is open and one that is not reached are both silent: the guest says when it is
 * there. */
static gboolean
wait_ready_udp(TestRun *test, int port, GError **error) {
  Guest *guest = test->guest;
  int seconds = guest_boot_seconds(test->image, test->recipe);
  while (!console_says_udp(guest->console->str, port)) {
    if (!may_answer(test, port, error))
      return FALSE;
    if (agent_time(test->agent) > guest->started + seconds)
      return no_answer(test, port, error);
    for (gint64 end = g_get_monotonic_time() + (gint64)(LOOK_SECONDS * G_USEC_PER_SEC);
         g_get_monotonic_time() < end && !console_says_udp(guest->console->str, port);)
      if (!agent_wait_any(test->agent, LOOK_SECONDS / 4, error))
        return FALSE;
  }
  return answered(test, agent_time(test->agent));
}

static gboolean
wait_ready(TestRun *test, GError **error) {
  if (test->recipe->ready_port != 0)
    return wait_ready_tcp(test, test->recipe->ready_port, error);
  if (test->recipe->ready_udp != 0)
    return wait_ready_udp(test, test->recipe->ready_udp, error);
  return TRUE;
}

/* What a guest that was moved or suspended has behind it. Its interfaces' other ends are new ones
 * then, and it takes a moment to find them. */
static gboolean
save_restore(TestRun *test, GError **error) {
  Guest *guest = test->guest;
  if (!test->image->saved)
    return TRUE;
  msg_stage_detail("it answers, saved and restored");
  if (!guest->host->launcher->save_restore(guest, error))
    return FALSE;
  guest_drop_sides(guest);
  return guest_make_sides(guest, error) && wait_ready(test, error);
}

/* A port that is open, and whose service refuses whoever comes, is no pass. */
static gboolean
probe(TestRun *test, GError **error) {
  ProbeFinding *finding = &test->verdict->probe;
  if (!probe_is_wanted(test->recipe))
    return TRUE;
  if (!probe_recipe(test->agent, test->recipe, test->guest->first_side, test->guest->vifs[0].guest,
                    finding, error))
    return FALSE;
  if (finding->result != PROBED_REFUSED)
    return TRUE;
  g_autofree char *text = probe_finding_text(finding);
  return tinyx_fail(error, TINYX_ERROR_GUEST, "port %d is open, but %s", test->recipe->ready_port,
                    text);
}

/* ---- the test ---------------------------------------------------------- */

static gboolean
send_test(TestRun *test, AgentRun *run, GError **error) {
  const Recipe *recipe = test->recipe;
  const GuestVif *vifs = test->guest->vifs;
  GString *words = beside_words(recipe, vifs[0].guest);
  g_autofree char *root = g_strdup_printf("%s/%s", test->guest->name, GUEST_BUNDLE_FOLDER);
  gboolean sent;
  beside_add(words, "TINYX_VIFS=%d", recipe->vifs);
  for (int i = 0; i < recipe->vifs; i++) {
    beside_add(words, "TINYX_GUEST_IP_%d=%s", i, vifs[i].guest);
    beside_add(words, "TINYX_SIDE_IP_%d=%s", i, vifs[i].gateway);
  }
  sent = beside_test(test->agent, recipe, words, root, test->guest->first_side, test->guest->sides,
                     run, error);
  g_string_free(words, TRUE);
  return sent;
}

/* A test that failed because its guest did says that, too. */
static gboolean
test_failed(TestRun *test, const char *failure, GError **error) {
  Guest *guest = test->guest;
  g_autofree char *why = NULL;
  if (!pass_time(test, LAST_WORDS, error) || !look(test, error))
    return FALSE;
  if (guest->end == GUEST_RUNS ||
      (recipe_on_exit(test->recipe) == RECIPE_POWEROFF && guest->end == GUEST_POWERED_OFF))
    return tinyx_fail(error, TINYX_ERROR_GUEST, "%s", failure);
  why = explain_end(test, error);
  return why != NULL && tinyx_fail(error, TINYX_ERROR_GUEST, "%s; %s", failure, why);
}

static gboolean
run_test(TestRun *test, GError **error) {
  g_auto(AgentRun) run = {0};
  g_autofree char *why = NULL;
  if (test->recipe->test_script == NULL)
    return TRUE;
  if (!send_test(test, &run, error))
    return FALSE;
  test->verdict->test_seconds = run.ended - run.began;
  g_free(test->verdict->test_output);
  test->verdict->test_output = g_steal_pointer(&run.out);
  why = beside_why(test->recipe, &run);
  if (why != NULL)
    return run.timed_out ? tinyx_fail(error, TINYX_ERROR_GUEST, "%s", why)
                         : test_failed(test, why, error);
  msg_stage_detail("tested, shutting down");
  return TRUE;
}

/* ---- its end ----------------------------------------------------------- */

static gboolean
ended_well(TestRun *test, GError **error) {
  Guest *guest = test->guest;
  g_autofree char *panic = console_panic(guest->console->str), *why = NULL;
  if (guest->end == GUEST_POWERED_OFF && panic == NULL) {
    int status = console_bad_status(guest->console->str);
    return status == 0 || tinyx_fail(error, TINYX_ERROR_GUEST,
                                     "the application ended with exit status %d", status);
  }
  why = explain_end(test, error);
  return why != NULL &&
         tinyx_fail(error, TINYX_ERROR_GUEST, "%s; a clean poweroff was expected", why);
}

/* For an application that ends by itself: the guest must be gone, and cleanly. */
static gboolean
wait_poweroff(TestRun *test, GError **error) {
  Guest *guest = test->guest;
  double begin = agent_time(test->agent);
  if (!test->recipe->ends)
    return TRUE;
  for (;;) {
    if (!look(test, error))
      return FALSE;
    if (guest->end != GUEST_RUNS)
      break;
    if (agent_time(test->agent) > begin + test->recipe->test_timeout)
      return tinyx_fail(error, TINYX_ERROR_GUEST, "the guest did not power off within %d s",
                        test->recipe->test_timeout);
    if (!pass_time(test, END_SECONDS, error))
      return FALSE;
  }
  test->verdict->end_seconds = agent_time(test->agent) - guest->began;
  return ended_well(test, error);
}

static gboolean
shut_down(TestRun *test, GError **error) {
  Guest *guest = test->guest;
  if (!guest->host->launcher->shut_down(guest, guest_shutdown_seconds(test->image, test->recipe),
                                        error) ||
      !drain_console(test, error))
    return FALSE;
  test->verdict->shutdown_clean = guest->end == GUEST_POWERED_OFF;
  return TRUE;
}

/* ---- all of it --------------------------------------------------------- */

static gboolean
go_through(TestRun *test, const char *bundle, GError **error) {
  return (bundle == NULL || send_bundle(test, bundle, error)) && create(test, error) &&
         guest_make_sides(test->guest, error) && start(test, error) && wait_ready(test, error) &&
         save_restore(test, error) && probe(test, error) && run_test(test, error) &&
         wait_poweroff(test, error) && shut_down(test, error);
}

static void
fill_verdict(TestRun *test) {
  GuestVerdict *verdict = test->verdict;
  verdict->console = g_strdup(test->guest->console->str);
  if (verdict->test_output == NULL)
    verdict->test_output = g_strdup("");
  verdict->mem_total = console_meminfo(verdict->console, "MemTotal");
  verdict->mem_free = console_meminfo(verdict->console, "MemFree");
  verdict->mem_available = console_meminfo(verdict->console, "MemAvailable");
  verdict->starts = console_starts(verdict->console);
}

static void
verdict_init(GuestVerdict *verdict) {
  memset(verdict, 0, sizeof *verdict);
  verdict->create_seconds = verdict->answer_seconds = verdict->test_seconds = -1;
  verdict->end_seconds = verdict->create_cpu_seconds = verdict->answer_cpu_seconds = -1;
}

/* TRUE: there is a verdict. */
static gboolean
judge(TestRun *test, const char *bundle, GError **error) {
  g_autofree char *advice = NULL;
  g_autoptr(GError) problem = NULL;
  if (go_through(test, bundle, &problem)) {
    test->verdict->passed = TRUE;
    return TRUE;
  }
  if (!g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_GUEST)) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  if (test->guest->started > 0 && !drain_console(test, error))
    return FALSE;
  advice = guest_memory_advice(test->guest);
  test->verdict->why = g_strconcat(problem->message, advice, NULL);
  return TRUE;
}

static int
patience(const TestRun *test) {
  return (guest_boot_seconds(test->image, test->recipe) + test->recipe->test_timeout * 2 +
          guest_shutdown_seconds(test->image, test->recipe) + SLACK_SECONDS) *
         test->guest->host->patience;
}

static gboolean
test_once(GuestHost *host, const Recipe *recipe, const GuestImage *image, const char *bundle,
          GuestVerdict *verdict, GError **error) {
  g_autoptr(Guest) guest = guest_new(host, recipe, image);
  TestRun test = {
      .guest = guest, .recipe = recipe, .image = image, .verdict = verdict, .agent = host->agent};
  gboolean judged;
  verdict_init(verdict);
  agent_set_deadline(host->agent, patience(&test));
  judged = judge(&test, bundle, error);
  fill_verdict(&test);
  if (judged || !proc_interrupted()) {
    host->launcher->destroy(guest);
    guest_drop_sides(guest);
  }
  agent_set_deadline(host->agent, 0);
  return judged;
}

gboolean
guest_test_in(GuestHost *host, const Recipe *recipe, const GuestImage *image, const char *bundle,
              GuestVerdict *verdict, GError **error) {
  gint64 begin = g_get_monotonic_time();
  g_autoptr(GError) problem = NULL;
  gboolean judged;
  GuestImage own = *image;
  if (own.at_boot == NULL && !guest_file_is_disk(image)) /* an initramfs takes more files */
    own.at_boot = recipe->test_at_boot;
  host->changed = FALSE;
  judged = test_once(host, recipe, &own, bundle, verdict, &problem);
  if (!judged && host->changed && !proc_interrupted()) {
    msg_info("%s", problem->message);
    g_clear_error(&problem);
    guest_verdict_clear(verdict);
    judged = test_once(host, recipe, &own, bundle, verdict, &problem);
  }
  verdict->seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
  if (!judged)
    g_propagate_error(error, g_steal_pointer(&problem));
  return judged;
}

gboolean
guest_test_check(const Recipe *recipe, GError **error) {
  if (recipe->test_script != NULL || recipe->ready_port != 0 || recipe->ready_udp != 0 ||
      recipe_on_exit(recipe) == RECIPE_POWEROFF)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: nothing to test; expected [test] script= or ready=, or [run] on-exit=poweroff "
              "(a draft: --port PORT)",
              recipe->file);
  return FALSE;
}

gboolean
guest_test(GuestHost *host, const Recipe *recipe, const GuestImage *image, GuestVerdict *verdict,
           GError **error) {
  g_autofree char *bundle = NULL;
  memset(verdict, 0, sizeof *verdict);
  if (!guest_test_check(recipe, error))
    return FALSE;
  msg_stage_detail("test programs");
  if ((bundle = test_bundle(recipe, error)) == NULL)
    return FALSE;
  msg_stage_detail("copying");
  return guest_test_in(host, recipe, image, bundle, verdict, error);
}
