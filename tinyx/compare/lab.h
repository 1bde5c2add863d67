/* lab.h - the hosts on which contenders are booted. */
#ifndef TINYX_COMPARE_LAB_H
#define TINYX_COMPARE_LAB_H

#include "compare/contender.h"
#include "recipe/recipe.h"

typedef struct Lab Lab;

/* Hosts of PLATFORM; SPEC is what --host says, or NULL. Both must outlive the lab. */
Lab *lab_new(const Platform *platform, const char *spec);
void lab_free(Lab *lab);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lab, lab_free)

typedef struct {
  const Recipe *recipe; /* whose test is run; its ready port is waited for */
  int memory;           /* MB */
  int boot_seconds;     /* that it may take to answer */
  gboolean talkative;   /* all kernel messages on the console */
  gboolean counted;     /* on a machine that counts instructions */
} LabBoot;

/* Boots CONTENDER; each time with a disk as it was made. A test that fails is a verdict. */
gboolean lab_boot(Lab *lab, const Contender *contender, const LabBoot *how, GuestVerdict *verdict,
                  GError **error);

/* TRUE if instructions can be counted: only QEMU can. */
gboolean lab_can_count(const Lab *lab);
/* What the host is, for people: "embedded Xen 4.17 in QEMU"; "none" where there is none. g_free. */
char *lab_host_text(const Lab *lab);

#endif
