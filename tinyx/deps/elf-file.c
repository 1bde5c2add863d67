/* elf-file.c - an ELF file on disk, and the names of machines. */
#include "deps/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static ElfInfo *
read_open(int fd, const char *path, ElfWant want, GError **error) {
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
    return NULL;
  void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (data == MAP_FAILED) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: mmap: %s", path, g_strerror(errno));
    return NULL;
  }
  ElfInfo *info = elf_parse(data, (gsize)status.st_size, path, want, error);
  munmap(data, (size_t)status.st_size);
  return info;
}

ElfInfo *
elf_read(const char *path, ElfWant want, GError **error) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", path, g_strerror(errno));
    return NULL;
  }
  ElfInfo *info = read_open(fd, path, want, error);
  close(fd);
  return info;
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
