/* test-kernel.c - the kernel layer without a build: fragments, facts in machine code, ELF kernels,
 * Xen's arithmetic of memory. */
#include "facts/program.h"
#include "kernel/fragment.h"
#include "kernel/kernel.h"
#include "kernel/rules.h"

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
  g_autofree char *program = g_build_filename(folder, "prog", NULL);
  g_autoptr(GByteArray) elf = static_elf(code, sizeof code - 1);
  g_autoptr(RuleSet) set = rules_load(heuristics, NULL);
  g_autoptr(Facts) facts = facts_new();
  g_autoptr(GError) error = NULL;
  g_file_set_contents(program, (const char *)elf->data, elf->len, NULL);
  g_assert_true(facts_read_program(facts, "/prog", program, FALSE, &set->wanted, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(facts_find(facts, FACT_SYSCALL, "epoll_create1", NULL)->file, ==, "/prog");
  g_assert_null(facts_find(facts, FACT_SYSCALL, "signalfd", NULL));
  g_assert_cmpstr(facts_find(facts, FACT_TYPE, "elf-static", NULL)->file, ==, "/prog");
  g_assert_cmpuint(facts_notes(facts)->len, ==, 1);
  g_assert_true(dir_remove(folder, NULL));
}

/* The C library imports and contains everything: no evidence. A program of this machine is some. */
static void
test_c_library_is_no_evidence(void) {
  static const char libc[] = "/lib/x86_64-linux-gnu/libc.so.6";
  g_autofree char *heuristics = data_path("kconfig-heuristics");
  g_autoptr(RuleSet) set = rules_load(heuristics, NULL);
  g_autoptr(Facts) facts = facts_new();
  if (!g_file_test(libc, G_FILE_TEST_EXISTS)) {
    g_test_skip("no glibc at its Debian place");
    return;
  }
  g_assert_true(facts_read_program(facts, "/usr/lib/libc.so.6", libc, TRUE, &set->wanted, NULL));
  g_assert_null(facts_find(facts, FACT_STRING, "/proc/", NULL));
  g_assert_null(facts_find(facts, FACT_SYSCALL, "epoll_create1", NULL));
  g_assert_true(facts_read_program(facts, "/usr/bin/dash", "/bin/sh", TRUE, &set->wanted, NULL));
  g_assert_cmpstr(facts_find(facts, FACT_IMPORT, "fork", NULL)->file, ==, "/usr/bin/dash");
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernel/fragment", test_fragment);
  g_test_add_func("/kernel/shipped-rules", test_shipped_rules);
  g_test_add_func("/kernel/static-program", test_static_program);
  g_test_add_func("/kernel/c-library", test_c_library_is_no_evidence);
  return g_test_run();
}
