/* lacking.h - features that an image's files ask for, and of which its kernel has nothing. */
#ifndef TINYX_KERNEL_LACKING_H
#define TINYX_KERNEL_LACKING_H

#include "base/dotconfig.h"
#include "kernel/rules.h"

typedef struct {
  char *name; /* of the feature */
  char *what; /* that it is for */
  char *why;  /* "import flock in /usr/sbin/x" */
  char *by;   /* what took it out: "without=", the name of the lock; NULL: another option is in its
                 way */
} LackingFeature;

/* Those (LackingFeature*, sorted by name) of SET whose rule holds for INPUT while CONFIG, INPUT's
 * .config, has none of the symbols that it switches on. Guesses are left out. g_ptr_array_unref. */
GPtrArray *kernel_lacking(const KernelInput *input, const RuleSet *set, const DotConfig *config,
                          GError **error);

/* *OUT: whatever the files of an image show, its kernel will not have SYMBOL, which FEATURE (a rule
 * that stands) asks for: a person says so (options=, without=), or a lock that was made before
 * FEATURE was known is without it. Of INPUT the lock, the names and the requests count. */
gboolean kernel_leaves_out(const KernelInput *input, const char *feature, const char *symbol,
                           gboolean *out, GError **error);

#endif
