/* layout.h - what a platform changes in the kernel's linker script, as data:
 * kconfig-heuristics/platforms/NAME.layout. */
#ifndef TINYX_KERNEL_LAYOUT_H
#define TINYX_KERNEL_LAYOUT_H

#include "base/error.h"

typedef struct {
  char *from, *to; /* literal text */
  char *symbol;    /* it counts only for a kernel with this "CONFIG_NAME=y"; NULL: for any */
} LayoutChange;

typedef struct {
  GPtrArray *changes;   /* LayoutChange* */
  gboolean gc_sections; /* a section a function and a variable; those that nothing refers to are
                           left out */
} Layout;

/* "OLD => NEW  # REASON" or "OLD => NEW  # if CONFIG_NAME: REASON" lines, "gc-sections  # REASON",
 * comment lines and blank ones. FILE is for messages. INPUT. */
Layout *layout_parse(const char *text, const char *file, GError **error);
void layout_free(Layout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Layout, layout_free)

/* The changes in FILE, a name in kconfig-heuristics/platforms/, that count for CONFIG, the text of
 * a kernel's .config; none where FILE is NULL. */
Layout *layout_load(const char *file, const char *config, GError **error);

/* What of LAYOUT changes the bytes of a kernel, as text. g_free. */
char *layout_text(const Layout *layout);

/* SCRIPT with every change made; *MISSING (or NULL) gets the first OLD that is not in it, or NULL.
 * With gc_sections, every input section that is not one of a single function or variable (gcc(1),
 * -ffunction-sections and -fdata-sections: .text.NAME, .rodata.NAME, .data.NAME, .bss.NAME) stands
 * in KEEP(): tables that are found by their place in the kernel, as those of initcalls. g_free. */
char *layout_apply(const Layout *layout, const char *script, const char **missing);

#endif
