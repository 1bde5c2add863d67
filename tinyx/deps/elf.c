/* elf.c - what the loader reads of a program or library.
 *
 * Only what the loader itself trusts is used: the program headers and what the
 * dynamic section points to. Section headers may be stripped; they are looked
 * at only to see that the file is whole, and for a .note.dlopen that no
 * segment covers.
 */
#include "deps/elf.h"

#include "base/strings.h"
#include "deps/elf-notes.h"

#include <string.h>

/* More than any linker writes: a hostile file is not to cost memory, or time that grows faster than
 * the file does. */
#define MAX_NEEDED 4096
#define MAX_NAME 4096                /* bytes of a library's or an interpreter's name: PATH_MAX */
#define MAX_PATHS 65536              /* of DT_RPATH or DT_RUNPATH */
#define MAX_IMPORT_BYTES (16U << 20) /* of the names of all imports; Chromium's have 0.5 MB */

/* Of DT_SONAME, DT_RPATH and DT_RUNPATH the last one counts, as for the loader. */
typedef struct {
  guint64 strtab, strsz, symtab, hash, gnu_hash;
  guint64 soname, rpath, runpath; /* 0: none; the string table begins with "" */
  gboolean has_strtab;
  const char *strings; /* the string table in the file */
} Dynamic;

static gboolean
read_interp(const ElfFile *elf, const ElfSegment *segment, ElfInfo *info, GError **error) {
  const char *text = (const char *)elf->data + segment->offset;
  if (segment->filesz < 2 || memchr(text, '\0', MIN(segment->filesz, MAX_NAME)) == NULL ||
      text[0] == '\0')
    return elf_file_bad(elf, error, "malformed: the interpreter's name is empty or does not end");
  if (info->interp == NULL)
    info->interp = g_strdup(text);
  return TRUE;
}

/* The string at OFFSET of the string table, which has less than MOST bytes. */
static const char *
dynamic_string(const ElfFile *elf, const Dynamic *dynamic, guint64 offset, gsize most,
               GError **error) {
  if (!dynamic->has_strtab) {
    elf_file_bad(elf, error,
                 "malformed: the dynamic section names strings, but has no string table");
    return NULL;
  }
  if (offset >= dynamic->strsz ||
      memchr(dynamic->strings + offset, '\0', MIN(dynamic->strsz - offset, most)) == NULL) {
    elf_file_bad(elf, error,
                 "malformed: a string at %" G_GUINT64_FORMAT
                 " of the dynamic string table (%" G_GUINT64_FORMAT
                 " bytes); expected less than %zu bytes there",
                 offset, dynamic->strsz, most);
    return NULL;
  }
  return dynamic->strings + offset;
}

static gboolean
locate_strings(const ElfFile *elf, Dynamic *dynamic, GError **error) {
  guint64 offset;
  if (!dynamic->has_strtab)
    return TRUE;
  if (!elf_file_find(elf, dynamic->strtab, dynamic->strsz, &offset))
    return elf_file_bad(elf, error,
                        "malformed: the dynamic string table is outside the loaded segments");
  dynamic->strings = (const char *)elf->data + offset;
  return TRUE;
}

/* First pass over the dynamic section: where things are. Strings need it done. */
static guint
scan_dynamic(const ElfFile *elf, const ElfSegment *segment, Dynamic *dynamic, ElfInfo *info) {
  gsize entry = ELF_SIZE(elf, Dyn);
  guint count = (guint)MIN(segment->filesz / entry, G_MAXUINT);
  for (guint i = 0; i < count; i++) {
    guint64 base = segment->offset + (guint64)i * entry;
    guint64 value = ELF_WORD(elf, base, Dyn, d_un);
    switch (ELF_WORD(elf, base, Dyn, d_tag)) {
    case DT_NULL:
      return i;
    case DT_STRTAB:
      dynamic->strtab = value;
      dynamic->has_strtab = TRUE;
      break;
    case DT_STRSZ:
      dynamic->strsz = value;
      break;
    case DT_SYMTAB:
      dynamic->symtab = value;
      break;
    case DT_HASH:
      dynamic->hash = value;
      break;
    case DT_GNU_HASH:
      dynamic->gnu_hash = value;
      break;
    case DT_SONAME:
      dynamic->soname = value;
      break;
    case DT_RPATH:
      dynamic->rpath = value;
      break;
    case DT_RUNPATH:
      dynamic->runpath = value;
      break;
    case DT_FLAGS_1:
      info->nodeflib = (value & DF_1_NODEFLIB) != 0;
      info->pie = (value & DF_1_PIE) != 0;
      break;
    default:
      break;
    }
  }
  return count;
}

static char **
take_strings(GPtrArray *strings) {
  g_ptr_array_add(strings, NULL);
  return (char **)g_ptr_array_free(strings, FALSE);
}

/* *RESULT stays where there is none: OFFSET 0. */
static gboolean
take_string(const ElfFile *elf, const Dynamic *dynamic, guint64 offset, gsize most, char **result,
            GError **error) {
  const char *text = offset != 0 ? dynamic_string(elf, dynamic, offset, most, error) : NULL;
  *result = g_strdup(text);
  return offset == 0 || text != NULL;
}

static gboolean
read_names(const ElfFile *elf, const ElfSegment *segment, guint count, const Dynamic *dynamic,
           guint64 tag, GPtrArray *names, GError **error) {
  gsize entry = ELF_SIZE(elf, Dyn);
  for (guint i = 0; i < count; i++) {
    guint64 base = segment->offset + (guint64)i * entry;
    if (ELF_WORD(elf, base, Dyn, d_tag) != tag)
      continue;
    if (names->len >= MAX_NEEDED)
      return elf_file_bad(elf, error, "malformed: more than %d DT_NEEDED entries", MAX_NEEDED);
    const char *text =
        dynamic_string(elf, dynamic, ELF_WORD(elf, base, Dyn, d_un), MAX_NAME, error);
    if (text == NULL)
      return FALSE;
    g_ptr_array_add(names, g_strdup(text));
  }
  return TRUE;
}

/* A 32-bit d_tag is the same number. */
static gboolean
read_filters(const ElfFile *elf, const ElfSegment *segment, guint count, const Dynamic *dynamic,
             ElfInfo *info, GError **error) {
  GPtrArray *filters = g_ptr_array_new(), *auxiliary = g_ptr_array_new();
  gboolean good = read_names(elf, segment, count, dynamic, DT_FILTER, filters, error) &&
                  read_names(elf, segment, count, dynamic, DT_AUXILIARY, auxiliary, error);
  g_strfreev(info->filters);
  g_strfreev(info->auxiliary);
  info->filters = take_strings(filters);
  info->auxiliary = take_strings(auxiliary);
  return good;
}

static gboolean
read_dynamic_strings(const ElfFile *elf, const Dynamic *dynamic, ElfInfo *info, GError **error) {
  return take_string(elf, dynamic, dynamic->soname, MAX_NAME, &info->soname, error) &&
         take_string(elf, dynamic, dynamic->rpath, MAX_PATHS, &info->rpath, error) &&
         take_string(elf, dynamic, dynamic->runpath, MAX_PATHS, &info->runpath, error);
}

/* The 32-bit word that is loaded at VADDR; 0 if none is. */
static guint32
word_at(const ElfFile *elf, guint64 vaddr) {
  guint64 offset;
  return elf_file_find(elf, vaddr, 4, &offset) ? elf_get32(elf, offset) : 0;
}

/* The number of symbols that a DT_GNU_HASH table covers: the end of the chain of its last bucket. 0
 * where it hashes none: then ld sets the first hashed symbol to 1, however many are undefined. */
static guint64
count_gnu_hashed(const ElfFile *elf, guint64 table) {
  guint64 buckets = word_at(elf, table), first = word_at(elf, table + 4), last = 0;
  guint64 bloom = word_at(elf, table + 8), offset;
  guint64 begin = table + 16 + bloom * (elf->is64 ? 8 : 4);
  if (!elf_file_find(elf, begin, buckets * 4, &offset))
    return 0;
  for (guint64 i = 0; i < buckets; i++)
    last = MAX(last, elf_get32(elf, offset + i * 4));
  if (last < first || last == 0)
    return 0;
  /* The segment is looked for once: a chain may have as many words as the file. */
  guint64 room = elf_file_room(elf, begin + buckets * 4 + (last - first) * 4, &offset);
  for (; room >= 4 && (elf_get32(elf, offset) & 1) == 0; room -= 4, offset += 4)
    last++;
  return last + 1;
}

/* How many entries the dynamic symbol table has; nothing says so outright. *GUESSED: no hash table
 * tells, and the string table, which ld puts right behind, ends the symbols. */
static guint64
count_symbols(const ElfFile *elf, const Dynamic *dynamic, gboolean *guessed) {
  guint64 offset, count = 0;
  *guessed = FALSE;
  if (dynamic->hash != 0 && elf_file_find(elf, dynamic->hash, 8, &offset))
    return elf_get32(elf, offset + 4);
  if (dynamic->gnu_hash != 0)
    count = count_gnu_hashed(elf, dynamic->gnu_hash);
  if (count != 0)
    return count;
  *guessed = TRUE;
  return dynamic->strtab > dynamic->symtab
             ? (dynamic->strtab - dynamic->symtab) / ELF_SIZE(elf, Sym)
             : 0;
}

/* The undefined ones of COUNT symbols at OFFSET. Each name once, however many symbols have it: of
 * libraries with versions it is only the version that differs. */
static gboolean
collect_imports(const ElfFile *elf, const Dynamic *dynamic, guint64 offset, guint64 count,
                gboolean guessed, GPtrArray *imports, GError **error) {
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  gsize entry = ELF_SIZE(elf, Sym), bytes = 0;
  for (guint64 i = 1; i < count; i++) {
    guint64 base = offset + i * entry;
    guint name = ELF_FIELD32(elf, base, Sym, st_name);
    if (ELF_FIELD16(elf, base, Sym, st_shndx) != SHN_UNDEF ||
        !g_hash_table_add(seen, GUINT_TO_POINTER(name)))
      continue;
    const char *text = dynamic_string(elf, dynamic, name, MAX_IMPORT_BYTES, guessed ? NULL : error);
    if (text == NULL)
      return guessed;
    bytes += strlen(text);
    if (bytes > MAX_IMPORT_BYTES)
      return elf_file_bad(elf, error, "malformed: names of imports of more than %u bytes",
                          MAX_IMPORT_BYTES);
    if (text[0] != '\0')
      g_ptr_array_add(imports, g_strdup(text));
  }
  return TRUE;
}

static gboolean
read_imports(const ElfFile *elf, const Dynamic *dynamic, GPtrArray *imports, GError **error) {
  gsize entry = ELF_SIZE(elf, Sym);
  gboolean guessed;
  guint64 count = count_symbols(elf, dynamic, &guessed), offset;
  if (count == 0 || dynamic->symtab == 0)
    return TRUE;
  if (guessed && !elf_file_find(elf, dynamic->symtab, count * entry, &offset))
    return TRUE;
  if (count > elf->size / entry || !elf_file_find(elf, dynamic->symtab, count * entry, &offset))
    return elf_file_bad(elf, error,
                        "malformed: %" G_GUINT64_FORMAT
                        " dynamic symbols do not fit into the loaded segments",
                        count);
  if (!collect_imports(elf, dynamic, offset, count, guessed, imports, error))
    return FALSE;
  strings_sort(imports);
  return TRUE;
}

static gboolean
read_dynamic(const ElfFile *elf, const ElfSegment *segment, ElfWant want, ElfInfo *info,
             GPtrArray *needed, GPtrArray *imports, GError **error) {
  Dynamic dynamic = {0};
  guint count = scan_dynamic(elf, segment, &dynamic, info);
  info->dynamic = TRUE;
  if (!locate_strings(elf, &dynamic, error) || !read_dynamic_strings(elf, &dynamic, info, error) ||
      !read_names(elf, segment, count, &dynamic, DT_NEEDED, needed, error) ||
      !read_filters(elf, segment, count, &dynamic, info, error))
    return FALSE;
  return (want & ELF_WANT_IMPORTS) == 0 || read_imports(elf, &dynamic, imports, error);
}

static const char *
segment_word(guint32 type) {
  return type == PT_LOAD     ? "a loaded segment"
         : type == PT_INTERP ? "the interpreter's name"
                             : "the dynamic section";
}

/* All segments must be in the file before any address is looked up in them. */
static gboolean
check_segments(const ElfFile *elf, GError **error) {
  for (guint i = 0; i < elf->phnum; i++) {
    ElfSegment segment = elf_file_segment(elf, i);
    if (segment.type != PT_LOAD && segment.type != PT_INTERP && segment.type != PT_DYNAMIC)
      continue;
    if (!elf_has(elf, segment.offset, segment.filesz))
      return elf_file_bad(elf, error,
                          "truncated: %s has %" G_GUINT64_FORMAT " bytes at byte %" G_GUINT64_FORMAT
                          " of %zu",
                          segment_word(segment.type), segment.filesz, segment.offset, elf->size);
  }
  return TRUE;
}

static gboolean
read_segments(const ElfFile *elf, ElfWant want, ElfInfo *info, GPtrArray *needed,
              GPtrArray *imports, GError **error) {
  guint notes = ELF_NOTES_MAX;
  if (!check_segments(elf, error))
    return FALSE;
  for (guint i = 0; i < elf->phnum; i++) {
    ElfSegment segment = elf_file_segment(elf, i);
    if (segment.type == PT_INTERP && !read_interp(elf, &segment, info, error))
      return FALSE;
    if (segment.type == PT_DYNAMIC && !info->dynamic && segment.filesz > 0 &&
        !read_dynamic(elf, &segment, want, info, needed, imports, error))
      return FALSE;
    if (segment.type == PT_NOTE && elf_has(elf, segment.offset, segment.filesz))
      elf_read_notes(elf, &segment, info, &notes);
  }
  if (info->dlopen->len == 0)
    elf_read_note_sections(elf, info, &notes);
  return TRUE;
}

ElfInfo *
elf_parse(const void *data, gsize size, const char *name, ElfWant want, GError **error) {
  ElfFile elf;
  if (!elf_file_is(data, size) || !elf_file_open(&elf, data, size, name, error))
    return NULL;
  g_autoptr(ElfInfo) info = g_new0(ElfInfo, 1);
  GPtrArray *needed = g_ptr_array_new();
  GPtrArray *imports = g_ptr_array_new();
  info->dlopen = g_ptr_array_new_with_free_func(g_free);
  info->type = elf.type;
  info->machine = elf.machine;
  info->is64 = elf.is64;
  info->big_endian = elf.big_endian;
  gboolean good = read_segments(&elf, want, info, needed, imports, error);
  info->needed = take_strings(needed);
  info->imports = take_strings(imports);
  if (info->filters == NULL) { /* it has no dynamic section */
    info->filters = g_new0(char *, 1);
    info->auxiliary = g_new0(char *, 1);
  }
  if ((want & ELF_WANT_IMPORTS) == 0)
    g_clear_pointer(&info->imports, g_strfreev);
  return good ? g_steal_pointer(&info) : NULL;
}

void
elf_info_free(ElfInfo *info) {
  if (info == NULL)
    return;
  g_free(info->interp);
  g_free(info->soname);
  g_strfreev(info->needed);
  g_strfreev(info->filters);
  g_strfreev(info->auxiliary);
  g_free(info->rpath);
  g_free(info->runpath);
  g_clear_pointer(&info->dlopen, g_ptr_array_unref);
  g_strfreev(info->imports);
  g_free(info);
}
