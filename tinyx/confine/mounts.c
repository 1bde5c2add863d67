/* mounts.c - the mounts of what is confined: its root, /proc, /dev, /sys. */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_ROOM 4096
/* From sys/mount.h, which cannot be included beside linux/mount.h. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
          const void *data);
int umount2(const char *target, int flags);
#define DETACH 2

/* A folder that every machine has: what is in it is covered in our mount namespace alone. */
#define STAGE "/tmp"
#define STAGE_MADE STAGE "/made"   /* a file system that is made, before it is attached */
#define STAGE_EMPTY STAGE "/empty" /* an empty folder, read-only */

static void
attributes_set(int tree, uint64_t set, bool all, const char *what) {
  struct mount_attr attributes = {.attr_set = set};
  if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &attributes,
              sizeof attributes) != 0)
    confine_die(what);
}

int
tree_take(const char *path, bool writable, bool devices) {
  int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path,
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (fd < 0)
    confine_die(path);
  attributes_set(
      fd, MOUNT_ATTR_NOSUID | (devices ? 0 : MOUNT_ATTR_NODEV) | (writable ? 0 : MOUNT_ATTR_RDONLY),
      true, path);
  return fd;
}

/* ---- places below the new root ------------------------------------------------------------------
 */

static int
open_in(int root, const char *path) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                         .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

/* Makes PATH, whose parent exists. */
static int
make_in(int root, const char *path, bool folder) {
  char parent[PATH_ROOM];
  const char *name = strrchr(path, '/') + 1;
  int fd, in;
  snprintf(parent, sizeof parent, "%.*s", (int)(name - path), path);
  in = open_in(root, parent);
  if (in < 0)
    confine_die(parent);
  if (folder) {
    if (mkdirat(in, name, 0755) != 0)
      confine_die(path);
  } else {
    fd = openat(in, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
      confine_die(path);
    close(fd);
  }
  close(in);
  return open_in(root, path);
}

/* A descriptor of TO, "/like/this", which is made with its parents if it is not there. */
static int
place_open(int root, const char *to, bool folder) {
  char path[PATH_ROOM];
  int fd = open_in(root, to);
  if (fd >= 0)
    return fd;
  for (const char *slash = strchr(to + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    snprintf(path, sizeof path, "%.*s", (int)(slash - to), to);
    if ((fd = open_in(root, path)) < 0)
      fd = make_in(root, path, true);
    close(fd);
  }
  if ((fd = make_in(root, to, folder)) < 0)
    confine_die(to);
  return fd;
}

static void
attach(int tree, int root, const char *to, bool folder) {
  int place = place_open(root, to, folder);
  if (syscall(SYS_move_mount, tree, "", place, "",
              MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
    confine_die(to);
  close(place);
}

void
tree_attach(int tree, int root, const char *to, bool folder) {
  attach(tree, root, to, folder);
  close(tree);
}

/* What has been mounted at STAGE_MADE goes to TO, with all that is mounted on it. */
static void
made_attach(int root, const char *to) {
  int made = (int)syscall(SYS_open_tree, AT_FDCWD, STAGE_MADE,
                          OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (made < 0)
    confine_die(to);
  tree_attach(made, root, to, true);
  if (umount2(STAGE_MADE, DETACH) != 0)
    confine_die(to);
}

int
root_begin(int tree) {
  int root;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    confine_die("mounts of its own");
  if (mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=700") != 0 ||
      mkdir(CONFINE_ROOT, 0755) != 0 || mkdir(STAGE_MADE, 0755) != 0 ||
      mkdir(STAGE_EMPTY, 0755) != 0)
    confine_die(STAGE);
  if (tree >= 0) {
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, CONFINE_ROOT, MOVE_MOUNT_F_EMPTY_PATH) != 0)
      confine_die("its root");
    close(tree);
  } else if (mount("tmpfs", CONFINE_ROOT, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") != 0) {
    confine_die("its root");
  }
  if ((root = open(CONFINE_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
    confine_die("its root");
  return root;
}

/* The root of a machine that never left its initramfs cannot be exchanged, only covered:
 * pivot_root(2), "rootfs". */
void
root_enter(int root, bool read_only) {
  if (read_only)
    attributes_set(root, MOUNT_ATTR_RDONLY, false, "its root");
  if (fchdir(root) != 0)
    confine_die("its root");
  if (syscall(SYS_pivot_root, ".", ".") == 0) {
    if (umount2(".", DETACH) != 0)
      confine_die("the old root");
  } else if (errno != EINVAL || mount(".", "/", NULL, MS_MOVE, NULL) != 0) {
    confine_die("its root");
  }
  if (chroot(".") != 0 || chdir("/") != 0)
    confine_die("its root");
  close(root);
}

/* ---- file systems
 * -------------------------------------------------------------------------------- */

void
tmpfs_attach(int root, const char *to, uint64_t bytes, unsigned mode) {
  char options[64];
  snprintf(options, sizeof options, bytes > 0 ? "mode=%o,size=%llu" : "mode=%o", mode,
           (unsigned long long)bytes);
  if (mount("tmpfs", STAGE_MADE, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0)
    confine_die(to);
  made_attach(root, to);
}

/* user.overlay.* instead of trusted.overlay.*, which a user namespace may not write: since Linux
 * 5.11. */
void
overlay_attach(int root, const char *lower, const char *upper, const char *work, const char *to) {
  char options[3 * PATH_ROOM];
  int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (here < 0 || fchdir(root) != 0)
    confine_die(to);
  snprintf(options, sizeof options, "userxattr,lowerdir=.%s,upperdir=.%s,workdir=.%s", lower, upper,
           work);
  if (mount("overlay", STAGE_MADE, "overlay", MS_NOSUID | MS_NODEV, options) != 0)
    confine_die("an overlay");
  if (fchdir(here) != 0)
    confine_die(to);
  close(here);
  made_attach(root, to);
}

/* Nothing can be written at PLACE, if there is such a file or folder. */
static void
protect(const char *place) {
  int tree;
  if (access(place, F_OK) != 0)
    return;
  tree = tree_take(place, false, false);
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) != 0)
    confine_die(place);
  close(tree);
}

/* Nothing can be seen at PLACE: an empty file or folder is over it. */
static void
hide(const char *place) {
  struct stat info;
  int tree;
  if (stat(place, &info) != 0)
    return;
  tree = tree_take(S_ISDIR(info.st_mode) ? STAGE_EMPTY : "/dev/null", false, true);
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) != 0)
    confine_die(place);
  close(tree);
}

static void
all_of(const char *const *names, size_t count, void (*each)(const char *)) {
  char path[PATH_ROOM];
  for (size_t i = 0; i < count; i++) {
    snprintf(path, sizeof path, STAGE_MADE "/%s", names[i]);
    each(path);
  }
}

/* The kernel gives a user namespace a new /proc only where nothing covers the one that is seen
 * (mount_too_revealing() in fs/namespace.c). Where it does not, there is none, rather than the
 * machine's. What is hidden and protected: masked and read-only paths of the OCI engines
 * (containers/common, moby), and what speaks of the kernel's addresses. */
void
proc_attach(int root, const char *to, bool bare) {
  static const char *const hidden[] = {"acpi",       "asound",      "interrupts",    "kallsyms",
                                       "kcore",      "keys",        "kmsg",          "kpagecount",
                                       "kpageflags", "kpagecgroup", "latency_stats", "sched_debug",
                                       "scsi",       "timer_list",  "timer_stats",   "vmallocinfo"};
  static const char *const protected[] = {"bus", "driver", "fs", "irq", "sys", "sysrq-trigger"};
  if (mount("proc", STAGE_MADE, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) {
    if (errno != EPERM)
      confine_die("/proc");
    dprintf(2, "tinyx-confine: %s stays empty: parts of this machine's own /proc are covered\n",
            to);
    return;
  }
  if (!bare) {
    all_of(hidden, sizeof hidden / sizeof *hidden, hide);
    all_of(protected, sizeof protected / sizeof *protected, protect);
  }
  made_attach(root, to);
}

void
sys_attach(int root, const char *to) {
  static const char *const hidden[] = {"firmware",       "fs/cgroup",
                                       "kernel/debug",   "kernel/security",
                                       "kernel/tracing", "devices/virtual/powercap"};
  if (mount("sysfs", STAGE_MADE, "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) != 0)
    return; /* as with /proc; programs live without it */
  all_of(hidden, sizeof hidden / sizeof *hidden, hide);
  made_attach(root, to);
}

static void
dev_node(const char *name) {
  char path[PATH_ROOM], source[64];
  int fd, tree;
  snprintf(source, sizeof source, "/dev/%s", name);
  snprintf(path, sizeof path, STAGE_MADE "/%s", name);
  if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) < 0)
    confine_die(path);
  close(fd);
  tree = tree_take(source, true, true);
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) != 0)
    confine_die(path);
  close(tree);
}

void
dev_attach(int root, const char *to) {
  static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};
  static const char *const links[][2] = {{"pts/ptmx", STAGE_MADE "/ptmx"},
                                         {"/proc/self/fd", STAGE_MADE "/fd"},
                                         {"/proc/self/fd/0", STAGE_MADE "/stdin"},
                                         {"/proc/self/fd/1", STAGE_MADE "/stdout"},
                                         {"/proc/self/fd/2", STAGE_MADE "/stderr"}};
  if (mount("tmpfs", STAGE_MADE, "tmpfs", MS_NOSUID, "mode=755,size=1m") != 0)
    confine_die(to);
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    dev_node(nodes[i]);
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (symlink(links[i][0], links[i][1]) != 0)
      confine_die(links[i][1]);
  if (mkdir(STAGE_MADE "/pts", 0755) != 0 || mkdir(STAGE_MADE "/shm", 0755) != 0 ||
      mount("devpts", STAGE_MADE "/pts", "devpts", MS_NOSUID | MS_NOEXEC,
            "newinstance,mode=0620,ptmxmode=0666") != 0 ||
      mount("tmpfs", STAGE_MADE "/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m") != 0)
    confine_die(to);
  made_attach(root, to);
}
