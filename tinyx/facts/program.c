/* program.c - reads ELF files and scripts for what they show: imports, system calls, strings. */
#include "facts/program.h"

#include "base/elffile.h"
#include "base/files.h"
#include "base/rulelines.h"
#include "deps/elf.h"
#include "facts/calls.h"

#include <string.h>

typedef struct {
  Facts *facts;
  const char *path;
  const FactsWanted *wanted;
  const char *bytes;
  gsize size;
} Reader;

static void
find_strings(const Reader *reader) {
  const GPtrArray *strings = reader->wanted->strings;
  for (guint i = 0; strings != NULL && i < strings->len; i++) {
    const char *string = strings->pdata[i];
    if (memmem(reader->bytes, reader->size, string, strlen(string)) != NULL)
      facts_add(reader->facts, FACTS_FROM_BYTES, string, reader->path);
  }
}

static void
add_syscall(gpointer data, int number) {
  const Reader *reader = data;
  const char *name = g_hash_table_lookup(reader->wanted->syscalls, GINT_TO_POINTER(number));
  if (name != NULL && facts_find(reader->facts, FACT_SYSCALL, name, NULL) == NULL)
    facts_add(reader->facts, FACTS_FROM_CODE, name, reader->path);
}

/* syscall(2) with a number is that call: rules that ask for system calls want it
 * (kernel/ruleset.c). */
static void
add_call(gpointer data, const CallWanted *wanted) {
  const Reader *reader = data;
  if (strcmp(wanted->function, SYSCALL_FUNCTION) == 0 && wanted->argument == 1)
    add_syscall(data, (int)wanted->number);
  facts_add(reader->facts, FACTS_FROM_CALLS, wanted->text, reader->path);
}

/* A program that nothing is linked to when it starts; a static PIE has a dynamic section, too. */
static gboolean
is_static(const ElfInfo *info) {
  return !info->dynamic ||
         (info->interp == NULL && info->soname == NULL && info->needed[0] == NULL &&
          (info->imports == NULL || info->imports[0] == NULL));
}

static void
note_hidden(const Reader *reader) {
  g_autofree char *note = g_strdup_printf(
      "%s is static, and no numbers of its system calls are in its code: the kernel gets what "
      "servers commonly use (feature hidden-calls)",
      reader->path);
  facts_add(reader->facts, FACTS_FROM_TYPES, "elf-hidden", reader->path);
  facts_note(reader->facts, note);
}

/* What the code says: dynamic programs call their libraries; static ones, and those of Go, the
 * kernel itself. */
static void
read_code(const Reader *reader, gboolean dynamic) {
  static const char go[] = "\xff Go buildinf:"; /* debug/buildinfo of Go: stripped files have it */
  ElfFile elf;
  Reader copy = *reader;
  const SyscallSearch search = {add_syscall, add_call, reader->wanted->calls, &copy};
  if (!elf_file_open(&elf, reader->bytes, reader->size, reader->path, NULL))
    return;
  gboolean of_go = memmem(reader->bytes, reader->size, go, sizeof go - 1) != NULL;
  if (of_go)
    facts_add(reader->facts, FACTS_FROM_TYPES, "go", reader->path);
  if (dynamic && reader->wanted->calls != NULL && reader->wanted->calls->len > 0)
    calls_find(&elf, reader->wanted->calls, add_call, &copy);
  if (reader->wanted->syscalls != NULL && !syscalls_find(&elf, !dynamic || of_go, &search) &&
      !dynamic)
    note_hidden(reader);
}

static gboolean
names_origin(const char *text) {
  return text != NULL && (strstr(text, "$ORIGIN") != NULL || strstr(text, "${ORIGIN}") != NULL);
}

/* ld.so asks the kernel where the program itself is by /proc/self/exe (glibc's
 * sysdeps/unix/sysv/linux/dl-origin.c, musl's ldso/dynlink.c); of a library it knows the path by
 * which it has opened it. */
static gboolean
needs_origin(const ElfInfo *info) {
  const char *paths[] = {info->rpath, info->runpath};
  if (info->interp == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
    if (names_origin(paths[i]))
      return TRUE;
  for (char **needed = info->needed; *needed != NULL; needed++)
    if (names_origin(*needed))
      return TRUE;
  return FALSE;
}

static void
note_static(const Reader *reader) {
  g_autofree char *note =
      g_strdup_printf("%s is static: it imports nothing, only the numbers of the "
                      "system calls in its code are evidence",
                      reader->path);
  facts_note(reader->facts, note);
}

/* A file that is broken says nothing: it is no program of anybody's, but part of a test suite, or
 * what is left of one, a file of debugging information. */
static void
read_elf(const Reader *reader, const char *source) {
  g_autoptr(ElfInfo) info = elf_read(source, reader->wanted->imports ? ELF_WANT_IMPORTS : 0, NULL);
  if (info == NULL)
    return;
  if (!elf_is_for_images(info)) {
    facts_add(reader->facts, FACTS_FROM_TYPES, "elf-foreign", reader->path);
    return;
  }
  facts_add(reader->facts, FACTS_FROM_TYPES, is_static(info) ? "elf-static" : "elf-dynamic",
            reader->path);
  if (facts_name_matches(reader->wanted->ignored, reader->path))
    return;
  for (guint i = 0; info->imports != NULL && info->imports[i] != NULL; i++)
    if (reader->wanted->import_names == NULL ||
        g_hash_table_contains(reader->wanted->import_names, info->imports[i]))
      facts_add(reader->facts, FACTS_FROM_IMPORTS, info->imports[i], reader->path);
  if (needs_origin(info))
    facts_add(reader->facts, FACTS_FROM_RPATH, "origin", reader->path);
  find_strings(reader);
  read_code(reader, !is_static(info));
  if (is_static(info) && reader->wanted->imports && reader->wanted->import_names == NULL)
    note_static(reader);
}

gboolean
facts_read_program(Facts *facts, const char *path, const char *source, gboolean executable,
                   const FactsWanted *wanted, GError **error) {
  g_autoptr(GMappedFile) map = file_map(source, ELF_BYTES_MAX, error);
  if (map == NULL)
    return FALSE;
  const char *bytes = g_mapped_file_get_contents(map);
  const Reader reader = {facts, path, wanted, bytes != NULL ? bytes : "",
                         g_mapped_file_get_length(map)};
  if (elf_file_is(reader.bytes, reader.size)) {
    read_elf(&reader, source);
    return TRUE;
  }
  gboolean script = reader.size >= 2 && memcmp(reader.bytes, "#!", 2) == 0;
  if (script)
    facts_add(facts, FACTS_FROM_TYPES, "script", path);
  if (script || (executable && !facts_name_matches(wanted->ignored, path)))
    find_strings(&reader);
  return TRUE;
}

static char *
take_ignored(gpointer data, char *line, guint number) {
  (void)number;
  if (rule_line_reason(line) == NULL)
    return rule_line_bad(line, "GLOB  # REASON");
  g_ptr_array_add(data, g_strdup(line));
  return NULL;
}

gboolean
facts_parse_ignored(const char *text, gsize size, const char *file, GPtrArray *ignored,
                    GError **error) {
  return rule_lines_read(text, size, file, take_ignored, ignored, error);
}

gboolean
facts_load_ignored(GPtrArray *ignored, GError **error) {
  static const char file[] = "kconfig-heuristics/no-evidence";
  gsize size;
  g_autofree char *text = rule_lines_text(file, &size, error);
  return text != NULL && facts_parse_ignored(text, size, file, ignored, error);
}
