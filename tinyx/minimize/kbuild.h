/* kbuild.h - which symbols an object, a function or a table of the kernel depends on, as its
 * sources say: kbuild's Makefiles (Documentation/kbuild/makefiles.rst) and #ifdef.
 *
 * A reading of text: good enough to predict, never a result.
 */
#ifndef TINYX_MINIMIZE_KBUILD_H
#define TINYX_MINIMIZE_KBUILD_H

#include "base/error.h"

typedef struct Kbuild Kbuild;

/* TREE: the kernel's source. Makefiles are read as they are asked for. */
Kbuild *kbuild_new(const char *tree);
void kbuild_free(Kbuild *kbuild);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Kbuild, kbuild_free)

/* The symbols (char*, without CONFIG_) that must all be on for OBJECT ("fs/notify/fsnotify.o") to
 * be built, its folders' conditions included. Where two lines name it, only what both ask for.
 * Owned by KBUILD. */
const GPtrArray *kbuild_conditions(Kbuild *kbuild, const char *object);

/* Calls FOUND for each function that is defined in C source TEXT below "#ifdef CONFIG_SYMBOL", "#if
 * defined(CONFIG_A) && …" or IS_ENABLED; once for each symbol of nested conditions. A system call's
 * name is "__x64_sys_NAME", as it is in vmlinux. */
void kbuild_regions(const char *text,
                    void (*found)(const char *symbol, const char *function, gpointer data),
                    gpointer data);

/* Parses one Makefile (for tests): names ("eventpoll.o", "notify/") to GPtrArray of char*. */
GHashTable *kbuild_makefile(const char *text);

#endif
