/* rights.h - what an application gives up before it runs: its user, capabilities(7), new
 * privileges.
 *
 * rootfs/glue/confine.c does it in the guest: every application starts with no_new_privs, and
 * without those capabilities that it has no use for. Which these are is its recipe's word
 * (capabilities=), or else rootfs/capabilities.rules on evidence in the image.
 */
#ifndef TINYX_ROOTFS_RIGHTS_H
#define TINYX_ROOTFS_RIGHTS_H

#include "facts/program.h"
#include "recipe/recipe.h"
#include "tree/tree.h"

/* Where the program is in an image. */
#define RIGHTS_PROGRAM "/etc/tinyx/confine"

typedef struct {
  guint64 keep;       /* the mask of the capabilities that stay */
  char *account;      /* "UID:GID[,GID...]"; NULL: root's */
  GPtrArray *reasons; /* char*: "setuid setgid: it becomes its own user (import setuid in FILE)" */
} Confinement;

void confinement_clear(Confinement *confinement);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Confinement, confinement_clear)

typedef struct RightsRules RightsRules;

/* rootfs/capabilities.rules, whose head describes its lines. INPUT with file and line. */
RightsRules *rights_rules_parse(const char *text, gsize size, const char *file, GError **error);
RightsRules *rights_rules_load(GError **error);
void rights_rules_free(RightsRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RightsRules, rights_rules_free)

/* The functions whose import the rules look for (char* -> itself). Owned by RULES. */
GHashTable *rights_rules_imports(const RightsRules *rules);

typedef struct {
  guint64 mask; /* the capabilities */
  char *words;  /* their names: "setuid setgid" */
  char *reason; /* "it becomes its own user" */
  char *shown;  /* "import setuid in FILE" */
} RightsWanted;

/* What the evidence would have an application of RECIPE keep that runs as root (RightsWanted*),
 * whatever the recipe says. g_ptr_array_unref. */
GPtrArray *rights_wanted(const RightsRules *rules, const Recipe *recipe, const Facts *facts);

/* What RUN of RECIPE gives up: its user's numbers are those of TREE's /etc/passwd and /etc/group.
 * INPUT, with the recipe's line, for a user or group that TREE does not have. */
gboolean rights_find(const RightsRules *rules, Tree *tree, const Recipe *recipe,
                     const RecipeRun *run, const Facts *facts, Confinement *confinement,
                     GError **error);

/* Adds to NOTES (char*) which programs of TREE would, elsewhere, get root's rights or some of them
 * by themselves, and do not hand them on here, where an application of RECIPE may count on that. */
void rights_note(const RightsRules *rules, Tree *tree, const Recipe *recipe, GPtrArray *notes);

/* Adds the program to TREE. */
gboolean rights_add(Tree *tree, GError **error);

#endif
