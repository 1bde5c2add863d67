/* run.c - `tinyx run`: a guest in the foreground. */
#include "guest/forward.h"
#include "guest/launcher.h"

#include "base/msg.h"
#include "base/proc.h"

#include <stdio.h>
#include <string.h>

#define STOP_SECONDS 45
#define LOOK_SECONDS 0.5
#define DRAIN_SECONDS 0.5

typedef struct {
  Guest *guest;
  int local_port;
  Forward *forward;
} Running;

/* The one place where a guest's bytes reach the terminal as they are: it is its console. */
static void
show_console(const char *bytes, gsize size, gpointer data) {
  (void)data;
  fwrite(bytes, 1, size, stdout);
  fflush(stdout);
}

static void
start_forward(Running *running) {
  const Guest *guest = running->guest;
  const Recipe *recipe = guest->recipe;
  g_autoptr(GError) problem = NULL;
  if (recipe->port == 0 || recipe->vifs == 0)
    return;
  running->forward = forward_start(guest->host->agent, guest->first_side, running->local_port,
                                   guest->vifs[0].guest, recipe->port, &problem);
  if (running->forward == NULL) {
    msg_warn("no port is forwarded: %s", problem->message);
    return;
  }
  msg_info("%s: 127.0.0.1:%d is forwarded to port %d of the guest (http://127.0.0.1:%d/); "
           "Ctrl-C ends it",
           recipe->name, forward_port(running->forward), recipe->port,
           forward_port(running->forward));
}

/* Until it has ended, or Ctrl-C. */
static gboolean
watch(Guest *guest, Forward *forward, GError **error) {
  gint64 next = 0;
  while (!proc_interrupted()) {
    if (g_get_monotonic_time() >= next) {
      if (!guest->host->launcher->ended(guest, error))
        return FALSE;
      if (guest->end != GUEST_RUNS)
        return TRUE;
      next = g_get_monotonic_time() + (gint64)(LOOK_SECONDS * G_USEC_PER_SEC);
    }
    if (!forward_turn(forward, guest->host->agent, LOOK_SECONDS, error))
      return FALSE;
  }
  return TRUE;
}

/* After Ctrl-C waits would end at once: not these. */
static gboolean
stop(Guest *guest, GError **error) {
  Agent *agent = guest->host->agent;
  gint64 end;
  agent_set_patient(agent, TRUE);
  agent_set_deadline(agent, STOP_SECONDS);
  if (proc_interrupted()) {
    msg_text("");
    msg_info("shutting the guest down");
  }
  if (!guest->host->launcher->shut_down(guest, guest_shutdown_seconds(guest->image), error))
    return FALSE;
  end = g_get_monotonic_time() + (gint64)(DRAIN_SECONDS * G_USEC_PER_SEC);
  while (g_get_monotonic_time() < end)
    if (!agent_wait_any(agent, DRAIN_SECONDS / 5, error))
      return FALSE;
  return TRUE;
}

static gboolean
live(Running *running, GError **error) {
  Guest *guest = running->guest;
  const Launcher *launcher = guest->host->launcher;
  g_autoptr(GError) problem = NULL;
  if (!launcher->create(guest, error)) {
    if (guest->words != NULL)
      msg_text(guest->words);
    return FALSE;
  }
  if (!guest_make_sides(guest, error) || !launcher->start(guest, error))
    return FALSE;
  start_forward(running);
  if (!watch(guest, running->forward, &problem) &&
      !g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_INTERRUPTED)) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  return stop(guest, error);
}

static gboolean
run_once(GuestHost *host, const Recipe *recipe, const GuestImage *image, int local_port,
         GError **error) {
  g_autoptr(Guest) guest = guest_new(host, recipe, image);
  Running running = {.guest = guest, .local_port = local_port};
  gboolean done;
  guest->on_console = show_console;
  done = live(&running, error);
  forward_stop(running.forward);
  agent_set_patient(host->agent, TRUE);
  agent_set_deadline(host->agent, STOP_SECONDS);
  host->launcher->destroy(guest);
  guest_drop_sides(guest);
  return done;
}

gboolean
guest_run(GuestHost *host, const Recipe *recipe, const GuestImage *image, int local_port,
          GError **error) {
  g_autoptr(GError) problem = NULL;
  host->changed = FALSE;
  if (run_once(host, recipe, image, local_port, &problem))
    return TRUE;
  if (!host->changed || proc_interrupted()) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  msg_info("%s", problem->message);
  return run_once(host, recipe, image, local_port, error);
}
