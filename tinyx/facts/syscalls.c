/* syscalls.c - numbers of the system calls in machine code, also where a function has the
 * instruction and its callers the numbers. */
#include "facts/calls.h"

/* How far before a "syscall" instruction, or a call of a function that has it, the number may be
 * loaded: compilers put at most six register moves between. */
#define NUMBER_REACH 40
#define NUMBER_MAX 1024
/* Bytes from a function's begin to the instruction in it; such functions are short. */
#define FUNCTION_REACH 256
/* Go's syscall.Syscall calls RawSyscall6, which calls Syscall6. */
#define CALLERS_DEPTH 3

typedef struct {
  guint64 target, site; /* offsets in the file: of the called function, and of the call */
} Call;

typedef struct {
  const guint8 *bytes;
  gsize size;
  GArray *calls;    /* Call, by target */
  GHashTable *done; /* offsets of functions that were looked at */
  guint numbers;    /* that callers had */
  SyscallFound found;
  gpointer data;
} Search;

/* The number in the last "mov $N,%eax" (b8, and IN_CALLER "mov $N,%edi", bf, or "movq $N,(%rsp)",
 * 48 c7 04 24, of Go before 1.17) before OFFSET, or -1. */
static int
number_before(const Search *search, gsize offset, gboolean in_caller) {
  const guint8 *bytes = search->bytes;
  gsize first = offset > NUMBER_REACH ? offset - NUMBER_REACH : 0;
  for (gsize at = offset; at-- > first;) {
    gboolean pushed = in_caller && at >= first + 3 && bytes[at] == 0x24 && bytes[at - 1] == 0x04 &&
                      bytes[at - 2] == 0xc7 && bytes[at - 3] == 0x48;
    gboolean moved = bytes[at] == 0xb8 || (in_caller && bytes[at] == 0xbf);
    guint32 number;
    if ((!moved && !pushed) || at + 5 > offset)
      continue;
    memcpy(&number, bytes + at + 1, sizeof number);
    if (GUINT32_FROM_LE(number) < NUMBER_MAX)
      return (int)GUINT32_FROM_LE(number);
  }
  return -1;
}

static int
compare_calls(gconstpointer a, gconstpointer b) {
  const Call *first = a, *second = b;
  if (first->target != second->target)
    return first->target < second->target ? -1 : 1;
  return first->site < second->site ? -1 : first->site > second->site;
}

/* All "call FUNCTION" (e8) that stay in the file. Code is one segment, so that differences of
 * addresses are differences of offsets. */
static void
collect_calls(Search *search) {
  search->calls = g_array_new(FALSE, FALSE, sizeof(Call));
  for (gsize at = 0; at + 5 <= search->size; at++) {
    gint32 distance;
    if (search->bytes[at] != 0xe8)
      continue;
    memcpy(&distance, search->bytes + at + 1, sizeof distance);
    gint64 target = (gint64)at + 5 + (gint32)GUINT32_FROM_LE((guint32)distance);
    if (target < 0 || (guint64)target >= search->size)
      continue;
    const Call call = {(guint64)target, at};
    g_array_append_val(search->calls, call);
  }
  g_array_sort(search->calls, compare_calls);
}

/* The first of the calls, as an index, whose target is behind OFFSET. */
static guint
calls_behind(const Search *search, guint64 offset) {
  guint low = 0, high = search->calls->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (g_array_index(search->calls, Call, middle).target <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The numbers that callers of the function around OFFSET load; what has none is a function between,
 * with callers of its own. */
static void
read_callers(Search *search, guint64 offset, guint depth) {
  guint behind = calls_behind(search, offset);
  if (behind == 0)
    return;
  guint64 begin = g_array_index(search->calls, Call, behind - 1).target;
  if (offset - begin > FUNCTION_REACH || begin > G_MAXUINT ||
      !g_hash_table_add(search->done, GUINT_TO_POINTER((guint)begin)))
    return;
  for (guint i = behind; i-- > 0;) {
    const Call call = g_array_index(search->calls, Call, i);
    if (call.target != begin)
      return;
    int number = number_before(search, call.site, TRUE);
    if (number >= 0) {
      search->numbers++;
      search->found(search->data, number);
    } else if (depth < CALLERS_DEPTH) {
      read_callers(search, call.site, depth + 1);
    }
  }
}

/* The code is not disassembled: nothing else looks like the instruction "syscall" (0f 05). */
gboolean
syscalls_find(const ElfFile *elf, gboolean is_static, SyscallFound found, gpointer data) {
  g_autoptr(GArray) hidden = g_array_new(FALSE, FALSE, sizeof(guint64));
  g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
  Search search = {
      .bytes = elf->data, .size = elf->size, .done = done, .found = found, .data = data};
  const guint8 *end = elf->data + elf->size;
  for (const guint8 *at = elf->data; (at = memmem(at, (gsize)(end - at), "\x0f\x05", 2)) != NULL;
       at += 2) {
    guint64 offset = (guint64)(at - elf->data);
    int number = number_before(&search, offset, FALSE);
    if (number >= 0)
      found(data, number);
    else
      g_array_append_val(hidden, offset);
  }
  if (!is_static || hidden->len == 0)
    return TRUE;
  collect_calls(&search);
  for (guint i = 0; i < hidden->len; i++)
    read_callers(&search, g_array_index(hidden, guint64, i), 1);
  g_array_unref(search.calls);
  return search.numbers > 0;
}
