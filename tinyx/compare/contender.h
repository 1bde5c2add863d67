/* contender.h - something that is compared: what it is made of, how it is booted. */
#ifndef TINYX_COMPARE_CONTENDER_H
#define TINYX_COMPARE_CONTENDER_H

#include "compare/figures.h"
#include "guest/guest.h"
#include "tree/tree.h"

typedef struct Contender Contender;
struct Contender {
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
  gboolean kernel_in_tree;  /* and in packed_bytes */
  gint64 packed_bytes;      /* of the files; 0: not known, see contender_pack */
  char *unable;             /* why it need not be booted; or NULL */
  int memory;               /* MB in which it is measured */
  int boot_seconds;         /* that it may take to answer */
  Contender *with_procfs;   /* the same with a kernel that has /proc; NULL: its own has, or none */
};

void contender_free(Contender *contender);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Contender, contender_free)

/* What can be told without booting it, into SIDE: sizes, symbols, files, packages, setuid. A figure
 * that cannot be had is set as not measured. */
void contender_measure(const Contender *contender, Side *side);

/* Packs the files of one that is not packed, for their size: minutes. */
gboolean contender_pack(const Contender *contender, Side *side, GError **error);

#endif
