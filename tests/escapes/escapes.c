/* escapes.c - ways out of a confinement, tried one by one; static, for whatever root it finds
 * itself in.
 *
 * usage: escapes CANARY PORT PID SHM     tries them; without words: those in /escapes.args
 *        escapes linger WORD             stays, whatever ends its parents, with WORD among its
 * arguments escapes host                    has what must not be reached: says "PORT PID SHM", and
 * stays CANARY  a file of the host that nobody in here may read or write PORT    a TCP port on
 * which the host listens on 127.0.0.1 PID     a process of the host, of the same user as root in
 * here, if that is the caller SHM     the id of a System V shared memory segment of the host A line
 * for each: "held NAME", "ESCAPED NAME: how", "absent NAME: why" where there is nothing to try.
 * Sources: the classic ways out of chroot and containers (open_by_handle_at "shocker",
 * release_agent, core_pattern, /proc/1/root, CVE-2019-5736, CVE-2017-5226's TIOCSTI), and what
 * engines filter.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_alg.h>
#include <linux/vm_sockets.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *canary;
static int port, host_process, shm;

/* ---- verdicts: each way runs in a process of its own, which ends with one of them
 * ------------------ */

#define HELD 0
#define ESCAPED 1
#define ABSENT 2

static char how[256];
static int verdict_pipe;

static int
say(int verdict, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(how, sizeof how, format, args);
  va_end(args);
  if (write(verdict_pipe, how, strlen(how)) < 0)
    return ESCAPED;
  return verdict;
}

static int
opened(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
  return fd >= 0 ? say(ESCAPED, "%s could be opened", path) : HELD;
}

/* Whether CALL got as far as the kernel's work: refused is EPERM, EACCES, ENOSYS and the like. */
static int
refused(long result, const char *what) {
  if (result >= 0)
    return say(ESCAPED, "%s succeeded", what);
  switch (errno) {
  case EPERM:
  case EACCES:
  case ENOSYS:
  case EROFS:
  case ENOENT:
  case ENOTTY:
  case EAFNOSUPPORT:
    return HELD;
  default:
    return say(ESCAPED, "%s: %s, which is no refusal", what, strerror(errno));
  }
}

static int
read_canary(const char *path) {
  char text[64];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd >= 0 ? read(fd, text, sizeof text) : -1;
  return got >= 0 ? say(ESCAPED, "%s could be read", path) : HELD;
}

/* ---- the host's files
 * ------------------------------------------------------------------------------ */

static int
canary_by_path(void) {
  return read_canary(canary);
}

static int
canary_by_proc_root(void) {
  char path[4200];
  snprintf(path, sizeof path, "/proc/1/root%s", canary);
  return read_canary(path);
}

static int
write_by_proc_cwd(void) {
  char path[4200];
  snprintf(path, sizeof path, "/proc/1/cwd/../../../..%s", canary);
  return opened(path, O_WRONLY);
}

/* A folder that is held open while the root moves below it: chroot(2). */
static int
canary_by_chroot(void) {
  int up = open("/", O_RDONLY | O_DIRECTORY);
  if (mkdir("/tmp/jail", 0700) != 0 && errno != EEXIST)
    return HELD;
  if (chroot("/tmp/jail") != 0 || fchdir(up) != 0)
    return HELD;
  for (int i = 0; i < 64; i++)
    if (chdir("..") != 0)
      return HELD;
  if (chroot(".") != 0)
    return HELD;
  return read_canary(canary);
}

/* After the same, what is outside must be read-only. */
static int
programs_after_chroot(void) {
  canary_by_chroot();
  int fd = open("/usr/bin/tinyx-escaped", O_WRONLY | O_CREAT, 0755);
  if (fd < 0)
    return HELD;
  unlink("/usr/bin/tinyx-escaped");
  struct stat here, target;
  if (stat("/", &here) == 0 && stat("/target", &target) != 0)
    return HELD; /* it never left: this is its own root */
  return say(ESCAPED, "a file beside this machine's programs");
}

static int
handle_shocker(void) {
  struct {
    struct file_handle head;
    unsigned char bytes[8];
  } handle = {.head = {.handle_bytes = 8, .handle_type = 1}, .bytes = {2}};
  int here = open("/", O_RDONLY | O_DIRECTORY);
  return refused(open_by_handle_at(here, &handle.head, O_RDONLY), "open_by_handle_at");
}

/* What is open here must be of here: no folder, and no file but the standard streams. */
static int
open_descriptors(void) {
  for (int fd = 3; fd < 1024; fd++)
    if (fd != verdict_pipe && fcntl(fd, F_GETFD) >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
      return say(ESCAPED, "descriptor %d was left open", fd);
  return HELD;
}

static int
first_process_exe(void) {
  return opened("/proc/1/exe", O_WRONLY);
}

/* ---- devices
 * ---------------------------------------------------------------------------------------- */

static int
device(const char *path, unsigned type, unsigned major_number, unsigned minor_number) {
  unlink(path);
  if (mknod(path, type | 0600, makedev(major_number, minor_number)) != 0)
    return HELD;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  unlink(path);
  return fd < 0 && (errno == EACCES || errno == EPERM)
             ? HELD
             : say(ESCAPED, "a device node %u:%u was made, and is no less than usable",
                   major_number, minor_number);
}

static int
block_device_sda(void) {
  return device("/tmp/sda", S_IFBLK, 8, 0);
}
static int
block_device_virtio(void) {
  return device("/tmp/vda", S_IFBLK, 254, 0);
}
static int
block_device_loop(void) {
  return device("/tmp/loop0", S_IFBLK, 7, 0);
}
static int
memory_device(void) {
  return device("/tmp/mem", S_IFCHR, 1, 1);
}
static int
kmsg_device(void) {
  return device("/tmp/kmsg", S_IFCHR, 1, 11);
}
static int
tun_device(void) {
  return device("/tmp/tun", S_IFCHR, 10, 200);
}

static int
devices_there(void) {
  static const char *const names[] = {
      "/dev/mem", "/dev/kmem", "/dev/port",         "/dev/kmsg",    "/dev/kvm",     "/dev/fuse",
      "/dev/vda", "/dev/sda",  "/dev/loop-control", "/dev/net/tun", "/dev/console0"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (opened(names[i], O_RDWR) != HELD)
      return ESCAPED;
  return HELD;
}

/* ---- /proc and /sys
 * ---------------------------------------------------------------------------------- */

static int
any_opened(const char *const *paths, size_t count, int flags) {
  for (size_t i = 0; i < count; i++)
    if (opened(paths[i], flags) != HELD)
      return ESCAPED;
  return HELD;
}
#define ANY(flags, ...)                                                                            \
  do {                                                                                             \
    static const char *const paths[] = {__VA_ARGS__};                                              \
    return any_opened(paths, sizeof paths / sizeof *paths, flags);                                 \
  } while (0)

static int
core_pattern(void) {
  ANY(O_WRONLY, "/proc/sys/kernel/core_pattern", "/proc/1/root/proc/sys/kernel/core_pattern");
}
static int
modprobe_path(void) {
  ANY(O_WRONLY, "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug",
      "/proc/sys/kernel/poweroff_cmd");
}
static int
other_sysctls(void) {
  ANY(O_WRONLY, "/proc/sys/kernel/panic", "/proc/sys/vm/overcommit_memory",
      "/proc/sys/kernel/randomize_va_space", "/proc/sys/fs/protected_symlinks",
      "/proc/sys/kernel/hostname", "/proc/sys/kernel/sysrq");
}
static int
sysrq_trigger(void) {
  ANY(O_WRONLY, "/proc/sysrq-trigger");
}
static int
binfmt_register(void) {
  ANY(O_WRONLY, "/proc/sys/fs/binfmt_misc/register");
}
static int
irq_affinity(void) {
  ANY(O_WRONLY, "/proc/irq/default_smp_affinity", "/proc/irq/0/smp_affinity");
}

/* Empty, or not there. */
static int
kernel_memory(void) {
  static const char *const paths[] = {"/proc/kcore",      "/proc/kallsyms",    "/proc/keys",
                                      "/proc/timer_list", "/proc/sched_debug", "/proc/kpagecount"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    char byte;
    int fd = open(paths[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && read(fd, &byte, 1) > 0)
      return say(ESCAPED, "%s can be read", paths[i]);
    if (fd >= 0)
      close(fd);
  }
  return HELD;
}

static int
kernel_log(void) {
  char text[64];
  return refused(klogctl(3, text, sizeof text), "syslog(2)");
}

static int
sys_writes(void) {
  ANY(O_WRONLY, "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/kernel/mm/ksm/run",
      "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/release_agent",
      "/sys/module/kernel/parameters/panic", "/sys/firmware/efi/efivars",
      "/sys/kernel/debug/sched/debug");
}

/* Others than ours: this one's parent, and whom the keeper of a sandbox has started. */
static int
processes_seen(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", host_process);
  if (host_process > 5000 && access(path, F_OK) == 0)
    return say(ESCAPED, "the host's process %d is seen", host_process);
  return HELD;
}

/* ---- namespaces and mounts
 * ---------------------------------------------------------------------------- */

static int
mount_tmpfs(void) {
  return refused(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), "mount of a tmpfs");
}
static int
mount_proc(void) {
  return refused(mount("proc", "/tmp", "proc", 0, NULL), "mount of proc");
}
static int
remount_writable(void) {
  int failed =
      refused(mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL), "remount of /proc/sys");
  return failed != HELD
             ? failed
             : refused(mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL), "remount of /usr");
}
static int
unmount_masks(void) {
  return refused(umount2("/proc/kcore", MNT_DETACH), "umount of a mask");
}
static int
mount_cgroup(void) {
  return refused(mount("cgroup", "/tmp", "cgroup", 0, "memory"), "mount of cgroup");
}
static int
new_mount_api(void) {
  return refused(syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */), "open_tree");
}
static int
new_mount_filesystem(void) {
  return refused(syscall(SYS_fsopen, "ext4", 0), "fsopen");
}
static int
pivot(void) {
  return refused(syscall(SYS_pivot_root, ".", "."), "pivot_root");
}
static int
user_namespace(void) {
  return refused(unshare(CLONE_NEWUSER), "unshare of a user namespace");
}
static int
mount_namespace(void) {
  return refused(unshare(CLONE_NEWNS), "unshare of a mount namespace");
}
static int
clone_namespace(void) {
  long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0)
    _exit(0);
  return refused(child, "clone with a user namespace");
}
static int
clone3_namespace(void) {
  struct {
    unsigned long long flags, rest[10];
  } args = {.flags = CLONE_NEWUSER};
  long child = syscall(SYS_clone3, &args, 64);
  if (child == 0)
    _exit(0);
  return refused(child, "clone3 with a user namespace");
}
static int
enter_first_namespace(void) {
  int fd = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
  return fd < 0 ? HELD : refused(setns(fd, 0), "setns to process 1's mounts");
}

/* ---- processes
 * ---------------------------------------------------------------------------------------- */

static int
trace_first(void) {
  return refused(ptrace(PTRACE_ATTACH, 1, NULL, NULL), "ptrace of process 1");
}
static int
trace_me(void) {
  return refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL), "ptrace");
}
/* Where process 1 is ours, as a daemon on trial is, its memory is no other's. */
static bool
first_is_ours(void) {
  struct stat first, own;
  return stat("/proc/1/exe", &first) == 0 && stat("/proc/self/exe", &own) == 0 &&
         first.st_ino == own.st_ino && first.st_dev == own.st_dev;
}
static int
memory_of_first(void) {
  char bytes[8];
  struct iovec here = {bytes, sizeof bytes}, there = {(void *)0x400000, sizeof bytes};
  int failed =
      refused(process_vm_readv(1, &here, 1, &there, 1, 0), "process_vm_readv of process 1");
  return failed != HELD || first_is_ours() ? failed : opened("/proc/1/mem", O_RDWR);
}
static int
kill_host_process(void) {
  /* In its own process namespace such a number means one of ours, or nobody. */
  return host_process > 5000 && kill(host_process, 0) == 0
             ? say(ESCAPED, "the host's process answers")
             : HELD;
}
static int
kill_first(void) {
  kill(1, SIGKILL);
  kill(1, SIGTERM);
  usleep(200000);
  return HELD; /* if we are still here */
}

/* ---- rights
 * ------------------------------------------------------------------------------------------- */

static int
capabilities(void) {
  static const int never[] = {CAP_SYS_ADMIN,     CAP_SYS_MODULE,      CAP_SYS_RAWIO,
                              CAP_SYS_PTRACE,    CAP_SYS_BOOT,        CAP_SYS_TIME,
                              CAP_SYSLOG,        CAP_DAC_READ_SEARCH, CAP_MAC_ADMIN,
                              CAP_BPF,           CAP_PERFMON,         CAP_SYS_RESOURCE,
                              CAP_AUDIT_CONTROL, CAP_LINUX_IMMUTABLE, CAP_CHECKPOINT_RESTORE};
  for (size_t i = 0; i < sizeof never / sizeof *never; i++)
    if (prctl(PR_CAPBSET_READ, never[i]) == 1)
      return say(ESCAPED, "capability %d is in the bounding set", never[i]);
  return HELD;
}
static int
no_new_privs(void) {
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? HELD : say(ESCAPED, "no_new_privs is off");
}
static int
filtered(void) {
  return prctl(PR_GET_SECCOMP) == 2 || errno == EPERM ? HELD : say(ESCAPED, "no filter");
}
static int
root_outside(void) {
  unsigned inside, outside, count;
  FILE *map = fopen("/proc/self/uid_map", "r");
  if (map == NULL)
    return say(ABSENT, "no /proc");
  if (fscanf(map, "%u %u %u", &inside, &outside, &count) != 3 || (inside == 0 && outside == 0))
    return getuid() != 0 ? HELD : say(ESCAPED, "root in here is root outside");
  return HELD;
}
static int
limits(void) {
  struct rlimit core, processes;
  getrlimit(RLIMIT_CORE, &core);
  getrlimit(RLIMIT_NPROC, &processes);
  if (core.rlim_max != 0)
    return say(ESCAPED, "core files");
  return processes.rlim_max > 8192 ? say(ESCAPED, "processes without limit") : HELD;
}
static int
raise_limits(void) {
  struct rlimit many = {RLIM_INFINITY, RLIM_INFINITY};
  return refused(setrlimit(RLIMIT_NPROC, &many), "more processes");
}
static int
oom_adjust(void) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  return fd < 0 ? HELD : refused(write(fd, "-1000", 5), "a lower oom_score_adj");
}

/* ---- the kernel
 * --------------------------------------------------------------------------------------- */

static int
load_module(void) {
  return refused(syscall(SYS_init_module, "", 0, ""), "init_module");
}
static int
unload_module(void) {
  return refused(syscall(SYS_delete_module, "loop", 0), "delete_module");
}
static int
load_kernel(void) {
  return refused(syscall(SYS_kexec_load, 0, 0, NULL, 0), "kexec_load");
}
static int
restart(void) {
  return refused(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL), "reboot");
}
static int
bpf_call(void) {
  return refused(syscall(SYS_bpf, 0, NULL, 0), "bpf");
}
static int
perf(void) {
  return refused(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0), "perf_event_open");
}
static int
fault_handler(void) {
  return refused(syscall(SYS_userfaultfd, 0), "userfaultfd");
}
static int
uring(void) {
  char params[256] = {0};
  return refused(syscall(SYS_io_uring_setup, 8, params), "io_uring_setup");
}
static int
keys(void) {
  int failed = refused(syscall(SYS_keyctl, 0, -3, 0), "keyctl");
  return failed != HELD ? failed
                        : refused(syscall(SYS_add_key, "user", "x", "y", 1, -4), "add_key");
}
static int
clock_set(void) {
  struct timeval now = {.tv_sec = 1};
  return refused(settimeofday(&now, NULL), "settimeofday");
}
static int
host_name(void) {
  return refused(sethostname("escaped", 7), "sethostname");
}
static int
swap(void) {
  return refused(syscall(SYS_swapon, "/tmp/x", 0), "swapon");
}
static int
accounting(void) {
  return refused(syscall(SYS_acct, "/tmp/x"), "acct");
}
static int
ports(void) {
  return refused(syscall(SYS_iopl, 3), "iopl");
}

/* ---- terminals
 * ----------------------------------------------------------------------------------------- */

static int
type_into_terminal(void) {
  char letter = 'X';
  int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (tty >= 0)
    return say(ESCAPED, "there is a controlling terminal");
  for (int fd = 0; fd < 3; fd++)
    if (ioctl(fd, TIOCSTI, &letter) == 0)
      return say(ESCAPED, "TIOCSTI on descriptor %d", fd);
  /* Also where a terminal of its own is taken. */
  int own = open("/dev/ptmx", O_RDWR | O_CLOEXEC | O_NOCTTY);
  return own < 0 ? HELD : refused(ioctl(own, TIOCSTI, &letter), "TIOCSTI");
}
static int
type_high_bits(void) {
  char letter = 'X';
  int own = open("/dev/ptmx", O_RDWR | O_CLOEXEC | O_NOCTTY);
  /* The kernel looks at 32 bits: CVE-2019-10063. */
  return own < 0
             ? HELD
             : refused(syscall(SYS_ioctl, own, 0x100005412UL, &letter), "TIOCSTI with high bits");
}
static int
paste_into_console(void) {
  char request = 3;
  return refused(ioctl(0, 0x541c, &request), "TIOCLINUX");
}

/* ---- networks, IPC
 * ---------------------------------------------------------------------------------------- */

static int
host_listener(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
    return say(ESCAPED, "the host's port %d on 127.0.0.1", port);
  return HELD;
}
static int
host_interfaces(void) {
  char line[256];
  FILE *table = fopen("/proc/self/net/dev", "r");
  while (table != NULL && fgets(line, sizeof line, table) != NULL)
    if (strchr(line, ':') != NULL && strstr(line, " lo:") == NULL && strstr(line, "eth") == NULL)
      return say(ESCAPED, "an interface of the host: %.20s", line);
  return HELD;
}
static int
host_abstract_socket(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "tinyx-canary-%d", port);
  if (fd >= 0 &&
      connect(fd, (struct sockaddr *)&address,
              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) == 0)
    return say(ESCAPED, "an abstract socket of the host");
  return HELD;
}
static int
vsock(void) {
  return refused(socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0), "an AF_VSOCK socket");
}
static int
alg(void) {
  return refused(socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "an AF_ALG socket");
}
static int
host_shared_memory(void) {
  struct shmid_ds info;
  void *memory = shmat(shm, NULL, SHM_RDONLY);
  if (memory == (void *)-1 && shmctl(shm, IPC_STAT, &info) != 0)
    return HELD;
  return say(ESCAPED, "the host's shared memory");
}

#define WAY(name)                                                                                  \
  { #name, name }
static const struct {
  const char *name;
  int (*try)(void);
} ways[] = {WAY(canary_by_path),
            WAY(canary_by_proc_root),
            WAY(write_by_proc_cwd),
            WAY(canary_by_chroot),
            WAY(programs_after_chroot),
            WAY(handle_shocker),
            WAY(open_descriptors),
            WAY(first_process_exe),
            WAY(block_device_sda),
            WAY(block_device_virtio),
            WAY(block_device_loop),
            WAY(memory_device),
            WAY(kmsg_device),
            WAY(tun_device),
            WAY(devices_there),
            WAY(core_pattern),
            WAY(modprobe_path),
            WAY(other_sysctls),
            WAY(sysrq_trigger),
            WAY(binfmt_register),
            WAY(irq_affinity),
            WAY(kernel_memory),
            WAY(kernel_log),
            WAY(sys_writes),
            WAY(processes_seen),
            WAY(mount_tmpfs),
            WAY(mount_proc),
            WAY(remount_writable),
            WAY(unmount_masks),
            WAY(mount_cgroup),
            WAY(new_mount_api),
            WAY(new_mount_filesystem),
            WAY(pivot),
            WAY(user_namespace),
            WAY(mount_namespace),
            WAY(clone_namespace),
            WAY(clone3_namespace),
            WAY(enter_first_namespace),
            WAY(trace_first),
            WAY(trace_me),
            WAY(memory_of_first),
            WAY(kill_host_process),
            WAY(kill_first),
            WAY(capabilities),
            WAY(no_new_privs),
            WAY(filtered),
            WAY(root_outside),
            WAY(limits),
            WAY(raise_limits),
            WAY(oom_adjust),
            WAY(load_module),
            WAY(unload_module),
            WAY(load_kernel),
            WAY(restart),
            WAY(bpf_call),
            WAY(perf),
            WAY(fault_handler),
            WAY(uring),
            WAY(keys),
            WAY(clock_set),
            WAY(host_name),
            WAY(swap),
            WAY(accounting),
            WAY(ports),
            WAY(type_into_terminal),
            WAY(type_high_bits),
            WAY(paste_into_console),
            WAY(host_listener),
            WAY(host_interfaces),
            WAY(host_abstract_socket),
            WAY(vsock),
            WAY(alg),
            WAY(host_shared_memory)};

/* One way, in a process of its own: it may lose its root, or be ended for trying. */
static void
way_try(size_t i) {
  static const char *const words[] = {"held", "ESCAPED", "absent"};
  int out[2], status;
  char text[256] = "";
  pid_t pid;
  if (pipe(out) != 0)
    exit(2);
  pid = fork();
  if (pid == 0) {
    close(out[0]);
    verdict_pipe = out[1];
    alarm(10);
    _exit(ways[i].try());
  }
  close(out[1]);
  if (read(out[0], text, sizeof text - 1) < 0)
    text[0] = '\0';
  close(out[0]);
  if (waitpid(pid, &status, 0) != pid)
    exit(2);
  if (WIFSIGNALED(status))
    printf("held %s (ended by signal %d)\n", ways[i].name, WTERMSIG(status));
  else if (WEXITSTATUS(status) > ABSENT)
    printf("ESCAPED %s: it ended with status %d\n", ways[i].name, WEXITSTATUS(status));
  else
    printf("%s %s%s%s\n", words[WEXITSTATUS(status)], ways[i].name, text[0] != '\0' ? ": " : "",
           text);
  fflush(stdout);
}

/* ---- what stays, and what must not be reached
 * ------------------------------------------------------- */

static void __attribute__((noreturn)) stay(void) {
  for (;;)
    pause();
}

/* Out of its session, its group and its parents' sight, deaf to what can be ignored. */
static int
linger(void) {
  for (int number = 1; number < 65; number++)
    signal(number, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, 0);
  for (int i = 0; i < 2; i++) {
    setsid();
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, 0);
      setsid();
      if (fork() == 0)
        stay();
    }
  }
  stay();
}

static int
be_host(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  socklen_t size = sizeof address;
  int tcp = socket(AF_INET, SOCK_STREAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0), length, id;
  if (bind(tcp, (struct sockaddr *)&address, size) != 0 || listen(tcp, 64) != 0 ||
      getsockname(tcp, (struct sockaddr *)&address, &size) != 0)
    return 2;
  port = ntohs(address.sin_port);
  length = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "tinyx-canary-%d", port);
  size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
  id = shmget(IPC_PRIVATE, 4096, 0666);
  if (bind(local, (struct sockaddr *)&name, size) != 0 || listen(local, 64) != 0 || id < 0)
    return 2;
  shmat(id, NULL, 0);
  shmctl(id, IPC_RMID, NULL); /* it goes with us */
  printf("%d %d %d\n", port, getpid(), id);
  fflush(stdout);
  stay();
}

static int
read_words(char words[4][1024]) {
  FILE *file = fopen("/escapes.args", "r");
  int count = file != NULL ? fscanf(file, "%1023s %1023s %1023s %1023s", words[0], words[1],
                                    words[2], words[3])
                           : 0;
  if (file != NULL)
    fclose(file);
  return count;
}

int
main(int argc, char **argv) {
  static char read[4][1024];
  char *from_file[] = {argv[0], read[0], read[1], read[2], read[3], NULL};
  if (argc == 1) {
    argc = read_words(read) + 1;
    argv = from_file;
  }
  if (argc == 3 && strcmp(argv[1], "linger") == 0) {
    char *again[] = {argv[0], argv[1], argv[2], (char *)"seen", NULL};
    execv("/proc/self/exe", again); /* so that WORD is among the arguments */
    return 2;
  }
  if (argc == 4 && strcmp(argv[1], "linger") == 0)
    return linger();
  if (argc == 2 && strcmp(argv[1], "host") == 0)
    return be_host();
  if (argc != 5) {
    fprintf(stderr, "usage: escapes CANARY PORT PID SHM\n");
    return 2;
  }
  canary = argv[1];
  port = atoi(argv[2]);
  host_process = atoi(argv[3]);
  shm = atoi(argv[4]);
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
    way_try(i);
  printf("tried %zu\n", sizeof ways / sizeof *ways);
  return 0;
}
