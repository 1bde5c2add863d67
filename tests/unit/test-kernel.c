/* test-kernel.c - the kernel layer without a build: fragments, evidence in machine code, ELF
 * kernels, Xen's arithmetic of memory. */
#include "kernel/evidence.h"
#include "kernel/fragment.h"
#include "kernel/kernel.h"
#include "kernel/rules.h"
#include "kernel/vmlinux.h"

#include "base/files.h"

#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>

static void
test_fragment(void) {
  static const char text[] =
      "# words\n\nCONFIG_A=y  # because\nCONFIG_B=\"a b # \\\"c\"\t# may vanish: old\n"
      "CONFIG_C=-3 # number\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) requests = fragment_parse(text, strlen(text), "f", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(requests->len, ==, 3);
  const SymbolRequest *b = requests->pdata[1];
  g_assert_cmpstr(b->symbol, ==, "B");
  g_assert_cmpstr(b->value, ==, "\"a b # \\\"c\"");
  g_assert_cmpstr(b->reason, ==, "old");
  g_assert_cmpstr(b->origin, ==, "f:4");
  g_assert_true(b->may_vanish);
}

static void
test_config(void) {
  static const char text[] = "#\n# Automatically\n#\nCONFIG_A=y\n# CONFIG_B is not set\n"
                             "CONFIG_C=0x200000\nCONFIG_D=\"x=y\"\nCONFIG_M=m\nCONFIG_E=\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) config = config_parse(text, strlen(text), ".config", &error);
  g_assert_no_error(error);
  g_assert_cmpstr(config_value(config, "A"), ==, "y");
  g_assert_cmpstr(config_value(config, "B"), ==, "n");
  g_assert_cmpstr(config_value(config, "NOT_THERE"), ==, "n");
  g_assert_cmpstr(config_value(config, "D"), ==, "\"x=y\"");
  g_assert_true(config_value_equal("2097152", config_value(config, "C")));
  g_assert_false(config_value_equal("y", config_value(config, "M")));
  g_assert_null(config_parse("CONFIG_A=y\nA=y\n", 15, ".config", &error));
  g_assert_true(g_str_has_prefix(error->message, ".config:2: "));
}

/* The rules that come with tinyx are read by the parser that refuses bad ones. */
static void
test_shipped_rules(void) {
  g_autofree char *folder = data_path("kconfig-heuristics");
  g_autofree char *platform = g_build_filename(folder, "platforms/xen-pv.config", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(RuleSet) set = rules_load(folder, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(set->rules->len, >=, 25);
  g_autoptr(GPtrArray) requests = fragment_load(platform, "xen-pv.config", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(requests->len, >=, 50);
}

static const KernelFile *
file_of(const char *folder, const char *name, const void *bytes, gsize size) {
  KernelFile *file = g_new0(KernelFile, 1);
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_assert_true(file_write(path, bytes, size, 0644, NULL));
  file->image_path = g_strconcat("/", name, NULL);
  file->source = g_steal_pointer(&path);
  return file;
}

/* A static x86-64 ELF file that is nothing but a header and CODE. */
static GByteArray *
static_elf(const char *code, gsize size) {
  Elf64_Ehdr header = {.e_type = ET_EXEC,
                       .e_machine = EM_X86_64,
                       .e_version = EV_CURRENT,
                       .e_ehsize = sizeof header,
                       .e_phoff = sizeof header,
                       .e_phentsize = sizeof(Elf64_Phdr),
                       .e_phnum = 1};
  Elf64_Phdr segment = {.p_type = PT_LOAD, .p_flags = PF_R | PF_X};
  memcpy(header.e_ident, ELFMAG "\2\1\1", SELFMAG + 3);
  segment.p_filesz = segment.p_memsz = sizeof header + sizeof segment + size;
  GByteArray *bytes = g_byte_array_new();
  g_byte_array_append(bytes, (const guint8 *)&header, sizeof header);
  g_byte_array_append(bytes, (const guint8 *)&segment, sizeof segment);
  g_byte_array_append(bytes, (const guint8 *)code, (guint)size);
  return bytes;
}

static void
test_static_program(void) {
  /* mov $291,%eax; xor %edi,%edi; syscall ... mov $1,%eax; syscall */
  static const char code[] = "\xb8\x23\x01\0\0\x31\xff\x0f\x05\xb8\x01\0\0\0\x0f\x05";
  g_autofree char *folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *heuristics = data_path("kconfig-heuristics");
  g_autoptr(GByteArray) elf = static_elf(code, sizeof code - 1);
  g_autoptr(GPtrArray) files = g_ptr_array_new();
  g_autoptr(RuleSet) set = rules_load(heuristics, NULL);
  g_autoptr(GError) error = NULL;
  g_ptr_array_add(files, (gpointer)file_of(folder, "prog", elf->data, elf->len));
  g_autoptr(Evidence) evidence = evidence_collect(files, NULL, &set->wanted, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(evidence_find(evidence, EVIDENCE_SYSCALL, "epoll_create1", NULL), ==, "/prog");
  g_assert_null(evidence_find(evidence, EVIDENCE_SYSCALL, "signalfd", NULL));
  g_assert_cmpstr(evidence_find(evidence, EVIDENCE_TYPE, "elf-static", NULL), ==, "/prog");
  g_assert_cmpuint(evidence_notes(evidence)->len, ==, 1);
  g_assert_true(dir_remove(folder, NULL));
}

/* The C library imports and contains everything: no evidence. A program of this machine is some. */
static void
test_c_library_is_no_evidence(void) {
  KernelFile libc = {"/usr/lib/libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"};
  KernelFile shell = {"/usr/bin/dash", "/bin/sh"};
  g_autofree char *heuristics = data_path("kconfig-heuristics");
  g_autoptr(GPtrArray) files = g_ptr_array_new();
  g_autoptr(RuleSet) set = rules_load(heuristics, NULL);
  if (!g_file_test(libc.source, G_FILE_TEST_EXISTS)) {
    g_test_skip("no glibc at its Debian place");
    return;
  }
  g_ptr_array_add(files, &libc);
  g_autoptr(Evidence) alone = evidence_collect(files, NULL, &set->wanted, NULL);
  g_assert_null(evidence_find(alone, EVIDENCE_STRING, "/proc/", NULL));
  g_assert_null(evidence_find(alone, EVIDENCE_SYSCALL, "epoll_create1", NULL));
  g_ptr_array_add(files, &shell);
  g_autoptr(Evidence) both = evidence_collect(files, NULL, &set->wanted, NULL);
  g_assert_cmpstr(evidence_find(both, EVIDENCE_IMPORT, "fork", NULL), ==, "/usr/bin/dash");
}

static void
append_note(GByteArray *notes, guint32 type, const void *text, guint32 size) {
  Elf64_Nhdr header = {4, size, type};
  static const guint8 zero[4];
  g_byte_array_append(notes, (const guint8 *)&header, sizeof header);
  g_byte_array_append(notes, (const guint8 *)"Xen", 4);
  g_byte_array_append(notes, text, size);
  g_byte_array_append(notes, zero, (4 - size % 4) % 4);
}

static GByteArray *
kernel_elf(gboolean with_entry) {
  g_autoptr(GByteArray) notes = g_byte_array_new();
  guint64 address = 0xffffffff80000000;
  if (with_entry)
    append_note(notes, 1, &address, 8);
  append_note(notes, 3, &address, 8);
  append_note(notes, 5, "xen-3.0", 8);
  append_note(notes, 6, "linux", 6);
  Elf64_Ehdr header = {.e_machine = EM_X86_64,
                       .e_phoff = sizeof header,
                       .e_phentsize = sizeof(Elf64_Phdr),
                       .e_phnum = 3};
  Elf64_Phdr segments[3] = {
      {.p_type = PT_LOAD, .p_paddr = 0x400000, .p_memsz = 0x123000},
      {.p_type = PT_NOTE, .p_offset = sizeof header + sizeof segments, .p_filesz = notes->len},
      {.p_type = PT_LOAD, .p_paddr = 0x200000, .p_memsz = 0x1000}};
  memcpy(header.e_ident, ELFMAG "\2\1\1", SELFMAG + 3);
  GByteArray *bytes = g_byte_array_new();
  g_byte_array_append(bytes, (const guint8 *)&header, sizeof header);
  g_byte_array_append(bytes, (const guint8 *)segments, sizeof segments);
  g_byte_array_append(bytes, notes->data, notes->len);
  return bytes;
}

static void
test_vmlinux(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GByteArray) good = kernel_elf(TRUE);
  g_autoptr(GByteArray) bad = kernel_elf(FALSE);
  VmlinuxFacts facts;
  g_assert_true(vmlinux_parse(good->data, good->len, "v", &facts, &error));
  g_assert_cmphex(facts.phys_start, ==, 0x200000);
  g_assert_cmphex(facts.span, ==, 0x323000);
  g_assert_false(vmlinux_parse(bad->data, bad->len, "v", &facts, &error));
  g_assert_nonnull(strstr(error->message, "no Xen note ENTRY"));
  for (guint size = 0; size < good->len; size++) { /* each truncation: an error, no crash */
    g_autofree char *copy = g_memdup2(good->data, size);
    g_autoptr(GError) cut = NULL;
    g_assert_false(vmlinux_parse(copy, size, "v", &facts, &cut));
    g_assert_nonnull(cut);
  }
}

/* Measured with xl on Xen 4.17: at 16 MB a kernel of 12 MB with an initrd of 1.9 MB started in 36
 * MB and not in 32; at 2 MB one of 14 MB started in 24 MB and not in 20. */
static void
test_memory(void) {
  const KernelResult high = {.phys_start = 0x1000000, .span = 12 << 20};
  const KernelResult low = {.phys_start = 0x200000, .span = 14 << 20};
  const KernelResult none = {0};
  g_assert_cmpint(kernel_least_memory(&high, 1900 << 10), >, 32);
  g_assert_cmpint(kernel_least_memory(&high, 1900 << 10), <=, 36);
  g_assert_cmpint(kernel_least_memory(&low, 1900 << 10), >, 20);
  g_assert_cmpint(kernel_least_memory(&low, 1900 << 10), <=, 24);
  g_assert_cmpint(kernel_least_memory(&none, 0), ==, 5); /* 4 MB mapped, and the list of frames */
  g_assert_cmpint(kernel_least_memory(&low, 11900 << 10), ==,
                  kernel_least_memory(&low, 1900 << 10) + 10);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernel/fragment", test_fragment);
  g_test_add_func("/kernel/config", test_config);
  g_test_add_func("/kernel/shipped-rules", test_shipped_rules);
  g_test_add_func("/kernel/static-program", test_static_program);
  g_test_add_func("/kernel/c-library", test_c_library_is_no_evidence);
  g_test_add_func("/kernel/vmlinux", test_vmlinux);
  g_test_add_func("/kernel/memory", test_memory);
  return g_test_run();
}
