/* testbed.h - the hosts on which systems are booted. */
#ifndef TINYX_COMPARE_TESTBED_H
#define TINYX_COMPARE_TESTBED_H

#include "compare/system.h"
#include "recipe/recipe.h"

typedef struct Testbed Testbed;

/* Hosts of PLATFORM; SPEC is what --host says, or NULL. Both must outlive the testbed. */
Testbed *testbed_new(const Platform *platform, const char *spec);
void testbed_free(Testbed *testbed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Testbed, testbed_free)

typedef struct {
  const Recipe *recipe; /* whose test is run; its ready port is waited for */
  int memory;           /* MB */
  int boot_seconds;     /* that it may take to answer */
  gboolean talkative;   /* all kernel messages on the console */
  gboolean counted;     /* on a machine that counts instructions */
} TestbedBoot;

/* Boots SYSTEM; each time with a disk as it was made. A test that fails is a verdict. */
gboolean testbed_boot(Testbed *testbed, const System *system, const TestbedBoot *how,
                      GuestVerdict *verdict, GError **error);

/* TRUE if instructions can be counted: only QEMU can. */
gboolean testbed_can_count(const Testbed *testbed);
/* What the host is, for people: "embedded Xen 4.17 in QEMU"; "none" where there is none. g_free. */
char *testbed_describe(const Testbed *testbed);

#endif
