/* rights.c - the rights that what is confined has left: capabilities, system calls, limits. */
#include "confine/confine.h"
#include "confine/filter.h" /* made by filter-make.c of calls.allowed */

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a container engine gives, and may be given here: Docker's default list, without audit_write
 * and setpcap, and what a network of its own makes harmless. sys_admin and the like are not in it.
 */
static const struct {
  const char *name;
  int number;
} names[] = {
    {"chown", CAP_CHOWN},
    {"dac_override", CAP_DAC_OVERRIDE},
    {"fowner", CAP_FOWNER},
    {"fsetid", CAP_FSETID},
    {"kill", CAP_KILL},
    {"mknod", CAP_MKNOD},
    {"net_bind_service", CAP_NET_BIND_SERVICE},
    {"net_raw", CAP_NET_RAW},
    {"net_admin", CAP_NET_ADMIN},
    {"setfcap", CAP_SETFCAP},
    {"setgid", CAP_SETGID},
    {"setuid", CAP_SETUID},
    {"sys_chroot", CAP_SYS_CHROOT},
};

/* By the first word of a --keep: what the kinds of foreign code need. A daemon on trial or traced
 * has all that may be given: a container engine's, and net_admin, since the image's start script
 * sets the address of the network, which is nobody else's. A package's script has no network. */
static const char no_network[][20] = {"net_bind_service", "net_raw", "net_admin"};

static uint64_t
all_rights(void) {
  uint64_t all = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    all |= UINT64_C(1) << names[i].number;
  return all;
}

static uint64_t
package_rights(void) {
  uint64_t rights = all_rights();
  for (size_t i = 0; i < sizeof no_network / sizeof *no_network; i++)
    rights &= ~right_named(no_network[i]);
  return rights;
}

uint64_t
right_named(const char *name) {
  if (strcmp(name, "for-daemons") == 0)
    return all_rights();
  if (strcmp(name, "for-packages") == 0)
    return package_rights();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i].name, name) == 0)
      return UINT64_C(1) << names[i].number;
  return 0;
}

void
rights_bound(uint64_t kept) {
  for (int number = 0; number < 64; number++)
    if ((kept >> number & 1) == 0 && prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0 &&
        errno != EINVAL) /* the kernel has no more */
      confine_die("the bounding set");
}

/* None where the kernel is older than ambient capabilities. */
static void
ambient_set(uint64_t raised) {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (int number = 0; number < 64; number++)
    if ((raised >> number & 1) != 0 &&
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) != 0)
      confine_die("an ambient capability");
}

void
rights_keep(uint64_t kept, bool ambient) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  for (int i = 0; i < 2; i++) {
    data[i].effective = data[i].permitted = (uint32_t)(kept >> (32 * i));
    data[i].inheritable = ambient ? data[i].permitted : 0;
  }
  if (syscall(SYS_capset, &header, data) != 0)
    confine_die("capabilities");
  ambient_set(ambient ? kept : 0);
}

void
calls_filter(void) {
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter,
                               .filter = (struct sock_filter *)filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    confine_die("no_new_privs");
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
    confine_die("a filter of system calls");
}

static void
limit(int which, uint64_t value) {
  struct rlimit now, want;
  if (getrlimit(which, &now) != 0)
    return;
  want.rlim_cur = want.rlim_max = value < now.rlim_max ? value : now.rlim_max;
  if (setrlimit(which, &want) != 0)
    confine_die("limits");
}

void
limits_set(const Limits *limits) {
  limit(RLIMIT_CORE, 0);
  if (limits->memory > 0)
    limit(RLIMIT_DATA, limits->memory);
  if (limits->processes > 0)
    limit(RLIMIT_NPROC, limits->processes);
  if (limits->disk > 0)
    limit(RLIMIT_FSIZE, limits->disk);
}
