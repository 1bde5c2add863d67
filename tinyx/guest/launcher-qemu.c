/* launcher-qemu.c - guests in QEMU on this machine, in a network namespace of their own.
 *
 * The agent is started in a new network namespace (as root there: of this machine, or of a user
 * namespace), and starts QEMU in it; each interface of the guest is a tap device. QEMU's command
 * line comes from the platform's data: qemu-machine, qemu-network, qemu-disk.
 */
#include "guest/launcher.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/own.h"
#include "base/proc.h"
#include "base/process.h"
#include "guest/console.h"
#include "guest/qemu-words.h"
#include "xen/accel.h"
#include "xen/qmp.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CLOSE_SECONDS 10  /* for the agent to tidy up */
#define START_SECONDS 20  /* until QEMU listens to its monitor */
#define ASK_SECONDS 30    /* of a shell command that does one thing */
#define LOOK_SECONDS 0.05 /* between two looks at a guest that shuts down */
#define LAST_WORDS_US 100000
#define MAC_PREFIX "52:54:00" /* that QEMU uses itself */
#define COUNT_PLUGIN "tinyx-count.so"

/* Of a Guest. */
typedef struct {
  guint job; /* agent_start()'s; 0: it does not run yet */
  Qmp *monitor;
} Machine;

/* ---- the host ---------------------------------------------------------- */

/* Its guests run here, and have the disks that each is given. */
static gboolean
check_options(const GuestHostOptions *options, GError **error) {
  if (options->spec != NULL && options->spec[0] != '\0' && strcmp(options->spec, "local") != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--host %s: QEMU's guests run on this machine; expected no --host, or local",
                options->spec);
    return FALSE;
  }
  if (options->disks == NULL || options->disks[0] == NULL)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "QEMU's host has no disks of its own; expected a platform of a Xen host");
  return FALSE;
}

/* Becomes root in a network namespace of its own; what is to run there follows. */
static const char *const *
namespace_command(void) {
  static const char *const as_root[] = {"unshare", "--net", NULL};
  static const char *const as_user[] = {"unshare", "--user", "--map-root-user", "--net", NULL};
  return geteuid() == 0 ? as_root : as_user;
}

static gboolean
check_namespaces(GError **error) {
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  g_autoptr(GError) problem = NULL;
  for (const char *const *word = namespace_command(); *word != NULL; word++)
    g_ptr_array_add(argv, (gpointer)*word);
  g_ptr_array_add(argv, (gpointer) "true");
  g_ptr_array_add(argv, NULL);
  ProcSpec spec = {.argv = (const char *const *)argv->pdata, .deadline = ASK_SECONDS};
  if (proc_run(&spec, NULL, &problem))
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST,
              "no network namespace can be made here: %s; expected root, or user namespaces",
              problem->message);
  return FALSE;
}

static gboolean
qemu_check(const GuestHostOptions *options, GError **error) {
  if (!check_options(options, error) || !proc_need(QEMU, error) || !proc_need("unshare", error) ||
      !check_namespaces(error))
    return FALSE;
  if (access("/dev/net/tun", R_OK | W_OK) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST,
              "/dev/net/tun: %s; expected it for the guest's network (modprobe tun)",
              g_strerror(errno));
  return FALSE;
}

/* QEMU lists and counts what it translates; KVM translates nothing. */
static const char *
accelerator_of(const GuestHostOptions *options) {
  return options->trace_high != 0 || options->counted ? "tcg" : machine_accelerator();
}

static GuestAbilities
qemu_abilities(const GuestHostOptions *options) {
  gboolean emulated = strcmp(accelerator_of(options), "tcg") == 0;
  return GUEST_CAN_TRACE | GUEST_CAN_COUNT | GUEST_HAS_CLOCKS |
         (emulated ? GUEST_HAS_PROCESSORS : 0);
}

static char *
qemu_describe(const GuestHostOptions *options) {
  return g_strdup_printf("QEMU %s on this machine", accelerator_of(options));
}

static gboolean
open_agent(GuestHost *host, GError **error) {
  g_autofree char *script = agent_script(host->folder, error);
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  if (script == NULL)
    return FALSE;
  for (const char *const *word = namespace_command(); *word != NULL; word++)
    g_ptr_array_add(argv, (gpointer)*word);
  g_ptr_array_add(argv, (gpointer) "sh");
  g_ptr_array_add(argv, (gpointer) "-c");
  g_ptr_array_add(argv, script);
  g_ptr_array_add(argv, NULL);
  host->agent = agent_open((const char *const *)argv->pdata, host->name, error);
  return host->agent != NULL;
}

static gboolean
qemu_open(GuestHost *host, const GuestHostOptions *options, GError **error) {
  QemuHost *qemu = g_new0(QemuHost, 1);
  host->data = qemu;
  if (!qemu_check(options, error) ||
      (host->folder = g_dir_make_tmp("tinyx-qemu-XXXXXX", error)) == NULL)
    return FALSE;
  qemu->trace_low = options->trace_low;
  qemu->trace_high = options->trace_high;
  if (options->counted && (qemu->count_plugin = own_program(COUNT_PLUGIN, error)) == NULL)
    return FALSE;
  qemu->accelerator = accelerator_of(options);
  host->name = qemu_describe(options);
  host->is_here = TRUE;
  host->takes = TRUE;
  host->trace = options->trace_high != 0 ? g_build_filename(host->folder, "trace", NULL) : NULL;
  return open_agent(host, error);
}

static void
qemu_close(GuestHost *host) {
  agent_close(host->agent, CLOSE_SECONDS);
  if (host->folder != NULL)
    dir_remove(host->folder, NULL); /* the agent has done so, unless it never ran */
  g_free(((QemuHost *)host->data)->count_plugin);
  g_free(host->data);
}

/* ---- creating ---------------------------------------------------------- */

static gboolean
link_file(const Guest *guest, const char *target, const char *name, GError **error) {
  g_autofree char *path = g_build_filename(guest->folder, name, NULL);
  g_autofree char *absolute = path_absolute(target);
  if (symlink(absolute, path) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
  return FALSE;
}

static gboolean
place_files(const Guest *guest, gboolean *has_second, GError **error) {
  static const guint64 zero;
  const QemuHost *qemu = guest->host->data;
  const GuestImage *image = guest->image;
  const char *name;
  g_autofree char *counter = g_build_filename(guest->folder, COUNTER, NULL);
  g_autofree char *second = NULL;
  g_autofree char *kernel = g_build_filename(image->folder, image->kernel, NULL);
  if (!dir_make(guest->folder, error) ||
      !guest_second_file(image, guest->folder, &name, &second, error))
    return FALSE;
  *has_second = second != NULL;
  return link_file(guest, kernel, KERNEL_LINK, error) &&
         (second == NULL || link_file(guest, second, SECOND_LINK, error)) &&
         (image->host_disk == NULL || link_file(guest, image->host_disk, DISK_LINK, error)) &&
         (qemu->count_plugin == NULL || (link_file(guest, qemu->count_plugin, PLUGIN_LINK, error) &&
                                         file_write(counter, &zero, sizeof zero, 0600, error)));
}

static gboolean
make_taps(Guest *guest, GError **error) {
  for (int i = 0; i < guest->recipe->vifs; i++) {
    const GuestVif *vif = &guest->vifs[i];
    g_auto(AgentReply) reply = {0};
    if (!agent_call(guest->host->agent, AGENT_TAP, "", &reply, error, "tap%d %s %s %s", i,
                    vif->gateway, vif->guest, vif->mac)) {
      g_prefix_error(error, "the guest's network: ");
      return FALSE;
    }
  }
  return TRUE;
}

static char *
error_text(const Guest *guest) {
  g_autofree char *path = g_build_filename(guest->folder, "errors", NULL);
  char *text = NULL;
  file_read(path, FILE_OWN_MAX, &text, NULL, NULL);
  return text != NULL && g_strchomp(text)[0] != '\0'
             ? text
             : (g_free(text), g_strdup("QEMU says nothing"));
}

/* FALSE once QEMU has ended. */
static gboolean
is_alive(const Guest *guest) {
  const Machine *machine = guest->data;
  return agent_cpu(guest->host->agent, machine->job) >= 0;
}

/* As soon as QEMU listens; what is wrong with its command line ends it before. */
static gboolean
connect_monitor(Guest *guest, GError **error) {
  Machine *machine = guest->data;
  g_autofree char *path = g_build_filename(guest->folder, MONITOR, NULL);
  gint64 end = g_get_monotonic_time() + START_SECONDS * G_USEC_PER_SEC;
  while (!g_file_test(path, G_FILE_TEST_EXISTS) && g_get_monotonic_time() < end && is_alive(guest))
    if (!agent_wait_any(guest->host->agent, LOOK_SECONDS, error))
      return FALSE;
  g_autoptr(GError) problem = NULL;
  machine->monitor = qmp_connect(guest->folder, MONITOR, NULL, 5, &problem);
  if (machine->monitor != NULL)
    return TRUE;
  g_autofree char *words = error_text(guest);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_GUEST, "QEMU does not start with %d MB: %s",
              guest->image->memory, words);
  return FALSE;
}

static gboolean
qemu_create(Guest *guest, GError **error) {
  Machine *machine = g_new0(Machine, 1);
  gboolean has_second;
  guest->data = machine;
  if (!guest_choose_networks(guest, MAC_PREFIX, error) || !make_taps(guest, error) ||
      !place_files(guest, &has_second, error))
    return FALSE;
  g_autofree char *script = qemu_command_text(guest, has_second);
  g_autofree char *file = g_build_filename(guest->name, GUEST_CONSOLE_FILE, NULL);
  guest->began = agent_time(guest->host->agent);
  machine->job = agent_start(guest->host->agent, file, script, guest_take_console, guest, error);
  if (machine->job == 0 || !connect_monitor(guest, error))
    return FALSE;
  guest->created = agent_time(guest->host->agent);
  return TRUE;
}

static gboolean
qemu_start(Guest *guest, GError **error) {
  Machine *machine = guest->data;
  g_auto(AgentRun) now = {0};
  /* Its clock, not ours, is what all times of a guest are by. */
  if (!agent_exec(guest->host->agent, ASK_SECONDS, ":", NULL, &now, error))
    return FALSE;
  guest->started = now.ended;
  return qmp_execute(machine->monitor, "cont", NULL, NULL, error);
}

/* ---- its life ---------------------------------------------------------- */

/* A virtual CPU that KVM gave up on stands still, and QEMU with it. */
static gboolean
check_kvm(Guest *guest, GError **error) {
  QemuHost *qemu = guest->host->data;
  Machine *machine = guest->data;
  g_autofree char *status = NULL;
  if (strcmp(qemu->accelerator, "kvm") != 0 || machine->monitor == NULL ||
      !qmp_execute(machine->monitor, "query-status", NULL, &status, NULL) ||
      g_strcmp0(status, "internal-error") != 0)
    return TRUE;
  machine_refuse_kvm();
  qemu->accelerator = "tcg";
  guest->host->changed = TRUE;
  g_set_error(
      error, TINYX_ERROR, TINYX_ERROR_HOST,
      "KVM gave up on the guest's processor (status internal-error): QEMU emulates here from "
      "now on");
  return FALSE;
}

/* What QEMU's end meant. A guest cannot switch the machine off where it has no ACPI: it ends by a
 * reboot, orderly after init has said the memory in use (rootfs/glue/stop), or by a panic. */
static void
judge_end(Guest *guest) {
  const char *console = guest->console->str;
  g_autofree char *panic = console_panic(console);
  if (panic != NULL)
    guest_set_end(guest, GUEST_CRASHED, NULL);
  else if (console_says_meminfo(console))
    guest_set_end(guest, GUEST_POWERED_OFF, NULL);
  else if (strstr(console, "reboot: Restarting system") != NULL)
    guest_set_end(guest, GUEST_REBOOTED, NULL);
  else {
    g_autofree char *text = error_text(guest);
    guest_set_end(guest, GUEST_ENDED, text);
  }
}

static gboolean
qemu_ended(Guest *guest, GError **error) {
  if (is_alive(guest)) {
    guest_set_end(guest, GUEST_RUNS, NULL);
    return check_kvm(guest, error);
  }
  /* The console's last words are on their way. */
  gint64 begin = g_get_monotonic_time();
  do {
    if (!agent_wait_any(guest->host->agent, LOOK_SECONDS, error))
      return FALSE;
  } while (g_get_monotonic_time() - MAX(begin, guest->console_heard) < LAST_WORDS_US);
  judge_end(guest);
  return TRUE;
}

/* The word for a script of the glue (rootfs/glue/console). */
static gboolean
qemu_shut_down(Guest *guest, int seconds, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
  const Machine *machine = guest->data;
  g_autoptr(GError) problem = NULL;
  /* It may end in the meantime. */
  if (is_alive(guest) &&
      !agent_tell(guest->host->agent, machine->job, CONSOLE_SHUTDOWN "\n", &problem) &&
      is_alive(guest)) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  while (is_alive(guest) && g_get_monotonic_time() < end)
    if (!agent_wait_any(guest->host->agent, LOOK_SECONDS, error))
      return FALSE;
  return qemu_ended(guest, error);
}

static void
qemu_destroy(Guest *guest) {
  Machine *machine = guest->data;
  if (machine == NULL)
    return;
  g_clear_pointer(&machine->monitor, qmp_free);
  if (machine->job != 0)
    agent_stop(guest->host->agent, machine->job);
  dir_remove(guest->folder, NULL);
  g_free(machine);
  guest->data = NULL;
}

/* A nanosecond each, as on a host whose clock counts them; -1. */
static double
instructions(const Guest *guest) {
  g_autofree char *path = g_build_filename(guest->folder, COUNTER, NULL);
  g_autofree char *bytes = NULL;
  guint64 count;
  gsize size;
  if (!file_read(path, FILE_OWN_MAX, &bytes, &size, NULL) || size != sizeof count)
    return -1;
  memcpy(&count, bytes, sizeof count);
  return (double)count / 1e9;
}

/* QEMU's own included, where instructions are not counted. */
static double
qemu_cpu_seconds(Guest *guest) {
  const QemuHost *qemu = guest->host->data;
  const Machine *machine = guest->data;
  if (qemu->count_plugin != NULL)
    return instructions(guest);
  return agent_cpu(guest->host->agent, machine->job);
}

static char *
qemu_device(Guest *guest, int vif, GError **error) {
  (void)guest;
  (void)error;
  return g_strdup_printf("tap%d", vif);
}

static gboolean
qemu_tell(Guest *guest, const char *line, GError **error) {
  const Machine *machine = guest->data;
  g_autofree char *text = g_strconcat(line, "\n", NULL);
  return agent_tell(guest->host->agent, machine->job, text, error);
}

/* "PID START", of QEMU: a pid that was given out again has another start. */
static char *
qemu_identity(Guest *guest, GError **error) {
  g_autofree char *path = g_build_filename(guest->folder, PID, NULL);
  g_autofree char *text = NULL;
  guint64 pid, started;
  if (!file_read(path, FILE_OWN_MAX, &text, NULL, error))
    return NULL;
  if (number_parse(g_strstrip(text), G_MAXINT, &pid) && (started = process_started((int)pid)) > 0)
    return g_strdup_printf("%d %" G_GUINT64_FORMAT, (int)pid, started);
  tinyx_fail(error, TINYX_ERROR_GUEST, "%s: QEMU does not run any more", guest->name);
  return NULL;
}

/* Its agent, which sees that tinyx is gone, is about to end it. */
static gboolean
qemu_end_lost(const GuestHostOptions *options, const char *identity, gboolean *was,
              GError **error) {
  int pid = 0;
  unsigned long long started = 0;
  (void)options;
  if (sscanf(identity, "%d %llu", &pid, &started) != 2 || pid <= 1)
    return tinyx_fail(error, TINYX_ERROR_CORRUPT, "'%s': expected a process and its start",
                      identity);
  int fd = process_open(pid, started);
  *was = fd >= 0 && !process_wait(fd, CLOSE_SECONDS);
  if (*was)
    process_signal(fd, SIGKILL);
  gboolean ended = fd < 0 || process_wait(fd, CLOSE_SECONDS);
  if (fd >= 0)
    close(fd);
  return ended || tinyx_fail(error, TINYX_ERROR_FAILED, "process %d (QEMU) does not end", pid);
}

const Launcher launcher_qemu = {.name = "qemu",
                                .title = "QEMU",
                                .act = "QEMU was started",
                                .check = qemu_check,
                                .abilities = qemu_abilities,
                                .describe = qemu_describe,
                                .open = qemu_open,
                                .close = qemu_close,
                                .create = qemu_create,
                                .start = qemu_start,
                                .ended = qemu_ended,
                                .shut_down = qemu_shut_down,
                                .destroy = qemu_destroy,
                                .cpu_seconds = qemu_cpu_seconds,
                                .device = qemu_device,
                                .tell = qemu_tell,
                                .identity = qemu_identity,
                                .end_lost = qemu_end_lost};
