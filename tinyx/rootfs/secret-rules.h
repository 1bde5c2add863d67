/* secret-rules.h - rootfs/secrets.rules: what of an installation is one machine's own, by its path,
 * and how a domain makes its own at the first boot.
 *
 *   omit PATTERN                             # reason  never in an image
 *   empty PATTERN                            # reason  in the image, without its contents
 *   make PATTERN [with APPLET...] by COMMAND # reason  not in the image: COMMAND makes it
 *   known PATTERN                            # reason  what packages have there, everybody has
 *
 * PATTERN is one of rootfs/patterns.h. COMMAND is a line for the shell, with the path in $path; its
 * words that are absolute paths of programs go into the image with their libraries, and so do the
 * named applets of BusyBox. The first rule that matches counts; a "make" counts only where the
 * installation has the programs that it names.
 */
#ifndef TINYX_ROOTFS_SECRET_RULES_H
#define TINYX_ROOTFS_SECRET_RULES_H

#include "tree/tree.h"

typedef enum { SECRET_OMIT, SECRET_EMPTY, SECRET_MAKE, SECRET_KNOWN } SecretAction;

typedef struct {
  SecretAction action;
  guint number; /* of its line */
  char *pattern;
  char *command;   /* of SECRET_MAKE, else NULL */
  char **applets;  /* NULL-terminated; may be empty */
  char **programs; /* the absolute paths of COMMAND's programs */
  char *reason;
} SecretRule;

typedef struct SecretRules SecretRules;

/* INPUT: "FILE:LINE: what; what was expected". */
SecretRules *secret_rules_parse(const char *text, gsize size, const char *file, GError **error);
SecretRules *secret_rules_load(GError **error);
void secret_rules_free(SecretRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SecretRules, secret_rules_free)

/* The rule for PATH among those of omit, empty and make; INSTALLED says which programs there are;
 * NULL: any rule may count. NULL: there is no rule. Owned by RULES. */
const SecretRule *secret_rules_find(const SecretRules *rules, const char *path,
                                    const Tree *installed);
/* TRUE if a rule "known" matches PATH. */
gboolean secret_rules_known(const SecretRules *rules, const char *path);

#endif
