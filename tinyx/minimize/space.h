/* space.h - the search space: a configuration that passes, and what may be changed in it.
 *
 * space-make.c makes it, and adds candidates to it; of a candidate, forecast.c writes the weight
 * and what is thought of it. Everybody else only reads.
 */
#ifndef TINYX_MINIMIZE_SPACE_H
#define TINYX_MINIMIZE_SPACE_H

#include "minimize/candidates.h"

#include "base/dotconfig.h"
#include "recipe/recipe.h"

/* Bytes and places of every function, for the forecast: changes nothing in the image. */
#define SPACE_MAP_SYMBOL "VMLINUX_MAP"

typedef struct {
  Kconfig *kconfig;
  const Platform *target; /* the caller's */
  GPtrArray *platform;    /* SymbolRequest*: the platform's fragment */
  GPtrArray *asked;       /* SymbolRequest*: by platform, rules, recipe and user, with reasons */
  GPtrArray *start;       /* SymbolRequest*: the start, every symbol that can be chosen */
  GPtrArray *required;    /* SymbolRequest* of asked: what no trial may change */
  GPtrArray *symbols;     /* KconfigSymbol* of the start */
  DotConfig *values;      /* of the start */
  char *start_key;        /* the hash of the start's text */
  GPtrArray *candidates;  /* Candidate* */
  gboolean named;         /* a person named the candidates, in a file or in the recipe */
} Space;

typedef struct {
  const Recipe *recipe;
  const KernelInput *kernel; /* what `tinyx build` would make the kernel of */
  const char *from;          /* a .config to start with; NULL: what `tinyx build` uses */
  const char *candidates;    /* a file with one symbol a line; NULL: all, or the recipe's */
} SpaceInput;

/* SOURCE must be unpacked and outlive SPACE. */
gboolean space_make(Space *space, KernelSource *source, const SpaceInput *input, GError **error);
void space_clear(Space *space);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Space, space_clear)
/* Adds to the candidates those that the configuration CONFIG (a text) has and the start had not: a
 * member of a choice that something stood against, a symbol whose selector is gone. */
gboolean space_add_candidates(Space *space, const char *config, GError **error);

/* A set of candidates becomes a configuration. REMOVED (a byte a candidate) is changed to what
 * really goes; the configuration's text, or NULL. MORE (may be NULL) gets the symbols that went
 * without being a candidate of the set (char*). g_free. */
char *space_configuration(const Space *space, guint8 *removed, GPtrArray *more, GError **error);
/* The same as search.h's SearchClose, where DATA is the Space. */
char *space_close(guint8 *removed, gpointer data, GError **error);
/* The requests of that set. SymbolRequest*. */
GPtrArray *space_requests(const Space *space, const guint8 *removed);
/* What is required and CONFIG, a configuration's text, has not; NULL: it has all. Owned by SPACE.
 */
const SymbolRequest *space_missed(const Space *space, const char *config);

#endif
