/* test-domain.c - the records of domains in the background: what they say, what is taken for alive,
 * and that nothing else is touched. */
#include "base/owner.h"
#include "base/process.h"
#include "domain/control.h"
#include "domain/keeper.h"
#include "guest/launcher.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_parse(void) {
  static const struct {
    const char *text, *why;
  } bad[] = {
      {"", "missing"},
      {"[domain]\npid=5\n", "missing"},
      {"[domain]\npid=1\nstarted=5\nowner=x\nphase=runs\n", "missing"},
      {"[domain]\npid=5\nstarted=5\nowner=x\nphase=flies\n", "missing"},
      {"[domain]\npid=5\nstarted=5\nowner=x\nphase=runs\nport=70000\n", "missing"},
      {"no key file", "expected what"},
      {"[domain]\npid=5\nstarted=5\nowner=\xff\nphase=runs\n", "missing"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Domain) domain = domain_parse(bad[i].text, strlen(bad[i].text), "state", &error);
    g_assert_null(domain);
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT);
    g_assert_nonnull(strstr(error->message, bad[i].why));
  }
}

/* A record of process PID that began at STARTED. */
static Domain *
make(const char *name, int pid, guint64 started) {
  g_autoptr(GError) error = NULL;
  int held = -1;
  Domain *domain = domain_claim(name, &held, &error);
  g_assert_no_error(error);
  domain->pid = pid;
  domain->started = started;
  domain->owner = owner_line_of_process(pid);
  g_free(domain->phase);
  domain->phase = g_strdup("runs");
  domain->command = g_strsplit("run -d ./a;b", " ", -1);
  g_assert_true(domain_save(domain, &error));
  close(held);
  domain->live = LIVE_NO; /* as it is read from now on */
  return domain;
}

static void
test_round_trip(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Domain) made = make("round", (int)getpid(), process_started((int)getpid()));
  g_autoptr(Domain) read = domain_load("round", &error);
  g_assert_no_error(error);
  g_assert_cmpint(read->pid, ==, getpid());
  g_assert_cmpstr(read->command[2], ==, "./a;b");
  g_assert_null(read->how);
  g_assert_null(domain_load("rond", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "did you mean 'round'"));
}

static int
start_sleeper(void) {
  int child = fork();
  if (child == 0) {
    execlp("sleep", "sleep", "100", (char *)NULL);
    _exit(127);
  }
  g_assert_cmpint(child, >, 0);
  while (process_started(child) == 0)
    g_usleep(1000);
  return child;
}

/* A pid that was given out again is another's: it is neither taken for the keeper nor signalled. */
static void
test_other_process(void) {
  g_autoptr(GError) error = NULL;
  int child = start_sleeper();
  g_autoptr(Domain) made = make("other", child, process_started(child) - 1);
  g_autoptr(Domain) domain = domain_load("other", &error);
  gboolean was = TRUE;
  g_assert_cmpint(domain_state(domain), ==, DOMAIN_LOST);
  g_assert_true(domain_stop(domain, FALSE, &was, &error));
  g_assert_no_error(error);
  g_assert_false(was);
  g_assert_cmpint(waitpid(child, NULL, WNOHANG), ==, 0);
  g_autoptr(Domain) ended = domain_load("other", &error);
  g_assert_cmpint(domain_state(ended), ==, DOMAIN_ENDED);
  g_assert_cmpstr(ended->how, ==, "its keeper was killed");
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

/* The guest of a keeper that was killed is ended, if it is that one. */
static void
test_lost_guest(void) {
  g_autoptr(GError) error = NULL;
  int child = start_sleeper();
  g_autoptr(Domain) made = make("lost", 0x3fffffff, 7);
  gboolean was = FALSE;
  made->launcher = g_strdup("qemu");
  made->identity = g_strdup_printf("%d %" G_GUINT64_FORMAT, child, process_started(child) + 1);
  gboolean done = domain_stop(made, FALSE, &was, &error);
  g_assert_no_error(error);
  g_assert_true(done);
  g_assert_cmpint(waitpid(child, NULL, WNOHANG), ==, 0); /* another one */
  g_free(made->phase);
  made->phase = g_strdup("runs");
  g_free(made->identity);
  made->identity = g_strdup_printf("%d %" G_GUINT64_FORMAT, child, process_started(child));
  g_assert_true(domain_stop(made, FALSE, &was, &error));
  g_assert_no_error(error);
  int status = 0;
  g_assert_cmpint(waitpid(child, &status, 0), ==, child);
  g_assert_true(WIFSIGNALED(status));
  g_free(made->phase);
  made->phase = g_strdup("runs");
  g_free(made->identity);
  made->identity = g_strdup("1; reboot");
  g_assert_false(domain_stop(made, FALSE, &was, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT);
}

static void
test_claim(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Domain) runs = make("mine", (int)getpid(), process_started((int)getpid()));
  int held = -1;
  g_assert_null(domain_claim("../x", &held, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_clear_error(&error);
  /* Nobody holds its lock: whatever the pid says, its keeper is gone, and the name is free. */
  g_autoptr(Domain) again = domain_claim("mine", &held, &error);
  g_assert_no_error(error);
  again->pid = (int)getpid();
  again->started = process_started(again->pid);
  again->owner = owner_line_of_process(again->pid);
  g_assert_true(domain_save(again, &error));
  g_assert_null(domain_claim("mine", &held, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "runs already"));
}

/* ---- commands ---------------------------------------------------------- */

static GString *told, *heard;

static gboolean
take_told(Guest *guest, const char *line, GError **error) {
  (void)guest;
  (void)error;
  g_string_append_printf(told, "%s\n", line);
  return TRUE;
}

static void
take_heard(const char *line) {
  g_string_append_printf(heard, "<%s>", line);
}

typedef struct {
  Domain *domain;
  const char *const *command;
  int status;
  gboolean done;
  GError *error;
  gint ended;
} Asking;

static gpointer
ask_thread(gpointer data) {
  Asking *asking = data;
  asking->done = domain_exec(asking->domain, (char *const *)asking->command, take_heard,
                             &asking->status, &asking->error);
  g_atomic_int_set(&asking->ended, 1);
  return NULL;
}

/* A keeper whose guest says CONSOLE once it was told something; NULL: it ends then. */
static void
ask(Asking *asking, const char *console) {
  const Launcher launcher = {.tell = take_told};
  GuestHost host = {.launcher = &launcher};
  Guest guest = {.host = &host};
  g_autoptr(GError) error = NULL;
  Control *control = control_open(asking->domain, &error);
  g_assert_no_error(error);
  g_string_truncate(told, 0);
  g_string_truncate(heard, 0);
  GThread *thread = g_thread_new("ask", ask_thread, asking);
  while (told->len == 0 && !g_atomic_int_get(&asking->ended)) {
    control_serve(control, &guest);
    g_usleep(1000);
  }
  for (gsize i = 0; console != NULL && i < strlen(console); i += 7) /* in pieces, as it comes */
    control_take_console(control, console + i, MIN(7, strlen(console + i)));
  if (console == NULL)
    g_clear_pointer(&control, control_close);
  g_thread_join(thread);
  control_close(control);
  g_autofree char *socket = domain_path(asking->domain, DOMAIN_CONTROL);
  unlink(socket);
}

static void
test_exec(void) {
  static const char *const words[] = {"echo", "it's", "a b", NULL};
  static const char *const line[] = {"ls | head", NULL}, *const tab[] = {"a\tb", NULL};
  g_autoptr(Domain) domain = make("asked", (int)getpid(), process_started((int)getpid()));
  Asking asking = {.domain = domain, .command = words};
  told = g_string_new(NULL);
  heard = g_string_new(NULL);
  domain->live = LIVE_YES;
  domain->recipe = g_strdup("web");
  domain->recipe_file = g_strdup("web/recipe.conf");
  ask(&asking, "");
  g_assert_error(asking.error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(asking.error->message, "with=exec in [kernel] of web/recipe.conf"));
  g_clear_error(&asking.error);
  domain->takes_commands = 1;
  asking.ended = 0;
  /* The echo of what it was told, somebody else's number, lines of others between its own. */
  ask(&asking, "x\r\ntinyx: do 1 'echo'\r\ntinyx: did 2: no\r\ntinyx: did 1: one\r\nother\r\n"
               "tinyx: did 1: \r\ntinyx: did 1ended\r\ntinyx: did 1 ended with status 7\r\n");
  g_assert_no_error(asking.error);
  g_assert_cmpstr(told->str, ==, "tinyx: do 1 'echo' 'it'\\''s' 'a b'\n");
  g_assert_cmpstr(heard->str, ==, "<one><>");
  g_assert_cmpint(asking.status, ==, 7);
  asking = (Asking){.domain = domain, .command = line};
  ask(&asking, NULL);
  g_assert_cmpstr(told->str, ==, "tinyx: do 1 ls | head\n");
  g_assert_error(asking.error, TINYX_ERROR, TINYX_ERROR_GUEST);
  g_clear_error(&asking.error);
  asking = (Asking){.domain = domain, .command = tab};
  ask(&asking, NULL);
  g_assert_error(asking.error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_clear_error(&asking.error);
  g_string_free(told, TRUE);
  g_string_free(heard, TRUE);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_autofree char *cache = g_dir_make_tmp("test-domain-XXXXXX", NULL);
  g_setenv("TINYX_CACHE", cache, TRUE);
  g_test_add_func("/domain/parse", test_parse);
  g_test_add_func("/domain/round-trip", test_round_trip);
  g_test_add_func("/domain/other-process", test_other_process);
  g_test_add_func("/domain/lost-guest", test_lost_guest);
  g_test_add_func("/domain/claim", test_claim);
  g_test_add_func("/domain/exec", test_exec);
  int status = g_test_run();
  g_autofree char *remove = g_strdup_printf("rm -rf '%s'", cache);
  return system(remove) == 0 ? status : 1;
}
