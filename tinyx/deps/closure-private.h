/* closure-private.h - what closure.c, program.c and apply.c share; not for others. */
#ifndef TINYX_DEPS_CLOSURE_PRIVATE_H
#define TINYX_DEPS_CLOSURE_PRIVATE_H

#include "deps/closure.h"
#include "deps/runtime-rules.h"
#include "deps/search.h"
#include "deps/suspects.h"

typedef struct {
  Root *root;
  ContentStore *store;
  LibrarySearch *search;
  GPtrArray *rules;    /* RuntimeRule* */
  GHashTable *files;   /* path -> DepFile */
  GHashTable *missing; /* set of lines */
  GHashTable *notes;   /* set of lines */
  GHashTable *named;   /* set of RootNode*: what the caller asked for */
  GHashTable *queued;  /* set of RootNode*: files that are or were in the queue */
  GQueue *queue;       /* RootNode*: files still to be looked into */
  gboolean static_only;
  gboolean pass_over;
  const char *ld_library_path; /* these four: ClosureInput's */
  gboolean path_of_some;
  const char *preload;
  gboolean preload_elsewhere;
  gboolean without_nss; /* as if nsswitch.conf named no module outside libc */
} Resolver;

typedef struct {
  DepKind kind;
  const char *needed_by;
  const char *rule;
} Reason;

/* Adds a line to a set of lines. */
void closure_say(GHashTable *lines, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Adds PATH with the symlinks on the way, without looking into it; NULL if it leads to no file. */
const RootNode *closure_add_path(Resolver *resolver, const char *path, const Reason *reason);
/* The same, and it will be followed as a program or script of its own; not found: `missing`. */
void closure_queue_file(Resolver *resolver, const char *path, const Reason *reason);

/* program.c: interpreter and libraries of an ELF file, as its loader would map them. */
void closure_follow_program(Resolver *resolver, Content *content);

/* apply.c: the rules that hold for CONTENT, other than those for libraries. Once a file. */
void closure_apply_file_rules(Resolver *resolver, Content *content);
/* The rules (RuntimeRule*) that hold for CONTENT, or NULL. */
const GPtrArray *closure_rules(Resolver *resolver, Content *content);
/* The NSS modules (char*, library names) that nsswitch.conf names for a rule's databases (the
 * file itself comes in, needed by ASKER); BUILT_IN
 * if libc itself has "files" and "dns". g_ptr_array_unref. */
GPtrArray *closure_nss_modules(Resolver *resolver, const char *asker, const RuntimeRule *rule,
                               gboolean built_in);

/* closure_compute without the modules that nsswitch.conf names. */
gboolean closure_compute_without_nss(const ClosureInput *input, Closure *closure, GError **error);

/* suspects-find.c: what the finished closure may have missed (Suspect*). g_ptr_array_unref. */
GPtrArray *closure_suspects(Resolver *resolver);

#endif
