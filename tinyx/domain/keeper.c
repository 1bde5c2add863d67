/* keeper.c - detached from the command that started it, runs one guest to its end: see keeper.h. */
#include "domain/keeper.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/owner.h"
#include "base/proc.h"
#include "base/process.h"
#include "domain/control.h"
#include "guest/forward.h"
#include "guest/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONSOLE_MOST (8 << 20) /* bytes of each of the two files of a console */
#define FIRST_CLOSED 2         /* standard error, which follows when the guest runs */

typedef struct {
  Domain *domain;
  int up;      /* the pipe to who waits for the guest; -1: told */
  int console; /* the file */
  gsize written;
  Control *control;
  const char *how; /* it ended */
  gboolean told;   /* that its record is gone */
} Keeper;

/* ---- what it writes ---------------------------------------------------- */

static int
open_file(const Domain *domain, const char *name) {
  g_autofree char *path = domain_path(domain, name);
  return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* A guest may talk without end. */
static void
turn_console(Keeper *keeper) {
  g_autofree char *path = domain_path(keeper->domain, DOMAIN_CONSOLE);
  g_autofree char *old = domain_path(keeper->domain, DOMAIN_CONSOLE_OLD);
  if (rename(path, old) != 0)
    return;
  close(keeper->console);
  keeper->console = open_file(keeper->domain, DOMAIN_CONSOLE);
  keeper->written = 0;
}

static void
take_console(const char *bytes, gsize size, gpointer data) {
  Keeper *keeper = data;
  control_take_console(keeper->control, bytes, size);
  if (keeper->written + size > CONSOLE_MOST)
    turn_console(keeper);
  keeper->written += size;
  while (size > 0) { /* a full disk must not end the guest */
    ssize_t written = write(keeper->console, bytes, size);
    if (written <= 0)
      return;
    bytes += written;
    size -= (gsize)written;
  }
}

/* What is said from now on is for whoever looks later. */
static void
turn_messages(const Keeper *keeper) {
  int fd = open_file(keeper->domain, DOMAIN_MESSAGES);
  if (fd >= 0) {
    dup2(fd, FIRST_CLOSED);
    close(fd);
  }
}

/* ---- the guest's life -------------------------------------------------- */

static gboolean
take_start(Guest *guest, gpointer data, GError **error) {
  Keeper *keeper = data;
  Domain *domain = keeper->domain;
  g_autofree char *identity = guest->host->launcher->identity(guest, error);
  if (identity == NULL)
    return FALSE;
  g_free(domain->identity);
  g_free(domain->phase);
  g_free(domain->guest);
  g_free(domain->launcher);
  g_free(domain->host);
  g_free(domain->address);
  domain->identity = g_steal_pointer(&identity);
  domain->phase = g_strdup("runs");
  domain->guest = g_strdup(guest->name);
  domain->launcher = g_strdup(guest->host->launcher->name);
  domain->host = g_strdup(guest->host->name);
  domain->address = g_strdup(guest->vifs[0].guest);
  domain->stop_seconds = guest_shutdown_seconds(guest->image, guest->recipe) +
                         guest_boot_seconds(guest->image, guest->recipe);
  if (!domain_save(domain, error))
    return FALSE;
  turn_messages(keeper);
  if (keeper->up >= 0 && write(keeper->up, "", 1) == 1) {
    close(keeper->up);
    keeper->up = -1;
  }
  return TRUE;
}

static void
take_turn(Guest *guest, gpointer data) {
  Keeper *keeper = data;
  control_serve(keeper->control, guest);
  /* The cache may be removed at any time; a domain that nobody can find any more is none to leave
   * running. */
  if (!keeper->told && access(keeper->domain->folder, F_OK) != 0 && errno == ENOENT) {
    keeper->told = TRUE;
    kill(getpid(), SIGTERM);
  }
}

static void
take_end(Guest *guest, gpointer data) {
  static const char *const words[] = {
      [GUEST_RUNS] = "ended by force", [GUEST_POWERED_OFF] = "powered off",
      [GUEST_REBOOTED] = "rebooted",   [GUEST_CRASHED] = "crashed",
      [GUEST_GONE] = "disappeared",    [GUEST_ENDED] = "ended"};
  ((Keeper *)data)->how = words[guest->end];
}

static void
write_end(Keeper *keeper, const GError *problem) {
  Domain *domain = keeper->domain;
  g_autoptr(GError) error = NULL;
  g_free(domain->phase);
  g_free(domain->how);
  domain->phase = g_strdup("ended");
  domain->how = g_strdup(problem != NULL       ? problem->message
                         : keeper->how != NULL ? keeper->how
                                               : "ended before it had started");
  domain->until = g_get_real_time() / G_USEC_PER_SEC;
  if (!keeper->told && !domain_save(domain, &error))
    msg_warn("%s", error->message);
}

/* ---- itself ------------------------------------------------------------ */

static gboolean
become(Domain *domain, GError **error) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  setsid();
  proc_forked();
  for (int fd = 0; fd < FIRST_CLOSED; fd++)
    if (null < 0 || dup2(null, fd) < 0)
      return file_failed("/dev/null", error);
  close(null);
  g_free(domain->owner);
  domain->pid = (int)getpid();
  domain->started = process_started(domain->pid);
  domain->owner = owner_line_of_process(domain->pid);
  return domain_save(domain, error);
}

static int
keep(Keeper *keeper, const GuestRun *given, KeeperWork work, gpointer data) {
  GuestRun how = *given;
  GError *error = NULL;
  int status;
  how.on_console = take_console;
  how.on_start = take_start;
  how.on_turn = take_turn;
  how.on_end = take_end;
  how.data = keeper;
  if (become(keeper->domain, &error) &&
      (keeper->control = control_open(keeper->domain, &error)) != NULL) {
    keeper->console = open_file(keeper->domain, DOMAIN_CONSOLE);
    work(&how, data, &error);
  }
  control_close(keeper->control);
  write_end(keeper, error);
  status = tinyx_error_exit_status(error);
  msg_stage_abort();
  if (error != NULL)
    msg_error("%s", error->message);
  return status;
}

/* Until its guest runs, or it has ended. Ctrl-C is for the keeper, too, which is in no group of
 * ours. */
static int
wait_for_guest(int child, int fd) {
  char byte;
  gboolean told = FALSE;
  for (;;) {
    ssize_t got = read(fd, &byte, 1);
    if (got == 1)
      return 0;
    if (got == 0 || errno != EINTR)
      break;
    if (proc_interrupted() && !told) {
      kill(child, SIGTERM);
      told = TRUE;
    }
  }
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return 1;
  if (WIFSIGNALED(status))
    msg_error("the keeper was ended by signal %d", WTERMSIG(status));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int
domain_keep(Domain *domain, const GuestRun *how, KeeperWork work, gpointer data) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    msg_error("pipe: %s", g_strerror(errno));
    return 1;
  }
  int child = fork();
  if (child == 0) {
    Keeper keeper = {.domain = domain, .up = ends[1], .console = -1};
    close(ends[0]);
    _exit(keep(&keeper, how, work, data));
  }
  close(ends[1]);
  int status = child > 0 ? wait_for_guest(child, ends[0]) : 1;
  if (child < 0)
    msg_error("fork: %s", g_strerror(errno));
  close(ends[0]);
  return status;
}
