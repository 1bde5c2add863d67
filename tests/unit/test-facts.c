/* test-facts.c - every fact that a rule names is said by code that runs here, and each emitter says
 * what its table has. */
#include "base/files.h"
#include "facts/program.h"
#include "facts/text.h"
#include "kernel/choose.h"
#include "kernel/rules.h"
#include "rootfs/evidence.h"
#include "rootfs/glue-private.h"
#include "rootfs/rootfs.h"

#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

static void
test_list(void) {
  g_autoptr(Facts) facts = facts_new(), more = facts_new();
  g_autoptr(GPtrArray) except = g_ptr_array_new();
  g_ptr_array_add(except, (gpointer) "liba.so.*");
  facts_add(facts, FACTS_FROM_IMPORTS, "fork", "/lib/liba.so.1");
  facts_add(facts, FACTS_FROM_IMPORTS, "fork", "/lib/liba.so.1");
  g_assert_cmpuint(facts_list(facts)->len, ==, 1);
  g_assert_nonnull(facts_find(facts, FACT_IMPORT, "fork", NULL));
  g_assert_null(facts_find(facts, FACT_IMPORT, "fork", except));
  g_assert_null(facts_find(facts, FACT_STRING, "fork", NULL));
  facts_add(more, FACTS_FROM_IMPORTS, "fork", "/bin/b");
  facts_add(more, FACTS_FROM_MOUNTS, "proc", "/lib/liba.so.1");
  facts_note(more, "words");
  facts_add_all(facts, more);
  g_assert_cmpuint(facts_notes(facts)->len, ==, 1);
  const Fact *import = facts_find(facts, FACT_IMPORT, "fork", except);
  const Fact *mount =
      facts_find(facts, FACT_MOUNT, "proc", except); /* it is mounted all the same */
  g_autofree char *import_text = fact_text(import), *mount_text = fact_text(mount);
  g_assert_cmpstr(import_text, ==, "import fork in /bin/b");
  g_assert_cmpstr(mount_text, ==, "fact mount:proc in /lib/liba.so.1");
  g_autofree char *name = fact_name(mount);
  g_assert_cmpstr(name, ==, "mount:proc");
}

/* A rule that names what nothing says would never hold, and nobody would see it. */
static void
test_unsaid(void) {
  static const char *const cases[][3] = {
      {"fact", "net:ipv5", "nothing says the fact \"net:ipv5\"; expected net:ipv6 net:multicast"},
      {"fact", "nets:ipv6", "nothing says the fact \"nets:ipv6\"; expected import:NAME "},
      {"fact", "net:", "nothing says the fact \"net:\"; expected net:ipv6"},
      {"fact", "mount", "nothing says the fact \"mount\"; expected mount:dev mount:proc "},
      {"type", "elf", "nothing says the fact \"elf\"; expected type:script "},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(fact_parse(cases[i][0], cases[i][1], &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    if (!g_str_has_prefix(error->message, cases[i][2]))
      g_error("%s; expected %s", error->message, cases[i][2]);
  }
  static const char rule[] = "# feature: x\n# what: x\n# when: fact net:moon\nCONFIG_X=y  # y\n";
  g_autoptr(GError) error = NULL;
  g_assert_null(rule_parse(rule, strlen(rule), "features/x.config", NULL, &error));
  g_assert_nonnull(
      strstr(error->message, "features/x.config:3: nothing says the fact \"net:moon\""));
}

static void
test_lines(void) {
  static const struct {
    const char *line, *shown;
  } cases[] = {
      {"listen [::]:80 default_server;", "net:ipv6"},
      {"listen [::]:80 ipv6only=on;", "net:ipv6"},
      {"# listen [::]:80;", ""},
      {"listen 80;", ""},
      {"listen 80; # not [::]:80", ""},
      {"listen [::]:80; # all addresses", "net:ipv6"},
      {"listen-on { any; }; // not ::1", ""},
      {"banner \"# 1\" listen [::]:80", "net:ipv6"},
      {"url page#[::]:80", ""},
      {"bind = \"[::1]:5432\"", "net:ipv6"},
      {"ListenStream=[::]:631", "net:ipv6"},
      {"/usr/bin/x --listen=[fe80::1%eth0]:80", "net:ipv6"},
      {"url = http://[2001:db8:1:2:3:4:5:6]/", "net:ipv6"},
      {"bind-address = ::", "net:ipv6"},
      {"interface: ::1", "net:ipv6"},
      {"listen: '::'", "net:ipv6"},
      {"bind 127.0.0.1 -::1", ""}, /* redis: where there is none, it does without */
      {"::respawn:/bin/sh", ""},
      {"time [12:30:45] words", ""},
      {"x[[:digit:]]+ Foo::Bar std::1st", ""},
      {"group ff02::fb", "net:ipv6"},
      {"listen-address=::1,127.0.0.1", "net:ipv6"},
      {"bind ::", "net:ipv6"},
      {"ListenAddress ::", "net:ipv6"},
      {"interface: ::0", "net:ipv6"},
      {"listen-address=fd00:1::5", "net:ipv6"},
      {"  prefix 2001:db8:1::/64", "net:ipv6"},
      {"address 2001:db8:1:2:3:4:5:6/64", "net:ipv6"},
      {"allow fe80::/10", ""},
      {"access-control: fd00::/8 allow", ""},
      {"use DBD::Pg; B::svref_2object", ""},
      {"hwaddr 00:16:3e:00:00:01", ""},
      {"proto udp6", "net:ipv6"},
      {"AddressFamily inet6", "net:ipv6"},
      {"enable-ipv6=yes", "net:ipv6"},
      {"do-ip6: yes", "net:ipv6"},
      {"do-ip6: no", ""},
      {"disable_ipv6 = 1", ""},
      {"no-ipv6 yes", ""},
      {"mcast-group 239.255.255.250", "net:multicast"},
      {"server 224.0.1.1;", "net:multicast"},
      {"deny 224.0.0.0/4", ""},
      {"version 1.224.0.1.1", ""},
      {"listen 10.224.0.1", ""},
      {"enable-multicast=yes", "net:multicast"},
      {"multicast off", ""},
      {"mDNS: true", "net:multicast"},
      {"log /dev/log local0", "net:syslog"},
      {"access_log syslog:server=unix:/dev/log;", "net:syslog"},
      {"path /dev/logger", ""},
      {"syslog-enabled yes", "net:syslog"},
      {"syslog-enabled no", ""},
      {"use-syslog: yes", "net:syslog"},
      {"syslog-ident redis", ""},
      {"error_log = syslog", "net:syslog"},
      {"log_destination = 'stderr,syslog'", "net:syslog"},
      {"Log notice syslog", "net:syslog"},
      {"ErrorLog syslog:daemon", "net:syslog"},
      {"log-file /var/log/x.log", ""},
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(TextRules) rules = text_rules_load(&error);
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(Facts) facts = facts_new();
    facts_read_text(facts, rules, cases[i].line, "/etc/x");
    const GPtrArray *list = facts_list(facts);
    g_autofree char *name = list->len > 0 ? fact_name(list->pdata[0]) : g_strdup("");
    if (list->len > 1 || strcmp(name, cases[i].shown) != 0)
      g_error("'%s' shows '%s'; expected '%s'", cases[i].line, name, cases[i].shown);
  }
  g_autoptr(Facts) facts = facts_new();
  facts_read_udp(facts, rules, 5353);
  facts_read_udp(facts, rules, 53);
  g_assert_cmpuint(facts_list(facts)->len, ==, 1);
  g_assert_nonnull(facts_find(facts, FACT_NET, "multicast", NULL));
}

static void
test_bad_lines(void) {
  static const char *const cases[][2] = {
      {"net:ipv6 line", "f:1: expected FACT line REGEX"},
      {"\nnet:ipv6 line (", "f:2: "},
      {"net:moon line x", "f:1: nothing says the fact \"net:moon\""},
      {"mount:proc line x", "f:1: \"mount:proc\"; expected a fact that a text shows: net:ipv6"},
      {"net:ipv6 word x", "f:1: \"word\"; expected line or udp"},
      {"net:ipv6 udp 65536", "f:1: \"65536\"; expected a port"},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(text_rules_parse(cases[i][0], strlen(cases[i][0]), "f", &error));
    g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
    if (!g_str_has_prefix(error->message, cases[i][1]))
      g_error("%s; expected %s", error->message, cases[i][1]);
  }
}

/* ---- a small image ------------------------------------------------------- */

static char *none[] = {NULL};

typedef struct {
  char *folder;
  Tree *tree;
  RecipeRun run;
  GPtrArray *runs;
  Recipe recipe;
} World;

static void
world_open(World *world) {
  memset(world, 0, sizeof *world);
  world->folder = g_dir_make_tmp("tinyx-facts-XXXXXX", NULL);
  world->tree = tree_new();
  world->run = (RecipeRun){.name = (char *)"",
                           .command = (char *)"/usr/bin/web",
                           .directory = (char *)"/",
                           .environment = none};
  world->runs = g_ptr_array_new();
  g_ptr_array_add(world->runs, &world->run);
  world->recipe = (Recipe){.name = (char *)"web",
                           .file = (char *)"web/recipe.conf",
                           .runs = world->runs,
                           .mounts = none,
                           .writable = none,
                           .applets = none,
                           .vifs = 1};
}

static void
world_close(World *world) {
  dir_remove(world->folder, NULL);
  g_free(world->folder);
  tree_free(world->tree);
  g_ptr_array_unref(world->runs);
}

static void
put(World *world, const char *path, const void *bytes, gsize size, unsigned mode, TreeFrom from) {
  g_autofree char *name = g_strdelimit(g_strdup(path + 1), "/", '-');
  g_autofree char *source = g_build_filename(world->folder, name, NULL);
  g_assert_true(file_write(source, bytes, size, 0644, NULL));
  g_assert_nonnull(tree_add_file(world->tree, path, source, mode, from, NULL));
}

static void
put_text(World *world, const char *path, const char *text, unsigned mode, TreeFrom from) {
  put(world, path, text, strlen(text), mode, from);
}

static Facts *
facts_of(World *world) {
  Facts *facts = facts_new();
  g_autoptr(GError) error = NULL;
  evidence_collect(world->tree, &world->recipe, facts, &error);
  g_assert_no_error(error);
  return facts;
}

static const char *
file_of_ipv6(World *world) {
  g_autoptr(Facts) facts = facts_of(world);
  const Fact *fact = facts_find(facts, FACT_NET, "ipv6", NULL);
  return fact == NULL ? NULL : g_intern_string(fact->file != NULL ? fact->file : "");
}

/* Which configuration is in use: a site by its link, not where the recipe brings its own file. */
static void
test_configurations(void) {
  World world;
  world_open(&world);
  put_text(&world, "/etc/web/sites-available/default", "listen [::]:80;\n", 0644,
           from_package("web", NULL));
  put_text(&world, "/etc/web/conf.avail/x", "listen [::]:80;\n", 0644, from_package("web", NULL));
  put_text(&world, "/usr/share/web/x.conf", "listen [::]:80;\n", 0644, from_package("web", NULL));
  put_text(&world, "/etc/web/run", "#!/bin/sh\nlisten [::]:80\n", 0755, from_package("web", NULL));
  g_assert_cmpstr(file_of_ipv6(&world), ==, NULL);
  tree_add_symlink(world.tree, "/etc/web/sites-enabled/default", "/etc/web/sites-available/default",
                   from_package("web", NULL), NULL);
  g_assert_cmpstr(file_of_ipv6(&world), ==, "/etc/web/sites-enabled/default");
  put_text(&world, "/etc/web/web.conf", "listen 80;\n", 0644, from_origin(ORIGIN_RECIPE, NULL));
  g_assert_cmpstr(file_of_ipv6(&world), ==, NULL);
  put_text(&world, "/etc/web/web.conf", "listen [::]:80;\n", 0644,
           from_origin(ORIGIN_RECIPE, NULL));
  g_assert_cmpstr(file_of_ipv6(&world), ==, "/etc/web/web.conf");
  put_text(&world, "/etc/web/web.conf", "listen 80;\n", 0644, from_origin(ORIGIN_RECIPE, NULL));
  world.run.command = (char *)"/usr/bin/web -c /usr/share/web/x.conf";
  g_assert_cmpstr(file_of_ipv6(&world), ==, "/usr/share/web/x.conf");
  world.run.command = (char *)"/usr/bin/web -l [::]:80";
  g_assert_cmpstr(file_of_ipv6(&world), ==, "");
  world_close(&world);
}

/* A module says who sends messages to /dev/log, and nothing of the paths in it. */
static void
test_modules(void) {
  World world;
  world_open(&world);
  put_text(&world, "/srv/app.py", "import syslog\nopen('/proc/self/stat')\n", 0644,
           from_package("web", NULL));
  put_text(&world, "/srv/Log.pm", "use Sys::Syslog;\n", 0644, from_package("web", NULL));
  put_text(&world, "/srv/notes.txt", "import syslog, Unix::Syslog\n", 0644,
           from_package("web", NULL));
  g_autoptr(Facts) facts = facts_of(&world);
  g_assert_nonnull(facts_find(facts, FACT_STRING, "import syslog", NULL));
  g_assert_nonnull(facts_find(facts, FACT_STRING, "Sys::Syslog", NULL));
  g_assert_null(facts_find(facts, FACT_STRING, "Unix::Syslog", NULL));
  g_assert_null(facts_find(facts, FACT_STRING, "/proc/", NULL));
  world_close(&world);
}

/* ---- who says what ------------------------------------------------------- */

/* The test's own program with another RPATH would need a linker; a header of 64 bytes, a dynamic
 * section and its strings are enough for the reader. */
static GByteArray *
elf_with_runpath(const char *runpath) {
  GByteArray *bytes = g_byte_array_new();
  g_autoptr(GByteArray) strings = g_byte_array_new();
  static const char interp[] = "/lib64/ld-linux-x86-64.so.2";
  const guint64 base = 0x400000, table = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr);
  const guint64 dynamic = 0x200, names = 0x300, end = 0x400;
  g_byte_array_append(strings, (const guint8 *)"", 1);
  g_byte_array_append(strings, (const guint8 *)runpath, (guint)strlen(runpath) + 1);
  Elf64_Ehdr header = {.e_type = ET_EXEC,
                       .e_machine = EM_X86_64,
                       .e_version = EV_CURRENT,
                       .e_phoff = sizeof header,
                       .e_ehsize = sizeof header,
                       .e_phentsize = sizeof(Elf64_Phdr),
                       .e_phnum = 3};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  const Elf64_Phdr segments[] = {
      {.p_type = PT_LOAD, .p_vaddr = base, .p_filesz = end, .p_memsz = end, .p_flags = PF_R},
      {.p_type = PT_INTERP,
       .p_offset = table,
       .p_vaddr = base + table,
       .p_filesz = sizeof interp,
       .p_memsz = sizeof interp},
      {.p_type = PT_DYNAMIC,
       .p_offset = dynamic,
       .p_vaddr = base + dynamic,
       .p_filesz = 4 * sizeof(Elf64_Dyn),
       .p_memsz = 4 * sizeof(Elf64_Dyn)}};
  const Elf64_Dyn entries[] = {
      {DT_STRTAB, {base + names}}, {DT_STRSZ, {strings->len}}, {DT_RUNPATH, {1}}, {DT_NULL, {0}}};
  g_byte_array_set_size(bytes, (guint)end);
  memset(bytes->data, 0, bytes->len);
  memcpy(bytes->data, &header, sizeof header);
  memcpy(bytes->data + sizeof header, segments, sizeof segments);
  memcpy(bytes->data + table, interp, sizeof interp);
  memcpy(bytes->data + dynamic, entries, sizeof entries);
  memcpy(bytes->data + names, strings->data, strings->len);
  return bytes;
}

/* mov $291,%eax; syscall; and what Go writes into its programs. */
#define NUMBERED "\xb8\x23\x01\x00\x00\x0f\x05\xff Go buildinf:"
/* mov %rdi,%rax; syscall: the number comes from elsewhere. */
#define UNNUMBERED "\x48\x89\xf8\x0f\x05"

/* Of an ELF file of MACHINE (elf.h) no more than its header, and CODE. */
static void
read_header(World *world, Facts *facts, const RuleSet *set, const char *path, Elf64_Half machine,
            const char *code, gsize size) {
  Elf64_Ehdr header = {.e_type = ET_EXEC,
                       .e_machine = machine,
                       .e_version = EV_CURRENT,
                       .e_ehsize = sizeof header,
                       .e_phentsize = sizeof(Elf64_Phdr)};
  GError *error = NULL;
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  g_byte_array_append(bytes, (const guint8 *)&header, sizeof header);
  g_byte_array_append(bytes, (const guint8 *)code, (guint)size);
  put(world, path, bytes->data, bytes->len, 0755, from_package("web", NULL));
  facts_read_program(facts, path, tree_find(world->tree, path)->source, TRUE, &set->wanted, &error);
  g_assert_no_error(error);
}

/* An image in which everything is to be seen, that says so by the code that builds images. */
static Facts *
everything(const RuleSet *set) {
  World world;
  world_open(&world);
  g_autoptr(GByteArray) elf = elf_with_runpath("$ORIGIN/../lib");
  put(&world, "/usr/bin/web", elf->data, elf->len, 0755, from_package("web", NULL));
  put_text(&world, "/usr/bin/script", "#!/bin/sh\ncat /proc/self/stat /sys/class/x /dev/pts\n",
           0755, from_package("web", NULL));
  put_text(&world, "/etc/web.conf", "listen [::]:80\ngroup 224.0.0.251\nlog = syslog\n", 0644,
           from_package("web", NULL));
  char *applets[] = {(char *)"nc", NULL}, *mounts[] = {(char *)"dev", (char *)"shm", NULL};
  world.recipe.applets = applets;
  world.run.user = (char *)"7";
  world.recipe.ready_udp = 53;
  Facts *facts = facts_of(&world);
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  GError *error = NULL;
  RootfsPackage package = {.name = (char *)"avahi-daemon"};
  g_autoptr(GPtrArray) packages = g_ptr_array_new();
  g_assert_true(facts_read_program(facts, "/bin/sh", "/bin/sh", TRUE, &set->wanted, &error));
  read_header(&world, facts, set, "/usr/bin/static", EM_X86_64, NUMBERED, sizeof NUMBERED);
  read_header(&world, facts, set, "/usr/bin/hidden", EM_X86_64, UNNUMBERED, sizeof UNNUMBERED);
  /* this program, which calls clock_gettime() with the number of a clock of CPU time */
  struct timespec now;
  g_assert_cmpint(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), ==, 0);
  g_assert_true(
      facts_read_program(facts, "/usr/bin/self", "/proc/self/exe", TRUE, &set->wanted, &error));
  read_header(&world, facts, set, "/usr/bin/foreign", EM_AARCH64, NUMBERED, sizeof NUMBERED);
  g_assert_true(facts_add_traced(facts, "net:ipv6", "/usr/bin/web"));
  g_assert_true(facts_add_traced(facts, "net:multicast", "/usr/bin/web"));
  g_ptr_array_add(packages, &package);
  evidence_add_packages(packages, facts);
  g_assert_true(
      facts_read_program(facts, "/usr/bin/web",
                         world.tree != NULL ? tree_find(world.tree, "/usr/bin/web")->source : NULL,
                         TRUE, &set->wanted, &error));
  g_autoptr(Tree) timed = tree_new();
  tree_add_data(timed, "/x.py", "x", 1, 0644, from_origin(ORIGIN_RECIPE, "x"), NULL)->mtime = 7;
  for (gsize i = 0; i < ROOTFS_FORMATS; i++)
    rootfs_format_facts((RootfsFormat)i, timed, facts);
  g_assert_true(
      glue_add(world.tree, &world.recipe, platform, ROOTFS_SQUASHFS, NULL, facts, &error));
  world.recipe.mounts = mounts;
  char **words = glue_mounts(&world.recipe, facts, &error);
  g_assert_no_error(error);
  g_strfreev(words);
  world_close(&world);
  return facts;
}

/* Emitters of a closed set of values: each value is seen, said by the code that says it in a build.
 */
static void
test_emitters(void) {
  g_autofree char *folder = data_path("kconfig-heuristics");
  g_autoptr(RuleSet) set = rules_load(folder, NULL);
  g_autoptr(Facts) facts = everything(set);
  for (guint i = 0; i < FACTS_EMITTERS; i++) {
    const char *said = facts_emitter_values((FactsEmitter)i);
    /* choose_symbols() keeps to itself what is asked for by name: test-features.c */
    if (i != FACTS_FROM_NAMES && !facts_said_by(facts, (FactsEmitter)i, NULL))
      g_error("emitter %u says nothing of the image that has everything", i);
    g_auto(GStrv) values = g_strsplit(said != NULL ? said : "", " ", -1);
    for (char **value = values; *value != NULL; value++)
      if (!facts_said_by(facts, (FactsEmitter)i, *value))
        g_error("emitter %u: %s is in its table, and the image that has everything does not say it",
                i, *value);
  }
  g_assert_cmpstr(facts_find(facts, FACT_LOADER, "origin", NULL)->file, ==, "/usr/bin/web");
  g_assert_cmpstr(facts_find(facts, FACT_NET, "ipv6", NULL)->file, ==, "/etc/web.conf");
  g_assert_nonnull(facts_find(facts, FACT_APPLET, "udhcpc", NULL));
  g_assert_nonnull(facts_find(facts, FACT_APPLET, "nc", NULL));
}

/* All rule files that come with tinyx: rules of features and of mounts. What is not of a closed set
 * (imports, strings, packages, ...) is what its reader searches every file for. */
static void
test_rules(void) {
  g_autofree char *folder = data_path("kconfig-heuristics");
  g_autoptr(GError) error = NULL;
  g_autoptr(RuleSet) set = rules_load(folder, &error);
  g_assert_no_error(error);
  g_autoptr(Facts) facts = everything(set);
  guint named = 0;
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    for (guint j = 0; j < rule->whens->len; j++) {
      const RuleWhen *when = rule->whens->pdata[j];
      for (guint k = 0; k < when->facts->len; k++) {
        const Fact *fact = when->facts->pdata[k];
        gboolean open = fact->kind <= FACT_PACKAGE || fact->kind == FACT_APPLET;
        named += !open;
        if (!open && facts_find(facts, fact->kind, fact->value, NULL) == NULL)
          g_error("%s: nothing says %s:%s", rule->file, when->word, fact->value);
        if (fact->kind == FACT_STRING)
          g_assert_true(g_ptr_array_find_with_equal_func(set->wanted.strings, fact->value,
                                                         g_str_equal, NULL));
      }
    }
  }
  g_assert_cmpuint(named, >=, 12);
  g_autoptr(MountRules) mounts = mount_rules_load(&error);
  g_assert_no_error(error);
  g_assert_nonnull(mount_rules_match(mounts, "proc", facts));
}

/* From a line of a configuration to a symbol of the kernel. */
static void
test_ipv6_is_chosen(void) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(GError) error = NULL;
  World world;
  world_open(&world);
  put_text(&world, "/etc/web.conf", "listen [::]:80\njoin 239.1.2.3\n", 0644,
           from_package("web", NULL));
  g_autoptr(Facts) facts = facts_of(&world);
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  const KernelInput input = {.platform = platform, .facts = facts};
  g_autoptr(GPtrArray) chosen = choose_symbols(&input, data, NULL, &error);
  g_assert_no_error(error);
  g_autofree char *text = chosen_text(chosen, "");
  g_assert_nonnull(
      strstr(text, "CONFIG_IPV6=y  # listen [::]:80 [fact net:ipv6 in /etc/web.conf]"));
  g_assert_nonnull(strstr(text, "CONFIG_IP_MULTICAST=y  # joining groups [fact net:multicast in"));
  world_close(&world);
}

/* Names of files are bytes, and a package may have any. */
static void
test_names(void) {
  g_autoptr(GPtrArray) patterns = g_ptr_array_new();
  g_ptr_array_add(patterns, (gpointer) "*.so");
  g_ptr_array_add(patterns, (gpointer) "lib*c.so.*");
  g_assert_true(facts_name_matches(patterns, "/usr/lib/\xff\xfe\xf8.so"));
  g_assert_true(facts_name_matches(patterns, "/usr/lib/libc.so.6"));
  g_assert_false(facts_name_matches(patterns, "/usr/lib.so/\xf8\xf8"));
  g_assert_false(facts_name_matches(patterns, "\xff"));
  g_assert_false(facts_name_matches(NULL, "x.so"));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/facts/list", test_list);
  g_test_add_func("/facts/unsaid", test_unsaid);
  g_test_add_func("/facts/lines", test_lines);
  g_test_add_func("/facts/bad-lines", test_bad_lines);
  g_test_add_func("/facts/configurations", test_configurations);
  g_test_add_func("/facts/modules", test_modules);
  g_test_add_func("/facts/names", test_names);
  g_test_add_func("/facts/emitters", test_emitters);
  g_test_add_func("/facts/rules", test_rules);
  g_test_add_func("/facts/ipv6-is-chosen", test_ipv6_is_chosen);
  return g_test_run();
}
