/* keep.c - process 1 of a confinement: it reaps, and ends what uses too much. */
#include "confine/confine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 250     /* between two looks at the memory */
#define DISK_LOOKS 8    /* so many of them between two walks through the files */
#define FOLDERS_OPEN 16 /* of a walk */

static uint64_t walked;

static int
walk_add(const char *path, const struct stat *info, int type, struct FTW *where) {
  (void)path, (void)type, (void)where;
  walked += (uint64_t)info->st_blocks * 512;
  return 0;
}

static bool
disk_over(const Limits *limits) {
  walked = 0;
  nftw(limits->disk_folder, walk_add, FOLDERS_OPEN, FTW_PHYS | FTW_MOUNT);
  return walked > limits->disk;
}

/* Bytes that the process has for itself: files are in memory anyway. */
static uint64_t
memory_of(const char *pid) {
  char path[64], line[128];
  unsigned long long kb, sum = 0;
  FILE *file;
  snprintf(path, sizeof path, "/proc/%.20s/status", pid);
  file = fopen(path, "re");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "RssAnon: %llu", &kb) == 1 || sscanf(line, "RssShmem: %llu", &kb) == 1)
      sum += kb;
  if (file != NULL)
    fclose(file);
  return sum * 1024;
}

static bool
memory_over(const Limits *limits) {
  DIR *dir = opendir("/proc");
  struct dirent *entry;
  uint64_t sum = 0;
  while (dir != NULL && (entry = readdir(dir)) != NULL)
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
      sum += memory_of(entry->d_name);
  if (dir != NULL)
    closedir(dir);
  return sum > limits->memory;
}

/* What is used too much of; NULL: nothing. */
static const char *
look(const Limits *limits, unsigned round) {
  if (limits->memory > 0 && !limits->memory_kept && memory_over(limits))
    return "memory";
  if (limits->disk > 0 && limits->disk_folder != NULL && round % DISK_LOOKS == DISK_LOOKS - 1 &&
      disk_over(limits))
    return "room on the disk";
  return NULL;
}

/* Those that have ended; whether CHILD was among them. */
static bool
reap(int child, int *status) {
  pid_t pid;
  int how;
  while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
    if (pid == child) {
      *status = how;
      return true;
    }
  if (pid < 0 && errno == ECHILD) {
    *status = 0;
    return true;
  }
  return false;
}

int
keep_watch(int child, const Limits *limits) {
  static const int asked[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
  struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
  siginfo_t info;
  sigset_t set;
  int status = 0, signal_number;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
    sigaddset(&set, asked[i]);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (unsigned round = 0; !reap(child, &status); round++) {
    const char *over = look(limits, round);
    if (over != NULL) {
      dprintf(2, "tinyx-confine: ended: it used more %s than it may\n", over);
      kill(-1, SIGKILL);
      return 128 + SIGKILL;
    }
    signal_number = sigtimedwait(&set, &info, &pause);
    /* A sender from outside of the namespace has no number in it. */
    if (signal_number > 0 && signal_number != SIGCHLD && info.si_pid == 0)
      kill(-child, signal_number); /* it leads a session: what it left unfinished it can tidy up */
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
