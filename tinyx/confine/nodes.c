/* nodes.c - mknod(2) of harmless devices in a confinement: nodes.h.
 *
 * The call is held by a filter of its own (seccomp_unotify(2)), and a process beside the command
 * answers. That has the command's own rights, under the same filter of system calls, and what it
 * makes it makes as the caller would: in the caller's root and folder, with the caller's umask. So
 * it is nobody's way to more than a file.
 */
#include "confine/nodes.h"

#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define PAGE 4096U
#define LOW(argument) ((unsigned)offsetof(struct seccomp_data, args[argument]))

/* One call, as it was made. */
typedef struct {
  pid_t pid;
  int folder; /* AT_FDCWD: its working folder */
  uint64_t path;
  unsigned mode, dev;
} Call;

/* ---- the caller's side ---------------------------------------------------------------------- */

/* A pipe cannot carry a descriptor. */
static void
descriptor_send(int socket, int fd) {
  char byte = 'n', space[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec part = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmsg(socket, &message, 0) != 1)
    confine_die("devices");
}

void
nodes_filter(int socket) {
  /* mknod(path, mode, dev) and mknodat(folder, path, mode, dev) of a character device */
  static const struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 8),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mknod, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW(1)),
      BPF_JUMP(BPF_JMP | BPF_JA, 2, 0, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mknodat, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW(2)),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, S_IFMT),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, S_IFCHR, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)};
  struct sock_fprog program = {.len = sizeof code / sizeof *code,
                               .filter = (struct sock_filter *)code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    confine_die("no_new_privs");
  int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                              SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (listener < 0)
    confine_die("a filter for devices");
  descriptor_send(socket, listener);
  close(listener);
  close(socket);
}

/* ---- who answers ---------------------------------------------------------------------------- */

static int
descriptor_take(int socket) {
  char byte, space[CMSG_SPACE(sizeof(int))];
  struct iovec part = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  struct cmsghdr *header;
  int fd = -1;
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 &&
      (header = CMSG_FIRSTHDR(&message)) != NULL && header->cmsg_type == SCM_RIGHTS)
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

/* The granted device that DEV is, or -1. It is the kernel's form: linux/kdev_t.h, new_decode_dev.
 */
static int
node_of(unsigned dev) {
  unsigned major = (dev & 0xfff00) >> 8, minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  for (size_t i = 0; i < sizeof nodes_granted / sizeof *nodes_granted; i++)
    if (nodes_granted[i].major == major && nodes_granted[i].minor == minor)
      return (int)i;
  return -1;
}

/* The string at ADDRESS in the memory of PID, page by page, since the next may not be there. */
static bool
path_read(pid_t pid, uint64_t address, char path[PATH_BYTES]) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/mem", (int)pid);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  size_t length = 0;
  bool whole = false;
  while (fd >= 0 && !whole && length < PATH_BYTES) {
    size_t step = PAGE - (size_t)((address + length) % PAGE);
    step = step < PATH_BYTES - length ? step : PATH_BYTES - length;
    ssize_t got = pread(fd, path + length, step, (off_t)(address + length));
    if (got <= 0)
      break;
    whole = memchr(path + length, '\0', (size_t)got) != NULL;
    length += (size_t)got;
  }
  if (fd >= 0)
    close(fd);
  return whole;
}

/* The umask of PID, and whether it is root, which alone has the capability. */
static bool
status_read(pid_t pid, unsigned *mask) {
  char name[64], line[128];
  unsigned user = 1, found = 0;
  snprintf(name, sizeof name, "/proc/%d/status", (int)pid);
  FILE *file = fopen(name, "re");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    found += sscanf(line, "Umask: %o", mask) == 1 || sscanf(line, "Uid: %*u %u", &user) == 1;
  if (file != NULL)
    fclose(file);
  return found == 2 && user == 0;
}

static int
folder_open(pid_t pid, const char *what) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/%s", (int)pid, what);
  return open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* In a process of its own, which becomes the caller's place. */
static void __attribute__((noreturn))
file_make(int root, int folder, const char *path, unsigned mode, int node) {
  char text[NODE_TEXT_MAX];
  int length =
      snprintf(text, sizeof text, NODE_TEXT, nodes_granted[node].major, nodes_granted[node].minor);
  if (fchdir(root) != 0 || chroot(".") != 0 || (folder >= 0 && fchdir(folder) != 0))
    _exit(EPERM);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);
  if (fd < 0)
    _exit(errno);
  _exit(write(fd, text, (size_t)length) == length ? 0 : EIO);
}

static bool
still_waits(int listener, uint64_t id) {
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

/* What CALL returns: 0 or an error. What was opened by the number of a process is that process'
 * only while its call waits. */
static int
answer(int listener, uint64_t id, const Call *call) {
  char path[PATH_BYTES], which[32] = "cwd";
  unsigned mask = 077;
  int node = node_of(call->dev), status = EPERM << 8, root, folder;
  if (node < 0 || !status_read(call->pid, &mask) || !path_read(call->pid, call->path, path))
    return EPERM;
  if (call->folder != AT_FDCWD)
    snprintf(which, sizeof which, "fd/%d", call->folder);
  root = folder_open(call->pid, "root");
  folder = folder_open(call->pid, which);
  pid_t child =
      root >= 0 && (folder >= 0 || path[0] == '/') && still_waits(listener, id) ? fork() : -1;
  if (child == 0) {
    umask(mask);
    file_make(root, folder, path, call->mode, node);
  }
  if (child > 0)
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
      continue;
  close(root);
  close(folder);
  return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

static Call
call_of(const struct seccomp_notif *request) {
  const __u64 *words = request->data.args;
  bool at = request->data.nr == SYS_mknodat;
  return (Call){.pid = (pid_t)request->pid,
                .folder = at ? (int)words[0] : AT_FDCWD,
                .path = words[at],
                .mode = (unsigned)words[1 + at],
                .dev = (unsigned)words[2 + at]};
}

void
nodes_serve(int socket, uint64_t kept) {
  /* To look into the memory of its fellows, whichever policy of ptrace(2) the machine has. */
  uint64_t rights = kept | UINT64_C(1) << CAP_SYS_PTRACE;
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  rights_bound(rights);
  rights_keep(rights, false);
  calls_filter();
  int listener = descriptor_take(socket);
  close(socket);
  while (listener >= 0) {
    struct seccomp_notif request = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) {
      if (errno == EINTR || errno == ENOENT) /* it was ended meanwhile */
        continue;
      break;
    }
    Call call = call_of(&request);
    struct seccomp_notif_resp reply = {.id = request.id,
                                       .error = -answer(listener, request.id, &call)};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
  }
  _exit(0);
}
