/* memory.h - the state of a QEMU machine, written to a file and read from it.
 */
#ifndef TINYX_XEN_MEMORY_H
#define TINYX_XEN_MEMORY_H

#include "xen/qmp.h"

/* Writes it to FILE. The machine stands still meanwhile and goes on then; nobody may be connected
 * to what runs in it. */
gboolean memory_save(Qmp *qmp, const char *file, GError **error);
/* Lets a machine that was started with "-incoming defer" read FILE. It is there when the machine's
 * status is "paused"; then *PACKER, which is set in any case, is to be stopped. */
gboolean memory_load(Qmp *qmp, const char *file, Proc **packer, GError **error);

#endif
