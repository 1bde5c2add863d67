/* secrets.h - keeps what is one machine's own out of an image: private keys, machine ids, seeds.
 *
 * Maintainer scripts make them while packages are installed. rootfs/secrets.rules says which go,
 * and which are made by the domain itself at its first boot; what else looks like a key fails the
 * build, unless allow-secret= of the recipe names it.
 */
#ifndef TINYX_ROOTFS_SECRETS_H
#define TINYX_ROOTFS_SECRETS_H

#include "recipe/recipe.h"
#include "rootfs/secret-rules.h"

/* A file that the first boot makes. */
typedef struct {
  char *path;
  char *command;           /* for the shell, with the path in $path */
  char *reason;            /* the rule's */
  unsigned uid, gid, mode; /* as the installation had it */
} SecretMade;

typedef struct {
  SecretRules *rules;
  GPtrArray *made;    /* SecretMade*, in the rules' order */
  GPtrArray *omitted; /* char*: paths that were left out, and nothing makes them; sorted */
  GPtrArray *allowed; /* char*: paths in the image that allow-secret= let in; sorted */
  GPtrArray *applets; /* char*: of BusyBox, for the commands of MADE */
} Secrets;

/* Loads rootfs/secrets.rules. */
Secrets *secrets_new(GError **error);
void secrets_free(Secrets *secrets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Secrets, secrets_free)

/* Takes out of TREE what the rules call a secret and INSTALLED (whose files are in the folder ROOT)
 * has; what RECIPE itself brings stays, for secrets_check(). Adds the programs that make it, with
 * their libraries. NOTES (char*) gets what a person should know. */
gboolean secrets_take_out(Secrets *secrets, Tree *tree, const Recipe *recipe, const char *root,
                          const Tree *installed, GPtrArray *notes, GError **error);

/* Reads every file of TREE. INPUT where one holds a secret that no allow-secret= of RECIPE names:
 * its path, and the recipe's line that would allow it. */
gboolean secrets_check(Secrets *secrets, Tree *tree, const Recipe *recipe, GPtrArray *notes,
                       GError **error);

/* Paths (char*, sorted) of files of INSTALLED that a maintainer script made, that have a private
 * key in them, and that no rule knows: an image with one of them is not built. g_ptr_array_unref.
 */
GPtrArray *secrets_unknown(const Tree *installed, GError **error);

/* The script that makes them; "" where there is nothing to make. g_free. */
char *secrets_text(const Secrets *secrets);

#endif
