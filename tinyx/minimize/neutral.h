/* neutral.h - a kernel in which chosen code does nothing: a cheap boot before a dear build.
 *
 * What initcall_blacklist= does by name (it needs KALLSYMS) and a denied system call does by a
 * filter (it needs SECCOMP), done in a copy of the kernel file: an initcall returns 0 at once, a
 * system call -ENOSYS. Whether the test passes then predicts what it does without the option; it is
 * never a result.
 */
#ifndef TINYX_MINIMIZE_NEUTRAL_H
#define TINYX_MINIMIZE_NEUTRAL_H

#include "minimize/codemap.h"

typedef struct Neutral Neutral;

/* Reads VMLINUX (an ELF kernel; symbols are MAP's) and its table of initcalls
 * (include/linux/init.h: 32-bit distances from __initcall0_start on). */
Neutral *neutral_open(const char *vmlinux, const Codemap *map, GError **error);
void neutral_close(Neutral *neutral);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Neutral, neutral_close)

/* TRUE if FUNCTION can be made to do nothing: an initcall or a system call's entry. */
gboolean neutral_can(const Neutral *neutral, const CodeSymbol *function);

/* Writes a copy to PATH with FUNCTIONS (const CodeSymbol*; others than initcalls and system calls
 * are left) neutralised. */
gboolean neutral_write(const Neutral *neutral, const GPtrArray *functions, const char *path,
                       GError **error);

#endif
