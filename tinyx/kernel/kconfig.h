/* kconfig.h - the kernel tree's own Kconfig, kept running, for hundreds of configurations.
 *
 * kconfig-heuristics/kconfig-server.c, compiled against the tree at hand: what `make allnoconfig`
 * takes a second for takes it milliseconds.
 */
#ifndef TINYX_KERNEL_KCONFIG_H
#define TINYX_KERNEL_KCONFIG_H

#include "kernel/kernel.h"
#include "kernel/source.h"

typedef struct Kconfig Kconfig;

/* SOURCE must be unpacked and outlive it. The helper ends with kconfig_close, or with us. */
Kconfig *kconfig_open(KernelSource *source, GError **error);
void kconfig_close(Kconfig *kconfig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Kconfig, kconfig_close)

/* The .config that config_make() makes of CHOSEN (SymbolRequest*), byte for byte, unverified.
 * g_free. */
char *kconfig_apply(Kconfig *kconfig, const GPtrArray *chosen, GError **error);

typedef struct {
  char *symbol;
  char *type;     /* "bool", "tristate", "integer", "hex", "string" */
  char *value;    /* as .config has it: "y", "12", "\"text\"" */
  char *menu;     /* "Networking support/Networking options" */
  char *prompt;   /* NULL: it has none here */
  char *choice;   /* the prompt of the choice that it is a member of, or NULL */
  char *selected; /* what keeps it on, or NULL */
  char *low;      /* of its range, or NULL */
  char *high;     /* the other end */
  gboolean visible;
  GPtrArray *values;   /* char*: other values that it can take, the smallest first */
  gboolean switchable; /* there are such */
  char *why_not;       /* else: why */
} KconfigSymbol;

/* Every symbol that is on, has a value or could be chosen in the configuration CONFIG (a text).
 * KconfigSymbol*, in the order of the menus; g_ptr_array_unref. */
GPtrArray *kconfig_symbols(Kconfig *kconfig, const char *config, GError **error);

/* The names of all symbols that the tree defines. g_strfreev. */
char **kconfig_names(Kconfig *kconfig, GError **error);

/* A line of TEXT, which is PATH, that is none of a .config is an error (INPUT); symbols that the
 * tree does not have are named in a warning. */
gboolean kconfig_check_names(Kconfig *kconfig, const char *text, const char *path, GError **error);

/* Any .config, perhaps another project's, as requests: each symbol that can be chosen and is not
 * off. SymbolRequest*, whose origin is FILE. ON_TOP (SymbolRequest*; or NULL) is what will be asked
 * for besides: it decides, too, which symbols can be chosen. (Without EXPERT=y, PROC_FS is on and
 * has no prompt; with it, it is off unless it is asked for.) */
GPtrArray *kconfig_requests(Kconfig *kconfig, const char *config, const GPtrArray *on_top,
                            const char *file, GError **error);

/* Reads what the helper wrote; for tests. */
GPtrArray *kconfig_symbols_parse(const char *text, const char *file, GError **error);

#endif
