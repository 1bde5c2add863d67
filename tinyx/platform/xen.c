/* xen.c - what the rooms of Xen's platforms share: notes, pages, the initramfs. */
#include "platform/xen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

gboolean
xen_note_has_size(const Vmlinux *kernel, XenNoteType type, gsize size) {
  const VmlinuxNote *note = vmlinux_note(kernel, "Xen", type);
  return note != NULL && note->size == size;
}

gboolean
xen_note_is(const Vmlinux *kernel, XenNoteType type, const char *text) {
  const VmlinuxNote *note = vmlinux_note(kernel, "Xen", type);
  gsize size = strlen(text) + 1;
  return note != NULL && note->size >= size && memcmp(note->bytes, text, size) == 0;
}

guint64
xen_pages(guint64 bytes) {
  return bytes / XEN_PAGE + (bytes % XEN_PAGE != 0);
}

/* libxenguest unpacks a gzip'd initramfs into the domain's memory, where the kernel then holds it
 * twice; so a domain would need as much memory again as the files have. It takes a file's last four
 * bytes for the unpacked size, and hands the file over as it is where that size is too small
 * (xg_dom_core.c: xc_dom_check_gzip, xc_dom_build_module). Zeros after the end are skipped by
 * gzip(1) and by the kernel (init/initramfs.c, unpack_to_rootfs). */
gboolean
xen_finish_rootfs(const char *path, GError **error) {
  static const unsigned char magic[2] = {0x1f, 0x8b};
  static const char zeros[4];
  unsigned char begin[2] = {0};
  FILE *stream = fopen(path, "r+");
  gboolean done = stream != NULL && fread(begin, 1, sizeof begin, stream) == sizeof begin;
  if (done && memcmp(begin, magic, sizeof magic) == 0)
    done = fseek(stream, 0, SEEK_END) == 0 && fwrite(zeros, sizeof zeros, 1, stream) == 1;
  int problem = errno;
  if (stream != NULL && fclose(stream) != 0 && done) {
    problem = errno;
    done = FALSE;
  }
  if (!done)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot be finished: %s", path,
                g_strerror(problem));
  return done;
}
