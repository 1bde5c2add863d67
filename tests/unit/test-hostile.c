/* test-hostile.c - inputs that were made to crash a parser, or to keep it busy: each ends with an
 * answer, and soon. What stalled took minutes; the runner's deadline is the test's. */
#include "base/files.h"
#include "base/json.h"
#include "base/number.h"
#include "base/shrunk.h"
#include "compare/store.h"
#include "deps/dlopen.h"
#include "deps/elf.h"
#include "draft/initscript.h"
#include "draft/shell.h"
#include "draft/sockets.h"
#include "facts/program.h"
#include "minimize/journal.h"
#include "rootfs/tmpfiles.h"

#include <elf.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* TEXT, COUNT times. */
static char *
repeated(const char *text, guint count) {
  GString *all = g_string_new(NULL);
  for (guint i = 0; i < count; i++)
    g_string_append(all, text);
  return g_string_free(all, FALSE);
}

/* ---- numbers ------------------------------------------------------------ */

static void
test_numbers(void) {
  static const char *const none[] = {"",     "-1",  "+1", " 1",  "1 ",
                                     "0x10", "1e3", "a",  "256", "99999999999999999999"};
  guint64 value = 7;
  for (guint i = 0; i < G_N_ELEMENTS(none); i++)
    g_assert_false(number_parse(none[i], 255, &value));
  g_assert_false(number_parse(NULL, 255, &value));
  g_assert_cmpuint(value, ==, 7);
  g_assert_true(number_parse("255", 255, &value) && value == 255);
  g_assert_true(number_parse("0007", 7, &value) && value == 7);
  g_assert_true(number_parse("18446744073709551615", G_MAXUINT64, &value) && value == G_MAXUINT64);
  g_assert_false(number_parse("18446744073709551616", G_MAXUINT64, &value));
  g_assert_true(number_parse_base("fF", 16, 255, &value) && value == 255);
  g_assert_false(number_parse_base("8", 8, 255, &value));
  g_assert_false(number_parse_base("f", 16, 14, &value));
  const char *at = "80:x";
  g_assert_true(number_take(&at, 10, G_MAXUINT16, &value) && value == 80);
  g_assert_cmpstr(at, ==, ":x");
  g_assert_false(number_take(&at, 10, G_MAXUINT16, &value));
  g_assert_cmpstr(at, ==, ":x");
  g_assert_cmpfloat(number_clamp(1e300, 0, 5), ==, 5);
  g_assert_cmpfloat(number_clamp(-1, 0, 5), ==, 0);
  g_assert_cmpfloat(number_clamp((double)NAN, 1, 5), ==, 1);
}

/* A socket table has digits only: no sign, no blank, no "0x". */
static void
test_sockets(void) {
  static const char text[] = "  sl  local_address rem_address   st\n"
                             "   0: 00000000:-123 00000000:0000 0A 0\n"
                             "   1: 00000000:  50 00000000:0000 0A 0\n"
                             "   2: 00000000:0x50 00000000:0000 0A 0\n"
                             "   3: 00000000:12345 00000000:0000 0A 0\n"
                             "   4: 0000000:0050 00000000:0000 0A 0\n"
                             "  -5: 00000000:0050 00000000:0000 0A 0\n"
                             "   6: 00000000:0050 00000000:0000 +A 0\n"
                             "   7: 00000000:0051 00000000:0000 0A 0\n";
  g_autoptr(GArray) listeners = g_array_new(FALSE, FALSE, sizeof(Listener));
  sockets_parse(text, FALSE, listeners);
  g_assert_cmpuint(listeners->len, ==, 1);
  g_assert_cmpint(g_array_index(listeners, Listener, 0).port, ==, 0x51);
}

/* ---- JSON --------------------------------------------------------------- */

static void
test_json_depth(void) {
  static const char *const pieces[] = {"[", "{\"a\":", "[{\"a\":", "{\"a\":[["};
  for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
    g_autofree char *text = repeated(pieces[i], 200000);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) error = NULL;
    g_assert_null(json_parse_root(parser, text, -1, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "line 1: more than 64"));
    g_assert_null(json_parse(parser, text, (gssize)strlen(text)));
    g_autoptr(GError) note = NULL;
    g_autofree char *short_text = g_strndup(text, DLOPEN_BYTES_MAX);
    g_assert_null(dlopen_parse(short_text, &note));
    g_assert_nonnull(strstr(note->message, "more than 64"));
    g_autoptr(GError) stored = NULL;
    g_assert_null(store_parse(text, -1, "measured.json", &stored));
    g_assert_error(stored, TINYX_ERROR, TINYX_ERROR_CORRUPT);
  }
}

/* As deep as is allowed; brackets and quotes in strings do not count. */
static void
test_json_deep_enough(void) {
  g_autofree char *open = repeated("[", JSON_DEPTH_MAX);
  g_autofree char *close = repeated("]", JSON_DEPTH_MAX);
  g_autofree char *brackets = repeated("[{", 1000);
  g_autofree char *text = g_strdup_printf("%s\"\\\"%s\\\\\"%s", open, brackets, close);
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(GError) error = NULL;
  g_assert_nonnull(json_parse_root(parser, text, -1, &error));
  g_assert_no_error(error);
}

/* json-glib takes comments, in which a quote would hide what follows from a look at the depth. */
static void
test_json_no_comments(void) {
  static const char *const bad[] = {"// \"\n[1]", "/* \" */ [1]", "['a']", "[1] #", "[a;b]", ""};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) error = NULL;
    g_assert_null(json_parse_root(parser, bad[i], -1, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  }
  g_autoptr(JsonParser) parser = json_parser_new();
  g_assert_null(json_parse_root(parser, "[1\0]", 4, NULL));
}

/* Members of other types than the format's. */
static void
test_json_types(void) {
  static const char note[] = "[{\"soname\":[1,null,{},\"liba.so.1\"],\"feature\":3,"
                             "\"priority\":[]}]";
  static const char table[] =
      "{\"name\":\"a\",\"sides\":[{\"id\":\"x\",\"title\":\"y\",\"figures\":{"
      "\"kernel_image\":{\"value\":\"z\"},\"rootfs\":{\"value\":true},"
      "\"image\":{\"value\":null},\"memory\":{\"value\":1e999},\"boot\":[]}}]}";
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) notes = dlopen_parse(note, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(notes->len, ==, 1);
  g_assert_null(((DlopenNote *)notes->pdata[0])->feature);
  g_assert_cmpstr(((DlopenNote *)notes->pdata[0])->sonames[0], ==, "liba.so.1");
  g_autoptr(Comparison) comparison = store_parse(table, -1, "measured.json", &error);
  g_assert_no_error(error);
  const Result *result = comparison->results->pdata[0];
  for (guint i = 0; i < FIGURE_COUNT; i++)
    g_assert_false(result->values[i].measured);
}

/* Numbers that the fields' types do not have. */
static void
test_journal_numbers(void) {
  static const char text[] =
      "{\"tinyx-journal\":1,\"title\":\"a\",\"input\":\"b\"}\n"
      "{\"trial\":1,\"kind\":\"k\",\"key\":\"x\",\"verdict\":\"pass\",\"boots\":1e15,"
      "\"compiled\":-3,\"cached\":1e999,\"memory\":9223372036854775807,\"bytes\":1e300,"
      "\"build-seconds\":-1e300,\"boot-seconds\":\"7\"}\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(Journal) journal = journal_parse(text, strlen(text), "journal", &error);
  g_assert_no_error(error);
  const JournalEntry *entry = journal_entries(journal)->pdata[0];
  g_assert_cmpuint(entry->boots, ==, G_MAXUINT);
  g_assert_cmpuint(entry->compiled, ==, 0);
  g_assert_cmpuint(entry->cached, ==, G_MAXUINT);
  g_assert_cmpint(entry->memory, ==, G_MAXINT);
  g_assert_cmpint(entry->bytes, ==, (gint64)1e15);
  g_assert_cmpfloat(entry->build_seconds, ==, 0);
  g_assert_cmpfloat(entry->boot_seconds, ==, 0);
}

/* ---- ELF files ---------------------------------------------------------- */

/* A 64-bit library whose one segment is all of it: DYNAMIC entries, SYMBOLS undefined ones whose
 * names begin STEP bytes apart, and STRINGS as its string table. */
static GByteArray *
make_elf(const Elf64_Dyn *dynamic, guint dynamics, guint symbols, guint step, const char *strings,
         gsize length) {
  GByteArray *file = g_byte_array_new();
  const gsize headers = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr);
  const gsize symtab = headers + (dynamics + 4) * sizeof(Elf64_Dyn);
  const gsize hash = symtab + (gsize)symbols * sizeof(Elf64_Sym);
  const gsize strtab = hash + 8;
  const Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                             .e_type = ET_DYN,
                             .e_machine = EM_X86_64,
                             .e_phoff = sizeof(Elf64_Ehdr),
                             .e_phentsize = sizeof(Elf64_Phdr),
                             .e_phnum = 2};
  const Elf64_Phdr segments[] = {
      {.p_type = PT_LOAD, .p_filesz = strtab + length},
      {.p_type = PT_DYNAMIC, .p_offset = headers, .p_filesz = symtab - headers}};
  const Elf64_Dyn tables[] = {
      {DT_STRTAB, {strtab}}, {DT_STRSZ, {length}}, {DT_SYMTAB, {symtab}}, {DT_HASH, {hash}}};
  const guint32 counts[] = {0, symbols};
  g_byte_array_append(file, (const guint8 *)&header, sizeof header);
  g_byte_array_append(file, (const guint8 *)segments, sizeof segments);
  g_byte_array_append(file, (const guint8 *)tables, sizeof tables);
  g_byte_array_append(file, (const guint8 *)dynamic, dynamics * sizeof *dynamic);
  for (guint i = 0; i < symbols; i++) {
    const Elf64_Sym symbol = {.st_name = 1 + i * step};
    g_byte_array_append(file, (const guint8 *)&symbol, sizeof symbol);
  }
  g_byte_array_append(file, (const guint8 *)counts, sizeof counts);
  g_byte_array_append(file, (const guint8 *)strings, (guint)length);
  return file;
}

/* "" and one name of LENGTH bytes. g_free. */
static char *
long_strings(gsize length) {
  char *strings = g_malloc0(length + 2);
  memset(strings + 1, 'a', length);
  return strings;
}

/* One name that 60,000 imports share counts once; as many names that end it are too much. */
static void
test_elf_imports(void) {
  const gsize length = 1 << 17;
  g_autofree char *strings = long_strings(length);
  g_autoptr(GByteArray) same = make_elf(NULL, 0, 60000, 0, strings, length + 2);
  g_autoptr(GByteArray) tails = make_elf(NULL, 0, 60000, 2, strings, length + 2);
  g_autoptr(GError) error = NULL;
  g_autoptr(ElfInfo) info = elf_parse(same->data, same->len, "same", ELF_WANT_IMPORTS, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(g_strv_length(info->imports), ==, 1);
  g_assert_null(elf_parse(tails->data, tails->len, "tails", ELF_WANT_IMPORTS, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
}

/* The last DT_SONAME counts, however many there are; a name that no file can have is refused. */
static void
test_elf_sonames(void) {
  enum { COUNT = 200000 };
  g_autofree Elf64_Dyn *dynamic = g_new0(Elf64_Dyn, COUNT);
  g_autofree char *strings = long_strings(4000), *longer = long_strings(1 << 20);
  for (guint i = 0; i < COUNT; i++)
    dynamic[i] = (Elf64_Dyn){i % 2 == 0 ? DT_SONAME : DT_RUNPATH, {1 + i % 3990}};
  g_autoptr(GByteArray) many = make_elf(dynamic, COUNT, 2, 0, strings, 4002);
  g_autoptr(GError) error = NULL;
  g_autoptr(ElfInfo) info = elf_parse(many->data, many->len, "many", 0, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(strlen(info->soname), ==, 4000 - (COUNT - 2) % 3990);
  for (guint i = 0; i < COUNT; i++)
    dynamic[i] = (Elf64_Dyn){DT_NEEDED, {1}};
  g_autoptr(GByteArray) names = make_elf(dynamic, COUNT, 2, 0, longer, (1 << 20) + 2);
  g_assert_null(elf_parse(names->data, names->len, "names", 0, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
}

/* Facts of many files that all import the same. */
static void
test_facts_many_files(void) {
  g_autoptr(Facts) facts = facts_new();
  for (guint i = 0; i < 100000; i++) {
    g_autofree char *path = g_strdup_printf("/usr/bin/%u", i);
    facts_add(facts, FACTS_FROM_IMPORTS, "printf", path);
    facts_add(facts, FACTS_FROM_IMPORTS, "printf", path);
  }
  g_assert_cmpuint(facts_list(facts)->len, ==, 100000);
}

/* ---- shell -------------------------------------------------------------- */

/* Each line names two variables of the next ones: without a memory 2^N values. */
static void
test_shell_chain(void) {
  g_autoptr(GString) text = g_string_new("#!/bin/sh\n");
  g_autoptr(Tree) tree = tree_new();
  for (guint i = 0; i < 2000; i++)
    g_string_append_printf(text, "export V%u=$V%u$V%u\n", i, i + 1, i + 2);
  g_string_append(text, "V2000=a\nV2001=b\nstart-stop-daemon --start --exec /usr/sbin/d\n");
  g_assert_nonnull(
      tree_add_data(tree, "/usr/sbin/d", "x", -1, 0755, from_package("d", "new"), NULL));
  g_autoptr(Service) service = service_from_init_script("/etc/init.d/d", text->str, tree);
  g_assert_nonnull(service);
  g_assert_cmpstr(service->run->command, ==, "/usr/sbin/d");
}

/* What values add to a text has an end. */
static void
test_shell_blow_up(void) {
  g_autofree char *uses = repeated("$A", 20000), *value = repeated("x", 4000);
  g_autofree char *text = g_strdup_printf("A=%s\n", value);
  g_autoptr(Shell) shell = shell_new(text);
  g_autofree char *expanded = shell_expand(shell, uses);
  g_assert_cmpuint(strlen(expanded), <=, SHELL_ADDED_MAX);
  g_assert_cmpuint(strlen(expanded), >, SHELL_ADDED_MAX / 2);
}

/* One line of nothing but assignments. */
static void
test_shell_one_line(void) {
  g_autofree char *text = repeated("A=B=C='D=\"E=", 5000);
  g_autoptr(Shell) shell = shell_new(text);
  static const char *const names[] = {"A", "B", "C", "D", "E"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    g_free(shell_variable(shell, names[i]));
}

/* ---- the plan ----------------------------------------------------------- */

/* Nothing can be added at the root itself, or with a path that leads there. */
static void
test_tree_root(void) {
  static const char *const paths[] = {"/", "//", "/.", "", ".", "/..", "/a/..", "/x/../.."};
  g_autoptr(Tree) tree = tree_new();
  TreeFrom from = from_origin(ORIGIN_RECIPE, "test");
  for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(tree_add_data(tree, paths[i], "x", -1, 0644, from, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_clear_error(&error);
    g_assert_null(tree_add_symlink(tree, paths[i], "/x", from, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_clear_error(&error);
    g_assert_null(tree_add_file(tree, paths[i], "/proc/self/exe", 0755, from, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_clear_error(&error);
    g_assert_null(tree_add_node(tree, paths[i], TREE_FIFO, 0644, 0, 0, from, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_clear_error(&error);
    g_assert_null(tree_add_dir(tree, paths[i], 0755, from, &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  }
  g_assert_cmpuint(tree_entries(tree)->len, ==, 0);
}

/* Lines of tmpfiles.d whose place is the root, and nodes with signs in their numbers. */
static void
test_tmpfiles(void) {
  static const char text[] = "f // - - - - x\nd //. - - -\nL /.. - - - - /x\np /./ - - - -\n"
                             "c /dev/a - - - - -1:+3\nc /dev/b - - - - 1:3x\nc /dev/c - - - - 1:3\n"
                             "c /dev/d - - - - 5000:3\n";
  g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(Tree) tree = tree_new();
  g_assert_nonnull(tree_add_data(tree, "/usr/lib/tmpfiles.d/a.conf", text, -1, 0644,
                                 from_package("d", "new"), NULL));
  tmpfiles_apply(tree, made);
  g_assert_null(tree_find(tree, "/dev/a"));
  g_assert_null(tree_find(tree, "/dev/b"));
  g_assert_null(tree_find(tree, "/dev/d"));
  g_assert_cmpuint(tree_find(tree, "/dev/c")->rdev_minor, ==, 3);
}

/* ---- files -------------------------------------------------------------- */

typedef struct {
  char *folder, *fifo, *huge, *nul, *plain;
} Files;

static void
files_set_up(Files *files, gconstpointer data) {
  (void)data;
  files->folder = g_dir_make_tmp("tinyx-hostile-XXXXXX", NULL);
  files->fifo = g_build_filename(files->folder, "fifo", NULL);
  files->huge = g_build_filename(files->folder, "huge", NULL);
  files->nul = g_build_filename(files->folder, "nul", NULL);
  files->plain = g_build_filename(files->folder, "plain", NULL);
  g_assert_cmpint(mkfifo(files->fifo, 0600), ==, 0);
  g_assert_true(file_write(files->huge, "", 0, 0600, NULL));
  g_assert_cmpint(truncate(files->huge, (off_t)5 << 30), ==, 0);
  g_assert_true(file_write(files->nul, "a\nb\0c\n", 6, 0600, NULL));
  g_assert_true(file_write(files->plain, "hello\n", 6, 0600, NULL));
}

static void
files_tear_down(Files *files, gconstpointer data) {
  (void)data;
  g_assert_true(dir_remove(files->folder, NULL));
  g_free(files->folder);
  g_free(files->fifo);
  g_free(files->huge);
  g_free(files->nul);
  g_free(files->plain);
}

static void
assert_refused(const char *path, const char *why) {
  char *text = NULL;
  gsize size = 0;
  g_autoptr(GError) error = NULL, of_map = NULL, of_check = NULL;
  g_assert_false(file_read(path, 1 << 20, &text, &size, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_true(g_str_has_prefix(error->message, path));
  g_assert_nonnull(strstr(error->message, why));
  g_assert_null(text);
  g_assert_null(file_map(path, 1 << 20, &of_map));
  g_assert_error(of_map, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_false(file_check(path, 1 << 20, &of_check));
}

static void
test_file_kinds(Files *files, gconstpointer data) {
  (void)data;
  assert_refused(files->fifo, "a FIFO; expected a regular file");
  assert_refused(files->folder, "a folder; expected a regular file");
  assert_refused("/dev/zero", "a character device; expected a regular file");
  assert_refused(files->huge, "5.37 GB; expected at most 1.05 MB");
}

static void
test_file_read(Files *files, gconstpointer data) {
  (void)data;
  g_autofree char *text = NULL, *exact = NULL, *proc = NULL, *bytes = NULL;
  char *none = NULL;
  g_autoptr(GError) error = NULL;
  gsize size;
  g_assert_true(file_read(files->plain, 6, &text, NULL, &error));
  g_assert_cmpstr(text, ==, "hello\n");
  g_assert_false(file_read(files->plain, 5, &none, NULL, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_clear_error(&error);
  g_assert_false(file_read(files->nul, 100, &none, NULL, &error));
  g_assert_nonnull(strstr(error->message, "nul:2: a NUL byte; expected text"));
  g_clear_error(&error);
  g_assert_true(file_read(files->nul, 100, &bytes, &size, &error));
  g_assert_cmpuint(size, ==, 6);
  g_assert_true(file_read("/proc/self/status", 1 << 16, &proc, &size, &error));
  g_assert_cmpuint(strlen(proc), ==, size);
  g_assert_cmpuint(size, >, 100);
  g_assert_false(file_read("/proc/self/status", 100, &none, &size, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_clear_error(&error);
  g_assert_true(file_read_if_there("/none/x", 100, &none, &size, &error));
  g_assert_null(none);
  g_assert_false(file_read("/none/x", 100, &none, &size, &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
}

/* What was there when it was mapped, and is not when it is read. */
static void
test_file_shrunk(Files *files, gconstpointer data) {
  static const char three_pages[3 * 4096] = "x";
  (void)data;
  if (g_test_subprocess()) {
    shrunk_catch();
    g_assert_true(file_write(files->plain, three_pages, sizeof three_pages, 0644, NULL));
    g_autoptr(GMappedFile) map = file_map(files->plain, 1 << 20, NULL);
    g_assert_cmpint(truncate(files->plain, 4096), ==, 0);
    exit(g_mapped_file_get_contents(map)[2 * 4096] == 'x' ? 2 : 3);
  }
  g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed();
  g_test_trap_assert_stderr("*tinyx: error: /*/plain: it became shorter while it was read*");
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/hostile/numbers", test_numbers);
  g_test_add_func("/hostile/sockets", test_sockets);
  g_test_add_func("/hostile/json/depth", test_json_depth);
  g_test_add_func("/hostile/json/deep-enough", test_json_deep_enough);
  g_test_add_func("/hostile/json/no-comments", test_json_no_comments);
  g_test_add_func("/hostile/json/types", test_json_types);
  g_test_add_func("/hostile/journal", test_journal_numbers);
  g_test_add_func("/hostile/elf/imports", test_elf_imports);
  g_test_add_func("/hostile/elf/sonames", test_elf_sonames);
  g_test_add_func("/hostile/facts", test_facts_many_files);
  g_test_add_func("/hostile/shell/chain", test_shell_chain);
  g_test_add_func("/hostile/shell/blow-up", test_shell_blow_up);
  g_test_add_func("/hostile/shell/one-line", test_shell_one_line);
  g_test_add_func("/hostile/tree/root", test_tree_root);
  g_test_add_func("/hostile/tmpfiles", test_tmpfiles);
  g_test_add("/hostile/files/kinds", Files, NULL, files_set_up, test_file_kinds, files_tear_down);
  g_test_add("/hostile/files/read", Files, NULL, files_set_up, test_file_read, files_tear_down);
  g_test_add("/hostile/files/shrunk", Files, NULL, files_set_up, test_file_shrunk, files_tear_down);
  return g_test_run();
}
