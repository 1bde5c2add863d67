/* fuzz-elf.c - any bytes as an ELF file: tinyx/deps/elf.c, tinyx/platform/vmlinux.c; and as a "#!"
 * line and a dlopen note, which are read from the same files. */
#include "deps/content.h"
#include "deps/dlopen.h"
#include "platform/vmlinux.h"

#include <string.h>

#include "fuzz.h"

static void
read_notes(const ElfInfo *elf) {
  for (guint i = 0; i < elf->dlopen->len; i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = dlopen_parse(elf->dlopen->pdata[i], &error);
    if ((notes == NULL) != (error != NULL))
      g_error("notes %p, error %p", (void *)notes, (void *)error);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(ElfInfo) elf = elf_parse(copy, size, "fuzz", ELF_WANT_IMPORTS, &error);
  if (elf != NULL && error != NULL)
    g_error("both a result and: %s", error->message);
  if (elf != NULL) {
    if (elf->needed == NULL || elf->imports == NULL)
      g_error("a list is missing");
    read_notes(elf);
  } else if (error == NULL && size >= 4 && memcmp(data, "\177ELF", 4) == 0) {
    g_error("neither a result nor a message for an ELF file");
  }
  g_autoptr(GError) no_kernel = NULL;
  g_autoptr(Vmlinux) kernel = vmlinux_parse(copy, size, "fuzz", &no_kernel);
  if ((kernel == NULL) != (no_kernel != NULL))
    g_error("kernel %p, error %p", (void *)kernel, (void *)no_kernel);
  g_auto(GStrv) words = content_script_line(copy, size);
  g_autofree char *program = words != NULL ? content_env_program(words[1]) : NULL;
  return 0;
}
