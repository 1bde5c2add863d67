/* run.c - `tinyx run`: a guest in the foreground. */
#include "guest/console.h"
#include "guest/forward.h"
#include "guest/launcher.h"
#include "guest/scheme.h"

#include "base/msg.h"
#include "base/proc.h"

#include <stdio.h>
#include <string.h>

#define ASK_SECONDS 45 /* of all that comes with the end of a guest, beside its own time */
#define LOOK_SECONDS 0.5
/* Of one that runs for days: xl is started for each look, and somebody may wait for on_turn. */
#define SELDOM_SECONDS 3
#define TURN_SECONDS 0.2
#define DRAIN_SECONDS 0.5

typedef struct {
  Guest *guest;
  const GuestRun *how;
  Forward *forward;
  gint64 started; /* g_get_monotonic_time(); 0: not yet */
} Running;

/* The one place where a guest's bytes reach the terminal as they are: it is its console. */
static void
show_console(const char *bytes, gsize size, gpointer data) {
  (void)data;
  fwrite(bytes, 1, size, stdout);
  fflush(stdout);
}

/* " (http://127.0.0.1:PORT/)" where a browser can open it, or "". g_free. */
static char *
browser_text(const Recipe *recipe, int port) {
  g_autoptr(GError) problem = NULL;
  g_autofree char *scheme = scheme_of(recipe, &problem);
  if (problem != NULL)
    msg_warn("%s", problem->message);
  return scheme != NULL ? g_strdup_printf(" (%s://127.0.0.1:%d/)", scheme, port) : g_strdup("");
}

static gboolean
start_forward(Running *running, GError **error) {
  const Guest *guest = running->guest;
  const Recipe *recipe = guest->recipe;
  g_autofree char *address = NULL;
  if (running->how->port == NULL)
    return TRUE;
  running->forward = forward_start(guest->host->agent, guest->first_side, running->how->port,
                                   guest->vifs[0].guest, recipe->port, error);
  if (running->forward == NULL)
    return FALSE;
  address = browser_text(recipe, forward_port(running->forward));
  msg_info("%s: 127.0.0.1:%d is forwarded to port %d of the guest%s%s", recipe->name,
           forward_port(running->forward), recipe->port, address,
           running->how->on_start == NULL ? "; Ctrl-C ends it" : "");
  return TRUE;
}

/* Until it has ended, or Ctrl-C. */
static gboolean
watch(const Running *running, GError **error) {
  Guest *guest = running->guest;
  gboolean kept = running->how->on_turn != NULL;
  double look = kept ? SELDOM_SECONDS : LOOK_SECONDS;
  gint64 next = 0;
  while (!proc_interrupted()) {
    if (g_get_monotonic_time() >= next) {
      if (!guest->host->launcher->ended(guest, error))
        return FALSE;
      if (guest->end != GUEST_RUNS)
        return TRUE;
      next = g_get_monotonic_time() + (gint64)(look * G_USEC_PER_SEC);
    }
    if (!forward_turn(running->forward, guest->host->agent, kept ? TURN_SECONDS : LOOK_SECONDS,
                      error))
      return FALSE;
    if (kept)
      running->how->on_turn(guest, running->how->data);
  }
  return TRUE;
}

/* What is still on its way from the console. */
static gboolean
drain(Agent *agent, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)(DRAIN_SECONDS * G_USEC_PER_SEC);
  while (g_get_monotonic_time() < end)
    if (!agent_wait_any(agent, DRAIN_SECONDS / 5, error))
      return FALSE;
  return TRUE;
}

/* Of one that has ended unasked. The console has shown a panic; what helps stands nowhere in it. */
static gboolean
ended(const Guest *guest, GError **error) {
  g_autofree char *advice = NULL;
  if (!drain(guest->host->agent, error))
    return FALSE;
  if (guest->end == GUEST_POWERED_OFF || guest->end == GUEST_REBOOTED)
    return TRUE;
  advice = guest_memory_advice(guest);
  return tinyx_fail(error, TINYX_ERROR_GUEST, "%s has %s%s", guest->recipe->name,
                    guest->end == GUEST_CRASHED ? "crashed"
                    : guest->end == GUEST_GONE  ? "disappeared"
                                                : "ended",
                    advice);
}

/* One that boots does not hear yet: Linux passes the word on to an init that takes no signals so
 * far, and takes no second one (drivers/xen/manage.c). Init listens once it starts applications. */
static gboolean
wait_for_ears(const Running *running, GError **error) {
  Guest *guest = running->guest;
  gint64 most = (gint64)guest_boot_seconds(guest->image, guest->recipe) * G_USEC_PER_SEC;
  while (g_get_monotonic_time() - running->started < most &&
         console_starts(guest->console->str) == 0) {
    if (!agent_wait_any(guest->host->agent, LOOK_SECONDS, error) ||
        !guest->host->launcher->ended(guest, error))
      return FALSE;
    if (guest->end != GUEST_RUNS)
      return TRUE;
  }
  return TRUE;
}

/* After Ctrl-C waits would end at once: not these. */
static gboolean
stop(const Running *running, GError **error) {
  Guest *guest = running->guest;
  Agent *agent = guest->host->agent;
  int seconds = guest_shutdown_seconds(guest->image, guest->recipe);
  agent_set_patient(agent, TRUE);
  agent_set_deadline(agent,
                     guest_boot_seconds(guest->image, guest->recipe) + seconds + ASK_SECONDS);
  if (proc_interrupted()) {
    msg_text("");
    msg_info("shutting the guest down");
  }
  if (!wait_for_ears(running, error) ||
      (guest->end == GUEST_RUNS && !guest->host->launcher->shut_down(guest, seconds, error)))
    return FALSE;
  if (guest->end == GUEST_RUNS)
    msg_warn("%s did not end in %d s: it is ended by force", guest->recipe->name, seconds);
  return drain(agent, error);
}

static gboolean
live(Running *running, GError **error) {
  Guest *guest = running->guest;
  const GuestRun *how = running->how;
  const Launcher *launcher = guest->host->launcher;
  g_autoptr(GError) problem = NULL;
  if (!launcher->create(guest, error) || !guest_make_sides(guest, error) ||
      !launcher->start(guest, error) || !start_forward(running, error))
    return FALSE;
  running->started = g_get_monotonic_time();
  if (how->on_start != NULL && !how->on_start(guest, how->data, error))
    return FALSE;
  if (!watch(running, &problem) &&
      !g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_INTERRUPTED)) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  return guest->end != GUEST_RUNS ? ended(guest, error) : stop(running, error);
}

static gboolean
run_once(GuestHost *host, const Recipe *recipe, const GuestImage *image, const GuestRun *how,
         GError **error) {
  g_autoptr(Guest) guest = guest_new(host, recipe, image);
  Running running = {.guest = guest, .how = how};
  gboolean done;
  guest->on_console = how->on_console != NULL ? how->on_console : show_console;
  guest->on_console_data = how->data;
  done = live(&running, error);
  forward_stop(running.forward);
  if (running.started != 0 && how->on_end != NULL)
    how->on_end(guest, how->data);
  agent_set_patient(host->agent, TRUE);
  agent_set_deadline(host->agent, ASK_SECONDS);
  host->launcher->destroy(guest);
  guest_drop_sides(guest);
  return done;
}

gboolean
guest_run(GuestHost *host, const Recipe *recipe, const GuestImage *image, const GuestRun *how,
          GError **error) {
  g_autoptr(GError) problem = NULL;
  host->changed = FALSE;
  if (run_once(host, recipe, image, how, &problem))
    return TRUE;
  if (!host->changed || proc_interrupted()) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  msg_info("%s", problem->message);
  return run_once(host, recipe, image, how, error);
}
