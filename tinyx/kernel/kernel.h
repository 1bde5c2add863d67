/* kernel.h - from a platform, evidence and requests to a verified kernel.
 *
 * tinyconfig + kconfig-heuristics/platforms/P.config + what the rules in
 * kconfig-heuristics/features/ ask for on evidence found in the image + what
 * the recipe asks for -> .config, every symbol verified -> vmlinux, bzImage.
 */
#ifndef TINYX_KERNEL_KERNEL_H
#define TINYX_KERNEL_KERNEL_H

#include "facts/facts.h"
#include "platform/platform.h"

/* Who asks for a symbol: where two ask for different values, see choose() in choose.c. */
typedef enum {
  ASKED_BY_PLATFORM,
  ASKED_BY_LOCK,    /* what the minimiser found */
  ASKED_BY_RULE,    /* on evidence; with a lock only what the lock does not know of */
  ASKED_BY_NAME,    /* a feature that the user or the recipe names, or that stands */
  ASKED_BY_REQUEST, /* the symbol itself, by the user or the recipe */
} SymbolAsker;

typedef struct {
  char *symbol;   /* without CONFIG_ */
  char *value;    /* "y", "n", "m", a number, or a quoted string as .config has it */
  char *origin;   /* "file:line" or "recipe nginx" */
  char *reason;   /* one line */
  char **only_on; /* only for these platforms and families (platform.h); NULL: for all */
  gboolean may_vanish;
  gboolean tell;       /* with may_vanish: that it did is said */
  gboolean by_default; /* of a rule that stands, which nobody named */
  SymbolAsker asker;   /* set by choose_symbols */
} SymbolRequest;

SymbolRequest *symbol_request_new(const char *symbol, const char *value, const char *origin,
                                  const char *reason);
void symbol_request_free(SymbolRequest *request);
/* The first one for SYMBOL in REQUESTS (SymbolRequest*, may be NULL); NULL: there is none. */
const SymbolRequest *symbol_request_find(const GPtrArray *requests, const char *symbol);

typedef struct {
  const char *image_path; /* "/usr/sbin/nginx" */
  const char *source;     /* the file on this machine */
} KernelFile;

typedef struct {
  /* "6.1", "6.12" (a linux-source-X of Debian), or a folder. NULL, for choose_symbols() alone: the
   * version that the lock was made for. */
  const char *source;
  const Platform *platform;
  GPtrArray *files;           /* KernelFile*: programs, to be read for what the rules ask for */
  const Facts *facts;         /* what else is known of the image, or NULL */
  const struct Lock *lock;    /* or NULL: see lock.h */
  GHashTable *yielded;        /* what gives way to stronger askers (yield.h), or NULL */
  const char *const *with;    /* names of features, or NULL: they hold whatever the evidence */
  const char *const *without; /* names of features, or NULL: they do not hold in any case */
  gboolean defaults_yield;    /* what nobody named (SymbolRequest.by_default) may vanish */
  gboolean cached_only;       /* a kernel that would have to be built is an error (INPUT) */
  GPtrArray *requests;        /* SymbolRequest*: the recipe's, the user's; come last, and win */
} KernelInput;

/* How much of a feature a kernel has: its symbols, whoever asked for them. */
typedef struct {
  guint asked; /* in its name */
  guint on;    /* with the feature's value in kernel.config; for some that is n */
  guint known; /* named by the feature */
} FeatureCount;

typedef struct {
  char *folder;      /* the cache entry with kernel_files() and System.map */
  char *version;     /* "6.1.192" */
  GPtrArray *chosen; /* SymbolRequest*: all that was asked, sorted by symbol */
  guint symbols_y;   /* number of =y in kernel.config */
  FeatureCount hardening;
  gint64 image_size;   /* bytes of the file that the platform boots */
  gint64 packed_size;  /* of the one by whose size kernels are compared */
  gint64 vmlinux_size; /* bytes, stripped */
  VmlinuxFacts facts;  /* where it lies in memory */
  gboolean from_cache;
} KernelResult;

/* Names in KernelResult.folder that belong into an image's folder: the kernel as each loader takes
 * it, and its configurations. NULL-terminated. */
const char *const *kernel_files(void);

/* Configuration only (no build): every request verified. */
gboolean kernel_configure(const KernelInput *input, KernelResult *result, char **config,
                          GError **error);
/* Configuration and build, or the cached kernel of the same configuration, source and compiler. */
gboolean kernel_build(const KernelInput *input, KernelResult *result, GError **error);
void kernel_result_clear(KernelResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KernelResult, kernel_result_clear)

/* Changes with all that kernel_build reads besides its input: the source SOURCE, the platform's
 * fragment, the rules, the compiler. Computed in well under a second. g_free. */
char *kernel_input_key(const char *source, const Platform *platform, GError **error);

#endif
