/* kernelfile.h - how large a kernel is: its file, and the ELF file that is packed in it. */
#ifndef TINYX_COMPARE_KERNELFILE_H
#define TINYX_COMPARE_KERNELFILE_H

#include "base/error.h"

typedef struct {
  gint64 file;            /* bytes of the file itself */
  gint64 text, data, bss; /* as size(1) has it for the ELF file */
} KernelfileSizes;

/* PATH is a bzImage (any packing that libarchive reads) or an ELF file. */
gboolean kernelfile_sizes(const char *path, KernelfileSizes *sizes, GError **error);

/* The ELF file that the bzImage DATA holds, unpacked (Documentation/arch/x86/boot.rst:
 * payload_offset, payload_length). DATA that is ELF already comes back as it is. NAME is for
 * messages. */
GBytes *kernelfile_unpack(GBytes *data, const char *name, GError **error);

#endif
