/* embedded.c - joins, starts and stops the embedded Xen host, and keeps its snapshot. */
#include "xen/embedded.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/folder.h"
#include "base/live.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/owner.h"
#include "base/process.h"
#include "xen/accel.h"
#include "xen/dom0.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_SECONDS 20
#define SNAPSHOT "snapshot: " /* begins the messages about writing one */
#define LEFT "left"           /* the folder of the one that `tinyx host start` left running */

/* CACHE/run: one folder a QEMU, readable by its owner alone. */
static char *
run_folder(GError **error) {
  g_autofree char *folder = cache_folder("run", error);
  if (folder != NULL && chmod(folder, 0700) != 0) {
    file_failed(folder, error);
    return NULL;
  }
  return g_steal_pointer(&folder);
}

static gboolean
make_private_folder(const char *path, GError **error) {
  return dir_remove(path, error) && (mkdir(path, 0700) == 0 || file_failed(path, error));
}

/* FOLDER's state as of now; UP once it answers. */
static gboolean
write_state(const Machine *machine, gboolean up, GError **error) {
  g_autofree char *file = g_build_filename(machine->folder, "state", NULL);
  g_autofree char *version_file = g_build_filename(machine->image, "version", NULL);
  g_autofree char *version = NULL, *owner = owner_line_of_process(machine->pid);
  HostState state = {.pid = machine->pid,
                     .owner = owner,
                     .started = process_started(machine->pid),
                     .since = g_get_real_time() / G_USEC_PER_SEC,
                     .port = machine->port,
                     .up = up,
                     .image = machine->image,
                     .accelerator = (char *)machine->accelerator};
  if (file_read(version_file, FILE_OWN_MAX, &version, NULL, NULL))
    state.version = version;
  return host_state_write(file, &state, error);
}

/* Starts and waits; with SNAPSHOT from there. NULL with ERROR, and then nothing runs. */
static Machine *
bring_up(const char *folder, const char *image, const char *accelerator, const char *snapshot,
         const MachineExtra *extra, gboolean detached, GError **error) {
  Machine *machine;
  g_autofree char *lock = g_build_filename(folder, HOST_STATE_LOCK, NULL);
  if (!make_private_folder(folder, error))
    return NULL;
  /* A QEMU that outlives us says by this lock, which it inherits, that it runs. */
  int held = detached ? live_file_hold(lock, error) : -1;
  if (detached && held < 0)
    return NULL;
  machine = machine_start(folder, image, accelerator, snapshot, extra, detached, error);
  if (held >= 0)
    close(held);
  if (machine == NULL)
    return NULL;
  /* Before it is up: whoever comes after a kill -9 of ours must find the QEMU, and `tinyx host
   * status` tells of those that others of us have. */
  if (write_state(machine, FALSE, error) && machine_wait(machine, snapshot, error) &&
      write_state(machine, TRUE, error))
    return machine;
  machine_end(machine, TRUE);
  return NULL;
}

/* Boots and leaves a snapshot in the cache. */
static Machine *
boot(const char *folder, const char *image, const char *accelerator, const char *key,
     const MachineExtra *extra, gboolean detached, GError **error) {
  Machine *machine;
  g_autoptr(GError) problem = NULL;
  msg_stage_begin("Xen host: first boot");
  machine = bring_up(folder, image, accelerator, NULL, extra, detached, error);
  if (machine == NULL) {
    msg_stage_abort();
    return NULL;
  }
  msg_stage_detail("snapshot");
  if (machine_snapshot(machine, key, &problem)) {
    msg_stage_end("snapshot kept");
    return machine;
  }
  /* It may stand still now. A host without a snapshot is no host: say why. */
  msg_stage_abort();
  machine_end(machine, TRUE);
  g_propagate_prefixed_error(error, g_steal_pointer(&problem), SNAPSHOT);
  return NULL;
}

/* Nothing of it is kept. */
static Machine *
boot_special(const char *folder, const char *image, const char *accelerator,
             const MachineExtra *extra, GError **error) {
  Machine *machine;
  msg_stage_begin("Xen host for this alone");
  machine = bring_up(folder, image, accelerator, NULL, extra, FALSE, error);
  if (machine == NULL)
    msg_stage_abort();
  else
    msg_stage_end(extra->counted ? "counts instructions" : "is up");
  return machine;
}

static Machine *
restore_or_boot(const char *folder, const char *image, const char *accelerator,
                const MachineExtra *extra, gboolean detached, GError **error) {
  g_autofree char *key = machine_key(image, accelerator, error);
  g_autofree char *snapshot = NULL;
  g_autoptr(CacheLock) lock = NULL;
  g_autoptr(GError) problem = NULL;
  Machine *machine;
  if (key == NULL)
    return NULL;
  snapshot = cache_lookup("xen-snapshot", key);
  if (snapshot == NULL) { /* perhaps somebody is making it: wait for that */
    if ((lock = cache_lock("xen-snapshot", key, error)) == NULL)
      return NULL;
    snapshot = cache_lookup("xen-snapshot", key);
  }
  if (snapshot == NULL)
    return boot(folder, image, accelerator, key, extra, detached, error);
  machine = bring_up(folder, image, accelerator, snapshot, extra, detached, &problem);
  if (machine != NULL || proc_interrupted()) {
    if (machine == NULL)
      g_propagate_error(error, g_steal_pointer(&problem));
    return machine;
  }
  g_strdelimit(problem->message, "\r\n", ' ');
  msg_warn("the snapshot of the Xen host does not come back (%.200s): booting anew",
           problem->message);
  if (lock == NULL && (lock = cache_lock("xen-snapshot", key, error)) == NULL)
    return NULL;
  dir_remove(snapshot, NULL);
  return boot(folder, image, accelerator, key, extra, detached, error);
}

/* Whether PROBLEM says that KVM will not do better the next time: its virtual CPUs stopped, or Xen
 * did not come up in time. A full disk, or a snapshot that was not written, says nothing of it. */
static gboolean
is_of_kvm(const GError *problem) {
  return g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_TIMEOUT) ||
         (g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_HOST) &&
          !g_str_has_prefix(problem->message, SNAPSHOT));
}

static Machine *
make(const char *folder, const MachineExtra *extra, gboolean detached, GError **error) {
  static const char *const programs[] = {"qemu-system-x86_64", "ssh", "ssh-keygen", "zstd"};
  const char *accelerator;
  g_autofree char *image = NULL;
  g_autoptr(GError) problem = NULL;
  gboolean emulated = extra != NULL && (extra->trace != NULL || extra->counted);
  Machine *machine;
  for (guint i = 0; i < G_N_ELEMENTS(programs); i++)
    if (!proc_need(programs[i], error))
      return NULL;
  if ((image = dom0_image(error)) == NULL)
    return NULL;
  /* Only TCG sees blocks, and counts instructions. */
  accelerator = emulated ? "tcg" : machine_accelerator();
  if (machine_extra_is_special(extra))
    machine = boot_special(folder, image, accelerator, extra, &problem);
  else
    machine = restore_or_boot(folder, image, accelerator, extra, detached, &problem);
  if (machine == NULL && g_str_equal(accelerator, "kvm") && !proc_interrupted()) {
    g_strdelimit(problem->message, "\r\n", ' ');
    msg_warn("Xen does not come up with KVM (%.200s): QEMU emulates instead (slower)",
             problem->message);
    if (is_of_kvm(problem))
      machine_refuse_kvm();
    g_clear_error(&problem);
    machine = machine_extra_is_special(extra)
                  ? boot_special(folder, image, "tcg", extra, &problem)
                  : restore_or_boot(folder, image, "tcg", extra, detached, &problem);
  }
  if (machine == NULL)
    g_propagate_prefixed_error(error, g_steal_pointer(&problem), "embedded Xen host: ");
  return machine;
}

static char *
left_folder(GError **error) {
  g_autofree char *base = run_folder(error);
  return base != NULL ? g_build_filename(base, LEFT, NULL) : NULL;
}

Machine *
embedded_find(HostState *state, char **problem) {
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = left_folder(&error);
  g_autofree char *file = folder != NULL ? g_build_filename(folder, "state", NULL) : NULL;
  g_autofree char *why = NULL;
  memset(state, 0, sizeof *state);
  if (file == NULL || !host_state_read(file, state, &error)) {
    why = error != NULL ? g_strdup(error->message) : NULL;
  } else if (host_state_elsewhere(state)) {
    msg_verbose("%s is another machine's: left alone", file);
  } else if (!host_state_alive(state)) {
    why = g_strdup("is dead");
  } else if (!state->up) {
    why = g_strdup("was never up");
  } else {
    Machine *machine = machine_join(folder, state->image, state->pid, state->port, &error);
    if (machine != NULL && machine_answers(machine, ANSWER_SECONDS, &error))
      return machine;
    machine_leave(machine);
    why = g_strdup("does not answer");
  }
  if (problem != NULL)
    *problem = g_steal_pointer(&why);
  return NULL;
}

gboolean
embedded_is_left(void) {
  g_autofree char *folder = left_folder(NULL);
  return folder != NULL && g_file_test(folder, G_FILE_TEST_EXISTS);
}

/* The tinyx whose private host is in a folder called NAME: "OWNER-START[.SUFFIX]"; its process, or
 * 0. */
static int
owner_pid(const char *name) {
  const char *dash = strrchr(name, '-');
  g_autofree char *owner = dash != NULL ? g_strndup(name, (gsize)(dash - name)) : g_strdup("");
  const char *dot = strrchr(owner, '.');
  guint64 pid;
  return owner_state(owner) == OWNER_ALIVE && dot != NULL && number_parse(dot + 1, G_MAXINT, &pid)
             ? (int)pid
             : 0;
}

/* The words with which process PID was started, as people type them. g_free. */
static char *
command_of(int pid) {
  g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", pid);
  g_autofree char *text = NULL;
  gsize size = 0;
  if (!g_file_get_contents(path, &text, &size, NULL) || size == 0)
    return g_strdup("tinyx");
  char *base = strrchr(text, '/');
  base = base != NULL ? base + 1 : text;
  for (char *at = base; at + 1 < text + size; at++)
    if (*at == '\0')
      *at = ' ';
  return g_strdup(base);
}

static void
living_free(gpointer data) {
  Living *living = data;
  host_state_clear(&living->state);
  g_free(living->folder);
  g_free(living->command);
  g_free(living);
}

GPtrArray *
embedded_living(void) {
  GPtrArray *all = g_ptr_array_new_with_free_func(living_free);
  g_autofree char *base = run_folder(NULL);
  g_autoptr(GPtrArray) names = base != NULL ? folder_names(base, NULL, NULL) : NULL;
  for (guint i = 0; names != NULL && i < names->len; i++) {
    const char *name = names->pdata[i];
    g_autofree char *folder = g_build_filename(base, name, NULL);
    g_autofree char *file = g_build_filename(folder, "state", NULL);
    g_auto(HostState) state = {0};
    int pid = strcmp(name, LEFT) != 0 ? owner_pid(name) : 0;
    if (pid == 0 || !host_state_read(file, &state, NULL) || !host_state_alive(&state))
      continue;
    Living *living = g_new0(Living, 1);
    living->state = state;
    memset(&state, 0, sizeof state);
    living->folder = g_steal_pointer(&folder);
    living->pid = pid;
    living->command = command_of(pid);
    g_ptr_array_add(all, living);
  }
  return all;
}

Machine *
embedded_attach(const Living *living, GError **error) {
  Machine *machine = machine_join(living->folder, living->state.image, living->state.pid,
                                  living->state.port, error);
  if (machine != NULL && machine_answers(machine, ANSWER_SECONDS, error))
    return machine;
  machine_leave(machine);
  g_prefix_error(error, "the Xen host of '%s' (pid %d): ", living->command, living->pid);
  return NULL;
}

/* Ends the QEMU of STATE, if that is still the process that STATE means. */
static void
end_left(const HostState *state) {
  g_autofree char *folder = left_folder(NULL);
  if (state->pid > 1 && host_state_alive(state)) {
    kill(state->pid, SIGTERM);
    for (int i = 0; i < 20 && host_state_alive(state); i++)
      g_usleep(50000);
    if (host_state_alive(state))
      kill(state->pid, SIGKILL);
  }
  if (folder != NULL)
    dir_remove(folder, NULL);
}

/* One that is left running, or NULL after what remained of it has been removed. Under the lock. */
static Machine *
find_or_clear(void) {
  g_auto(HostState) state = {0};
  g_autofree char *problem = NULL;
  Machine *machine = embedded_find(&state, &problem);
  if (machine != NULL || problem == NULL || proc_interrupted())
    return machine;
  if (state.pid > 1)
    msg_warn("the Xen host that was left running (pid %d) %s: replaced", state.pid, problem);
  else
    msg_warn("%s: thrown away", problem);
  end_left(&state);
  return NULL;
}

/* A folder's name tells whose it is, while that process holds its lock: see base/live.h. Folders of
 * processes that were killed before they could tidy up go here; their QEMU died with them. */
static char *
private_folder(const char *base, const char *suffix, GError **error) {
  g_autofree char *self = owner_self();
  g_autofree char *name =
      g_strdup_printf("%s-%" G_GUINT64_FORMAT "%s", self, process_started(getpid()), suffix);
  if (!live_hold(error))
    return NULL;
  cache_remove_left(base);
  return g_build_filename(base, name, NULL);
}

Machine *
embedded_open(GError **error) {
  g_autofree char *base = run_folder(error);
  g_autofree char *folder = NULL, *left = NULL;
  if (base == NULL)
    return NULL;
  left = g_build_filename(base, LEFT, NULL);
  if (g_file_test(left, G_FILE_TEST_EXISTS)) {
    g_autoptr(CacheLock) lock = cache_lock("xen-host", LEFT, error);
    Machine *machine = lock != NULL ? find_or_clear() : NULL;
    if (machine != NULL || lock == NULL)
      return machine;
  }
  if (proc_set_interrupted_error(error))
    return NULL;
  folder = private_folder(base, "", error);
  return folder != NULL ? make(folder, NULL, FALSE, error) : NULL;
}

Machine *
embedded_open_extra(const MachineExtra *extra, GError **error) {
  g_autofree char *base = run_folder(error);
  g_autofree char *folder = NULL;
  if (base == NULL || proc_set_interrupted_error(error))
    return NULL;
  folder = private_folder(base, extra->trace != NULL ? ".trace" : ".extra", error);
  return folder != NULL ? make(folder, extra, FALSE, error) : NULL;
}

/* The one place for a host that is left running may be taken by another machine's. */
static gboolean
check_ours(const char *folder, GError **error) {
  g_autofree char *file = g_build_filename(folder, "state", NULL);
  g_auto(HostState) state = {0};
  if (!host_state_read(file, &state, NULL) || !host_state_elsewhere(&state))
    return TRUE;
  g_autofree char *whose = owner_line_words(state.owner);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST,
              "%s: the host that is left running there is %s; expected a cache for this machine "
              "alone (TINYX_CACHE), or none left running",
              folder, whose != NULL ? whose : "another machine's");
  return FALSE;
}

gboolean
embedded_start(gboolean *already, GError **error) {
  g_autoptr(CacheLock) lock = cache_lock("xen-host", LEFT, error);
  g_autofree char *folder = lock != NULL ? left_folder(error) : NULL;
  Machine *machine;
  if (folder == NULL || !check_ours(folder, error))
    return FALSE;
  machine = find_or_clear();
  *already = machine != NULL;
  if (machine == NULL)
    machine = make(folder, NULL, TRUE, error);
  if (machine == NULL)
    return FALSE;
  machine_leave(machine);
  return TRUE;
}

gboolean
embedded_stop(gboolean *was, GError **error) {
  g_autoptr(CacheLock) lock = cache_lock("xen-host", LEFT, error);
  g_autofree char *folder = lock != NULL ? left_folder(error) : NULL;
  g_autofree char *file = folder != NULL ? g_build_filename(folder, "state", NULL) : NULL;
  g_auto(HostState) state = {0};
  g_autoptr(GError) problem = NULL;
  if (file == NULL || !check_ours(folder, error))
    return FALSE;
  *was = host_state_read(file, &state, &problem) && host_state_alive(&state);
  end_left(&state);
  return TRUE;
}
