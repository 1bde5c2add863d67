/* test-compile.c - the parts of the kernel's object cache, and the platform's linker script;
 * tests/cmd/object-cache.sh compiles. */
#include "kernel/compile.h"
#include "kernel/layout.h"
#include "kernel/source-facts.h"

#include "base/files.h"

#include <string.h>

static void
test_symbols(void) {
  g_auto(GStrv) symbols =
      source_symbols("CONFIG_A CONFIG_B_MODULE IS_ENABLED(CONFIG_C) NO_CONFIG_D "
                     "xCONFIG_E CONFIG_ CONFIG_A(CONFIG_F)CONFIG__MODULE");
  g_autofree char *text = g_strjoinv(" ", symbols);
  g_assert_cmpstr(text, ==, "CONFIG_A CONFIG_B CONFIG_C CONFIG_F");
}

/* fixdep itself is the oracle where a kernel's build folder has it. */
static void
test_fixdep(void) {
  g_autofree char *cache = cache_dir();
  g_autofree char *base = g_build_filename(cache, "build", NULL);
  g_autoptr(GDir) dir = g_dir_open(base, 0, NULL);
  g_autofree char *fixdep = NULL, *folder = NULL, *out = NULL;
  const char *name;
  static const char source[] = "#ifdef CONFIG_SMP\nCONFIG_NET_MODULE xCONFIG_NO CONFIG_\n"
                               "IS_ENABLED(CONFIG_64BIT)CONFIG_SMP\n";
  while (fixdep == NULL && dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(base, name, "scripts/basic/fixdep", NULL);
    if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
      fixdep = g_steal_pointer(&path);
  }
  if (fixdep == NULL) {
    g_test_skip("no kernel was built here: no fixdep");
    return;
  }
  folder = g_dir_make_tmp("tinyx-test-XXXXXX", NULL);
  g_autofree char *c = g_build_filename(folder, "a.c", NULL);
  g_autofree char *d = g_build_filename(folder, "a.d", NULL);
  g_autofree char *rule = g_strdup_printf("a.o: %s\n", c);
  g_assert_true(g_file_set_contents(c, source, -1, NULL));
  g_assert_true(g_file_set_contents(d, rule, -1, NULL));
  char *argv[] = {fixdep, d, (char *)"a.o", (char *)"command", NULL};
  g_assert_true(g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &out, NULL, NULL, NULL));
  g_auto(GStrv) symbols = source_symbols(source);
  guint found = 0;
  for (char *at = out; (at = strstr(at, "include/config/")) != NULL; found++) {
    g_autofree char *symbol = NULL;
    at += strlen("include/config/");
    symbol = g_strndup(at, strcspn(at, ")"));
    g_autofree char *full = g_strconcat("CONFIG_", symbol, NULL);
    g_assert_true(g_strv_contains((const char *const *)symbols, full));
  }
  g_assert_cmpuint(found, ==, g_strv_length(symbols));
  g_assert_true(dir_remove(folder, NULL));
}

static void
test_command(void) {
  static const struct {
    const char *words, *source;
  } cases[] = {
      {"gcc -Wp,-MMD,a.d -include k.h -c -o a.o /s/a.c", "/s/a.c"},
      {"ccache gcc -Wp,-MMD,a.d -g0 -c -o a.o a.S", "a.S"},
      {"gcc -include x.c -Wp,-MMD,a.d -c -o a.o a.c", "a.c"},
      {"gcc -Wp,-MMD,a.d -c -o a.o a.c b.c", NULL},
      {"gcc -Wp,-MMD,a.d -c -o a.o a.c -g", NULL},
      {"gcc -Wp,-MMD,a.d -c -o a.o a.c -fprofile-arcs", NULL},
      {"gcc -Wp,-MMD,a.d -c -o a.o a.c @more", NULL},
      {"gcc -Wp,-MMD,a.d -S -o a.s a.c", NULL},
      {"gcc -Wp,-MMD,a.d -c a.c", NULL},
      {"gcc -c -o a.o a.c", NULL},
      {"gcc -Wp,-MMD,a.d -o a a.c", NULL},
      {"gcc --version", NULL},
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(GStrv) argv = g_strsplit(cases[i].words, " ", -1);
    CompileCommand command;
    g_assert_cmpint(compile_parse(argv, &command), ==, cases[i].source != NULL);
    if (cases[i].source != NULL)
      g_assert_cmpstr(command.source, ==, cases[i].source);
  }
}

static void
test_list(void) {
  g_auto(GStrv) files = compile_list_parse("a.o: /s/a.c \\\n /s/a.h\\\n b.h\n");
  g_autofree char *text = g_strjoinv("|", files);
  g_assert_cmpstr(text, ==, "/s/a.c|/s/a.h|b.h");
  g_assert_null(compile_list_parse("a.o: a\\ b.c\n"));
  g_assert_null(compile_list_parse("a.o: $$x.c\n"));
  g_assert_null(compile_list_parse("nothing"));
}

static void
test_layout(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Layout) changes =
      layout_parse("# words\n\nALIGN(2) => ALIGN(1)  # why\nx => y  # because\n", "f", &error);
  const char *missing;
  g_assert_no_error(error);
  g_autofree char *text = layout_apply(changes, ". = ALIGN(2); . = ALIGN(2);", &missing);
  g_assert_cmpstr(text, ==, ". = ALIGN(1); . = ALIGN(1);");
  g_assert_cmpstr(missing, ==, "x");
  g_assert_null(layout_parse("\na => b\n", "f", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_nonnull(strstr(error->message, "f:2: 'a => b': expected OLD => NEW  # REASON"));
  g_assert_null(layout_parse("gc-sections\n", "f", NULL));
}

/* What a table is, is kept; what is thrown away anyway, and what a compiler's section of a function
 * is, not. */
static void
test_gc_sections(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Layout) layout = layout_parse("gc-sections  # why\n", "f", &error);
  g_assert_no_error(error);
  g_autofree char *text =
      layout_apply(layout,
                   ".text : { *(.text .text.[0-9a-z]* .text.fixup) *(.text..asm) }\n"
                   ".init : { KEEP(*(.initcall1.init)) *(SORT(___table+*)) }\n"
                   ".bss : { *(.bss) *(.bss..brk) }\n"
                   "/DISCARD/ : { *(.discard.*) }\n",
                   NULL);
  g_assert_cmpstr(text, ==,
                  ".text : { *(.text .text.[0-9a-z]* .text.fixup) KEEP(*(.text..asm)) }\n"
                  ".init : { KEEP(*(.initcall1.init)) KEEP(*(SORT(___table+*))) }\n"
                  ".bss : { *(.bss) KEEP(*(.bss..brk)) }\n"
                  "/DISCARD/ : { *(.discard.*) }\n");
  g_autoptr(Layout) none = layout_parse("", "f", NULL);
  g_autofree char *same = layout_apply(none, ".a : { *(.a) }", NULL);
  g_assert_cmpstr(same, ==, ".a : { *(.a) }");
  g_autofree char *with = layout_text(layout), *without = layout_text(none);
  g_assert_cmpstr(with, !=, without);
}

static void
test_shipped_layout(void) {
  g_autoptr(GError) error = NULL;
  g_autoptr(Layout) layout = layout_load("xen-pv.layout", "", &error);
  g_autoptr(Layout) none = layout_load(NULL, "", NULL);
  g_assert_no_error(error);
  g_assert_cmpuint(layout->changes->len, >, 0);
  /* What stands there for kernels with one option only. */
  g_autoptr(Layout) more = layout_load("xen-pv.layout", "CONFIG_A=y\nCONFIG_CPU_SRSO=y\n", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(more->changes->len, ==, layout->changes->len + 1);
  g_assert_true(layout->gc_sections);
  g_assert_cmpuint(none->changes->len, ==, 0);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/compile/gc-sections", test_gc_sections);
  g_test_add_func("/compile/symbols", test_symbols);
  g_test_add_func("/compile/fixdep", test_fixdep);
  g_test_add_func("/compile/command", test_command);
  g_test_add_func("/compile/list", test_list);
  g_test_add_func("/layout/parse-and-apply", test_layout);
  g_test_add_func("/layout/shipped", test_shipped_layout);
  return g_test_run();
}
