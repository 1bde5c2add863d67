/* calls.h - with which numbers a program calls functions of its libraries, and the kernel. Both
 * read x86-64 code without disassembling all of it: the bytes of a few instructions are looked for.
 */
#ifndef TINYX_FACTS_CALLS_H
#define TINYX_FACTS_CALLS_H

#include "base/elffile.h"

/* The library's function by which programs call the kernel with a number. */
#define SYSCALL_FUNCTION "syscall"

/* "fcntl:2=6": argument 2 (1 to 4) of the imported function fcntl is 6. */
typedef struct {
  char *function;
  guint argument;
  guint32 number;
  char *text;      /* the same as it was written */
  int system_call; /* that the function makes, for static programs; -1: none */
} CallWanted;

/* NULL where TEXT is no such thing. */
CallWanted *call_wanted_parse(const char *text);
void call_wanted_free(CallWanted *wanted);

typedef void (*CallFound)(gpointer data, const CallWanted *wanted);
/* Calls FOUND, once for each of WANTED (CallWanted*), for those that the code of ELF (dynamic,
 * x86-64) contains: a call through the procedure linkage table or the GOT, with the number loaded
 * into the argument's register shortly before. Numbers that are computed are not seen. */
void calls_find(const ElfFile *elf, const GPtrArray *wanted, CallFound found, gpointer data);

/* TRUE if the last load of the argument's register, shortly before the call at AT of CODE, is of
 * WANTED's number. */
gboolean call_is_loaded(const guint8 *code, guint64 at, const CallWanted *wanted);

/* What syscalls_find() looks for. */
typedef struct {
  void (*found)(gpointer data, int number);
  CallFound call;
  const GPtrArray *calls; /* CallWanted*, or NULL */
  gpointer data;
} SyscallSearch;

/* Calls FOUND for the number of each system call in ELF's code, some of them more than once. In a
 * STATIC program one function often has the instruction for all (Go's Syscall6, musl's
 * __syscall_cp): then the numbers are those that its callers load, and theirs; and CALL for those
 * of CALLS that are functions of one system call, and are called so. Returns FALSE where there are
 * such instructions and no caller's number was found: what the program asks of the kernel is not
 * known then. */
gboolean syscalls_find(const ElfFile *elf, gboolean is_static, const SyscallSearch *asked);

#endif
