/* users.c - the user namespace of what is confined, and its ids. */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDS 65536U
/* The last range that systemd gives to containers (systemd.io/UIDS-GIDS), for a root without a line
 * in /etc/subuid; each earlier one is tried where somebody has it. */
#define LAST_RANGE 1878982656U
#define FIRST_RANGE 524288U

typedef struct {
  unsigned start, count;
} Range;

static bool
map_read(unsigned map[3]) {
  FILE *file = fopen("/proc/self/uid_map", "re");
  bool known = file != NULL && fscanf(file, "%u %u %u", &map[0], &map[1], &map[2]) == 3;
  if (file != NULL)
    fclose(file);
  return known;
}

bool
users_real_root(void) {
  unsigned map[3] = {0, 0, UINT32_MAX};
  map_read(map);
  return geteuid() == 0 && map[0] == 0 && map[1] == 0 && map[2] > 0xffff0000U;
}

/* One line of subuid(5), "NAME-OR-ID:START:COUNT". */
static bool
line_parse(const char *line, char name[64], Range *range) {
  return sscanf(line, "%63[^:]:%u:%u", name, &range->start, &range->count) == 3;
}

/* The range of at least IDS - 1 ids that PATH grants to the user. */
static bool
range_of(const char *path, uid_t user, Range *range) {
  char line[256], name[64], number[16];
  const struct passwd *entry = getpwuid(user);
  FILE *file = fopen(path, "re");
  bool found = false;
  snprintf(number, sizeof number, "%u", (unsigned)user);
  while (!found && file != NULL && fgets(line, sizeof line, file) != NULL)
    found = line_parse(line, name, range) && range->count >= IDS - 1 &&
            (strcmp(name, number) == 0 || (entry != NULL && strcmp(name, entry->pw_name) == 0));
  if (file != NULL)
    fclose(file);
  return found;
}

static bool
is_taken(const char *path, unsigned start) {
  char line[256], name[64];
  Range range;
  FILE *file = fopen(path, "re");
  bool taken = false;
  while (!taken && file != NULL && fgets(line, sizeof line, file) != NULL)
    taken = line_parse(line, name, &range) && range.start < start + IDS &&
            (uint64_t)range.start + range.count > start;
  if (file != NULL)
    fclose(file);
  return taken;
}

/* Root needs no grant: what nobody has been given will do. */
static Range
range_of_root(void) {
  Range range;
  if (range_of("/etc/subuid", 0, &range) && range.count >= IDS)
    return range;
  range = (Range){LAST_RANGE, IDS};
  while (range.start > FIRST_RANGE &&
         (is_taken("/etc/subuid", range.start) || is_taken("/etc/subgid", range.start)))
    range.start -= IDS;
  return range;
}

unsigned
users_root(void) {
  return users_real_root() ? range_of_root().start : geteuid();
}

static void
write_map(pid_t pid, const char *name, const char *text) {
  char path[64];
  int fd;
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
    confine_die(path);
  close(fd);
}

static void
write_maps(pid_t pid) {
  char text[64];
  snprintf(text, sizeof text, "0 %u %u\n", range_of_root().start, IDS);
  write_map(pid, "uid_map", text);
  write_map(pid, "gid_map", text);
}

/* newuidmap(1) may do what an ordinary user may not. */
static void
call_newidmap(const char *program, const char *file, pid_t pid, unsigned own) {
  char words[5][16];
  Range range;
  int status;
  pid_t child;
  if (!range_of(file, getuid(), &range)) {
    errno = ENOENT;
    confine_die(file);
  }
  snprintf(words[0], sizeof words[0], "%d", (int)pid);
  snprintf(words[1], sizeof words[1], "%u", own);
  snprintf(words[2], sizeof words[2], "%u", range.start);
  snprintf(words[3], sizeof words[3], "%u", IDS - 1);
  child = fork();
  if (child == 0) {
    execlp(program, program, words[0], "0", words[1], "1", "1", words[2], words[3], (char *)NULL);
    confine_die(program);
  }
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    errno = EPERM;
    confine_die(program);
  }
}

/* Root's files in TREES become those of the namespace's root, so that it can read what only root
 * may (mount_setattr(2), "ID-mapped mounts"). A file system that cannot shows them as they are. */
static void
trees_map(pid_t pid, const int *trees, size_t count) {
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP};
  char path[64];
  int fd;
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    confine_die(path);
  attributes.userns_fd = (uint64_t)fd;
  for (size_t i = 0; i < count; i++)
    syscall(SYS_mount_setattr, trees[i], "", AT_EMPTY_PATH, &attributes, sizeof attributes);
  close(fd);
}

/* Forks what writes the maps of PID once that has a user namespace: it says so by the end of a
 * pipe. Its exit status is that of the mapping. */
static pid_t
mapper_start(int ready[2], const int *trees, size_t count) {
  pid_t parent = getpid(), helper = fork();
  char byte;
  if (helper != 0)
    return helper;
  close(ready[1]);
  if (read(ready[0], &byte, 1) != 1)
    _exit(CONFINE_BROKEN);
  if (users_real_root()) {
    write_maps(parent);
    trees_map(parent, trees, count);
  } else {
    call_newidmap("newuidmap", "/etc/subuid", parent, getuid());
    call_newidmap("newgidmap", "/etc/subgid", parent, getgid());
  }
  _exit(0);
}

static bool
is_mapped_already(void) {
  unsigned map[3];
  return geteuid() == 0 && !users_real_root() && map_read(map) && map[0] == 0;
}

void
users_enter(const int *trees, size_t count) {
  int ready[2], status;
  pid_t helper;
  if (is_mapped_already())
    return;
  if (pipe2(ready, O_CLOEXEC) != 0 || (helper = mapper_start(ready, trees, count)) < 0)
    confine_die("fork");
  close(ready[0]);
  if (unshare(CLONE_NEWUSER) != 0)
    confine_die("a user namespace");
  if (write(ready[1], "u", 1) != 1)
    confine_die("a user namespace");
  close(ready[1]);
  if (waitpid(helper, &status, 0) != helper || status != 0)
    _exit(CONFINE_BROKEN); /* it has said why */
  if (setgroups(0, NULL) != 0 || setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)
    confine_die("the root of a user namespace");
}

void
users_enter_alone(void) {
  unsigned user = geteuid(), group = getegid();
  char text[64];
  if (unshare(CLONE_NEWUSER) != 0)
    confine_die("a user namespace");
  snprintf(text, sizeof text, "%u %u 1\n", user, user);
  write_map(getpid(), "uid_map", text);
  write_map(getpid(), "setgroups", "deny");
  snprintf(text, sizeof text, "%u %u 1\n", group, group);
  write_map(getpid(), "gid_map", text);
}
