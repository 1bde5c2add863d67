/* diagnose.h - calls that failed in a domain for want of something that an image can have: a
 * kernel option, a mount, a device, and the line of a recipe that brings it.
 *
 * The cures are data: kconfig-heuristics/failures.rules, and the features' rules for system calls
 * that the kernel does not have and for strings that name a path.
 */
#ifndef TINYX_TRACE_DIAGNOSE_H
#define TINYX_TRACE_DIAGNOSE_H

#include "kernel/failures.h"
#include "kernel/rules.h"

typedef struct {
  char *call;  /* as strace writes it: "socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP)" */
  char *error; /* "EAFNOSUPPORT" */
  char *cure;  /* "[kernel] with=ipv6"; NULL: nothing of ours knows one */
  char *reason;
} FailedCall;

/* The failed calls (FailedCall*) that CONSOLE, a guest's, tells of, in their order, those with the
 * same error and cure once. Lines that are none are passed over. g_ptr_array_unref. */
GPtrArray *diagnose_console(const FailureRules *rules, const RuleSet *features,
                            const char *console);

/* Adds to LIST (FailedCall*) those that TEXT, the output of `strace -f`, tells of, each error and
 * cure once: calls of which the kernel knows nothing (ENOSYS, EAFNOSUPPORT, EPROTONOSUPPORT), and
 * paths below /dev, /proc and /sys that are not there (ENOENT) or lead to nothing (ENXIO, ENODEV).
 * What else fails is as it is anywhere. The first program is tinyx-confine, of which nothing
 * counts. */
void diagnose_trace(const FailureRules *rules, const RuleSet *features, const char *text,
                    GPtrArray *list);
/* An empty list of them. */
GPtrArray *diagnose_list_new(void);

#endif
