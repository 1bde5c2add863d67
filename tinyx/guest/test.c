/* test.c - an image booted and tested as a domain: what comes out is a verdict. */
#include "guest/guest.h"

#include "base/facts.h"
#include "base/files.h"
#include "base/msg.h"
#include "guest/bundle.h"
#include "guest/console.h"
#include "guest/job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Beyond guest-test's own deadlines (boot, test, shutdown): creating, copying back. */
#define SLACK_SECONDS 90

void
guest_verdict_clear(GuestVerdict *verdict) {
  g_clear_pointer(&verdict->why, g_free);
  g_clear_pointer(&verdict->console, g_free);
  g_clear_pointer(&verdict->test_output, g_free);
}

/* What guest-test prints while it works, as progress. */
static void
show_progress(const char *line, gpointer data) {
  (void)data;
  if (g_str_has_prefix(line, "create_seconds="))
    msg_stage_detail("created, booting");
  else if (g_str_has_prefix(line, "answer_seconds="))
    msg_stage_detail("it answers, testing");
  else if (g_str_has_prefix(line, "test_seconds="))
    msg_stage_detail("tested, shutting down");
}

/* Of what xl printed, the line that tells why: the first that libxl's own layers call an error, but
 * those about memory and images come from below (xc:), and are the real cause. */
static char *
xl_reason(const char *text) {
  static const char *const marks[] = {"too large", "panic:", "not enough", "xc:", "error"};
  g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
  for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
    for (guint j = 0; lines[j] != NULL; j++)
      if (g_strstr_len(lines[j], -1, marks[i]) != NULL)
        return g_strdup(g_strstrip(lines[j]));
  return g_strdup("xl says nothing");
}

static char *
take_text(GHashTable *facts, const char *name) {
  const char *text = g_hash_table_lookup(facts, name);
  return g_strdup(text != NULL ? text : "");
}

static void
fill_verdict(GHashTable *facts, const GuestImage *image, GuestVerdict *verdict) {
  const char *failed = g_hash_table_lookup(facts, "failed");
  const char *end = g_hash_table_lookup(facts, "shutdown");
  const char *xl = g_hash_table_lookup(facts, "xl");
  verdict->console = take_text(facts, "console");
  verdict->test_output = take_text(facts, "test");
  verdict->create_seconds = facts_seconds(facts, "create_seconds");
  verdict->answer_seconds = facts_seconds(facts, "answer_seconds");
  verdict->test_seconds = facts_seconds(facts, "test_seconds");
  verdict->end_seconds = facts_seconds(facts, "end_seconds");
  verdict->create_cpu_seconds = facts_seconds(facts, "create_cpu_seconds");
  verdict->answer_cpu_seconds = facts_seconds(facts, "answer_cpu_seconds");
  verdict->mem_total = console_meminfo(verdict->console, "MemTotal");
  verdict->mem_free = console_meminfo(verdict->console, "MemFree");
  verdict->mem_available = console_meminfo(verdict->console, "MemAvailable");
  const char *starts = g_hash_table_lookup(facts, "starts");
  verdict->starts = starts != NULL ? (int)g_ascii_strtoll(starts, NULL, 10) : 0;
  verdict->shutdown_clean = g_strcmp0(end, "0") == 0;
  verdict->passed = failed == NULL && g_hash_table_contains(facts, "passed");
  if (failed != NULL && xl != NULL) {
    g_autofree char *reason = xl_reason(xl);
    verdict->why = g_strdup_printf("%s with %d MB: %s", failed, image->memory, reason);
    g_free(verdict->test_output);
    verdict->test_output = g_strdup(xl);
  } else if (failed != NULL) {
    verdict->why = g_strdup(failed);
  }
}

/* guest-test in a session of its own: when we are ended, it is not, and tidies up as soon as its
 * standard input ends. */
static char *
job_command(const GuestJob *job, const char *mode) {
  g_autofree char *quoted = g_shell_quote(job->folder);
  return g_strdup_printf("cd %s && { exec 3<&0; setsid sh ./guest-test %s <&3 3<&- & wait $!; }",
                         quoted, mode);
}

static gboolean
run_job(XenHost *host, const Recipe *recipe, const GuestImage *image, const GuestJob *job,
        ProcResult *result, GError **error) {
  g_autofree char *script = NULL, *command = job_command(job, "test");
  g_autofree char *quoted = g_shell_quote(job->folder);
  int ends[2], deadline = guest_boot_seconds(image, recipe) + recipe->test_timeout +
                          guest_shutdown_seconds(image) + SLACK_SECONDS;
  gboolean done;
  script = g_strdup_printf("%s; rm -rf %s", command, quoted);
  if (pipe2(ends, O_CLOEXEC) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "pipe: %s", g_strerror(errno));
    return FALSE;
  }
  deadline *= xen_host_patience(host);
  done = xen_host_run_held(host, script, deadline, ends[0], show_progress, NULL, result, error);
  close(ends[0]);
  close(ends[1]);
  return done;
}

gboolean
guest_test(XenHost *host, const Recipe *recipe, const GuestImage *image, GuestVerdict *verdict,
           GError **error) {
  g_autofree char *bundle = NULL;
  g_autoptr(GHashTable) facts = NULL;
  g_auto(GuestJob) job = {0};
  g_auto(ProcResult) result = {0};
  memset(verdict, 0, sizeof *verdict);
  if (recipe->test_script == NULL && recipe->ready_port == 0 && recipe->ready_udp == 0 &&
      recipe_on_exit(recipe) != RECIPE_POWEROFF) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: nothing to test; expected [test] script= or ready=, or [run] on-exit=poweroff",
                recipe->file);
    return FALSE;
  }
  msg_stage_detail("test programs");
  if ((bundle = test_bundle(recipe, error)) == NULL)
    return FALSE;
  msg_stage_detail("copying");
  if (!guest_job_send(host, recipe, image, bundle, &job, error) ||
      !run_job(host, recipe, image, &job, &result, error))
    return FALSE;
  facts = facts_parse(result.out, result.out_size);
  if (!g_hash_table_contains(facts, "finished")) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST,
                "the test on the Xen host %s broke off (status %d)%s%s", xen_host_name(host),
                result.status, result.out_size > 0 ? ": " : "", result.out);
    return FALSE;
  }
  fill_verdict(facts, image, verdict);
  return TRUE;
}
