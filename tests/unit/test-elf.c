/* test-elf.c - the ELF reader: what it reads of good files, and the message for each kind of bad
 * one. */
#include "deps/elf.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

static char *sample; /* tests/fuzz/corpus/elf/ */

static GBytes *
load(const char *name) {
  g_autofree char *path = g_build_filename(sample, name, NULL);
  g_autoptr(GError) error = NULL;
  char *data;
  gsize size;
  g_file_get_contents(path, &data, &size, &error);
  g_assert_no_error(error);
  return g_bytes_new_take(data, size);
}

static ElfInfo *
parse(const char *name, GError **error) {
  g_autoptr(GBytes) bytes = load(name);
  gsize size;
  const void *data = g_bytes_get_data(bytes, &size);
  return elf_parse(data, size, name, ELF_WANT_IMPORTS, error);
}

static void
check_sample(const char *name, guint16 machine, gboolean is64, gboolean big) {
  g_autoptr(GError) error = NULL;
  g_autoptr(ElfInfo) elf = parse(name, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(elf->machine, ==, machine);
  g_assert_cmpint(elf->is64, ==, is64);
  g_assert_cmpint(elf->big_endian, ==, big);
  g_assert_true(elf->dynamic && elf->pie);
  g_assert_cmpstr(elf->interp, ==, "/lib64/ld.so");
  g_assert_cmpstr(elf->soname, ==, "libself.so.1");
  g_assert_cmpstr(elf->runpath, ==, "$ORIGIN/../lib");
  g_assert_null(elf->rpath);
  g_assert_cmpuint(g_strv_length(elf->needed), ==, 2);
  g_assert_cmpstr(elf->needed[0], ==, "libc.so.6");
  g_assert_cmpstr(elf->needed[1], ==, "libm.so.6");
  /* sorted, though the file has them the other way round */
  g_assert_cmpstr(elf->imports[0], ==, "getpwnam");
  g_assert_cmpstr(elf->imports[1], ==, "pthread_exit");
  g_assert_null(elf->imports[2]);
  g_assert_cmpuint(elf->dlopen->len, ==, 1);
  g_assert_nonnull(strstr(elf->dlopen->pdata[0], "liblzma.so.5"));
}

static void
test_classes_and_orders(void) {
  check_sample("dyn-x86-64", EM_X86_64, TRUE, FALSE);
  check_sample("dyn-s390x-big-endian", EM_S390, TRUE, TRUE);
  check_sample("dyn-i386", EM_386, FALSE, FALSE);
  check_sample("dyn-mips-32-big-endian", EM_MIPS, FALSE, TRUE);
  g_assert_cmpstr(elf_machine_name(EM_AARCH64), ==, "aarch64");
  g_assert_cmpstr(elf_machine_name(0xfefe), ==, "machine 65278");
}

static void
test_bad_words(void) {
  static const struct {
    const char *name, *words;
  } cases[] = {
      {"truncated-4", "truncated: ELF identification needs 16 bytes, the file has 4"},
      {"truncated-40", "truncated: the ELF header needs 64 bytes, the file has 40"},
      {"truncated-100", "truncated: 5 program headers at byte 64 of 100"},
      {"truncated-400", "truncated: a loaded segment has"},
      {"bad-class", "malformed: ELF class 7"},
      {"bad-order", "malformed: ELF byte order 9"},
      {"bad-phentsize", "malformed: program headers of"},
      {"sections-beyond-end", "truncated: section headers at byte"},
      {"strings-too-long", "malformed: the dynamic string table is outside"},
      {"interp-without-end", "malformed: the interpreter's name"},
  };
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(ElfInfo) elf = parse(cases[i].name, &error);
    g_assert_null(elf);
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_true(g_str_has_prefix(error->message, cases[i].name));
    if (strstr(error->message, cases[i].words) == NULL)
      g_error("%s: expected \"%s\"", error->message, cases[i].words);
  }
}

/* No prefix of a good file is accepted, and none is read beyond its end (valgrind, ASan). */
static void
test_every_truncation(void) {
  g_autoptr(GBytes) bytes = load("dyn-x86-64");
  gsize size;
  const guint8 *data = g_bytes_get_data(bytes, &size);
  for (gsize length = 0; length < size; length++) {
    g_autoptr(GError) error = NULL;
    g_autofree void *prefix = g_memdup2(data, length);
    g_autoptr(ElfInfo) elf = elf_parse(prefix, length, "x", ELF_WANT_IMPORTS, &error);
    g_assert_null(elf);
    g_assert_true((error != NULL) == (length >= 4));
  }
}

/* Every byte turned over: a result or a message, never both, never a crash. */
static void
test_every_byte_flipped(void) {
  g_autoptr(GBytes) bytes = load("dyn-i386");
  gsize size;
  const guint8 *data = g_bytes_get_data(bytes, &size);
  for (gsize i = 4; i < size; i++) {
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *copy = g_memdup2(data, size);
    copy[i] ^= 0xff;
    g_autoptr(ElfInfo) elf = elf_parse(copy, size, "x", ELF_WANT_IMPORTS, &error);
    g_assert_true((elf == NULL) == (error != NULL));
  }
}

static void
test_no_elf(void) {
  g_autoptr(GError) error = NULL;
  g_assert_null(elf_read("/etc/passwd", 0, &error));
  g_assert_no_error(error);
  g_assert_null(elf_read("/", 0, &error)); /* a folder can be opened, but is no ELF file */
  g_assert_no_error(error);
  g_assert_null(elf_read("/no/such/file", 0, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
}

/* Stripped of its section headers a file says the same. */
static void
test_own_program(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(ElfInfo) elf = elf_read("/proc/self/exe", ELF_WANT_IMPORTS, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(elf->machine, ==, elf_machine_here());
  g_assert_nonnull(elf->interp);
  g_assert_true(g_strv_contains((const char *const *)elf->needed, "libglib-2.0.so.0"));
  g_assert_true(g_strv_contains((const char *const *)elf->imports, "g_test_init"));

  g_autofree char *data = NULL;
  gsize size;
  g_assert_true(g_file_get_contents("/proc/self/exe", &data, &size, NULL));
  Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)data;
  header->e_shoff = 0;
  header->e_shnum = header->e_shstrndx = 0;
  g_autoptr(ElfInfo) stripped = elf_parse(data, size, "x", ELF_WANT_IMPORTS, &error);
  g_assert_no_error(error);
  g_assert_true(
      g_strv_equal((const char *const *)elf->needed, (const char *const *)stripped->needed));
  g_assert_true(
      g_strv_equal((const char *const *)elf->imports, (const char *const *)stripped->imports));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  const char *source = g_getenv("SRCDIR");
  sample = g_build_filename(source != NULL ? source : ".", "tests/fuzz/corpus/elf", NULL);
  g_test_add_func("/elf/classes-and-orders", test_classes_and_orders);
  g_test_add_func("/elf/bad-words", test_bad_words);
  g_test_add_func("/elf/every-truncation", test_every_truncation);
  g_test_add_func("/elf/every-byte-flipped", test_every_byte_flipped);
  g_test_add_func("/elf/no-elf", test_no_elf);
  g_test_add_func("/elf/own-program", test_own_program);
  int status = g_test_run();
  g_free(sample);
  return status;
}
