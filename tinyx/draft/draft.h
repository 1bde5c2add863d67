/* draft.h - a recipe drafted from Debian packages, or from a person's own program: `tinyx init`.
 *
 * The packages are installed as for an image; then the systemd unit (or the init script, the
 * desktop entry, the program of the package's name) says what to run, and its configuration which
 * port is listened on. The draft is a guess for a person to read: each line says where it comes
 * from.
 */
#ifndef TINYX_DRAFT_DRAFT_H
#define TINYX_DRAFT_DRAFT_H

#include "draft/service.h"
#include "platform/platform.h"
#include "recipe/recipe.h"
#include "rootfs/files-lock.h"
#include "tree/tree.h"

typedef struct {
  const char *const *packages; /* at least one; each is an application */
  const char *const *commands; /* what the packages run, in their order; NULL: none is given */
  const int *ports;            /* on which they listen, in their order; 0: to be found */
  guint n_ports;
  gboolean untried;               /* the draft is not tried out in a container */
  const Platform *platform;       /* that it is meant for; NULL: any */
  const char *const *passed_over; /* units that were tried out and opened no port; or NULL */
} DraftOptions;

typedef struct {
  Recipe *recipe;      /* what is drafted; its runs are those of the services, in their order */
  GHashTable *from;    /* char* -> char*: where its values come from, as comments for
                          recipe_to_text() */
  GPtrArray *services; /* Service*, one for each application */
  GPtrArray *notes;    /* char*: for a person */
  GHashTable *files;   /* char* -> char*: texts for files/, by their paths in the image */
  GHashTable *closed;  /* char*: those of them that others may not read in the installation */
  guint others;        /* units of the packages that could be meant instead of those in use */
  gboolean silent;     /* it was tried out, and not every application opened its port */
  char *planned;       /* draft_text() when its image was last planned; NULL: never */
  FilesLock *opened;   /* files.lock: files that it opened when it was tried out; NULL: none */
  char *own_folder;    /* absolute: the folder with a person's own program; NULL: packages alone */
  GPtrArray *own;      /* char*: names in it that the recipe's folder has, too; NULL with it */
} Draft;

/* Installs the packages (or finds them in the cache), drafts, and tries the draft out. INPUT for a
 * package without a program, a unit that cannot be translated, two applications on one port; what
 * apt does not know; CHILD and the like from the installation. */
gboolean draft_make(const DraftOptions *options, Draft *draft, GError **error);
/* The same for the program of a person at PATH, a file or a folder of this machine (draft/own.h);
 * OPTIONS->packages are those that it needs besides, and may be empty. INPUT for what is of no
 * known kind. */
gboolean draft_make_own(const char *path, const DraftOptions *options, Draft *draft,
                        GError **error);
/* Where the recipe for PATH goes if nobody says it: a folder itself, "./server" for "server.py".
 * g_free. */
char *draft_own_folder(const char *path);
/* The same from files that are there already, without a try-out (for tests): INSTALLED has all of
 * them, DIRECT the packages that the named ones depend on. */
gboolean draft_from_tree(const DraftOptions *options, const Tree *installed,
                         const char *const *direct, Draft *draft, GError **error);
void draft_clear(Draft *draft);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Draft, draft_clear)

/* SERVICE listens on PORT (0: none is known); FROM (may be NULL) says where that stands. port=,
 * ready=, ready-udp= and the comment on the test follow. Takes FROM. */
void draft_set_port(Draft *draft, Service *service, int port, char *from);
/* The same for a UDP port. */
void draft_set_udp_port(Draft *draft, Service *service, int port);
/* FROM says where the value of KEY in SECTION comes from, as a comment above it; without a KEY it
 * is a comment on the section. Takes FROM. */
void draft_set_from(Draft *draft, const char *section, const char *key, char *from);

/* TRUE if an application of it runs on, rather than ending by itself. */
gboolean draft_is_daemon(const Draft *draft);
/* TRUE if its test can say anything: it has a port, or ends by itself. */
gboolean draft_is_testable(const Draft *draft);
/* recipe.conf; g_free. */
char *draft_text(const Draft *draft);
/* INPUT if a recipe cannot have the name of FOLDER; and, without FORCE, if there is one already.
 * What is called files/ without a recipe beside it is nobody's to replace, FORCE or not. */
gboolean draft_folder_check(const char *folder, gboolean force, GError **error);
/* Writes the recipe: a copy of the own program, unless FOLDER is where it is; FOLDER/files/ and
 * FOLDER/files.lock in place of what is there, then FOLDER/recipe.conf, each whole or not at all.
 * Makes FOLDER. Errors as of draft_folder_check(). */
gboolean draft_write(const Draft *draft, const char *folder, gboolean force, GError **error);

#endif
