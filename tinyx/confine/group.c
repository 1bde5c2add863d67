/* group.c - limits that the kernel keeps itself: a cgroup of version 2 (cgroups(7)), where one may
 * be made. */
#include "confine/confine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MOUNT "/sys/fs/cgroup"
#define MAGIC 0x63677270 /* CGROUP2_SUPER_MAGIC, linux/magic.h */
#define PATH_BYTES 4096
#define REMOVE_TRIES                                                                               \
  100 /* the end of the last process is not the moment that its group is empty                     \
       */
#define REMOVE_PAUSE_US 50000

/* The rest of the first line of FILE that begins with WORD, without its end. */
static bool
line_find(const char *file, const char *word, char *rest, size_t size) {
  char line[PATH_BYTES];
  FILE *stream = fopen(file, "re");
  bool found = false;
  while (!found && stream != NULL && fgets(line, sizeof line, stream) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    found = strncmp(line, word, strlen(word)) == 0 && strlen(line) - strlen(word) < size;
    if (found)
      strcpy(rest, line + strlen(word));
  }
  if (stream != NULL)
    fclose(stream);
  return found;
}

static bool
word_write(const char *folder, const char *name, const char *text) {
  char path[PATH_BYTES + 64];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  if (fd >= 0)
    close(fd);
  return done;
}

/* Whether the groups in FOLDER have the two controllers; they are asked for. */
static bool
controllers_there(const char *folder) {
  char path[PATH_BYTES + 64], words[512];
  word_write(folder, "cgroup.subtree_control", "+memory +pids"); /* it may be so already */
  snprintf(path, sizeof path, "%s/cgroup.subtree_control", folder);
  return line_find(path, "", words, sizeof words) && strstr(words, "memory") != NULL &&
         strstr(words, "pids") != NULL;
}

/* Where a group can be made: in our own one, or, as that has processes (us), beside it. */
static bool
parent_find(char parent[PATH_BYTES]) {
  struct statfs info;
  char own[PATH_BYTES - sizeof MOUNT];
  if (statfs(MOUNT, &info) != 0 || info.f_type != MAGIC ||
      !line_find("/proc/self/cgroup", "0::", own, sizeof own) || strstr(own, "/..") != NULL)
    return false;
  snprintf(parent, PATH_BYTES, MOUNT "%s", strcmp(own, "/") == 0 ? "" : own);
  if (controllers_there(parent))
    return true;
  char *slash = strrchr(parent, '/');
  if (strlen(parent) <= strlen(MOUNT) || slash == NULL)
    return false;
  *slash = '\0';
  return controllers_there(parent);
}

/* In a process of its own, with the caller's rights, which waits for the end of all that has the
 * other end of ALIVE. In a session of its own, so that it outlives what tinyx ends. */
static void __attribute__((noreturn)) group_remove(const char *folder, int alive) {
  char byte;
  setsid();
  for (int number = 1; number < NSIG; number++)
    if (number != SIGCHLD)
      signal(number, SIG_IGN);
  for (int fd = 0; fd < 3; fd++) /* nobody waits for our end */
    close(fd);
  while (read(alive, &byte, 1) < 0 && errno == EINTR)
    continue;
  for (int tries = 0; tries < REMOVE_TRIES && rmdir(folder) != 0 && errno == EBUSY; tries++)
    usleep(REMOVE_PAUSE_US);
  _exit(0);
}

static bool
limits_write(const char *folder, const Limits *limits) {
  char text[32];
  snprintf(text, sizeof text, "%llu", (unsigned long long)limits->memory);
  bool done = limits->memory == 0 || word_write(folder, "memory.max", text);
  snprintf(text, sizeof text, "%llu", (unsigned long long)limits->processes);
  done = done && (limits->processes == 0 || word_write(folder, "pids.max", text));
  word_write(folder, "memory.swap.max", "0"); /* there may be no swap */
  /* All of it ends, and not the process that the kernel picks. */
  return done && (limits->memory == 0 || word_write(folder, "memory.oom.group", "1"));
}

static int
file_in(const char *folder, const char *name, int flags) {
  char path[PATH_BYTES + 64];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return open(path, flags | O_CLOEXEC);
}

bool
group_make(const Limits *limits, Group *group) {
  char folder[PATH_BYTES + 32], parent[PATH_BYTES];
  int ends[2];
  *group = (Group){-1, -1, -1};
  if ((limits->memory == 0 && limits->processes == 0) || !parent_find(parent))
    return false;
  snprintf(folder, sizeof folder, "%s/tinyx-%d", parent, (int)getpid());
  if (mkdir(folder, 0755) != 0)
    return false;
  if (!limits_write(folder, limits) ||
      (group->enter = file_in(folder, "cgroup.procs", O_WRONLY)) < 0 ||
      (group->events = file_in(folder, "memory.events", O_RDONLY)) < 0 ||
      pipe2(ends, O_CLOEXEC) != 0) {
    rmdir(folder);
    return false;
  }
  pid_t helper = fork();
  if (helper == 0) {
    close(ends[1]);
    close(group->enter);
    close(group->events);
    group_remove(folder, ends[0]);
  }
  close(ends[0]);
  group->alive = ends[1];
  return helper > 0;
}

void
group_take(const Group *group, Limits *limits, bool say) {
  limits->memory_kept = group->enter >= 0 && write(group->enter, "0", 1) == 1;
  if (say)
    dprintf(1, "memory and processes are kept %s\n",
            limits->memory_kept
                ? "by a cgroup"
                : "by looking four times a second: no cgroup of version 2 may be divided here");
  close(group->enter);
  close(group->events);
  close(group->alive);
}

bool
group_was_full(const Group *group) {
  char text[1024];
  ssize_t got = group->events >= 0 ? pread(group->events, text, sizeof text - 1, 0) : -1;
  if (got < 0)
    return false;
  text[got] = '\0';
  const char *kills = strstr(text, "oom_kill ");
  return kills != NULL && strtoul(kills + strlen("oom_kill "), NULL, 10) > 0;
}
