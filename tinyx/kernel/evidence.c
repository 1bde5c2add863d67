#include "kernel/evidence.h"

#include "deps/elf.h"

#include <elf.h>
#include <string.h>

struct Evidence {
  GHashTable *found[EVIDENCE_KINDS]; /* name -> GPtrArray of char* (image paths) */
  GPtrArray *notes;
};

/* How far before a "syscall" instruction its number may be loaded: compilers put at most six
 * register moves between. */
#define SYSCALL_REACH 40
#define SYSCALL_MAX 1024

static const char *const kind_names[EVIDENCE_KINDS] = {
    "import", "syscall", "string", "type", "package", "fact",
};

int
evidence_kind_parse(const char *word) {
  for (int kind = 0; kind < EVIDENCE_KINDS; kind++)
    if (g_str_equal(word, kind_names[kind]))
      return kind;
  return -1;
}

const char *
evidence_kind_name(EvidenceKind kind) {
  return kind_names[kind];
}

Evidence *
evidence_new(void) {
  Evidence *evidence = g_new0(Evidence, 1);
  for (int kind = 0; kind < EVIDENCE_KINDS; kind++)
    evidence->found[kind] =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  evidence->notes = g_ptr_array_new_with_free_func(g_free);
  return evidence;
}

void
evidence_free(Evidence *evidence) {
  if (evidence == NULL)
    return;
  for (int kind = 0; kind < EVIDENCE_KINDS; kind++)
    g_hash_table_unref(evidence->found[kind]);
  g_ptr_array_unref(evidence->notes);
  g_free(evidence);
}

void
evidence_add(Evidence *evidence, EvidenceKind kind, const char *name, const char *file) {
  GPtrArray *files = g_hash_table_lookup(evidence->found[kind], name);
  if (files == NULL) {
    files = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_insert(evidence->found[kind], g_strdup(name), files);
  }
  g_ptr_array_add(files, g_strdup(file != NULL ? file : ""));
}

static gboolean
name_matches(const GPtrArray *patterns, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *base = slash != NULL ? slash + 1 : path;
  for (guint i = 0; patterns != NULL && i < patterns->len; i++)
    if (g_pattern_match_simple(patterns->pdata[i], base))
      return TRUE;
  return FALSE;
}

const char *
evidence_find(const Evidence *evidence, EvidenceKind kind, const char *name,
              const GPtrArray *except) {
  const GPtrArray *files = g_hash_table_lookup(evidence->found[kind], name);
  for (guint i = 0; files != NULL && i < files->len; i++) {
    const char *file = files->pdata[i];
    if (*file == '\0' || !name_matches(except, file))
      return file;
  }
  return NULL;
}

const GPtrArray *
evidence_notes(const Evidence *evidence) {
  return evidence->notes;
}

static void
find_strings(Evidence *evidence, const char *bytes, gsize size, const char *file,
             const EvidenceWanted *wanted) {
  for (guint i = 0; i < wanted->strings->len; i++) {
    const char *string = wanted->strings->pdata[i];
    if (memmem(bytes, size, string, strlen(string)) != NULL)
      evidence_add(evidence, EVIDENCE_STRING, string, file);
  }
}

/* The number in the last "mov $NUMBER,%eax" (b8, 32 bits little endian) before OFFSET, or -1. */
static int
number_before(const guchar *bytes, gsize offset) {
  gsize first = offset > SYSCALL_REACH ? offset - SYSCALL_REACH : 0;
  for (gsize at = offset; at-- > first;) {
    if (bytes[at] != 0xb8 || at + 5 > offset)
      continue;
    guint32 number = (guint32)bytes[at + 1] | (guint32)bytes[at + 2] << 8 |
                     (guint32)bytes[at + 3] << 16 | (guint32)bytes[at + 4] << 24;
    if (number < SYSCALL_MAX)
      return (int)number;
  }
  return -1;
}

/* The code is not disassembled: static programs (musl, Go) have the number right before the
 * instruction "syscall" (0f 05), and nothing else looks like that. */
static void
find_syscalls(Evidence *evidence, const char *data, gsize size, const char *file,
              const EvidenceWanted *wanted) {
  const guchar *bytes = (const guchar *)data;
  const guchar *at = bytes;
  const guchar *end = bytes + size;
  while ((at = memmem(at, (gsize)(end - at), "\x0f\x05", 2)) != NULL) {
    int number = number_before(bytes, (gsize)(at - bytes));
    const char *name =
        number < 0 ? NULL : g_hash_table_lookup(wanted->syscalls, GINT_TO_POINTER(number));
    if (name != NULL && !g_hash_table_contains(evidence->found[EVIDENCE_SYSCALL], name))
      evidence_add(evidence, EVIDENCE_SYSCALL, name, file);
    at += 2;
  }
}

static gboolean
collect_elf(Evidence *evidence, const KernelFile *file, const char *bytes, gsize size,
            const EvidenceWanted *wanted, GError **error) {
  g_autoptr(ElfInfo) info = elf_read(file->source, ELF_WANT_IMPORTS, error);
  if (info == NULL)
    return error == NULL || *error == NULL;
  if (!info->is64 || info->machine != EM_X86_64) {
    evidence_add(evidence, EVIDENCE_TYPE, "elf-foreign", file->image_path);
    return TRUE;
  }
  evidence_add(evidence, EVIDENCE_TYPE, info->dynamic ? "elf-dynamic" : "elf-static",
               file->image_path);
  if (name_matches(wanted->ignored, file->image_path))
    return TRUE;
  for (guint i = 0; info->imports != NULL && info->imports[i] != NULL; i++)
    evidence_add(evidence, EVIDENCE_IMPORT, info->imports[i], file->image_path);
  find_strings(evidence, bytes, size, file->image_path, wanted);
  find_syscalls(evidence, bytes, size, file->image_path, wanted);
  if (!info->dynamic)
    g_ptr_array_add(evidence->notes,
                    g_strdup_printf("%s is static: it imports nothing, only the numbers of the "
                                    "system calls in its code are evidence",
                                    file->image_path));
  return TRUE;
}

static gboolean
collect_file(Evidence *evidence, const KernelFile *file, const EvidenceWanted *wanted,
             GError **error) {
  g_autoptr(GError) local = NULL;
  g_autoptr(GMappedFile) map = g_mapped_file_new(file->source, FALSE, &local);
  if (map == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s", file->source, local->message);
    return FALSE;
  }
  const char *bytes = g_mapped_file_get_contents(map);
  gsize size = g_mapped_file_get_length(map);
  if (size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0)
    return collect_elf(evidence, file, bytes, size, wanted, error);
  if (size >= 2 && memcmp(bytes, "#!", 2) == 0) {
    evidence_add(evidence, EVIDENCE_TYPE, "script", file->image_path);
    find_strings(evidence, bytes, size, file->image_path, wanted);
  }
  return TRUE;
}

Evidence *
evidence_collect(const GPtrArray *files, const char *const *facts, const EvidenceWanted *wanted,
                 GError **error) {
  g_autoptr(Evidence) evidence = evidence_new();
  for (guint i = 0; files != NULL && i < files->len; i++) {
    if (!collect_file(evidence, files->pdata[i], wanted, error)) {
      g_prefix_error(error, "evidence: ");
      return NULL;
    }
  }
  for (guint i = 0; facts != NULL && facts[i] != NULL; i++) {
    evidence_add(evidence, EVIDENCE_FACT, facts[i], NULL);
    if (g_str_has_prefix(facts[i], "package:"))
      evidence_add(evidence, EVIDENCE_PACKAGE, facts[i] + strlen("package:"), NULL);
  }
  return g_steal_pointer(&evidence);
}
