/* system.h - one of the systems that are compared: what it is made of, how it is booted. */
#ifndef TINYX_COMPARE_SYSTEM_H
#define TINYX_COMPARE_SYSTEM_H

#include "compare/figures.h"
#include "guest/guest.h"
#include "tree/tree.h"

typedef struct System System;
struct System {
  char *id, *title, *note;
  const Platform *platform; /* on which it is booted */
  char *key;                /* changes with everything in it */
  char *folder;             /* holds kernel and initrd */
  char *kernel;             /* file in folder, which is booted */
  char *packed_kernel;      /* file in folder: the same kernel, by which sizes are compared */
  gboolean is_distribution; /* the kernel is a distribution's: see GuestImage */
  char *initrd;             /* file in folder, or NULL */
  char *disk;               /* file of this machine, or NULL */
  char *cmdline;            /* what the kernel is told before ip= */
  char *config;             /* path of the kernel's .config */
  char *scratch;            /* a folder to remove in the end, or NULL */
  Tree *tree;               /* its files */
  gboolean kernel_in_tree;  /* and so among the packed files */
  char *unable;             /* why it need not be booted; or NULL */
  int memory;               /* MB in which it is measured */
  int boot_seconds;         /* that it may take to answer */
  System *with_procfs;      /* the same with a kernel that has /proc; NULL: its own has, or none */
};

void system_free(System *system);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(System, system_free)

/* What can be told without booting it, into RESULT: sizes, symbols, files, packages, setuid. A
 * figure that cannot be had is set as not measured. */
void system_measure(const System *system, Result *result);

/* Packs the files of one that is not packed, for their size: minutes. */
gboolean system_pack(const System *system, Result *result, GError **error);

#endif
