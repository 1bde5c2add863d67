/* test-calls.c - numbers in code: arguments of imported functions, and of system calls whose number
 * a caller has; and the options of the kernel that come of them. */
#include "base/files.h"
#include "facts/calls.h"
#include "kernel/choose.h"
#include "kernel/rules.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

/* This program itself is what is read: it contains these calls. */
static void
contained(void) {
  struct flock one = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  struct timespec now;
  g_assert_cmpint(fcntl(-1, F_SETLK, &one), ==, -1);
  g_assert_cmpint(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), ==, 0);
}

static void
note_call(gpointer data, const CallWanted *wanted) {
  g_string_append_printf(data, "%s ", wanted->text);
}

static void
test_calls(void) {
  static const char *const asked[] = {"fcntl:2=6",   "fcntl64:2=6",       "fcntl:2=7",
                                      "fcntl64:2=7", "clock_gettime:1=2", "clock_gettime:1=3"};
  g_autoptr(GPtrArray) wanted = g_ptr_array_new_with_free_func((GDestroyNotify)call_wanted_free);
  g_autoptr(GMappedFile) map = g_mapped_file_new("/proc/self/exe", FALSE, NULL);
  g_autoptr(GString) found = g_string_new(NULL);
  ElfFile elf;
  contained();
  for (guint i = 0; i < G_N_ELEMENTS(asked); i++)
    g_ptr_array_add(wanted, call_wanted_parse(asked[i]));
  g_assert_true(elf_file_open(&elf, g_mapped_file_get_contents(map), g_mapped_file_get_length(map),
                              "self", NULL));
  calls_find(&elf, wanted, note_call, found);
  g_assert_true(g_str_equal(found->str, "fcntl:2=6 clock_gettime:1=3 ") ||
                g_str_equal(found->str, "fcntl64:2=6 clock_gettime:1=3 ") ||
                g_str_equal(found->str, "clock_gettime:1=3 fcntl:2=6 ") ||
                g_str_equal(found->str, "clock_gettime:1=3 fcntl64:2=6 "));
}

static void
test_parse(void) {
  static const char *const bad[] = {"fcntl", "fcntl:2",  "fcntl:0=1", "fcntl:5=1",
                                    ":1=1",  "fcntl:1=", "fcntl:1=x", "fcntl:=1"};
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
    g_assert_null(call_wanted_parse(bad[i]));
  CallWanted *good = call_wanted_parse("socket:3=16");
  g_assert_cmpstr(good->function, ==, "socket");
  g_assert_cmpuint(good->argument, ==, 3);
  g_assert_cmpuint(good->number, ==, 16);
  call_wanted_free(good);
}

/* A static program of CODE in FOLDER/NAME. */
static char *
write_static(const char *folder, const char *code, gsize size) {
  Elf64_Ehdr header = {.e_type = ET_EXEC,
                       .e_machine = EM_X86_64,
                       .e_version = EV_CURRENT,
                       .e_ehsize = sizeof header,
                       .e_phentsize = sizeof(Elf64_Phdr)};
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  char *path = g_build_filename(folder, "program", NULL);
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  g_byte_array_append(bytes, (const guint8 *)&header, sizeof header);
  g_byte_array_append(bytes, (const guint8 *)code, (guint)size);
  g_assert_true(file_write(path, bytes->data, bytes->len, 0755, NULL));
  return path;
}

/* The configuration that is asked for with a program of CODE. */
static char *
chosen_with(const char *code, gsize size) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-calls-XXXXXX", NULL);
  g_autofree char *path = write_static(folder, code, size), *data = data_path("kconfig-heuristics");
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  g_autoptr(GPtrArray) files = g_ptr_array_new();
  g_autoptr(GError) error = NULL;
  KernelFile file = {.image_path = (char *)"/usr/bin/program", .source = path};
  g_ptr_array_add(files, &file);
  const KernelInput input = {.platform = platform, .files = files};
  g_autoptr(GPtrArray) chosen = choose_symbols(&input, data, NULL, &error);
  g_assert_no_error(error);
  dir_remove(folder, NULL);
  return chosen_text(chosen, "");
}

/* mov %rdi,%rax; syscall; ret -- and callers of it, through one more function of Go's kind */
#define FUNCTION "\x48\x89\xf8\x0f\x05\xc3"
#define CALL_IT "\xbf\x23\x01\x00\x00\xe8\xf0\xff\xff\xff\xc3" /* mov $291,%edi; call FUNCTION */
/* What musl's setuid does: a function with the instruction (its number comes from memory) is passed
 * on by lea, and reached by a jump that has the number. */
#define INSTRUCTION "\x90\x48\x8b\x07\x0f\x05\xc3" /* nop; mov (%rdi),%rax; syscall; ret */
#define PASS_IT_ON                                                                                 \
  "\x48\x8d\x3d\xf3\xff\xff\xff\xff\xd0\xc3" /* lea INSTRUCTION,%rdi; call *%rax; ret */
#define JUMP_TO_IT "\xbf\x69\x00\x00\x00\xe9\xec\xff\xff\xff" /* mov $105,%edi; jmp PASS_IT_ON */
/* fcntl, called with F_SETLK */
#define LOCK_FUNCTION "\x90\xb8\x48\x00\x00\x00\x0f\x05\xc3" /* nop; mov $72,%eax; syscall; ret */
#define LOCK_CALL(command)                                                                         \
  "\xbe" command "\x00\x00\x00\xe8\xee\xff\xff\xff" /* mov $6,%esi; call it */

static void
test_options(void) {
  static const struct {
    const char *code;
    gsize size;
    const char *option, *reason; /* NULL: it is not asked for */
  } cases[] = {
#define CODE(text) text, sizeof text - 1
      {CODE(FUNCTION CALL_IT), "EPOLL", "syscall epoll_create1"},
      {CODE(FUNCTION CALL_IT), "SIGNALFD", NULL},
      {CODE(FUNCTION), "EPOLL", "type elf-hidden"},
      {CODE(INSTRUCTION PASS_IT_ON JUMP_TO_IT), "MULTIUSER", "syscall setuid"},
      {CODE(INSTRUCTION PASS_IT_ON JUMP_TO_IT), "EPOLL", NULL},
      {CODE(LOCK_FUNCTION LOCK_CALL("\x06")), "FILE_LOCKING", "call fcntl:2=6"},
      {CODE(LOCK_FUNCTION LOCK_CALL("\x03")), "FILE_LOCKING", NULL},
      {CODE("\xb8\x01\x00\x00\x00\x0f\x05"), "EPOLL", NULL},
      {CODE("\xff Go buildinf:\x08\x02"), "EPOLL", "type go"},
      {CODE("\xff Go buildinf:\x08\x02"), "EVENTFD", "type go"},
      {CODE("\xff Go buildinf:\x08\x02"), "MULTIUSER", NULL},
      {CODE("\xff Go buildinf: syscall.Setuid"), "MULTIUSER", "string syscall.Setuid"},
      {CODE("SQLite format 3"), "FILE_LOCKING", "string SQLite format 3"},
      {CODE("/dev/net/tun"), "TUN", "string /dev/net/tun"},
      {CODE("/dev/fuse"), "FUSE_FS", "string /dev/fuse"},
      {CODE("/proc/%d/task/%d/children"), "PROC_CHILDREN", "string /children"},
      {CODE("sock_diag"), "INET_DIAG", "string sock_diag"},
      {CODE("/proc/%d/smaps"), "PROC_PAGE_MONITOR", "string /smaps"},
      {CODE("/proc/pressure/memory"), "PSI", "string /proc/pressure"},
      {CODE("/dev/mapper/control"), "BLK_DEV_DM", "string /dev/mapper/control"},
      {CODE("no evidence"), "TUN", NULL},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = chosen_with(cases[i].code, cases[i].size);
    g_autofree char *line = g_strdup_printf("CONFIG_%s=y  #", cases[i].option);
    const char *found = strstr(text, line);
    g_autofree char *rest =
        found != NULL ? g_strndup(found, strcspn(found, "\n")) : g_strdup("nothing");
    if ((found != NULL) != (cases[i].reason != NULL) ||
        (found != NULL && strstr(rest, cases[i].reason) == NULL))
      g_error("case %u, %s: %s", i, cases[i].option, rest);
  }
}

/* A rule that no call can fulfil is refused. */
static void
test_bad_rule(void) {
  static const char rule[] = "# feature: x\n# what: x\n# when: call fcntl:6\nCONFIG_X=y  # y\n";
  g_autoptr(GError) error = NULL;
  g_assert_null(rule_parse(rule, strlen(rule), "features/x.config", NULL, &error));
  g_assert_cmpstr(
      error->message, ==,
      "features/x.config:3: bad call \"fcntl:6\"; expected FUNCTION:ARGUMENT=NUMBER, as "
      "in fcntl:2=6");
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/calls/parse", test_parse);
  g_test_add_func("/calls/imported", test_calls);
  g_test_add_func("/calls/options", test_options);
  g_test_add_func("/calls/bad-rule", test_bad_rule);
  return g_test_run();
}
