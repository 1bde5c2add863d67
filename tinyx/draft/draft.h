/* draft.h - a recipe drafted from Debian packages: `tinyx init`.
 *
 * The packages are installed as for an image; then the systemd unit (or the init script, the
 * desktop entry, the program of the package's name) says what to run, and its configuration which
 * port is listened on. The draft is a guess for a person to read: each line says where it comes
 * from.
 */
#ifndef TINYX_DRAFT_DRAFT_H
#define TINYX_DRAFT_DRAFT_H

#include "base/error.h"
#include "rootfs/files-lock.h"
#include "tree/tree.h"

typedef struct {
  const char *const *packages; /* at least one; an application each */
  const char *const *commands; /* NULL or as many as wanted: for the packages in their order */
  const int *ports;            /* likewise; 0: to be found */
  guint n_ports;
  gboolean untried;               /* the draft is not run in a container */
  const char *const *passed_over; /* units that were tried and opened nothing; or NULL */
} DraftOptions;

typedef struct {
  char *name;           /* of the recipe: the first package's */
  char *description;    /* from the first package */
  GPtrArray *packages;  /* char*: packages= */
  GPtrArray *services;  /* Service* (draft/service.h), an application each */
  GArray *ports;        /* int, a service each; 0: none found */
  GPtrArray *port_from; /* char*, a service each: "etc/redis/redis.conf:138" */
  GPtrArray *include;   /* char*: include= */
  GPtrArray *with;      /* char*: with= */
  GPtrArray *notes;     /* char*: for a person */
  int ready_udp;        /* ready-udp=; 0: none */
  int memory;           /* MB: memory= */
  GHashTable *files;    /* char* -> char*: texts for files/, by their paths in the image */
  guint others;         /* units that could be meant instead of those in use */
  gboolean silent;      /* it was tried, and not all of it listened */
  FilesLock *opened;    /* files.lock: files that it opened when it was tried; NULL: none needed */
} Draft;

/* Installs (or finds in the cache) and drafts. INPUT for a package without a program, a unit that
 * cannot be translated, two applications on one port; what apt does not know; CHILD and the like
 * from the installation. */
gboolean draft_make(const DraftOptions *options, Draft *draft, GError **error);
/* The same from files that are there already (tests): INSTALLED are all of them, of DIRECT packages
 * that the package asked for depends on. ROOT may be NULL. */
gboolean draft_from_tree(const DraftOptions *options, const Tree *installed,
                         const char *const *direct, Draft *draft, GError **error);
void draft_clear(Draft *draft);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Draft, draft_clear)

/* TRUE if an application of it runs on, rather than ending by itself. */
gboolean draft_is_daemon(const Draft *draft);
/* TRUE if its test can say anything: it has a port, or ends by itself. */
gboolean draft_is_testable(const Draft *draft);
/* recipe.conf; g_free. */
char *draft_text(const Draft *draft);
/* INPUT if no recipe can be called as FOLDER is, or if there is one already, unless FORCE. */
gboolean draft_folder_check(const char *folder, gboolean force, GError **error);
/* FOLDER/files/ and FOLDER/files.lock, anew, then FOLDER/recipe.conf, each whole or not at all;
 * FOLDER is made. What draft_folder_check says. */
gboolean draft_write(const Draft *draft, const char *folder, gboolean force, GError **error);

#endif
