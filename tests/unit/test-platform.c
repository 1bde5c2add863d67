/* test-platform.c - platforms: their .conf files, and what the rooms know of kernels. */
#include "platform/platform.h"

#include "base/files.h"

#include <elf.h>
#include <string.h>

#define NOTES 8

typedef struct {
  guint32 type;
  const void *bytes;
  guint32 size;
} Note;

static void
append_note(GByteArray *notes, const Note *note) {
  Elf64_Nhdr header = {4, note->size, note->type};
  static const guint8 zero[4];
  g_byte_array_append(notes, (const guint8 *)&header, sizeof header);
  g_byte_array_append(notes, (const guint8 *)"Xen", 4);
  g_byte_array_append(notes, note->bytes, note->size);
  g_byte_array_append(notes, zero, (4 - note->size % 4) % 4);
}

/* A kernel of two segments with notes, the last of them of type 0. */
static GByteArray *
kernel_elf(const Note *list) {
  g_autoptr(GByteArray) notes = g_byte_array_new();
  for (; list->type != 0; list++)
    append_note(notes, list);
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

static const guint64 address = 0xffffffff80000000;
static const guint32 entry32 = 0x1000000;
static const Note pv_notes[] = {
    {1, &address, 8}, {3, &address, 8}, {5, "xen-3.0", 8}, {6, "linux", 6}, {0, NULL, 0}};
static const Note pvh_notes[] = {{18, &entry32, 4}, {0, NULL, 0}};
static const Note no_notes[] = {{0, NULL, 0}};

static void
test_vmlinux(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GByteArray) good = kernel_elf(pv_notes);
  g_autoptr(Vmlinux) kernel = vmlinux_parse(good->data, good->len, "v", &error);
  g_assert_no_error(error);
  g_assert_cmphex(kernel->facts.phys_start, ==, 0x200000);
  g_assert_cmphex(kernel->facts.span, ==, 0x323000);
  g_assert_nonnull(vmlinux_note(kernel, "Xen", 6));
  g_assert_null(vmlinux_note(kernel, "Xen", 18));
  g_assert_null(vmlinux_note(kernel, "GNU", 6));
  for (guint size = 0; size < good->len; size++) { /* no truncation crashes */
    g_autofree char *copy = g_memdup2(good->data, size);
    g_autoptr(GError) cut = NULL;
    g_autoptr(Vmlinux) part = vmlinux_parse(copy, size, "v", &cut);
    g_assert_true((part == NULL) == (cut != NULL));
    g_assert_true(part == NULL || vmlinux_note(part, "Xen", 6) == NULL);
  }
}

/* TRUE if PLATFORM takes a kernel with NOTES; else *WHY is what it says. */
static gboolean
takes(const char *name, const Note *notes, char **why) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Platform) platform = platform_load(name, &error);
  g_assert_no_error(error);
  g_autoptr(GByteArray) elf = kernel_elf(notes);
  g_autofree char *folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "vmlinux", NULL);
  VmlinuxFacts facts;
  g_assert_true(g_file_set_contents(path, (const char *)elf->data, elf->len, NULL));
  gboolean taken = platform_check_kernel(platform, path, &facts, &error);
  dir_remove(folder, NULL);
  if (!taken)
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_UNBOOTABLE);
  *why = g_strdup(taken ? "" : error->message);
  return taken;
}

static void
test_notes(void) {
  static const struct {
    const char *platform;
    const Note *notes;
    const char *missing; /* "" where it is taken */
  } cases[] = {{"xen-pv", pv_notes, ""},
               {"xen-pv", pv_notes + 1, "no Xen note ENTRY"},
               {"xen-pv", pvh_notes, "no Xen note ENTRY"},
               {"xen-pvh", pvh_notes, ""},
               {"xen-pvh", pv_notes, "PHYS32_ENTRY"},
               {"qemu-microvm", pvh_notes, ""},
               {"qemu-microvm", no_notes, "CONFIG_PVH"}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *why = NULL;
    gboolean taken = takes(cases[i].platform, cases[i].notes, &why);
    g_assert_true(taken == (cases[i].missing[0] == '\0'));
    g_assert_nonnull(strstr(why, cases[i].missing));
  }
}

/* Measured with xl on Xen 4.17: at 16 MB a kernel of 12 MB with an initrd of 1.9 MB started in 36
 * MB and not in 32; at 2 MB one of 14 MB started in 24 MB and not in 20. */
static void
test_memory(void) {
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  const VmlinuxFacts high = {.phys_start = 0x1000000, .span = 12 << 20};
  const VmlinuxFacts low = {.phys_start = 0x200000, .span = 14 << 20};
  const VmlinuxFacts none = {0};
  g_assert_cmpint(platform_least_memory(platform, &high, 1900 << 10), >, 32);
  g_assert_cmpint(platform_least_memory(platform, &high, 1900 << 10), <=, 36);
  g_assert_cmpint(platform_least_memory(platform, &low, 1900 << 10), >, 20);
  g_assert_cmpint(platform_least_memory(platform, &low, 1900 << 10), <=, 24);
  /* 4 MB mapped, and the list of frames */
  g_assert_cmpint(platform_least_memory(platform, &none, 0), ==, 5);
  g_assert_cmpint(platform_least_memory(platform, &low, 11900 << 10), ==,
                  platform_least_memory(platform, &low, 1900 << 10) + 10);
}

static void
test_cmdline(void) {
  g_autoptr(Platform) xen = platform_load("xen-pv", NULL);
  g_autoptr(Platform) qemu = platform_load("qemu-microvm", NULL);
  g_autofree char *a = platform_cmdline(xen, NULL, FALSE);
  g_autofree char *b = platform_cmdline(xen, "10.0.0.2::10.0.0.1", TRUE);
  g_autofree char *c = platform_cmdline(qemu, NULL, TRUE);
  g_assert_cmpstr(a, ==, "console=hvc0 loglevel=4 panic=-1 rootfstype=ramfs");
  g_assert_nonnull(strstr(b, " root=/dev/xvda ro rootfstype=squashfs init=/sbin/init ip=10.0.0.2"));
  g_assert_nonnull(strstr(c, "console=ttyS0 "));
  g_assert_nonnull(strstr(c, " reboot=t root=/dev/vda ro"));
}

/* An initramfs by gzip ends with zeros where libxenguest must not unpack it. */
static void
test_finish(void) {
  static const struct {
    const char *platform;
    const char *begin;
    gsize size;
  } cases[] = {{"xen-pv", "\x1f\x8b", 7},
               {"xen-pvh", "\x1f\x8b", 7},
               {"qemu-microvm", "\x1f\x8b", 3},
               {"xen-pv", "\xfd\x37", 3}};
  g_autofree char *folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "initramfs", NULL);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Platform) platform = platform_load(cases[i].platform, NULL);
    g_autofree char *text = NULL;
    gsize size;
    char data[3] = {cases[i].begin[0], cases[i].begin[1], 'x'};
    g_assert_true(g_file_set_contents(path, data, sizeof data, NULL));
    g_assert_true(platform_finish_rootfs(platform, path, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(path, &text, &size, NULL));
    g_assert_cmpuint(size, ==, cases[i].size);
    g_assert_cmpint(memcmp(text, data, sizeof data), ==, 0);
    g_assert_true(size == 3 || memcmp(text + 3, "\0\0\0\0", 4) == 0);
  }
  dir_remove(folder, NULL);
}

static void
test_launch_files(void) {
  static const PlatformImage image = {.name = "web",
                                      .kernel = "/img/vmlinux",
                                      .vmlinux = "/img/vmlinux",
                                      .initrd = "/img/initramfs.cpio.xz",
                                      .cmdline = "console=x a'b",
                                      .memory = 32,
                                      .vifs = 1};
  static const char *const expected[][3] = {{"xen-pv", "web.xl.cfg", "type = \"pv\"\n"},
                                            {"xen-pvh", "web.xl.cfg", "type = \"pvh\"\n"},
                                            {"qemu-microvm", "qemu.sh", "-M microvm,acpi=off "}};
  for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
    g_autoptr(Platform) platform = platform_load(expected[i][0], NULL);
    g_autoptr(GPtrArray) files = platform_launch_files(platform, &image);
    const PlatformFile *first = files->pdata[0];
    g_assert_cmpstr(first->name, ==, expected[i][1]);
    g_assert_nonnull(strstr(first->text, expected[i][2]));
  }
}

static void
write_file(const char *folder, const char *name, const char *text) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  g_autoptr(GError) error = NULL;
  file_write(path, text, strlen(text), 0755, &error);
  g_assert_no_error(error);
}

/* FILES in a folder with an odd name, and a stand-in for PROGRAM that prints its words and where it
 * is; the first of FILES is run there, from elsewhere. */
static char *
run_exported(const GPtrArray *files, const char *program, const char *environment) {
  g_autofree char *base = g_dir_make_tmp("it's \"XXXXXX", NULL);
  g_autofree char *folder = g_build_filename(base, "sub folder", NULL);
  g_autofree char *script = g_build_filename(base, ((PlatformFile *)files->pdata[0])->name, NULL);
  g_autofree char *quoted = g_shell_quote(script), *quoted_base = g_shell_quote(base);
  g_autofree char *command =
      g_strdup_printf("cd / && PATH=%s:$PATH %s %s -d", quoted_base, environment, quoted);
  const char *const argv[] = {"sh", "-c", command, NULL};
  g_autofree char *out = NULL;
  g_autoptr(GError) error = NULL;
  dir_make(folder, NULL);
  write_file(base, program, "#!/bin/sh\nprintf '<%s>' \"$@\"\npwd\n");
  write_file(base, ((PlatformFile *)files->pdata[0])->name,
             ((PlatformFile *)files->pdata[0])->text);
  g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL,
               &error);
  g_assert_no_error(error);
  g_assert_nonnull(strstr(out, "/sub folder\n"));
  dir_remove(base, NULL);
  GString *text = g_string_new(out);
  g_auto(GStrv) parts = g_strsplit(base, "\"", -1);
  g_autofree char *escaped = g_strjoinv("\\\"", parts);
  g_string_replace(text, escaped, "BASE", 0);
  return g_string_free(text, FALSE);
}

static void
test_export(void) {
  static const PlatformImage image = {.name = "web",
                                      .kernel = "vmlinux",
                                      .vmlinux = "vmlinux",
                                      .disk = "rootfs.squashfs",
                                      .cmdline = "console=x a'b \"c\\",
                                      .memory = 32,
                                      .vifs = 1};
  static const struct {
    const char *platform, *script, *program, *environment;
    const char *has[6];
  } cases[] = {
      {"xen-pv",
       "run-xen.sh",
       "xl",
       "ip=1.2.3.4::5.6.7.8 bridge=br0 memory=64",
       {"<create><web.xl.cfg><kernel=\"BASE/sub folder/vmlinux\">",
        "<cmdline=\"console=x a'b \\\"c\\\\ ip=1.2.3.4::5.6.7.8\">",
        "<vif=[ \"bridge=br0\" ]><memory=64>", "target=BASE/sub folder/rootfs.squashfs\" ]>"}},
      {"qemu-microvm",
       "run-qemu.sh",
       "qemu-system-x86_64",
       "accel=tcg memory=64 forward=hostfwd=tcp::8080-:80",
       {"<-m><64>", "<-kernel><vmlinux>", "<user,id=net0,hostfwd=tcp::8080-:80>",
        "file=rootfs.squashfs,format=raw", "<-append><console=x a'b \"c\\ ip="}},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Platform) platform = platform_load(cases[i].platform, NULL);
    g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(platform_file_free);
    g_autoptr(GPtrArray) beside = g_ptr_array_new_with_free_func(platform_file_free);
    g_autofree char *how = platform_export(platform, &image, "sub folder", scripts, beside);
    g_assert_nonnull(strstr(how, cases[i].script));
    g_assert_cmpuint(scripts->len, ==, 1);
    g_assert_cmpstr(((PlatformFile *)scripts->pdata[0])->name, ==, cases[i].script);
    g_autofree char *out = run_exported(scripts, cases[i].program, cases[i].environment);
    for (guint k = 0; k < 6 && cases[i].has[k] != NULL; k++)
      if (strstr(out, cases[i].has[k]) == NULL)
        g_error("%s: no %s in: %s", cases[i].script, cases[i].has[k], out);
    if (beside->len > 0) /* the files that it names are beside it */
      g_assert_nonnull(strstr(((PlatformFile *)beside->pdata[0])->text, "kernel = \"vmlinux\""));
  }
}

#define PLAIN                                                                                      \
  "[platform]\ndescription=d\nneeds=n\nfamily=f\nfragment=x.config\nkernel=vmlinux\n"              \
  "kernel-compressions=gzip xz\nconsole=c\ndisk=d\nnetwork=eth\nnodes=/dev/a:c:600:1:2\n"          \
  "end=poweroff\nshutdown=hypervisor\nlaunchers=\n"

static void
test_parse(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Platform) platform = platform_parse("p", PLAIN, "p.conf", &error);
  g_assert_no_error(error);
  g_assert_null(platform->room);
  g_assert_cmpstr(platform->kernel_compressions[1], ==, "xz");
  g_assert_cmpstr(platform->cmdline, ==, "");
  const PlatformNode *node = platform->nodes->pdata[0];
  g_assert_true(!node->is_block && node->mode == 0600 && node->major == 1 && node->minor == 2);
}

static void
test_parse_bad(void) {
  static const char *const cases[][3] = {
      {"kernel=vmlinux", "kernel=Image", "p.conf:6: kernel=Image; expected bzImage or vmlinux"},
      {"end=poweroff", "end=never", "p.conf:12: end=never; expected poweroff or reboot"},
      {"nodes=/dev/a:c:600:1:2", "nodes=/dev/a:x:600:1:2", "p.conf:11: nodes=/dev/a:x:600:1:2;"},
      {"fragment=x.config", "fragment=../x", "p.conf:5: fragment=../x; expected a name without"},
      {"console=c", "consol=c",
       "p.conf:8: unknown key 'consol' in [platform]; expected one of: description"},
      {"console=c\n", "", "p.conf:1: no console=; expected it in [platform]"},
      {"console=c", "console=", "p.conf:8: console=; expected a value"},
      {"console=c", "console=c\nconsole=d", "p.conf:9: key 'console' is there twice in [platform]"},
      {"console=c", "console", "p.conf:8: 'console' is neither a section nor a key; expected key="},
      {"console=c", "console[de]=c", "p.conf:8: unknown key 'console[de]' in [platform]"},
      {"console=c", "[platform]\nconsole=c", "p.conf:8: section [platform] is there twice"},
      {"nodes=/dev/a", "nodes=/dev/../etc/a", "p.conf:11: nodes=/dev/../etc/a:c:600:1:2; expected"},
      {"gzip xz", "gzip zip", "p.conf:7: kernel-compressions=zip; expected one of: gzip, bzip2"},
      {"launchers=", "launchers=qmeu", "p.conf:14: launchers=qmeu; expected one of: xl, qemu"},
      {"launchers=", "launchers=xl", "p.conf:14: launchers=xl, and no xl-type=; expected it"},
      {"launchers=", "launchers=qemu\nqemu-machine=pc",
       "p.conf:14: launchers=qemu, and no qemu-network=; expected it"},
      {"launchers=", "launchers=qemu\nqemu-machine=pc\nqemu-network=n",
       "p.conf:13: shutdown=hypervisor; expected console, which is how qemu asks"},
      {"hypervisor\nlaunchers=", "console\nlaunchers=xl\nxl-type=pv",
       "p.conf:13: shutdown=console; expected hypervisor"},
      {"launchers=", "launchers=\nroom=no-such",
       "p.conf:15: room=no-such; expected one of: xen-pv"},
      {"[platform]", "[other]", "p.conf:1: unknown section [other]; expected [platform]"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(PLAIN);
    g_string_replace(text, cases[i][0], cases[i][1], 1);
    g_assert_null(platform_parse("p", text->str, "p.conf", &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_true(g_str_has_prefix(error->message, cases[i][2]));
  }
}

static void
test_unknown(void) {
  g_auto(GStrv) names = platform_names();
  g_autofree char *all = g_strjoinv(", ", names);
  g_autofree char *expected = g_strconcat("expected one of: ", all, NULL);
  g_autoptr(GError) error = NULL;
  g_assert_null(platform_load("xen-pw", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "did you mean 'xen-pv'"));
  g_assert_nonnull(strstr(error->message, expected));
}

/* Each that is shipped has a launcher; that its files are there, loading it says. */
static void
test_shipped(void) {
  g_auto(GStrv) names = platform_names();
  g_assert_cmpuint(g_strv_length(names), >=, 3);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Platform) platform = platform_load(names[i], &error);
    g_assert_no_error(error);
    g_assert_nonnull(platform->launchers[0]);
  }
}

/* docs/platforms.md describes every key, and none that there is not: an unknown key is answered by
 * the list of all. */
static void
test_documented(void) {
  g_autofree char *path = data_path("docs/platforms.md");
  g_autofree char *page = NULL;
  g_autoptr(GError) error = NULL;
  guint in_table = 0;
  if (!g_file_get_contents(path, &page, NULL, NULL)) {
    g_test_skip("no docs/platforms.md beside the data");
    return;
  }
  g_assert_null(platform_parse("p", "[platform]\nx=1\n", "p.conf", &error));
  const char *list = strstr(error->message, "expected one of: ");
  g_assert_nonnull(list);
  g_auto(GStrv) keys = g_strsplit(list + strlen("expected one of: "), " ", -1);
  const char *table = strstr(page, "| key | what |");
  g_assert_nonnull(table);
  g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
  for (guint i = 2; g_str_has_prefix(lines[i], "| `"); i++) {
    g_auto(GStrv) cells = g_strsplit(lines[i], "|", 3);
    g_auto(GStrv) words = g_strsplit(cells[1], "`", -1);
    for (guint j = 1; words[j] != NULL && words[j + 1] != NULL; j += 2, in_table++)
      if (!g_strv_contains((const char *const *)keys, words[j]))
        g_error("docs/platforms.md: `%s` is no key", words[j]);
  }
  for (char **key = keys; *key != NULL; key++) {
    g_autofree char *quoted = g_strdup_printf("`%s`", *key);
    if (strstr(table, quoted) == NULL)
      g_error("docs/platforms.md: no `%s` in the table of keys", *key);
  }
  g_assert_cmpuint(in_table, ==, g_strv_length(keys));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/platform/vmlinux", test_vmlinux);
  g_test_add_func("/platform/notes", test_notes);
  g_test_add_func("/platform/memory", test_memory);
  g_test_add_func("/platform/cmdline", test_cmdline);
  g_test_add_func("/platform/finish", test_finish);
  g_test_add_func("/platform/launch-files", test_launch_files);
  g_test_add_func("/platform/parse", test_parse);
  g_test_add_func("/platform/parse-bad", test_parse_bad);
  g_test_add_func("/platform/unknown", test_unknown);
  g_test_add_func("/platform/shipped", test_shipped);
  g_test_add_func("/platform/export", test_export);
  g_test_add_func("/platform/documented", test_documented);
  return g_test_run();
}
