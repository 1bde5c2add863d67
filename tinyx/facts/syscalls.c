/* syscalls.c - numbers of the system calls in machine code, also where a function has the
 * instruction and its callers the numbers. */
#include "facts/calls.h"

/* How far before a "syscall" instruction, or a call of a function that has it, the number may be
 * loaded: compilers put at most six register moves between. */
#define NUMBER_REACH 40
#define NUMBER_MAX 1024
/* Bytes from a function's begin to the instruction in it: those that take any number are short ...
 */
#define FUNCTION_REACH 256
/* ... and those of one system call (musl's fcntl) are longer. */
#define WRAPPER_REACH 1024
/* Go's syscall.Syscall calls RawSyscall6, which calls Syscall6; musl's setuid calls __setxid, which
 * passes on the address of a function that has the instruction. */
#define CALLERS_DEPTH 3

typedef struct {
  guint64 target, site; /* offsets in the file: of the called function, and of the call */
  gboolean jump;        /* jumps lead to functions, and into them */
} Call;

typedef struct {
  const SyscallSearch *asked;
  const guint8 *bytes;
  gsize size;
  GArray *calls;    /* Call, by target */
  GHashTable *done; /* offsets of functions that were looked at */
  guint numbers;    /* that callers had */
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

/* Adds the call or jump (BEFORE is how many bytes of it stand before the distance) at SITE, if it
 * stays in the file. Code is one segment, so that differences of addresses are differences of
 * offsets. */
static void
add_call(Search *search, gsize site, guint before, gboolean jump) {
  gint32 distance;
  gsize end = site + before + sizeof distance;
  if (end > search->size)
    return;
  memcpy(&distance, search->bytes + site + before, sizeof distance);
  gint64 target = (gint64)end + (gint32)GUINT32_FROM_LE((guint32)distance);
  if (target < 0 || (guint64)target >= search->size)
    return;
  const Call call = {(guint64)target, site, jump};
  g_array_append_val(search->calls, call);
}

/* All "call FUNCTION" (e8), "jmp FUNCTION" (e9, the last call of a function), and "lea
 * FUNCTION(%rip)" (48 8d, a register, and 05 as the address), by which a function is passed on. */
static void
collect_calls(Search *search) {
  const guint8 *bytes = search->bytes;
  search->calls = g_array_new(FALSE, FALSE, sizeof(Call));
  for (gsize at = 0; at + 5 <= search->size; at++) {
    if (bytes[at] == 0xe8 || bytes[at] == 0xe9)
      add_call(search, at, 1, bytes[at] == 0xe9);
    else if (bytes[at] == 0x48 && bytes[at + 1] == 0x8d && (bytes[at + 2] & 0xc7) == 0x05)
      add_call(search, at, 3, FALSE);
  }
  g_array_sort(search->calls, compare_calls);
}

/* TRUE if a function may begin at TARGET: something ends before it (ret c3, nop 90 or 00, int3 cc).
 */
static gboolean
may_begin(const Search *search, guint64 target) {
  if (target == 0)
    return TRUE;
  guint8 before = search->bytes[target - 1];
  return before == 0xc3 || before == 0x90 || before == 0x00 || before == 0xcc;
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

/* Behind the calls (as an index) of the function around OFFSET, which begins at most REACH before;
 * 0: there is none. */
static guint
calls_of_function(const Search *search, guint64 offset, guint reach) {
  for (guint i = calls_behind(search, offset); i > 0; i--) {
    const Call call = g_array_index(search->calls, Call, i - 1);
    if (offset - call.target > reach)
      return 0;
    if (!call.jump || may_begin(search, call.target))
      return call.target > G_MAXUINT ? 0 : calls_behind(search, call.target);
  }
  return 0;
}

/* The numbers that callers of the function around OFFSET load; what has none is a function between,
 * with callers of its own. */
static void
read_callers(Search *search, guint64 offset, guint depth) {
  guint behind = calls_of_function(search, offset, FUNCTION_REACH);
  if (behind == 0)
    return;
  guint64 begin = g_array_index(search->calls, Call, behind - 1).target;
  if (!g_hash_table_add(search->done, GUINT_TO_POINTER((guint)begin)))
    return;
  for (guint i = behind; i-- > 0;) {
    const Call call = g_array_index(search->calls, Call, i);
    if (call.target != begin)
      return;
    int number = number_before(search, call.site, TRUE);
    if (number >= 0) {
      search->numbers++;
      search->asked->found(search->asked->data, number);
    } else if (depth < CALLERS_DEPTH) {
      read_callers(search, call.site, depth + 1);
    }
  }
}

/* TRUE if a caller of the function around OFFSET gives it what is WANTED; one that gives it nothing
 * may pass on what it got itself (glibc's fcntl): its callers count, too, DEPTH times. */
static gboolean
is_given(const Search *search, guint64 offset, const CallWanted *wanted, guint depth) {
  guint behind = calls_of_function(search, offset, WRAPPER_REACH);
  guint64 begin = behind > 0 ? g_array_index(search->calls, Call, behind - 1).target : 0;
  for (guint i = behind; i-- > 0;) {
    const Call call = g_array_index(search->calls, Call, i);
    if (call.target != begin)
      return FALSE;
    if (call_is_loaded(search->bytes, call.site, wanted) ||
        (depth > 0 && is_given(search, call.site, wanted, depth - 1)))
      return TRUE;
  }
  return FALSE;
}

/* What callers of the function around OFFSET, which makes the system call NUMBER, give it. */
static void
read_arguments(const Search *search, guint64 offset, int number) {
  const GPtrArray *calls = search->asked->calls;
  for (guint i = 0; calls != NULL && i < calls->len; i++) {
    const CallWanted *wanted = calls->pdata[i];
    if (wanted->system_call == number && is_given(search, offset, wanted, 1))
      search->asked->call(search->asked->data, wanted);
  }
}

/* The code is not disassembled: nothing else looks like the instruction "syscall" (0f 05). */
gboolean
syscalls_find(const ElfFile *elf, gboolean is_static, const SyscallSearch *asked) {
  g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
  Search search = {.asked = asked, .bytes = elf->data, .size = elf->size, .done = done};
  const guint8 *end = elf->data + elf->size;
  gboolean hidden = FALSE;
  if (is_static)
    collect_calls(&search);
  for (const guint8 *at = elf->data; (at = memmem(at, (gsize)(end - at), "\x0f\x05", 2)) != NULL;
       at += 2) {
    guint64 offset = (guint64)(at - elf->data);
    int number = number_before(&search, offset, FALSE);
    if (number >= 0)
      asked->found(asked->data, number);
    hidden |= number < 0;
    if (is_static && number < 0)
      read_callers(&search, offset, 1);
    else if (is_static)
      read_arguments(&search, offset, number);
  }
  if (is_static)
    g_array_unref(search.calls);
  return !is_static || !hidden || search.numbers > 0;
}
