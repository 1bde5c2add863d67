/* machine.c - starts, waits for, snapshots and ends the QEMU that is the embedded Xen host. */
#include "xen/machine.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "xen/confine.h"
#include "xen/memory.h"
#include "xen/qmp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define QEMU "qemu-system-x86_64"
#define BOOT_SECONDS 240  /* 13 on an idle machine without KVM */
#define KVM_SECONDS 60    /* a boot with KVM: 3 */
#define COUNTED_SLOWER 5  /* a machine that counts its instructions */
#define RETURN_SECONDS 40 /* from a snapshot: 2 */
#define PORT_ATTEMPTS 5
#define XEN_ARGUMENTS                                                                              \
  "console=com1 com1=115200,8n1 dom0_mem=512M,max:512M dom0_max_vcpus=1 bootscrub=0"
#define HOST_KEY "tinyx-host-key "

/* "-cpu max" alone lets dom0 die at its first iret (Xen 4.17 PV under TCG: SMAP). With the emulated
 * SVM and its nested paging Xen runs HVM and PVH guests, too; but for those it must emulate an
 * instruction now and then, and it does not know RDTSCP: then the guest ends. */
static const char *
cpu_model(const char *accelerator) {
  return g_str_equal(accelerator, "kvm") ? "host" : "max,-smap,-smep,+svm,+npt,-rdtscp";
}

/* Two virtual CPUs, so that the guest runs beside dom0; no more: QEMU has a thread for each. */
static const char *
cpu_count(void) {
  return g_get_num_processors() > 1 ? "2" : "1";
}

/* PORT -1: the text that stands for all ports, for the key. All files are relative to the run
 * folder: QEMU's own syntax gives commas and spaces in a path a meaning. */
static GPtrArray *
qemu_arguments(const char *accelerator, gboolean counted, int port) {
  GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
  const char *const fixed[] = {QEMU,
                               "-name",
                               "tinyx-xen-host",
                               "-nodefaults",
                               "-no-user-config",
                               "-display",
                               "none",
                               "-no-reboot",
                               "-m",
                               "2048",
                               "-serial",
                               "file:serial.log",
                               "-qmp",
                               "unix:qmp.sock,server=on,wait=off",
                               "-kernel",
                               "xen",
                               "-append",
                               XEN_ARGUMENTS,
                               "-initrd",
                               "vmlinuz console=hvc0 quiet loglevel=4,dom0.cpio",
                               "-device",
                               "virtio-net-pci,netdev=net,romfile=",
                               "-device",
                               "virtio-rng-pci"};
  for (guint i = 0; i < G_N_ELEMENTS(fixed); i++)
    g_ptr_array_add(argv, g_strdup(fixed[i]));
  g_ptr_array_add(argv, g_strdup("-machine"));
  g_ptr_array_add(argv, g_strdup("pc,usb=off,vmport=off"));
  g_ptr_array_add(argv, g_strdup("-accel"));
  g_ptr_array_add(argv, g_strdup(g_str_equal(accelerator, "kvm") ? "kvm"
                                 : counted                       ? "tcg,thread=single"
                                                                 : "tcg,thread=multi"));
  g_ptr_array_add(argv, g_strdup("-cpu"));
  g_ptr_array_add(argv, g_strdup(cpu_model(accelerator)));
  g_ptr_array_add(argv, g_strdup("-smp"));
  g_ptr_array_add(argv, g_strdup(counted ? "1" : cpu_count()));
  /* restrict: domains and dom0 reach nothing outside; only we reach in. */
  g_ptr_array_add(argv, g_strdup("-netdev"));
  g_ptr_array_add(argv,
                  g_strdup_printf("user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:%d-:22", port));
  return argv;
}

char *
machine_key(const char *image, const char *accelerator, GError **error) {
  const char *const argv[] = {QEMU, "--version", NULL};
  ProcSpec spec = {.argv = argv, .deadline = 30, .flags = PROC_CAPTURE};
  g_auto(ProcResult) version = {0};
  g_autoptr(GPtrArray) arguments = qemu_arguments(accelerator, FALSE, -1);
  g_autofree char *joined = NULL, *name = g_path_get_basename(image), *public_key = NULL;
  g_autofree char *key_file = g_build_filename(image, "id.pub", NULL);
  if (!proc_run(&spec, &version, error) ||
      !file_read(key_file, FILE_OWN_MAX, &public_key, NULL, error))
    return NULL;
  g_ptr_array_add(arguments, NULL);
  joined = g_strjoinv("\n", (char **)arguments->pdata);
  return sha256_of_strings(version.out, joined, name, public_key, NULL);
}

static gboolean
link_inputs(const Machine *machine, GError **error) {
  static const char *const names[] = {"xen", "vmlinuz", "dom0.cpio"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *target = g_build_filename(machine->image, names[i], NULL);
    g_autofree char *path = g_build_filename(machine->folder, names[i], NULL);
    unlink(path);
    if (symlink(target, path) != 0) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot be made", path);
      return FALSE;
    }
  }
  return TRUE;
}

static char *
log_text(const Machine *machine, const char *name) {
  g_autofree char *path = g_build_filename(machine->folder, name, NULL);
  char *text = NULL;
  return file_read(path, FILE_OWN_MAX, &text, NULL, NULL) ? text : g_strdup("");
}

/* The first line that QEMU wrote: "KVM internal error. Suberror: 1". g_free. */
static char *
first_word(const Machine *machine) {
  char *text = log_text(machine, "qemu.log");
  text[strcspn(text, "\r\n")] = '\0';
  return text;
}

/* QEMU's own words, or the end of Xen's and dom0's console. */
static void
set_ended_error(const Machine *machine, GError **error) {
  g_autofree char *words = log_text(machine, "qemu.log");
  g_autofree char *console = log_text(machine, "serial.log");
  const char *tail = console + MAX((gssize)strlen(console) - 400, 0);
  g_strchomp(words);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "QEMU ended: %s%s%s",
              words[0] != '\0' ? words : "it said nothing", tail[0] != '\0' ? "\n" : "", tail);
}

gboolean
machine_extra_is_special(const MachineExtra *extra) {
  return extra != NULL && (extra->counted || (extra->disks != NULL && extra->disks[0] != NULL));
}

static void
add_words(GPtrArray *argv, const char *const *words, guint count) {
  for (guint i = 0; i < count; i++)
    g_ptr_array_add(argv, g_strdup(words[i]));
}

/* Not among qemu_arguments(): what is watched changes nothing in a snapshot, and a machine with
 * disks or a counting clock has none. In the order of the bus dom0 names the disks. */
static void
add_extra(GPtrArray *argv, const MachineExtra *extra) {
  const char *const trace[] = {"-D", MACHINE_TRACE, "-d", "in_asm", "-dfilter", extra->trace};
  /* Idle time passes as it does here (sleep=on): else the timers of an ssh session run out while it
   * waits for us. */
  static const char *const counted[] = {"-icount", "shift=0,sleep=on"};
  if (extra->trace != NULL)
    add_words(argv, trace, G_N_ELEMENTS(trace));
  if (extra->counted)
    add_words(argv, counted, G_N_ELEMENTS(counted));
  for (guint i = 0; extra->disks != NULL && extra->disks[i] != NULL; i++) {
    g_autofree char *drive =
        g_strdup_printf("file=disk%u,format=raw,if=none,id=disk%u,snapshot=on", i, i);
    g_autofree char *device = g_strdup_printf("virtio-blk-pci,drive=disk%u", i);
    const char *const words[] = {"-drive", drive, "-device", device};
    add_words(argv, words, G_N_ELEMENTS(words));
  }
}

static gboolean
link_disks(const Machine *machine, const MachineExtra *extra, GError **error) {
  for (guint i = 0; extra != NULL && extra->disks != NULL && extra->disks[i] != NULL; i++) {
    g_autofree char *name = g_strdup_printf("disk%u", i);
    g_autofree char *path = g_build_filename(machine->folder, name, NULL);
    g_autofree char *target = path_absolute(extra->disks[i]);
    if (symlink(target, path) != 0) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot be made", path);
      return FALSE;
    }
  }
  return TRUE;
}

static void
end_qemu(Machine *machine) {
  proc_stop(g_steal_pointer(&machine->qemu), 1);
  keeper_stop(g_steal_pointer(&machine->keeper));
}

/* Starts QEMU once; *TAKEN tells that the port was not free after all. */
static gboolean
start_once(Machine *machine, const char *snapshot, const MachineExtra *extra, gboolean *taken,
           GError **error) {
  g_autofree char *log = g_build_filename(machine->folder, "qemu.log", NULL);
  g_autoptr(GPtrArray) argv = NULL;
  ProcSpec spec = {.cwd = machine->folder, .log = log};
  gboolean other_user;
  machine->port = port_free();
  argv = qemu_arguments(machine->accelerator, machine->counted, machine->port);
  other_user = confine_add(argv);
  if (snapshot != NULL) {
    g_ptr_array_add(argv, g_strdup("-incoming"));
    g_ptr_array_add(argv, g_strdup("defer"));
  }
  if (extra != NULL)
    add_extra(argv, extra);
  g_ptr_array_add(argv, NULL);
  spec.argv = (const char *const *)argv->pdata;
  unlink(log);
  machine->qemu = machine->detached ? proc_start_detached(&spec, error) : proc_start(&spec, error);
  if (machine->qemu == NULL)
    return FALSE;
  machine->pid = proc_pid(machine->qemu);
  /* Before it has become another user: until then it dies with us. */
  if (other_user && !machine->detached &&
      (machine->keeper = keeper_start(machine->pid, error)) == NULL) {
    end_qemu(machine);
    return FALSE;
  }
  if (proc_wait(machine->qemu, 0.3)) {
    g_autofree char *words = log_text(machine, "qemu.log");
    *taken = strstr(words, "host forwarding rule") != NULL;
    set_ended_error(machine, error);
    end_qemu(machine);
    return FALSE;
  }
  return TRUE;
}

Machine *
machine_start(const char *folder, const char *image, const char *accelerator, const char *snapshot,
              const MachineExtra *extra, gboolean detached, GError **error) {
  Machine *machine = g_new0(Machine, 1);
  machine->folder = g_strdup(folder);
  machine->image = g_strdup(image);
  machine->accelerator = accelerator;
  machine->detached = detached;
  machine->counted = extra != NULL && extra->counted;
  if (link_inputs(machine, error) && link_disks(machine, extra, error))
    for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
      gboolean taken = FALSE;
      g_clear_error(error);
      if (start_once(machine, snapshot, extra, &taken, error))
        return machine;
      if (!taken)
        break;
    }
  machine_end(machine, TRUE);
  return NULL;
}

static gboolean
make_remote(Machine *machine, GError **error) {
  g_autofree char *key = g_build_filename(machine->image, "id", NULL);
  g_autofree char *known = g_build_filename(machine->folder, "known_hosts", NULL);
  g_autofree char *log = g_build_filename(machine->folder, "ssh.log", NULL);
  if (!port_check(machine->port, machine->pid, error))
    return FALSE;
  machine->remote = remote_ssh("root", "127.0.0.1", machine->port, key, known, log, error);
  return machine->remote != NULL;
}

/* The clock of QEMU's mainboard goes on with this machine's, whatever became of the time in dom0;
 * Linux passes what dom0's clock is set to on to Xen (arch/x86/xen/time.c), which has seconds. */
static const char set_clock[] =
    "read -r right </sys/class/rtc/rtc0/since_epoch && off=$((right - $(date +%s))) &&\n"
    "  { [ $off -ge -1 ] && [ $off -le 1 ] || hwclock -u -s; } || echo wrong\n";

static gboolean
answers(Machine *machine, const char *script, int deadline, GError **error) {
  RemoteRun how = {.deadline = deadline, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  if (!remote_run(machine->remote, script, &how, &result, error))
    return FALSE;
  if (result.out[0] != '\0')
    msg_warn("the clock of the Xen host's dom0 cannot be set: guests will tell a wrong time");
  if (result.status == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "dom0's shell does not work (status %d)",
              result.status);
  return FALSE;
}

gboolean
machine_answers(Machine *machine, int deadline, GError **error) {
  return answers(machine, set_clock, deadline, error);
}

/* TRUE while QEMU may still come to something; *QMP is connected as soon as that can be. */
static gboolean
is_booting(Machine *machine, Qmp **qmp, GError **error) {
  g_autoptr(GError) problem = NULL;
  g_autofree char *words = NULL;
  if (*qmp == NULL)
    *qmp = qmp_connect(machine->folder, "qmp.sock", machine->qemu, 20, &problem);
  if (*qmp != NULL && qmp_runs(*qmp, &problem))
    return TRUE;
  if (proc_set_interrupted_error(error))
    return FALSE;
  if (proc_wait(machine->qemu, 0.5)) {
    set_ended_error(machine, error);
    return FALSE;
  }
  words = first_word(machine);
  g_propagate_prefixed_error(error, g_steal_pointer(&problem), "%s%s", words,
                             words[0] != '\0' ? ": " : "");
  return FALSE;
}

/* dom0 tells its public key on the console, which only its QEMU can write: nobody in between. */
static gboolean
wait_for_boot(Machine *machine, GError **error) {
  g_autofree char *known = g_build_filename(machine->folder, "known_hosts", NULL);
  gint64 begin = g_get_monotonic_time();
  int patience = g_str_equal(machine->accelerator, "kvm")
                     ? KVM_SECONDS
                     : BOOT_SECONDS * (machine->counted ? COUNTED_SLOWER : 1);
  g_autoptr(Qmp) qmp = NULL;
  for (;;) {
    g_autofree char *console = log_text(machine, "serial.log");
    double seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    const char *key = strstr(console, HOST_KEY);
    if (key != NULL && strstr(key, "tinyx-ready") != NULL) {
      g_autofree char *line = NULL;
      key += strlen(HOST_KEY);
      line = g_strdup_printf("tinyx-embedded %.*s\n", (int)strcspn(key, "\r\n"), key);
      return file_write(known, line, strlen(line), 0600, error);
    }
    if (!is_booting(machine, &qmp, error))
      return FALSE;
    if (seconds > patience) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT,
                  "dom0 was not up after %d s; its console ends with:\n%s", patience,
                  console + MAX((gssize)strlen(console) - 800, 0));
      return FALSE;
    }
    msg_stage_detail("booting, %.0f s", seconds);
    if (!proc_sleep(0.1)) {
      proc_set_interrupted_error(error);
      return FALSE;
    }
  }
}

static gboolean
wait_for_return(Machine *machine, const char *snapshot, GError **error) {
  g_autofree char *from = g_build_filename(snapshot, "known_hosts", NULL);
  g_autofree char *to = g_build_filename(machine->folder, "known_hosts", NULL);
  g_autofree char *memory = g_build_filename(snapshot, "snapshot", NULL);
  g_autoptr(Qmp) qmp = NULL;
  Proc *packer = NULL;
  gboolean loaded;
  if (!file_copy(from, to, 0600, error) ||
      (qmp = qmp_connect(machine->folder, "qmp.sock", machine->qemu, 20, error)) == NULL)
    return FALSE;
  loaded = memory_load(qmp, memory, &packer, error) &&
           qmp_wait_status(qmp, "query-status", "paused", NULL, RETURN_SECONDS, error);
  proc_stop(packer, 0);
  if (!loaded) {
    if (!proc_wait(machine->qemu, 1))
      return FALSE;
    g_clear_error(error);
    set_ended_error(machine, error);
    return FALSE;
  }
  return qmp_execute(qmp, "cont", NULL, NULL, error);
}

gboolean
machine_wait(Machine *machine, const char *snapshot, GError **error) {
  gboolean running =
      snapshot != NULL ? wait_for_return(machine, snapshot, error) : wait_for_boot(machine, error);
  int patience = RETURN_SECONDS * (machine->counted ? COUNTED_SLOWER : 1);
  return running && make_remote(machine, error) &&
         answers(machine, snapshot != NULL ? set_clock : "true", patience, error);
}

gboolean
machine_snapshot(Machine *machine, const char *key, GError **error) {
  g_autofree char *state = g_build_filename(machine->folder, "memory", NULL);
  g_autofree char *known = g_build_filename(machine->folder, "known_hosts", NULL);
  g_autofree char *folder = NULL, *entry = NULL, *to_state = NULL, *to_known = NULL;
  g_autoptr(Qmp) qmp = qmp_connect(machine->folder, "qmp.sock", machine->qemu, 20, error);
  if (qmp == NULL || !memory_save(qmp, state, error) ||
      (folder = cache_begin("xen-snapshot", key, error)) == NULL)
    return FALSE;
  to_state = g_build_filename(folder, "snapshot", NULL);
  to_known = g_build_filename(folder, "known_hosts", NULL);
  if (!file_copy(state, to_state, 0600, error) || !file_copy(known, to_known, 0600, error)) {
    cache_discard(folder);
    return FALSE;
  }
  unlink(state);
  entry = cache_commit(folder, "xen-snapshot", key, error);
  return entry != NULL;
}

static void
machine_free(Machine *machine) {
  remote_free(machine->remote);
  g_free(machine->folder);
  g_free(machine->image);
  g_free(machine);
}

void
machine_end(Machine *machine, gboolean destroy) {
  if (machine == NULL)
    return;
  destroy = destroy || machine->qemu != NULL;
  end_qemu(machine);
  if (destroy)
    dir_remove(machine->folder, NULL);
  machine_free(machine);
}

void
machine_leave(Machine *machine) {
  if (machine == NULL)
    return;
  if (machine->qemu != NULL)
    proc_free(machine->qemu);
  machine_free(machine);
}

Machine *
machine_join(const char *folder, const char *image, int pid, int port, GError **error) {
  Machine *machine = g_new0(Machine, 1);
  machine->folder = g_strdup(folder);
  machine->image = g_strdup(image);
  machine->pid = pid;
  machine->port = port;
  if (make_remote(machine, error))
    return machine;
  machine_free(machine);
  return NULL;
}
