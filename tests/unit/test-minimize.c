/* test-minimize.c - the parts of the minimiser that need neither a build nor a boot: journal, code
 * map, kbuild, forecast, neutralised kernels, candidates, lock. */
#include "kernel/fragment.h"
#include "kernel/kconfig.h"
#include "kernel/lock.h"
#include "kernel/objects.h"
#include "minimize/candidates.h"
#include "minimize/codemap.h"
#include "minimize/journal.h"
#include "minimize/kbuild.h"
#include "minimize/neutral.h"
#include "minimize/predict.h"
#include "minimize/values.h"

#include "base/files.h"
#include "base/msg.h"

#include <elf.h>
#include <string.h>

static char *folder;

static char *
in_folder(const char *name) {
  return g_build_filename(folder, name, NULL);
}

/* Journal */

static gboolean
add(Journal *journal, const char *key, JournalVerdict verdict) {
  JournalEntry *entry = journal_entry_new("trial", key);
  entry->verdict = verdict;
  entry->why = verdict == VERDICT_PASS ? NULL : g_strdup("it \"failed\"\nbadly \377");
  entry->bytes = 12345;
  entry->build_seconds = 1.5;
  return journal_add(journal, entry, NULL);
}

static void
test_journal_remembers(void) {
  g_autofree char *path = in_folder("one.journal");
  g_autoptr(Journal) journal = journal_open(path, "input", "a title", NULL);
  const JournalEntry *entry;
  g_assert_nonnull(journal);
  g_assert_true(add(journal, "k1", VERDICT_PASS));
  g_assert_true(add(journal, "k2", VERDICT_FAIL));
  g_assert_true(add(journal, "k1", VERDICT_UNRESOLVED));
  journal_close(g_steal_pointer(&journal));
  journal = journal_open(path, "input", "a title", NULL);
  g_assert_nonnull(journal);
  g_assert_cmpuint(journal_entries(journal)->len, ==, 3);
  g_assert_true(journal_is_old(journal, 3));
  entry = journal_find(journal, "trial", "k1");
  g_assert_cmpuint(entry->number, ==, 3);
  g_assert_cmpint(entry->verdict, ==, VERDICT_UNRESOLVED);
  g_assert_cmpint(entry->bytes, ==, 12345);
  entry = journal_find(journal, NULL, "k2");
  g_assert_nonnull(strstr(entry->why, "it \"failed\""));
  g_assert_null(journal_find(journal, "boot", "k1"));
  g_assert_cmpstr(journal_title(journal), ==, "a title");
}

/* kill -9 in the middle of a line, at every byte of it. */
static void
test_journal_torn_line(void) {
  g_autofree char *path = in_folder("torn.journal");
  g_autofree char *whole = NULL;
  gsize size, last;
  Journal *journal = journal_open(path, "input", "title", NULL);
  g_assert_true(add(journal, "k1", VERDICT_PASS) && add(journal, "k2", VERDICT_PASS));
  journal_close(journal);
  g_assert_true(g_file_get_contents(path, &whole, &size, NULL));
  last = (gsize)(g_strrstr_len(whole, (gssize)size - 1, "\n") + 1 - whole);
  for (gsize cut = last; cut < size; cut++) {
    g_autofree char *text = NULL;
    gsize now;
    g_assert_true(g_file_set_contents(path, whole, (gssize)cut, NULL));
    journal = journal_open(path, "input", "title", NULL);
    g_assert_nonnull(journal);
    g_assert_cmpuint(journal_entries(journal)->len, ==, 1);
    g_assert_true(add(journal, "k2", VERDICT_PASS));
    journal_close(journal);
    g_assert_true(g_file_get_contents(path, &text, &now, NULL));
    g_assert_cmpstr(text, ==, whole);
  }
}

static void
test_journal_refuses(void) {
  static const struct {
    const char *text, *expected;
  } cases[] = {
      {"no json\n", "x:1: expected a JSON object"},
      {"{\"trial\":1}\n", "x:1: expected {\"tinyx-journal\": 1"},
      {"{\"tinyx-journal\":2,\"title\":\"t\",\"input\":\"i\"}\n", "x:1: expected"},
      {"{\"tinyx-journal\":1,\"title\":\"t\",\"input\":\"i\"}\n{\"trial\":1,\"kind\":\"trial\"}\n",
       "x:2: expected kind, key and a verdict"},
      {"{\"tinyx-journal\":1,\"title\":\"t\",\"input\":\"i\"}\n"
       "{\"trial\":7,\"kind\":\"trial\",\"key\":\"k\",\"verdict\":\"pass\"}\n",
       "x:2: expected the next trial's number"},
  };
  g_autofree char *path = in_folder("other.journal");
  g_autoptr(GError) error = NULL;
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) problem = NULL;
    g_assert_null(journal_parse(cases[i].text, strlen(cases[i].text), "x", &problem));
    g_assert_nonnull(strstr(problem->message, cases[i].expected));
  }
  journal_close(journal_open(path, "input", "title", NULL));
  g_assert_null(journal_open(path, "another input", "title", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
}

/* Code map, forecast */

static const char system_map[] = "ffffffff80200000 T _text\n"
                                 "ffffffff80200010 T start_kernel\n"
                                 "ffffffff80200040 T __x64_sys_epoll_wait\n"
                                 "ffffffff80200060 t helper\n"
                                 "ffffffff80200080 T __x64_sys_futex\n"
                                 "ffffffff802000a0 T _etext\n"
                                 "ffffffff80201000 D table\n"
                                 "ffffffff80202000 T _sinittext\n"
                                 "ffffffff80202000 t eventpoll_init\n"
                                 "ffffffff80202020 T _einittext\n"
                                 "ffffffff80203000 D __initcall_start\n"
                                 "ffffffff80203004 D __initcall_end\n";
static const char link_map[] =
    " .text          0xffffffff80200000       0x40 init/main.o\n"
    "                0xffffffff80200010                start_kernel\n"
    " .text          0xffffffff80200040       0x40 fs/eventpoll.o\n"
    " .text.very.long.section.name\n"
    "                0xffffffff80200080       0x20 kernel/futex/syscalls.o\n"
    " .data          0xffffffff80201000       0x80 fs/eventpoll.o\n"
    " .init.text     0xffffffff80202000       0x20 fs/eventpoll.o\n"
    " .comment       0x0000000000000000       0x20 fs/eventpoll.o\n";

static const CodeSymbol *
symbol(const Codemap *map, const char *name) {
  const CodeSymbol *found = codemap_find(map, name);
  g_assert_nonnull(found);
  return found;
}

static void
test_codemap(void) {
  g_autoptr(Codemap) map = codemap_parse(system_map, link_map, "x", NULL);
  g_autoptr(GError) error = NULL;
  g_assert_nonnull(map);
  g_assert_cmpstr(symbol(map, "helper")->object, ==, "fs/eventpoll.o");
  g_assert_cmpuint(symbol(map, "helper")->size, ==, 0x20);
  g_assert_cmpuint(symbol(map, "table")->size, ==, 0x80);
  g_assert_cmpstr(symbol(map, "__x64_sys_futex")->object, ==, "kernel/futex/syscalls.o");
  g_assert_true(symbol(map, "eventpoll_init")->init);
  g_assert_false(symbol(map, "helper")->init);
  codemap_mark(map, 0xffffffff80200065);
  g_assert_true(symbol(map, "helper")->ran);
  g_assert_false(symbol(map, "__x64_sys_futex")->ran);
  g_assert_null(codemap_parse("nonsense\n", "", "x", &error));
  g_assert_nonnull(strstr(error->message, "x:1: \"nonsense\""));
}

static void
test_trace(void) {
  g_autoptr(Codemap) map = codemap_parse(system_map, link_map, "x", NULL);
  g_autofree char *path = in_folder("trace");
  g_autoptr(GError) error = NULL;
  guint count;
  const char text[] = "----------------\nIN: \n0xffffffff80200044:  48 89 e5  movq %rsp, %rbp\n"
                      "0xffffffff81000000:  c3  retq\nOBJD-T: 4889e5\n";
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  g_assert_true(codemap_read_trace(map, path, &count, NULL));
  g_assert_cmpuint(count, ==, 1);
  g_assert_true(symbol(map, "__x64_sys_epoll_wait")->ran);
  g_assert_true(g_file_set_contents(path, "nothing\n", -1, NULL));
  g_assert_false(codemap_read_trace(map, path, &count, &error));
}

static const GPtrArray *
needs(GHashTable *table, const char *name) {
  return g_hash_table_lookup(table, name);
}

static void
test_makefile(void) {
  g_autoptr(GHashTable) table =
      kbuild_makefile("obj-y := open.o \\\n\tread.o # more.o\n"
                      "obj-$(CONFIG_EPOLL) += eventpoll.o\n"
                      "ifeq ($(CONFIG_BLOCK),y)\n"
                      "obj-y += buffer.o\nelse\nobj-y += no-block.o\nendif\n"
                      "obj-$(CONFIG_A) += both.o\n"
                      "obj-$(CONFIG_B) += both.o\n"
                      "obj-$(CONFIG_NOTIFY) += notify/ whole.o\n"
                      "whole-y := part.o\n"
                      "whole-$(CONFIG_MORE) += piece.o\n");
  g_assert_cmpuint(needs(table, "open.o")->len, ==, 0);
  g_assert_cmpuint(needs(table, "read.o")->len, ==, 0);
  g_assert_null(needs(table, "more.o"));
  g_assert_cmpstr(needs(table, "eventpoll.o")->pdata[0], ==, "EPOLL");
  g_assert_cmpstr(needs(table, "buffer.o")->pdata[0], ==, "BLOCK");
  g_assert_cmpuint(needs(table, "no-block.o")->len, ==, 0);
  g_assert_cmpuint(needs(table, "both.o")->len, ==, 0); /* either will do */
  g_assert_cmpstr(needs(table, "notify/")->pdata[0], ==, "NOTIFY");
  g_assert_cmpstr(needs(table, "piece.o")->pdata[0], ==, "MORE");
  g_assert_cmpstr(needs(table, "part:piece.o")->pdata[0], ==, "whole.o");
}

static void
write_tree(void) {
  static const struct {
    const char *path, *text;
  } files[] = {
      {"tree/Kbuild", "obj-y += init/ fs/ kernel/\n"},
      {"tree/fs/Makefile", "obj-$(CONFIG_EPOLL) += eventpoll.o\n"},
      {"tree/kernel/Makefile", "obj-$(CONFIG_FUTEX) += futex/\n"},
      {"tree/kernel/futex/Makefile", "obj-y += syscalls.o\n"},
      {"tree/fs/eventpoll.c",
       "int plain(void)\n{\n}\n#ifdef CONFIG_COMPAT\nstatic int helper(int a,\n\tint b)\n{\n}\n"
       "#endif\n#if defined(CONFIG_X) || defined(CONFIG_Y)\nint unclear(void)\n{\n}\n#endif\n"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *path = in_folder(files[i].path);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_true(dir_make(parent, NULL));
    g_assert_true(g_file_set_contents(path, files[i].text, -1, NULL));
  }
}

static void
test_forecast(void) {
  g_autoptr(Codemap) map = codemap_parse(system_map, link_map, "x", NULL);
  g_autofree char *tree = in_folder("tree");
  g_autoptr(GHashTable) table = NULL;
  const SymbolCode *epoll, *futex, *compat;
  write_tree();
  codemap_mark(map, 0xffffffff80200040);
  codemap_mark(map, 0xffffffff80200060);
  table = predict_code(map, tree,
                       "fs/eventpoll.o fs/eventpoll.c EPOLL COMPAT\n"
                       "kernel/futex/syscalls.o kernel/futex/syscalls.c FUTEX EPOLL\n");
  epoll = g_hash_table_lookup(table, "EPOLL");
  futex = g_hash_table_lookup(table, "FUTEX");
  compat = g_hash_table_lookup(table, "COMPAT");
  g_assert_cmpuint(epoll->functions, ==, 3);
  g_assert_cmpuint(epoll->ran, ==, 2);
  g_assert_cmpuint(epoll->rebuilds, ==, 2);
  g_assert_cmpuint(epoll->bytes, ==, 0x20 + 0x20 + 0x80 + 0x20);
  g_assert_cmpuint(futex->ran, ==, 0);
  g_assert_cmpuint(compat->functions, ==, 1); /* helper, by its #ifdef */
  g_assert_null(g_hash_table_lookup(table, "X"));
  g_assert_cmpfloat(predict_needed(epoll), >, 0.5);
  g_assert_cmpfloat(predict_needed(futex), <, 0.1);
}

static void
test_objects_line(void) {
  const char text[] = "cmd_fs/eventpoll.o := gcc -c -o fs/eventpoll.o /tree/fs/eventpoll.c\n\n"
                      "source_fs/eventpoll.o := /tree/fs/eventpoll.c\n\ndeps_fs/eventpoll.o := \\\n"
                      "    $(wildcard include/config/EPOLL) \\\n  /tree/include/x.h \\\n"
                      "    $(wildcard include/config/NET) \\\n";
  g_autofree char *line = objects_line(text, "/tree");
  g_assert_cmpstr(line, ==, "fs/eventpoll.o fs/eventpoll.c EPOLL NET");
  g_assert_null(objects_line("cmd_built-in.a := ar\n", "/tree"));
}

/* Neutralised kernels */

static void
put_kernel(const char *path) {
  static char file[0x4000];
  Elf64_Ehdr header = {.e_phoff = 64, .e_phnum = 1, .e_phentsize = sizeof(Elf64_Phdr)};
  Elf64_Phdr segment = {.p_type = PT_LOAD,
                        .p_offset = 0,
                        .p_vaddr = 0xffffffff80200000,
                        .p_filesz = sizeof file,
                        .p_memsz = sizeof file};
  gint32 distance = 0x2000 - 0x3000; /* the initcall is eventpoll_init */
  memcpy(header.e_ident, ELFMAG "\2\1\1", SELFMAG + 3);
  memset(file, 0x90, sizeof file);
  memcpy(file, &header, sizeof header);
  memcpy(file + 64, &segment, sizeof segment);
  memcpy(file + 0x3000, &distance, sizeof distance);
  g_assert_true(g_file_set_contents(path, file, sizeof file, NULL));
}

static void
test_neutral(void) {
  g_autoptr(Codemap) map = codemap_parse(system_map, link_map, "x", NULL);
  g_autofree char *path = in_folder("vmlinux"), *copy = in_folder("copy"), *bytes = NULL;
  g_autoptr(Neutral) neutral = NULL;
  g_autoptr(GPtrArray) functions = g_ptr_array_new();
  g_autoptr(GError) error = NULL;
  put_kernel(path);
  neutral = neutral_open(path, map, NULL);
  g_assert_nonnull(neutral);
  g_assert_true(neutral_can(neutral, symbol(map, "eventpoll_init")));
  g_assert_true(neutral_can(neutral, symbol(map, "__x64_sys_epoll_wait")));
  g_assert_false(neutral_can(neutral, symbol(map, "helper")));
  g_ptr_array_add(functions, (gpointer)symbol(map, "eventpoll_init"));
  g_ptr_array_add(functions, (gpointer)symbol(map, "__x64_sys_epoll_wait"));
  g_assert_true(neutral_write(neutral, functions, copy, NULL));
  g_assert_true(g_file_get_contents(copy, &bytes, NULL, NULL));
  g_assert_cmpmem(bytes + 0x2000, 3, "\x31\xc0\xc3", 3);
  g_assert_cmpmem(bytes + 0x40, 8, "\x48\xc7\xc0\xda\xff\xff\xff\xc3", 8);
  g_assert_cmpmem(bytes + 0x80, 1, "\x90", 1);
  g_assert_null(neutral_open("/etc/passwd", map, &error));
}

/* Candidates */

static const char answer[] =
    "symbol\tEPOLL\ntype\tbool\nvalue\ty\nvisible\ty\nmenu\tSetup\nprompt\tEpoll\n"
    "symbol\tFORCED\ntype\tbool\nvalue\ty\nvisible\ty\nmenu\t\nselected\t - X [=y]\n"
    "symbol\tHIDDEN\ntype\tbool\nvalue\ty\nvisible\tn\nmenu\t\n"
    "symbol\tSHIFT\ntype\tinteger\nvalue\t15\nvisible\ty\nmenu\t\nlow\t12\nhigh\t25\n"
    "symbol\tGZIP\ntype\tbool\nvalue\ty\nvisible\ty\nmenu\t\nchoice\tPack\n"
    "symbol\tXZ\ntype\tbool\nvalue\tn\nvisible\ty\nmenu\t\nchoice\tPack\n"
    "symbol\tPRINTK\ntype\tbool\nvalue\ty\nvisible\ty\nmenu\t\n";

static const Candidate *
candidate(const GPtrArray *candidates, const char *name) {
  for (guint i = 0; i < candidates->len; i++)
    if (strcmp(((Candidate *)candidates->pdata[i])->symbol, name) == 0)
      return candidates->pdata[i];
  return NULL;
}

static void
fill_data(CandidateData *data) {
  data->values = g_ptr_array_new_with_free_func(value_choice_free);
  data->keep = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  g_ptr_array_add(data->values,
                  value_choice_new(symbol_request_new("XZ", "y", "values:1", "tighter"), 1000));
  g_ptr_array_add(data->keep, symbol_request_new("PRINTK", "y", "keep:1", "says why"));
}

static void
test_values(void) {
  static const char text[] = "# BYTES  SYMBOL=VALUE  # REASON\n\n"
                             "250000  CONFIG_XZ=y  # saves 7: tighter\n0\tCONFIG_HZ=100  # ticks\n";
  static const char *const bad[][2] = {
      {"CONFIG_XZ=y  # saves 250000: tighter\n",
       "v:1: \"CONFIG_XZ=y  # saves 250000: tighter\" says"},
      {"\n12x CONFIG_XZ=y  # tighter\n", "v:2: \"12x"},
      {"-1  CONFIG_XZ=y  # tighter\n", "v:1: \"-1"},
      {"1  CONFIG_XZ=y\n", "v:1: no reason for XZ"},
      {"1  CONFIG_XZ=y  # a\n2  CONFIG_XZ=y  # b\n", "v:2: XZ is here a second time"}};
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) choices = value_choices_parse(text, strlen(text), "v", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(choices->len, ==, 2);
  /* The bytes are the number in front, whatever the reason says. */
  g_assert_cmpuint(value_choice_find(choices, "XZ")->saves, ==, 250000);
  g_assert_cmpstr(value_choice_find(choices, "XZ")->request->reason, ==, "saves 7: tighter");
  g_assert_cmpstr(value_choice_find(choices, "XZ")->request->origin, ==, "v:3");
  g_assert_cmpuint(value_choice_find(choices, "HZ")->saves, ==, 0);
  g_assert_null(value_choice_find(choices, "CONFIG_XZ"));
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) why = NULL;
    g_assert_null(value_choices_parse(bad[i][0], strlen(bad[i][0]), "v", &why));
    g_assert_error(why, TINYX_ERROR, TINYX_ERROR_INPUT);
    if (!g_str_has_prefix(why->message, bad[i][1]))
      g_error("%s; expected %s", why->message, bad[i][1]);
  }
}

/* Lines for other platforms are left out; those that name this one, or its family, stay. */
static void
test_keep_of_platform(void) {
  static const char values[] = "# none\n";
  static const char keep[] = "CONFIG_ALL=y  # for all\n"
                             "CONFIG_OURS=y  # on xen: by its family\n"
                             "CONFIG_NAMED=y  # on qemu-microvm, xen-pvh: by its name\n"
                             "CONFIG_OTHER=y  # on xen-pv, virtio: another's\n"
                             "CONFIG_OURS=n  # on virtio: not a second time\n"
                             "CONFIG_WORDS=y  # on and on: more than names\n";
  Platform platform = {.name = (char *)"xen-pvh", .family = (char *)"xen"};
  g_autofree char *own = g_dir_make_tmp("keep-XXXXXX", NULL);
  g_autofree char *values_path = g_build_filename(own, "values.config", NULL);
  g_autofree char *keep_path = g_build_filename(own, "keep.config", NULL);
  g_auto(CandidateData) data = {0};
  g_autoptr(GError) error = NULL;
  GString *names = g_string_new(NULL);
  g_assert_true(g_file_set_contents(values_path, values, -1, NULL));
  g_assert_true(g_file_set_contents(keep_path, keep, -1, NULL));
  g_assert_true(candidate_data_load(own, &platform, &data, &error));
  g_assert_no_error(error);
  for (guint i = 0; i < data.keep->len; i++) {
    const SymbolRequest *request = data.keep->pdata[i];
    g_string_append_printf(names, "%s (%s) ", request->symbol, request->reason);
  }
  g_assert_cmpstr(names->str, ==,
                  "ALL (for all) OURS (by its family) NAMED (by its name) "
                  "WORDS (on and on: more than names) ");
  g_string_free(names, TRUE);
  g_assert_true(dir_remove(own, NULL));
}

/* A line for a platform that there is not would never hold. */
static void
test_keep_unknown(void) {
  static const char text[] = "CONFIG_A=y  # on xen: known\nCONFIG_B=y  # on virtoi: a slip\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) requests = fragment_parse(text, strlen(text), "keep.config", NULL);
  g_assert_false(fragment_check_platforms(requests, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_true(g_str_has_prefix(error->message, "keep.config:2: B is for 'virtoi', which is no"));
}

static void
test_candidates(void) {
  g_autoptr(GPtrArray) symbols = kconfig_symbols_parse(answer, "x", NULL);
  g_autoptr(GPtrArray) wishes = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  g_auto(CandidateData) data = {0};
  g_autoptr(GPtrArray) all = NULL;
  fill_data(&data);
  all = candidates_all(symbols, &data, FALSE);
  candidates_lock(all, &data, FALSE, NULL);
  g_assert_cmpuint(all->len, ==, 4);
  g_assert_cmpstr(candidate(all, "EPOLL")->to, ==, "n");
  g_assert_cmpstr(candidate(all, "SHIFT")->to, ==, "12");
  g_assert_cmpstr(candidate(all, "XZ")->to, ==, "y");
  g_assert_cmpuint(candidate(all, "XZ")->set->len, ==, 2); /* the other one goes off */
  g_assert_cmpfloat(candidate(all, "XZ")->weight, ==, 1000);
  g_assert_cmpstr(candidate(all, "PRINTK")->locked, ==, "says why");
  g_assert_null(candidate(all, "EPOLL")->locked);
  g_assert_null(candidate(all, "GZIP"));
  g_assert_null(candidate(all, "FORCED"));
  g_autoptr(GPtrArray) more = candidates_all(symbols, &data, TRUE);
  g_assert_cmpuint(more->len, ==, 5);
  g_assert_cmpstr(candidate(more, "FORCED")->to, ==, "n");
  g_assert_null(candidate(more, "HIDDEN"));
  g_assert_null(candidate(all, "XZ")->locked);
  /* What is asked for does not go off, either, by another member of its choice coming on. */
  g_ptr_array_add(wishes, symbol_request_new("GZIP", "y", "recipe.conf", "asked"));
  candidates_lock(all, &data, FALSE, wishes);
  g_assert_cmpstr(candidate(all, "XZ")->locked, ==, "asked (recipe.conf)");
}

static void
test_named_candidates(void) {
  g_autoptr(GPtrArray) symbols = kconfig_symbols_parse(answer, "x", NULL);
  g_autoptr(GPtrArray) few =
      candidates_named("CONFIG_EPOLL # why\n\nXZ=y\nPRINTK\n", "list", symbols, NULL);
  static const struct {
    const char *text, *expected;
  } cases[] = {
      {"EPOLL\nFORCED\n", "list:2: FORCED cannot be switched: X [=y] selects it"},
      {"HIDDEN\n", "list:1: HIDDEN cannot be switched: it has no prompt"},
      {"NOSUCH\n", "list:1: NOSUCH is not on in this configuration"},
      {"EPOLL\nEPOLL\n", "list:2: EPOLL is named twice"},
      {"# nothing\n", "names no symbol"},
  };
  g_assert_cmpuint(few->len, ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(candidates_named(cases[i].text, "list", symbols, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, cases[i].expected));
  }
}

/* Lock */

static const char lock_example[] =
    "# tinyx kernel lock 1\n# application: nginx\n# platform: xen-pv\n"
    "# linux: 6.1.192\n# rules: epoll futex\n# bzimage: 1043200\n"
    "# least-memory: 24\n# note: by hand\n"
    "CONFIG_EPOLL=y  # it waits\nCONFIG_TTY=n  # trial 3\n";

static void
test_lock(void) {
  g_autoptr(Lock) lock = lock_parse(lock_example, strlen(lock_example), "x", NULL);
  g_autofree char *again = NULL;
  g_assert_nonnull(lock);
  g_assert_cmpstr(lock->application, ==, "nginx");
  g_assert_cmpuint(lock->requests->len, ==, 2);
  g_assert_cmpstr(lock->rules[1], ==, "futex");
  again = lock_text(lock);
  g_assert_cmpstr(again, ==, lock_example);
  g_assert_true(lock_fits_version(lock, "6.1.7"));
  g_assert_true(lock_fits_version(lock, "6.1"));
  g_assert_false(lock_fits_version(lock, "6.12.1"));
}

static void
test_lock_refuses(void) {
  static const struct {
    const char *text, *expected;
  } cases[] = {
      {"CONFIG_EPOLL=y  # x\n", "x:1: expected \"# tinyx kernel lock 1\""},
      {"# tinyx kernel lock 1\n# what: ever\n", "x:2: expected"},
      {"# tinyx kernel lock 1\n# application: a\n", "x:1: expected the lines application"},
      {"# tinyx kernel lock 1\n# application: a\n# platform: p\n# linux: 6.1\nEPOLL=y  # x\n",
       "x:5"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(lock_parse(cases[i].text, strlen(cases[i].text), "x", &error));
    g_assert_nonnull(strstr(error->message, cases[i].expected));
  }
}

int
main(int argc, char **argv) {
  int status;
  g_test_init(&argc, &argv, NULL);
  msg_set_level(MSG_QUIET); /* a torn line is said each time */
  folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_test_add_func("/journal/remembers", test_journal_remembers);
  g_test_add_func("/journal/torn-line", test_journal_torn_line);
  g_test_add_func("/journal/refuses", test_journal_refuses);
  g_test_add_func("/codemap/parse", test_codemap);
  g_test_add_func("/codemap/trace", test_trace);
  g_test_add_func("/kbuild/makefile", test_makefile);
  g_test_add_func("/forecast/code", test_forecast);
  g_test_add_func("/forecast/objects-line", test_objects_line);
  g_test_add_func("/neutral/patch", test_neutral);
  g_test_add_func("/values/all", test_values);
  g_test_add_func("/candidates/all", test_candidates);
  g_test_add_func("/candidates/keep-of-platform", test_keep_of_platform);
  g_test_add_func("/candidates/keep-unknown", test_keep_unknown);
  g_test_add_func("/candidates/named", test_named_candidates);
  g_test_add_func("/lock/round-trip", test_lock);
  g_test_add_func("/lock/refuses", test_lock_refuses);
  status = g_test_run();
  dir_remove(folder, NULL);
  g_free(folder);
  return status;
}
