/* confine: gives up what an application does not need, and becomes it. Linked statically with musl.
 *
 *   confine CAPABILITIES ACCOUNT PROGRAM [ARGUMENT]...
 *
 * CAPABILITIES is the mask, in hex, of those of capabilities(7) that stay; all others leave the
 * bounding set, so that no program can have them again. ACCOUNT is UID:GID[,GID...], or "-" to stay
 * who one is; an account other than root's keeps CAPABILITIES as ambient ones. In any case
 * no_new_privs is set: setuid bits mean nothing from here on. A kernel without CONFIG_MULTIUSER has
 * no capset(2); there the account is "-". */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_GROUPS 64
#define CAPABILITY_SETPCAP 8            /* of linux/capability.h, */
#define CAPABILITY_VERSION_3 0x20080522 /* of linux/capability.h, which musl has not */

static void
put(const char *text) {
  const char *end = text;

  while (*end)
    end++;
  (void)!write(2, text, end - text);
}

static int
fail(const char *what) {
  put("tinyx: the application cannot be confined: ");
  put(what);
  put("\n");
  return 126;
}

static const char *
number(const char *text, unsigned base, unsigned long *value) {
  for (*value = 0;; text++) {
    unsigned digit = *text <= '9' ? *text - '0' : *text - 'a' + 10;

    if (*text < '0' || digit >= base)
      return text;
    *value = *value * base + digit;
  }
}

/* What is not there to begin with cannot be kept. Without CAP_SETPCAP nothing can be dropped for
 * good: so it is in the sandboxes of tinyx, which have dropped what reaches out of them. A guest's
 * init has it. */
static int
drop(unsigned long *keep) {
  unsigned long known = 0;
  int has, can_drop = prctl(PR_CAPBSET_READ, CAPABILITY_SETPCAP, 0, 0, 0) == 1;

  for (unsigned long cap = 0; (has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) >= 0; cap++) {
    known |= (unsigned long)has << cap;
    if (has && can_drop && !(*keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
      return 0;
  }
  *keep &= known;
  return 1;
}

/* Supplementary groups first: without root's rights they cannot be changed. */
static int
become(const char *account, unsigned long *uid) {
  unsigned groups[MOST_GROUPS], count = 0;
  unsigned long gid;

  account = number(account, 10, uid);
  if (*account != ':')
    return 0;
  do {
    account = number(account + 1, 10, &gid);
    groups[count++] = gid;
  } while (*account == ',' && count < MOST_GROUPS);
  return *account == 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_setgroups, count, groups) == 0 &&
         syscall(SYS_setresgid, groups[0], groups[0], groups[0]) == 0 &&
         syscall(SYS_setresuid, *uid, *uid, *uid) == 0;
}

/* A root of its own has what the bounding set has, by execve(2) alone. */
static int
keep_ambient(unsigned long keep) {
  struct {
    unsigned version;
    int pid;
  } header = {CAPABILITY_VERSION_3, 0};
  struct {
    unsigned effective, permitted, inheritable;
  } data[2] = {{keep, keep, keep}, {keep >> 32, keep >> 32, keep >> 32}};

  if (syscall(SYS_capset, &header, data) != 0)
    return 0;
  for (unsigned long cap = 0; cap < 64; cap++)
    if ((keep >> cap & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0)
      return 0;
  return 1;
}

int
main(int argc, char **argv, char **environment) {
  unsigned long keep, uid = 0;

  if (argc < 4)
    return fail("expected CAPABILITIES ACCOUNT PROGRAM");
  number(argv[1], 16, &keep);
  if (!drop(&keep))
    return fail("its capabilities stay");
  if (*argv[2] != '-' && !become(argv[2], &uid))
    return fail("its user and groups");
  if (uid != 0 && !keep_ambient(keep))
    return fail("capabilities for its user");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail("no_new_privs");
  execve(argv[3], argv + 3, environment);
  if (errno ==
      ENOEXEC) { /* a script, and no interpreter that the kernel starts: as a shell does it */
    argv[2] = "/bin/sh";
    execve(argv[2], argv + 2, environment);
  }
  put("tinyx: ");
  put(argv[3]);
  put(errno == ENOENT ? ": not there\n" : ": cannot be run\n");
  return 127;
}
