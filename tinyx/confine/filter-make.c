/* filter-make.c - makes filter.h, the seccomp program of a confinement, of calls.allowed.
 *
 * usage: filter-make <calls.allowed >filter.h
 * It runs when tinyx is built, so that what confines needs no library: libseccomp knows the numbers
 * of system calls, and how a program guards itself against those of other machines (x32, i386).
 */
#include <errno.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define NUMBERS 512 /* more than there are system calls */
#define SPACES                                                                                     \
  (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |       \
   CLONE_NEWCGROUP)
#define LOW 0xffffffffU /* the kernel looks at 32 bits of these arguments */

static void __attribute__((noreturn)) die(const char *what) {
  fprintf(stderr, "filter-make: %s\n", what);
  exit(1);
}

static void
rule(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
     const struct scmp_arg_cmp *arguments) {
  int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) /* a machine whose libseccomp is older than the list */
    return;
  int failed = seccomp_rule_add_array(filter, action, number, count, arguments);
  if (failed != 0 && failed != -EDOM)
    die(name);
}

static void
allow(scmp_filter_ctx filter, const char *name, struct scmp_arg_cmp argument) {
  rule(filter, SCMP_ACT_ALLOW, name, 1, &argument);
}

/* ALLOWED has the names, with a NULL behind them. */
static void
allow_listed(scmp_filter_ctx filter, char **allowed) {
  char line[LINE_MAX_BYTES];
  size_t count = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "#\n")] = '\0';
    for (char *name = strtok(line, " \t"); name != NULL; name = strtok(NULL, " \t")) {
      if (count + 1 == NUMBERS || (allowed[count++] = strdup(name)) == NULL)
        die("too many names");
      rule(filter, SCMP_ACT_ALLOW, name, 0, NULL);
    }
  }
}

/* Those whose arguments decide. */
static void
allow_some(scmp_filter_ctx filter) {
  static const unsigned families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
  static const unsigned long personalities[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
  allow(filter, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, SPACES, 0));
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    allow(filter, "socket", SCMP_A0(SCMP_CMP_MASKED_EQ, LOW, families[i]));
  for (size_t i = 0; i < sizeof personalities / sizeof *personalities; i++)
    allow(filter, "personality", SCMP_A0(SCMP_CMP_MASKED_EQ, LOW, personalities[i]));
}

/* ioctl but for two requests that type into a terminal: TIOCSTI and TIOCLINUX. A filter has no "all
 * but", so each bit of the lower half that differs from a request allows. */
static void
allow_ioctl(scmp_filter_ctx filter) {
  static const unsigned requests[] = {0x5412, 0x541c};
  const unsigned common = requests[0] & requests[1], either = requests[0] | requests[1];
  for (unsigned bit = 1; bit != 0; bit <<= 1)
    if ((common & bit) != 0)
      allow(filter, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, bit, 0));
    else if ((either & bit) == 0)
      allow(filter, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, bit, bit));
  /* Left: the bits in which the two differ. */
  for (unsigned rest = 0, mask = either & ~common;; rest = (rest - mask) & mask) {
    unsigned value = common | rest;
    if (value != requests[0] && value != requests[1])
      allow(filter, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, LOW, value));
    if (rest == mask)
      break;
  }
}

static bool
has_rules(const char *name, char *const *allowed) {
  static const char *const some[] = {"clone", "clone3", "socket", "personality", "ioctl"};
  for (size_t i = 0; i < sizeof some / sizeof *some; i++)
    if (strcmp(some[i], name) == 0)
      return true;
  for (; *allowed != NULL; allowed++)
    if (strcmp(*allowed, name) == 0)
      return true;
  return false;
}

/* Every other call that there is fails with EPERM; but clone3, whose flags no filter can read: the
 * C library takes clone where it is not there. */
static void
deny_rest(scmp_filter_ctx filter, char *const *allowed) {
  for (int number = 0; number < NUMBERS; number++) {
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    if (name != NULL && !has_rules(name, allowed))
      rule(filter, SCMP_ACT_ERRNO(EPERM), name, 0, NULL);
    free(name);
  }
}

static void
show(scmp_filter_ctx filter) {
  FILE *file = tmpfile();
  struct sock_filter op;
  if (file == NULL || seccomp_export_bpf(filter, fileno(file)) != 0)
    die("the program cannot be exported");
  rewind(file);
  printf("/* filter.h - made by filter-make.c of calls.allowed. */\n"
         "#include <linux/filter.h>\n\nstatic const struct sock_filter filter[] = {\n");
  while (fread(&op, sizeof op, 1, file) == 1)
    printf("    {0x%04x, %u, %u, 0x%08x},\n", op.code, op.jt, op.jf, op.k);
  printf("};\n");
  fclose(file);
}

int
main(void) {
  static char *allowed[NUMBERS];
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
  if (filter == NULL ||
      seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)) != 0)
    die("libseccomp");
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree: fewer steps a call */
  allow_listed(filter, allowed);
  allow_some(filter);
  allow_ioctl(filter);
  deny_rest(filter, allowed);
  show(filter);
  seccomp_release(filter);
  return 0;
}
