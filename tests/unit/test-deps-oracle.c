/* test-deps-oracle.c - tinyx deps against other tools, for every ELF program of /usr/bin and
 * /usr/sbin: NEEDED must equal what objdump -p says, the closure what ldd says. A program for which
 * ldd does not tell is counted, and the reason printed. */
#include "base/proc.h"
#include "deps/closure.h"
#include "deps/elf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 200

static GPtrArray *programs; /* char*: real paths, each once, sorted */

static gboolean
is_elf(const char *path) {
  char magic[4] = {0};
  FILE *stream = g_file_test(path, G_FILE_TEST_IS_REGULAR) ? fopen(path, "rb") : NULL;
  if (stream == NULL)
    return FALSE;
  gboolean elf = fread(magic, 1, 4, stream) == 4 && memcmp(magic, "\177ELF", 4) == 0;
  fclose(stream);
  return elf;
}

static int
compare_names(gconstpointer a, gconstpointer b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ldd takes $ORIGIN from the path that it is given; the kernel tells the loader the real one. So
 * links (/usr/bin/java) are asked about by the file that they name. */
static void
collect(const char *folder, GHashTable *seen) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *real = is_elf(path) ? realpath(path, NULL) : NULL;
    if (real != NULL && g_hash_table_add(seen, real))
      g_ptr_array_add(programs, real);
  }
}

static void
collect_all(void) {
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  programs = g_ptr_array_new_with_free_func(free);
  collect("/usr/bin", seen);
  collect("/usr/sbin", seen);
  g_ptr_array_sort(programs, compare_names);
}

/* Runs WORDS and a batch of programs that begins at FIRST; returns what was printed, both streams.
 */
static char *
run_batch(const char *const *words, guint first) {
  static const char *const env[] = {"LC_ALL=C", "LD_LIBRARY_PATH=", "LD_PRELOAD=", NULL};
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  g_autoptr(GError) error = NULL;
  g_auto(ProcResult) result = {0};
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add(argv, (gpointer)words[i]);
  for (guint i = first; i < MIN(first + BATCH, programs->len); i++)
    g_ptr_array_add(argv, programs->pdata[i]);
  /* One more, so that a batch of one prints names too. */
  g_ptr_array_add(argv, (gpointer) "/bin/sh");
  g_ptr_array_add(argv, NULL);
  ProcSpec spec = {.argv = (const char *const *)argv->pdata,
                   .env = env,
                   .deadline = 300,
                   .flags = PROC_CAPTURE | PROC_ANY_STATUS};
  proc_run(&spec, &result, &error);
  g_assert_no_error(error);
  return g_steal_pointer(&result.out);
}

/* What the tool printed for each program: path -> its lines. A path with TAIL behind it is a head
 * line. */
static GHashTable *
ask(const char *const *words, const char *tail) {
  GHashTable *answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < programs->len; i++)
    g_hash_table_add(known, programs->pdata[i]);
  for (guint first = 0; first < programs->len; first += BATCH) {
    g_autofree char *out = run_batch(words, first);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    g_autofree char *path = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; lines[i] != NULL; i++) {
      const char *end = lines[i][0] == '/' ? strstr(lines[i], tail) : NULL;
      if (end == NULL) {
        g_string_append_printf(text, "%s\n", lines[i]);
        continue;
      }
      if (path != NULL)
        g_hash_table_insert(answers, g_steal_pointer(&path), g_strdup(text->str));
      g_string_truncate(text, 0);
      path = g_strndup(lines[i], (gsize)(end - lines[i]));
      if (!g_hash_table_contains(known, path))
        g_clear_pointer(&path, g_free);
    }
    if (path != NULL)
      g_hash_table_insert(answers, g_steal_pointer(&path), g_strdup(text->str));
  }
  return answers;
}

/* The third column of objdump's "  NEEDED               libc.so.6" lines. */
static char *
needed_of_objdump(const char *text) {
  g_autoptr(GString) names = g_string_new(NULL);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix(lines[i], "  NEEDED "))
      g_string_append_printf(names, "%s\n", g_strstrip(lines[i] + strlen("  NEEDED ")));
  return g_string_free(g_steal_pointer(&names), FALSE);
}

static void
test_needed(void) {
  static const char *const words[] = {"objdump", "-p", NULL};
  g_autoptr(GHashTable) answers = ask(words, ":     file format ");
  guint compared = 0, differ = 0;
  for (guint i = 0; i < programs->len; i++) {
    const char *path = programs->pdata[i], *text = g_hash_table_lookup(answers, path);
    g_autoptr(GError) error = NULL;
    g_autoptr(ElfInfo) elf = elf_read(path, 0, &error);
    g_assert_no_error(error);
    if (text == NULL) {
      g_test_message("objdump does not know the format: %s (%s)", path,
                     elf_machine_name(elf->machine));
      continue;
    }
    g_autofree char *theirs = needed_of_objdump(text);
    g_autofree char *joined = g_strjoinv("\n", elf->needed);
    g_autofree char *ours = joined[0] != '\0' ? g_strconcat(joined, "\n", NULL) : g_strdup("");
    compared++;
    if (strcmp(ours, theirs) != 0) {
      differ++;
      g_test_message("%s: NEEDED\n%sbut objdump\n%s", path, ours, theirs);
    }
  }
  g_test_message("NEEDED equals objdump -p for %u of %u programs (%u compared)", compared - differ,
                 programs->len, compared);
  g_assert_cmpuint(differ, ==, 0);
  g_assert_cmpuint(compared, >, programs->len * 9 / 10);
}

/* The names of objdump's "0000 DF *UND* 0000 (GLIBC_2.34) pthread_exit" lines, sorted. */
static char *
undefined_of_objdump(const char *text) {
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *name = strrchr(lines[i], ' ');
    if (strstr(lines[i], "*UND*") != NULL && name != NULL && name[1] != '\0')
      g_ptr_array_add(names, (gpointer)(name + 1));
  }
  g_ptr_array_sort(names, compare_names);
  g_ptr_array_add(names, NULL);
  return g_strjoinv("\n", (char **)names->pdata);
}

/* A symbol of two versions (memcpy@GLIBC_2.2.5, memcpy@GLIBC_2.14) is there twice in both. */
static void
test_imports(void) {
  static const char *const words[] = {"objdump", "-T", NULL};
  g_autoptr(GHashTable) answers = ask(words, ":     file format ");
  guint compared = 0, differ = 0;
  for (guint i = 0; i < programs->len; i++) {
    const char *path = programs->pdata[i], *text = g_hash_table_lookup(answers, path);
    g_autoptr(GError) error = NULL;
    g_autoptr(ElfInfo) elf = elf_read(path, ELF_WANT_IMPORTS, &error);
    g_assert_no_error(error);
    if (text == NULL) {
      g_test_message("objdump does not know the format: %s (%s)", path,
                     elf_machine_name(elf->machine));
      continue;
    }
    g_autofree char *theirs = undefined_of_objdump(text);
    g_autofree char *ours = g_strjoinv("\n", elf->imports);
    compared++;
    if (strcmp(ours, theirs) != 0) {
      differ++;
      g_test_message("%s: %u imports, but objdump has others", path, g_strv_length(elf->imports));
    }
  }
  g_test_message("imports equal objdump -T for %u of %u programs (%u compared)", compared - differ,
                 programs->len, compared);
  g_assert_cmpuint(differ, ==, 0);
  g_assert_cmpuint(compared, >, programs->len * 9 / 10);
}

static void
add_real(GHashTable *set, const char *path) {
  char *real = realpath(path, NULL);
  g_hash_table_add(set, real != NULL ? real : strdup(path));
}

/* Lines of ldd: "\tlibc.so.6 => /lib/… (0x…)", "\t/lib64/ld-… (0x…)", "\tlibx.so => not found". */
static GHashTable *
set_of_ldd(const char *text) {
  GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, free, NULL);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *line = g_strstrip(lines[i]);
    char *arrow = strstr(line, " => "), *address = strstr(line, " (0x");
    if (arrow != NULL && g_str_has_prefix(arrow, " => not found")) {
      *arrow = '\0';
      g_hash_table_add(set, strdup(line));
    } else if (address != NULL) {
      const char *path = arrow != NULL ? arrow + 4 : line;
      *address = '\0';
      if (path[0] == '/')
        add_real(set, path);
    }
  }
  return set;
}

/* "/usr/bin/x: NEEDED libfoo.so: not found" -> "libfoo.so" */
static void
add_missing(GHashTable *set, const char *line) {
  const char *name = strstr(line, ": NEEDED ");
  g_assert_nonnull(name);
  name += strlen(": NEEDED ");
  g_hash_table_add(set, strndup(name, strcspn(name, ":")));
}

static GHashTable *
set_of_closure(const char *path) {
  GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, free, NULL);
  const char *names[] = {path, NULL};
  ClosureInput input = {.root = "/", .names = names, .static_only = TRUE};
  g_auto(Closure) closure = {0};
  g_autoptr(GError) error = NULL;
  closure_compute(&input, &closure, &error);
  g_assert_no_error(error);
  for (guint i = 0; i < closure.files->len; i++) {
    const DepFile *file = closure.files->pdata[i];
    if (file->link == NULL && strcmp(file->path, path) != 0)
      g_hash_table_add(set, strdup(file->path));
  }
  for (guint i = 0; i < closure.missing->len; i++)
    if (strstr(closure.missing->pdata[i], ": INTERP ") == NULL)
      add_missing(set, closure.missing->pdata[i]);
  return set;
}

static guint
show_only_in(GHashTable *one, GHashTable *other, const char *path, const char *who) {
  GHashTableIter iter;
  gpointer name;
  guint count = 0;
  g_hash_table_iter_init(&iter, one);
  while (g_hash_table_iter_next(&iter, &name, NULL))
    if (!g_hash_table_contains(other, name)) {
      g_test_message("%s: only %s has %s", path, who, (char *)name);
      count++;
    }
  return count;
}

typedef struct {
  guint same, differ, fixed, no_oracle;
} Tally;

/* ldd says that it cannot tell. Then the file must have a reason for that which we see too. */
static void
compare_without_ldd(const char *path, Tally *tally) {
  g_autoptr(GHashTable) ours = set_of_closure(path);
  g_autoptr(ElfInfo) elf = elf_read(path, 0, NULL);
  g_assert_nonnull(elf);
  gboolean foreign = elf->machine != elf_machine_here() || elf->is64 != (sizeof(void *) == 8);
  if (foreign || (elf->interp != NULL && strstr(elf->interp, "/ld-linux") == NULL)) {
    g_test_message("no oracle: %s: %s, interpreter %s: not of this machine's glibc", path,
                   elf_machine_name(elf->machine), elf->interp != NULL ? elf->interp : "none");
    tally->no_oracle++;
  } else if (g_hash_table_size(ours) == 0) {
    tally->fixed++;
  } else {
    g_test_message("%s: ldd calls it static, tinyx finds %u files", path, g_hash_table_size(ours));
    tally->differ++;
  }
}

static void
test_closure(void) {
  /* ldd says "not a dynamic executable" on standard error: one pipe for both keeps the order. */
  static const char *const words[] = {"sh", "-c", "exec \"$@\" 2>&1", "sh", "ldd", NULL};
  g_autoptr(GHashTable) answers = ask(words, ":");
  Tally tally = {0};
  for (guint i = 0; i < programs->len; i++) {
    const char *path = programs->pdata[i], *text = g_hash_table_lookup(answers, path);
    g_assert_nonnull(text);
    if (strstr(text, "not a dynamic executable") != NULL ||
        strstr(text, "statically linked") != NULL) {
      compare_without_ldd(path, &tally);
      continue;
    }
    g_autoptr(GHashTable) theirs = set_of_ldd(text);
    g_autoptr(GHashTable) ours = set_of_closure(path);
    if (show_only_in(ours, theirs, path, "tinyx") + show_only_in(theirs, ours, path, "ldd") == 0)
      tally.same++;
    else
      tally.differ++;
  }
  g_test_message(
      "closure equals ldd for %u of %u programs; %u static ones (ldd says so, tinyx finds "
      "no library); %u without an oracle, named above; %u differ",
      tally.same, programs->len, tally.fixed, tally.no_oracle, tally.differ);
  g_assert_cmpuint(tally.differ, ==, 0);
  g_assert_cmpuint(tally.same, >, programs->len / 2);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  collect_all();
  g_test_add_func("/deps/oracle/needed-equals-objdump", test_needed);
  g_test_add_func("/deps/oracle/imports-equal-objdump", test_imports);
  g_test_add_func("/deps/oracle/closure-equals-ldd", test_closure);
  int status = g_test_run();
  g_ptr_array_unref(programs);
  return status;
}
