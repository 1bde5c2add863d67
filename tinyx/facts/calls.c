/* calls.c - numbers that are arguments of calls to imported functions. */
#include "facts/calls.h"

#include "base/number.h"

/* How far before a call its arguments may be loaded. */
#define CALL_REACH 48
#define ARGUMENTS_MAX 4

typedef struct {
  const ElfFile *elf;
  const GPtrArray *wanted;
  GHashTable *slots; /* gint64*: address in the GOT -> char* function */
  GHashTable *stubs; /* gint64*: address of code that jumps to what a slot has -> char* function */
  GHashTable *seen;  /* CallWanted* that were found */
  CallFound found;
  gpointer data;
} Search;

CallWanted *
call_wanted_parse(const char *text) {
  const char *colon = strchr(text, ':'), *equals = colon != NULL ? strchr(colon, '=') : NULL;
  guint64 argument, number;
  if (equals == NULL || colon == text)
    return NULL;
  g_autofree char *first = g_strndup(colon + 1, (gsize)(equals - colon - 1));
  if (!number_parse(first, ARGUMENTS_MAX, &argument) || argument == 0 ||
      !number_parse(equals + 1, G_MAXINT32, &number))
    return NULL;
  CallWanted *wanted = g_new0(CallWanted, 1);
  wanted->function = g_strndup(text, (gsize)(colon - text));
  wanted->argument = (guint)argument;
  wanted->number = (guint32)number;
  wanted->text = g_strdup(text);
  wanted->system_call = -1;
  return wanted;
}

void
call_wanted_free(CallWanted *wanted) {
  g_free(wanted->function);
  g_free(wanted->text);
  g_free(wanted);
}

static void
address_add(GHashTable *table, guint64 address, const char *function) {
  gint64 *key = g_new(gint64, 1);
  *key = (gint64)address;
  g_hash_table_replace(table, key, (gpointer)function);
}

static const char *
address_find(GHashTable *table, guint64 address) {
  const gint64 key = (gint64)address;
  return g_hash_table_lookup(table, &key);
}

/* The name as WANTED has it, of the function that symbol INDEX is; NULL: nobody asked for it. */
static const char *
symbol_wanted(const Search *search, guint64 symbols, guint64 strings, guint64 index) {
  const ElfFile *elf = search->elf;
  guint64 offset, at;
  if (!elf_file_find(elf, symbols + index * sizeof(Elf64_Sym), sizeof(Elf64_Sym), &offset))
    return NULL;
  guint64 room = elf_file_room(elf, strings + elf_get32(elf, offset), &at);
  for (guint i = 0; i < search->wanted->len; i++) {
    const CallWanted *wanted = search->wanted->pdata[i];
    gsize length = strlen(wanted->function) + 1;
    if (length <= room && memcmp(elf->data + at, wanted->function, length) == 0)
      return wanted->function;
  }
  return NULL;
}

/* The slots of a table of relocations: each names a symbol and the place for its address. */
static void
read_slots(Search *search, guint64 table, guint64 bytes, guint64 symbols, guint64 strings) {
  const ElfFile *elf = search->elf;
  guint64 offset, room = table != 0 ? elf_file_room(elf, table, &offset) : 0;
  for (bytes = MIN(bytes, room); bytes >= sizeof(Elf64_Rela);
       bytes -= sizeof(Elf64_Rela), offset += sizeof(Elf64_Rela)) {
    guint64 info = elf_get64(elf, offset + offsetof(Elf64_Rela, r_info));
    guint64 type = ELF64_R_TYPE(info);
    const char *function = type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT
                               ? symbol_wanted(search, symbols, strings, ELF64_R_SYM(info))
                               : NULL;
    if (function != NULL)
      address_add(search->slots, elf_get64(elf, offset), function);
  }
}

static void
read_dynamic(Search *search, const ElfSegment *dynamic) {
  guint64 values[DT_JMPREL + 1] = {0};
  for (guint64 at = 0; at + sizeof(Elf64_Dyn) <= dynamic->filesz; at += sizeof(Elf64_Dyn)) {
    guint64 tag = elf_get64(search->elf, dynamic->offset + at);
    if (tag == DT_NULL)
      break;
    if (tag < G_N_ELEMENTS(values))
      values[tag] = elf_get64(search->elf, dynamic->offset + at + 8);
  }
  read_slots(search, values[DT_JMPREL], values[DT_PLTRELSZ], values[DT_SYMTAB], values[DT_STRTAB]);
  read_slots(search, values[DT_RELA], values[DT_RELASZ], values[DT_SYMTAB], values[DT_STRTAB]);
}

/* Where the 32 bits at OFFSET, at the end of an instruction, lead to relative to what follows. */
static guint64
relative(const ElfFile *elf, const ElfSegment *code, guint64 at) {
  return code->vaddr + at + 4 + (guint64)(gint64)(gint32)elf_get32(elf, code->offset + at);
}

/* Each "jmp *SLOT(%rip)" (ff 25), with what may stand before it: bnd (f2), endbr64 (f3 0f 1e fa).
 */
static void
read_stubs(Search *search, const ElfSegment *code) {
  const guint8 *bytes = search->elf->data + code->offset;
  for (guint64 at = 0; at + 6 <= code->filesz; at++) {
    if (bytes[at] != 0xff || bytes[at + 1] != 0x25)
      continue;
    const char *function = address_find(search->slots, relative(search->elf, code, at + 2));
    static const guint before[] = {0, 1, 4, 5};
    for (guint i = 0; function != NULL && i < G_N_ELEMENTS(before); i++)
      address_add(search->stubs, code->vaddr + at - before[i], function);
  }
}

/* The loads of the argument's register: "mov $N,%edi" (bf), %esi
 * (be), %edx (ba), %ecx (b9), or for 0 "xor" of it with itself (31). */
gboolean
call_is_loaded(const guint8 *bytes, guint64 at, const CallWanted *wanted) {
  static const guint8 moves[ARGUMENTS_MAX] = {0xbf, 0xbe, 0xba, 0xb9};
  static const guint8 xors[ARGUMENTS_MAX] = {0xff, 0xf6, 0xd2, 0xc9};
  guint64 first = at > CALL_REACH ? at - CALL_REACH : 0;
  for (guint64 i = at; i-- > first;) {
    guint which = wanted->argument - 1;
    if (bytes[i] == 0x31 && i + 2 <= at && bytes[i + 1] == xors[which])
      return wanted->number == 0;
    if (bytes[i] != moves[which] || i + 5 > at)
      continue;
    guint32 number;
    memcpy(&number, bytes + i + 1, sizeof number);
    /* Other numbers that are so great belong to another instruction. */
    if (GUINT32_FROM_LE(number) < 1U << 20)
      return GUINT32_FROM_LE(number) == wanted->number;
  }
  return FALSE;
}

static void
check_call(Search *search, const guint8 *bytes, guint64 at, const char *function) {
  for (guint i = 0; i < search->wanted->len; i++) {
    CallWanted *wanted = search->wanted->pdata[i];
    if (strcmp(wanted->function, function) == 0 && call_is_loaded(bytes, at, wanted) &&
        g_hash_table_add(search->seen, wanted))
      search->found(search->data, wanted);
  }
}

/* "call STUB" (e8), "jmp STUB" (e9), "call *SLOT(%rip)" (ff 15), "jmp *SLOT(%rip)" (ff 25). */
static void
read_calls(Search *search, const ElfSegment *code) {
  const guint8 *bytes = search->elf->data + code->offset;
  for (guint64 at = 0; at + 6 <= code->filesz; at++) {
    const char *function = NULL;
    if (bytes[at] == 0xe8 || bytes[at] == 0xe9)
      function = address_find(search->stubs, relative(search->elf, code, at + 1));
    else if (bytes[at] == 0xff && (bytes[at + 1] == 0x15 || bytes[at + 1] == 0x25))
      function = address_find(search->slots, relative(search->elf, code, at + 2));
    if (function != NULL)
      check_call(search, bytes, at, function);
  }
}

static void
search_each(Search *search, void (*read)(Search *, const ElfSegment *)) {
  const ElfFile *elf = search->elf;
  for (guint i = 0; i < elf->phnum; i++) {
    ElfSegment segment = elf_file_segment(elf, i);
    guint64 base = elf->phoff + (guint64)i * ELF_SIZE(elf, Phdr);
    if (segment.type == PT_LOAD && (ELF_FIELD32(elf, base, Phdr, p_flags) & PF_X) != 0 &&
        elf_has(elf, segment.offset, segment.filesz))
      read(search, &segment);
  }
}

void
calls_find(const ElfFile *elf, const GPtrArray *wanted, CallFound found, gpointer data) {
  g_autoptr(GHashTable) slots = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr(GHashTable) stubs = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  Search search = {elf, wanted, slots, stubs, seen, found, data};
  for (guint i = 0; elf->is64 && i < elf->phnum; i++) {
    ElfSegment segment = elf_file_segment(elf, i);
    if (segment.type == PT_DYNAMIC && elf_has(elf, segment.offset, segment.filesz))
      read_dynamic(&search, &segment);
  }
  if (g_hash_table_size(slots) == 0)
    return;
  search_each(&search, read_stubs);
  search_each(&search, read_calls);
}
