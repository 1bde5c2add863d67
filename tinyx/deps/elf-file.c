/* elf-file.c - an ELF file on disk, and the names of machines. */
#include "deps/elf.h"

#include "base/elffile.h"
#include "base/files.h"

#include <sys/stat.h>

ElfInfo *
elf_read(const char *path, ElfWant want, GError **error) {
  struct stat status;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
    return NULL;
  g_autoptr(GMappedFile) map = file_map(path, ELF_BYTES_MAX, error);
  if (map == NULL)
    return NULL;
  gsize size = g_mapped_file_get_length(map);
  return size > 0 ? elf_parse(g_mapped_file_get_contents(map), size, path, want, error) : NULL;
}

const char *
elf_machine_name(guint16 machine) {
  static const struct {
    guint16 machine;
    const char *name;
  } names[] = {{EM_386, "i386"},        {EM_X86_64, "x86-64"}, {EM_ARM, "arm"},
               {EM_AARCH64, "aarch64"}, {EM_MIPS, "mips"},     {EM_PPC, "powerpc"},
               {EM_PPC64, "ppc64"},     {EM_S390, "s390"},     {EM_RISCV, "riscv"},
               {EM_SPARC, "sparc"},     {EM_BPF, "bpf"},       {EM_LOONGARCH, "loongarch"},
               {EM_SPARCV9, "sparc64"}};
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    if (names[i].machine == machine)
      return names[i].name;
  char number[32];
  g_snprintf(number, sizeof number, "machine %u", machine);
  return g_intern_string(number);
}

gboolean
elf_is_for_images(const ElfInfo *info) {
  return info->is64 && !info->big_endian && info->machine == EM_X86_64;
}

guint16
elf_machine_here(void) {
#if defined(__x86_64__)
  return EM_X86_64;
#elif defined(__aarch64__)
  return EM_AARCH64;
#elif defined(__i386__)
  return EM_386;
#else
  return EM_NONE;
#endif
}
