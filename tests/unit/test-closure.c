/* test-closure.c - the closure of files: libraries, scripts, symlinks, notes and rules in a root
 * that is made for the test. */
#include "base/files.h"
#include "base/proc.h"
#include "deps/closure.h"
#include "deps/runtime-rules.h"
#include "deps/suspects.h"

#include "bad-rules.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *root;

static void
put(const char *path, const char *text, unsigned mode) {
  g_autofree char *full = g_strconcat(root, path, NULL);
  g_autofree char *folder = g_path_get_dirname(full);
  g_autoptr(GError) error = NULL;
  dir_make(folder, &error);
  g_assert_no_error(error);
  file_write(full, text, strlen(text), mode, &error);
  g_assert_no_error(error);
}

static void
put_link(const char *path, const char *target) {
  g_autofree char *full = g_strconcat(root, path, NULL);
  g_autofree char *folder = g_path_get_dirname(full);
  g_assert_true(dir_make(folder, NULL));
  g_assert_cmpint(symlink(target, full), ==, 0);
}

/* Compiles TEXT into PATH with FLAGS (words); libraries are found in ROOT/build. */
static void
compile(const char *path, const char *text, const char *flags) {
  g_autofree char *full = g_strconcat(root, path, NULL);
  g_autofree char *folder = g_path_get_dirname(full);
  g_autofree char *input = g_strconcat(root, "/x.c", NULL);
  g_auto(GStrv) words = g_strsplit(flags, " ", -1);
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  g_autoptr(GError) error = NULL;
  put("/x.c", text, 0644);
  g_assert_true(dir_make(folder, NULL));
  const char *const fixed[] = {"gcc", "-nostdlib", "-o", full, input};
  for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++)
    g_ptr_array_add(argv, (gpointer)fixed[i]);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_ptr_array_add(argv, words[i]);
  g_ptr_array_add(argv, NULL);
  ProcSpec spec = {.argv = (const char *const *)argv->pdata, .cwd = root, .deadline = 60};
  proc_run(&spec, NULL, &error);
  g_assert_no_error(error);
}

#define LIBRARY "-shared -fPIC -Wl,-soname,"
#define PROGRAM                                                                                    \
  "-Wl,--dynamic-linker=/lib64/ld.so -Wl,--no-as-needed -Wl,--unresolved-symbols=ignore-all "

static void
make_root(void) {
  root = g_dir_make_tmp("tinyx-closure-XXXXXX", NULL);
  g_assert_nonnull(root);
  compile("/usr/lib64/ld.so.2", "int loader;", LIBRARY "ld.so");
  put_link("/lib64", "usr/lib64");
  put_link("/usr/lib64/ld.so", "ld.so.2");
  put("/rules", "", 0644);
}

static void
compute(Closure *closure, GError **error, const char *rules, const char *first, ...) {
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  va_list args;
  va_start(args, first);
  for (const char *name = first; name != NULL; name = va_arg(args, const char *))
    g_ptr_array_add(names, (gpointer)name);
  va_end(args);
  g_ptr_array_add(names, NULL);
  put("/rules", rules, 0644);
  g_autofree char *path = g_strconcat(root, "/rules", NULL);
  ClosureInput input = {.root = root, .names = (const char *const *)names->pdata, .rules = path};
  closure_compute(&input, closure, error);
}

static const DepFile *
find(const Closure *closure, const char *path) {
  for (guint i = 0; i < closure->files->len; i++) {
    const DepFile *file = closure->files->pdata[i];
    if (strcmp(file->path, path) == 0)
      return file;
  }
  return NULL;
}

static void
assert_file(const Closure *closure, const char *path, DepKind kind, const char *needed_by) {
  const DepFile *file = find(closure, path);
  if (file == NULL)
    g_error("%s is not in the closure", path);
  if (file->kind != kind || g_strcmp0(file->needed_by, needed_by) != 0)
    g_error("%s: kind %d, needed by %s; expected %d, %s", path, file->kind, file->needed_by, kind,
            needed_by);
}

static void
assert_line(const GPtrArray *lines, const char *line) {
  for (guint i = 0; i < lines->len; i++)
    if (strcmp(lines->pdata[i], line) == 0)
      return;
  g_error("no line \"%s\" (%u others, first: %s)", line, lines->len,
          lines->len != 0 ? (char *)lines->pdata[0] : "none");
}

/* The program finds liba by RUNPATH ($ORIGIN), liba finds libb by its own RUNPATH only, libc-like
 * libd by ld.so.conf, libe not at all. RUNPATH is not inherited, RPATH is. */
static void
test_search(void) {
  compile("/usr/lib/libd.so.1", "int d;", LIBRARY "libd.so.1");
  compile("/opt/conf/libf.so.1", "int f;", LIBRARY "libf.so.1");
  compile("/opt/app/lib/libb.so.1", "int b;", LIBRARY "libb.so.1");
  compile("/opt/app/lib/libgone.so.1", "int g;", LIBRARY "libgone.so.1");
  compile("/opt/app/lib/liba.so.1", "int a;",
          LIBRARY "liba.so.1 -Wl,--no-as-needed opt/app/lib/libb.so.1 usr/lib/libd.so.1");
  compile("/opt/app/bin/rpath", "void _start(void) {}",
          PROGRAM "opt/app/lib/liba.so.1 -Wl,--disable-new-dtags -Wl,-rpath,$ORIGIN/../lib");
  compile("/opt/app/bin/runpath", "void _start(void) {}",
          PROGRAM "opt/app/lib/liba.so.1 opt/conf/libf.so.1 opt/app/lib/libgone.so.1 "
                  "-Wl,--enable-new-dtags -Wl,-rpath,${ORIGIN}/../lib");
  g_autofree char *gone = g_strconcat(root, "/opt/app/lib/libgone.so.1", NULL);
  g_assert_cmpint(unlink(gone), ==, 0);
  put("/etc/ld.so.conf", "# folders\ninclude ld.so.conf.d/*.conf\n", 0644);
  put("/etc/ld.so.conf.d/a.conf", "/opt/conf # ours\ninclude /etc/ld.so.conf\n", 0644);
  put("/etc/ld.so.cache", "cache", 0644);

  g_auto(Closure) rpath = {0}, runpath = {0};
  g_autoptr(GError) error = NULL;
  compute(&rpath, &error, "", "/opt/app/bin/rpath", NULL);
  g_assert_no_error(error);
  assert_file(&rpath, "/opt/app/bin/rpath", DEP_NAMED, NULL);
  assert_file(&rpath, "/opt/app/lib/liba.so.1", DEP_NEEDED, "/opt/app/bin/rpath");
  assert_file(&rpath, "/opt/app/lib/libb.so.1", DEP_NEEDED, "/opt/app/lib/liba.so.1");
  assert_file(&rpath, "/usr/lib/libd.so.1", DEP_NEEDED, "/opt/app/lib/liba.so.1");
  assert_file(&rpath, "/lib64", DEP_SYMLINK, "/opt/app/bin/rpath");
  assert_file(&rpath, "/usr/lib64/ld.so", DEP_INTERP, "/opt/app/bin/rpath");
  assert_file(&rpath, "/usr/lib64/ld.so.2", DEP_SYMLINK, "/usr/lib64/ld.so");
  g_assert_cmpstr(find(&rpath, "/lib64")->link, ==, "usr/lib64");
  g_assert_cmpuint(rpath.missing->len, ==, 0);
  g_assert_cmpuint(rpath.files->len, ==, 7);

  compute(&runpath, &error, "", "/opt/app/bin/runpath", NULL);
  g_assert_no_error(error);
  assert_file(&runpath, "/opt/conf/libf.so.1", DEP_NEEDED, "/opt/app/bin/runpath");
  assert_file(&runpath, "/etc/ld.so.cache", DEP_RULE, "/opt/app/bin/runpath");
  g_assert_null(find(&runpath, "/opt/app/lib/libb.so.1"));
  assert_line(runpath.missing, "/opt/app/lib/liba.so.1: NEEDED libb.so.1: not found");
  assert_line(runpath.missing, "/opt/app/bin/runpath: NEEDED libgone.so.1: not found");
}

/* The base file is taken for an image that runs anywhere; a variant where there is nothing else. A
 * library for another machine is passed over. */
static void
test_hwcaps_and_foreign(void) {
  compile("/usr/lib/glibc-hwcaps/x86-64-v3/libh.so.1", "int h;", LIBRARY "libh.so.1");
  compile("/usr/lib/glibc-hwcaps/x86-64-v2/libv.so.1", "int v;", LIBRARY "libv.so.1");
  compile("/usr/lib/libh.so.1", "int h;", LIBRARY "libh.so.1");
  compile("/usr/bin/hwcaps", "void _start(void) {}",
          PROGRAM "usr/lib/libh.so.1 usr/lib/glibc-hwcaps/x86-64-v2/libv.so.1");
  g_autofree char *foreign = NULL, *sample = NULL;
  gsize size;
  const char *source = g_getenv("SRCDIR");
  sample = g_build_filename(source != NULL ? source : ".", "tests/fuzz/corpus/elf/dyn-i386", NULL);
  g_assert_true(g_file_get_contents(sample, &foreign, &size, NULL));
  g_autofree char *path = g_strconcat(root, "/usr/lib64/libh.so.1", NULL);
  g_assert_true(file_write(path, foreign, size, 0644, NULL)); /* comes first in the search */

  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  compute(&closure, &error, "", "/usr/bin/hwcaps", NULL);
  g_assert_no_error(error);
  assert_file(&closure, "/usr/lib/libh.so.1", DEP_NEEDED, "/usr/bin/hwcaps");
  assert_file(&closure, "/usr/lib/glibc-hwcaps/x86-64-v2/libv.so.1", DEP_NEEDED, "/usr/bin/hwcaps");
  g_assert_cmpuint(closure.missing->len, ==, 0);
}

static void
test_scripts(void) {
  put("/usr/bin/env", "data", 0755);
  put("/usr/bin/interp", "#!/usr/bin/base -x\n", 0755);
  put("/usr/bin/base", "data", 0755);
  put("/usr/local/bin/tool", "data", 0755);
  put("/s1", "#! /usr/bin/interp\n", 0755);
  put("/s2", "#!/usr/bin/env -S A=1 tool -u\n", 0755);
  put("/s3", "#!/usr/bin/env nowhere\n", 0755);
  put("/s4", "#!/s4\n", 0755);
  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  compute(&closure, &error, "", "/s1", "/s2", "/s3", "/s4", NULL);
  g_assert_no_error(error);
  assert_file(&closure, "/usr/bin/interp", DEP_SCRIPT, "/s1");
  assert_file(&closure, "/usr/bin/base", DEP_SCRIPT, "/usr/bin/interp");
  assert_file(&closure, "/usr/bin/env", DEP_SCRIPT, "/s2");
  assert_file(&closure, "/usr/local/bin/tool", DEP_SCRIPT, "/s2");
  g_assert_cmpuint(closure.missing->len, ==, 1);
  g_assert_nonnull(strstr(closure.missing->pdata[0], "nowhere is in none of the folders of PATH"));
}

/* Nothing leads out of the root: absolute targets and ".." stay in it; loops end. */
static void
test_symlinks(void) {
  put_link("/l1", "/l2");
  put_link("/l2", "../../../../usr/./bin/base");
  put_link("/loop", "loop");
  put_link("/dangling", "/etc/passwd");
  put("/usr/bin/base", "data", 0755);
  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  compute(&closure, &error, "", "/l1", NULL);
  g_assert_no_error(error);
  assert_file(&closure, "/l1", DEP_NAMED, NULL);
  assert_file(&closure, "/l2", DEP_SYMLINK, "/l1");
  assert_file(&closure, "/usr/bin/base", DEP_SYMLINK, "/l2");
  g_assert_cmpuint(closure.files->len, ==, 3);

  static const struct {
    const char *path, *message;
  } bad[] = {{"/loop", "/loop: too many symlinks (a loop)"},
             {"/dangling", "/dangling: no such file: a link leads to /etc/passwd"},
             {"/usr", "/usr: is a folder; expected a file"},
             {"/usr/bin/base/x", "/usr/bin/base/x: no such file"}};
  for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_auto(Closure) none = {0};
    g_autoptr(GError) why = NULL;
    compute(&none, &why, "", bad[i].path, NULL);
    g_assert_error(why, TINYX_ERROR, TINYX_ERROR_INPUT);
    g_assert_cmpstr(why->message, ==, bad[i].message);
  }
}

static void
test_rules(void) {
  static const char rules[] =
      "when import leave_thread|other => library libx.so.1 # leaves by it\n"
      "when import leave_thread => library liboptional.so.1? # would be nice\n"
      "when file /usr/bin/rul* => file /etc/rules/*.conf /etc/nothing # its configuration\n"
      "when import leave_thread => suggest /etc/big # only sometimes\n"
      "when import leave_thread => nss passwd # users\n";
  compile("/usr/lib/libx.so.1", "int x;", LIBRARY "libx.so.1");
  compile("/usr/lib/libnss_db.so.2", "int n;", LIBRARY "libnss_db.so.2");
  compile("/usr/lib/libt.so.1", "void leave_thread(void) {}", LIBRARY "libt.so.1");
  compile("/usr/bin/ruled", "void leave_thread(void); void _start(void) { leave_thread(); }",
          PROGRAM "usr/lib/libt.so.1");
  put("/etc/rules/a.conf", "a", 0644);
  put("/etc/big", "b", 0644);
  put("/etc/nsswitch.conf", "# x\npasswd: files db [NOTFOUND=return] gone\ngroup: other\n", 0644);
  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  compute(&closure, &error, rules, "/usr/bin/ruled", NULL);
  g_assert_no_error(error);
  assert_file(&closure, "/usr/lib/libx.so.1", DEP_RULE, "/usr/bin/ruled");
  assert_file(&closure, "/etc/rules/a.conf", DEP_RULE, "/usr/bin/ruled");
  assert_file(&closure, "/etc/nsswitch.conf", DEP_RULE, "/usr/bin/ruled");
  assert_file(&closure, "/usr/lib/libnss_db.so.2", DEP_RULE, "/usr/bin/ruled");
  g_assert_null(find(&closure, "/etc/big"));
  assert_line(closure.notes, "left out: /etc/big: only sometimes");
  assert_line(closure.missing, "/usr/bin/ruled: its configuration: /etc/nothing: not found");
  g_assert_cmpuint(closure.missing->len, ==, 1);
}

static const Suspect *
suspect_of(const Closure *closure, SuspectKind kind, const char *path) {
  for (guint i = 0; i < closure->suspects->len; i++) {
    const Suspect *suspect = closure->suspects->pdata[i];
    if (suspect->kind == kind && strcmp(suspect->path, path) == 0)
      return suspect;
  }
  return NULL;
}

#define CALLS_DLOPEN "extern void *dlopen(const char *, int); "

/* What is seen in the files, but cannot be followed. */
static void
test_suspects(void) {
  static const char rules[] = "when file /usr/bin/named => suspect modules # finds its modules\n";
  compile("/usr/lib/libin.so.1", "int in;", LIBRARY "libin.so.1");
  compile(
      "/usr/lib/libbase.so.1",
      "void *dlopen(const char *n, int f) { return 0; } int sprintf(char *a, const char *b, ...) "
      "{ return 0; }",
      "-fno-builtin " LIBRARY "libbase.so.1");
  compile("/usr/lib/libout.so.1", "int out;", LIBRARY "libout.so.1");
  put("/usr/lib/app/plugins/one.so", "one", 0644);
  put("/usr/lib/app/plugins/two.so", "two", 0644);
  put("/usr/lib/app/plugins/text", "text", 0644);
  compile("/usr/bin/computed", CALLS_DLOPEN "void _start(char *x) { dlopen(x, 1); }",
          PROGRAM "usr/lib/libbase.so.1");
  compile("/usr/bin/format",
          CALLS_DLOPEN "extern int sprintf(char *, const char *, ...); "
                       "void _start(char *x) { sprintf(x, \"%s/lib%s.so\", x, x); dlopen(x, 1); }",
          PROGRAM "usr/lib/libbase.so.1");
  compile("/usr/bin/named",
          CALLS_DLOPEN "void _start(void) { dlopen(\"libin.so.1\", 1); dlopen(\"libout.so.1\", 1); "
                       "dlopen(\"libgone.so.3\", 1); }",
          PROGRAM "usr/lib/libbase.so.1 usr/lib/libin.so.1");
  compile("/usr/bin/resolved", CALLS_DLOPEN "void _start(void) { dlopen(\"libin.so.1\", 1); }",
          PROGRAM "usr/lib/libbase.so.1");
  compile("/usr/bin/quiet", "char *s = \"error in %s.so: bad\"; void _start(void) {}",
          PROGRAM "usr/lib/libbase.so.1");
  put("/usr/bin/script", "#!/usr/bin/named\nload /usr/lib/app/plugins/$1\n", 0755);
  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  compute(&closure, &error, rules, "/usr/bin/computed", "/usr/bin/format", "/usr/bin/script",
          "/usr/bin/resolved", "/usr/bin/quiet", "/usr/lib/app/plugins/one.so", NULL);
  g_assert_no_error(error);
  g_assert_nonnull(strstr(suspect_of(&closure, SUSPECT_DLOPEN, "/usr/bin/computed")->text,
                          "a name that is computed"));
  g_assert_nonnull(
      strstr(suspect_of(&closure, SUSPECT_DLOPEN, "/usr/bin/format")->text, "%s/lib%s.so"));
  g_assert_cmpstr(suspect_of(&closure, SUSPECT_DLOPEN, "/usr/bin/named")->text, ==,
                  "calls dlopen and has the name libout.so.1: /usr/lib/libout.so.1 is left out");
  g_assert_null(suspect_of(&closure, SUSPECT_DLOPEN, "/usr/bin/resolved"));
  g_assert_null(suspect_of(&closure, SUSPECT_DLOPEN, "/usr/bin/quiet"));
  g_assert_cmpstr(suspect_of(&closure, SUSPECT_PLUGINS, "/usr/bin/script")->text, ==,
                  "names the folder /usr/lib/app/plugins: 1 of its 2 libraries are in");
  g_assert_cmpstr(suspect_of(&closure, SUSPECT_INTERPRETER, "/usr/bin/named")->text, ==,
                  "finds its modules");
  g_assert_cmpuint(closure.suspects->len, ==, 5);
  g_autofree char *summary = suspects_summary(closure.suspects);
  g_assert_cmpstr(summary, ==,
                  "calls of dlopen that cannot be followed: 3, folders of plugins: 1, interpreters "
                  "with modules: 1");
}

static void
test_bad_rules(void) {
  static const BadRules cases[] = {
      {"when needed a => file /x\n", "f:1: no reason in"},
      {"\nwhen needed a file /x # y\n", "f:2: no \"=>\" in"},
      {"when needed a => fetch /x # y\n",
       "f:1: unknown action \"fetch\"; expected library, file, tree, nss, suggest or suspect"},
      {"when wants a => file /x # y\n",
       "f:1: unknown condition \"wants\"; expected needed, import or file"},
      {"when needed => file /x # y\n", "f:1: nothing after \"needed\""},
      {"when file /a => file x # y\n", "f:1: not a path: \"x\""},
      {"when import a => library ? # y\n", "f:1: not a name: \"?\""},
      {"when import a||b => library c # y\n", "f:1: an empty name in \"a||b\""},
      {"if import a => library c # y\n", "f:1: unknown word \"if\""},
      {"when => library c # y\n", "f:1: no condition in \"when \""},
      {"when import a => nss # y\n", "f:1: nothing after \"nss\""},
  };
  BAD_RULES_REFUSED(runtime_rules_parse, cases);
  /* And the one that tinyx comes with is good. */
  g_autofree char *path = data_path("rootfs/runtime.rules"), *text = NULL;
  g_autoptr(GError) error = NULL;
  gsize size;
  g_assert_true(g_file_get_contents(path, &text, &size, NULL));
  g_autoptr(GPtrArray) rules = runtime_rules_parse(text, size, path, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(rules->len, >, 10);
}

static const char dlopen_source[] =
    "__asm__(\".pushsection .note.dlopen,\\\"a\\\",%note\\n.balign 4\\n\"\n"
    "\".long 4, 2f-1f, 0x407c0c0a\\n.asciz \\\"FDO\\\"\\n1: .asciz \\\"\"\n"
    "\"[{\\\\\\\"soname\\\\\\\":[\\\\\\\"libnone.so.1\\\\\\\",\\\\\\\"libx.so.1\\\\\\\"],\"\n"
    "\"\\\\\\\"feature\\\\\\\":\\\\\\\"one\\\\\\\"},\"\n"
    "\"{\\\\\\\"soname\\\\\\\":[\\\\\\\"libd.so.1\\\\\\\"],\\\\\\\"priority\\\\\\\":"
    "\\\\\\\"suggested\\\\\\\",\\\\\\\"feature\\\\\\\":\\\\\\\"two\\\\\\\"},\"\n"
    "\"{\\\\\\\"soname\\\\\\\":[\\\\\\\"libmust.so.1\\\\\\\"],\\\\\\\"priority\\\\\\\":"
    "\\\\\\\"required\\\\\\\",\\\\\\\"feature\\\\\\\":\\\\\\\"three\\\\\\\"}]\"\n"
    "\"\\\"\\n2: .balign 4\\n.popsection\");\n"
    "void _start(void) {}\n";

static void
test_dlopen(void) {
  compile("/usr/lib/libx.so.1", "int x;", LIBRARY "libx.so.1");
  compile("/usr/lib/libd.so.1", "int d;", LIBRARY "libd.so.1");
  compile("/usr/bin/opens", dlopen_source, PROGRAM);
  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  compute(&closure, &error, "", "/usr/bin/opens", NULL);
  g_assert_no_error(error);
  assert_file(&closure, "/usr/lib/libx.so.1", DEP_DLOPEN, "/usr/bin/opens");
  g_assert_null(find(&closure, "/usr/lib/libd.so.1"));
  assert_line(closure.notes,
              "/usr/bin/opens: dlopen note: feature two: only suggested, left out: libd.so.1");
  assert_line(closure.missing,
              "/usr/bin/opens: dlopen note: feature three: libmust.so.1: not found");
}

static void
test_bad_files(void) {
  put("/cut", "\177ELF\2\1\1", 0755);
  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  compute(&closure, &error, "", "/cut", NULL);
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_cmpstr(error->message, ==,
                  "/cut: truncated: ELF identification needs 16 bytes, the file has 7");
}

/* The paths that come with /bin/env-prog under INPUT's environment, sorted, with blanks between;
 * *MISSING gets what was not found. */
static char *
environment_paths(ClosureInput input, char **missing) {
  const char *const names[] = {"/bin/env-prog", NULL};
  g_autofree char *rules = g_strconcat(root, "/rules", NULL);
  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  GString *paths = g_string_new(NULL);
  input.root = root;
  input.names = names;
  input.rules = rules;
  g_assert_true(closure_compute(&input, &closure, &error));
  for (guint i = 0; i < closure.files->len; i++) {
    const DepFile *file = closure.files->pdata[i];
    if (strstr(file->path, "libenv") != NULL || strstr(file->path, "libpre") != NULL)
      g_string_append_printf(paths, "%s ", file->path);
  }
  *missing = closure.missing->len > 0 ? g_strdup(closure.missing->pdata[0]) : NULL;
  return g_string_free(paths, FALSE);
}

/* LD_LIBRARY_PATH comes before RUNPATH and the default folders, with $ORIGIN; LD_PRELOAD is
 * searched as a needed library is. */
static void
test_environment(void) {
  const struct {
    ClosureInput input;
    const char *paths, *missing;
  } cases[] = {
      {{0}, "/usr/lib/libenv.so.1 ", NULL},
      {{.ld_library_path = "/none:/opt/env"}, "/opt/env/libenv.so.1 ", NULL},
      {{.ld_library_path = "$ORIGIN/../opt/env"}, "/opt/env/libenv.so.1 ", NULL},
      {{.ld_library_path = "/opt/env", .path_of_some = TRUE},
       "/opt/env/libenv.so.1 /usr/lib/libenv.so.1 ",
       NULL},
      {{.preload = "libpre.so.1"},
       "/usr/lib/libenv.so.1 ",
       "/bin/env-prog: LD_PRELOAD libpre.so.1: not found"},
      {{.preload = "libpre.so.1", .preload_elsewhere = TRUE}, "/usr/lib/libenv.so.1 ", NULL},
      {{.ld_library_path = "/opt/env", .preload = "libpre.so.1"},
       "/opt/env/libenv.so.1 /opt/env/libpre.so.1 ",
       NULL},
      {{.preload = "/opt/env/libpre.so.1"}, "/opt/env/libpre.so.1 /usr/lib/libenv.so.1 ", NULL},
  };
  compile("/usr/lib/libenv.so.1", "int e;", LIBRARY "libenv.so.1");
  compile("/opt/env/libenv.so.1", "int e;", LIBRARY "libenv.so.1");
  compile("/opt/env/libpre.so.1", "int p;", LIBRARY "libpre.so.1");
  compile("/bin/env-prog", "void _start(void) {}",
          PROGRAM "-Wl,-rpath,/usr/lib -Wl,--enable-new-dtags usr/lib/libenv.so.1");
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *missing = NULL, *paths = environment_paths(cases[i].input, &missing);
    g_assert_cmpstr(paths, ==, cases[i].paths);
    g_assert_cmpstr(missing, ==, cases[i].missing);
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  make_root();
  g_test_add_func("/closure/search", test_search);
  g_test_add_func("/closure/hwcaps-and-foreign", test_hwcaps_and_foreign);
  g_test_add_func("/closure/scripts", test_scripts);
  g_test_add_func("/closure/symlinks", test_symlinks);
  g_test_add_func("/closure/rules", test_rules);
  g_test_add_func("/closure/bad-rules", test_bad_rules);
  g_test_add_func("/closure/suspects", test_suspects);
  g_test_add_func("/closure/dlopen", test_dlopen);
  g_test_add_func("/closure/environment", test_environment);
  g_test_add_func("/closure/bad-files", test_bad_files);
  int status = g_test_run();
  dir_remove(root, NULL);
  g_free(root);
  return status;
}
