/* glue-private.h - what the glue's source files share; not for others. */
#ifndef TINYX_ROOTFS_GLUE_PRIVATE_H
#define TINYX_ROOTFS_GLUE_PRIVATE_H

#include "facts/program.h"
#include "rootfs/glue.h"
#include "rootfs/rights.h"

#define TREE_TEXT_MAX (16U << 20) /* bytes of a file of the image that tinyx reads: /etc/passwd */

/* glue-text.c */

/* /etc/tinyx/config, sourced by the scripts of rootfs/glue: name, mounts, writable. */
char *glue_config_text(const Recipe *recipe, const char *const *mounts,
                       const char *const *writable);
/* What is at glue_start_path, sourced by rootfs/glue/run: the functions environment (with the
 * folder), before and start (folder, CONFINEMENT, exec), and what to do at its end. HOME is the
 * user's, or NULL. */
char *glue_start_text(const RecipeRun *run, const Platform *platform, const char *home,
                      const Confinement *confinement);
/* The program that stays as long as the daemon that a command leaves behind (rootfs/glue/reap.c),
 * and whether RUN wants it: no pid file says which process that is. */
#define GLUE_REAP "/etc/tinyx/reap"
gboolean glue_reaps(const RecipeRun *run);
/* What init runs once, after rc: it makes the secrets of the first boot. */
#define GLUE_FIRST "/etc/tinyx/first"
/* The script that waits on the console for the line to shut down, on platforms that ask so. */
#define GLUE_CONSOLE "/etc/tinyx/console"
/* kconfig-heuristics/features: with=exec, and that script takes commands, too, on every platform.
 */
#define GLUE_EXEC_FEATURE "exec"
/* TRUE where an image of RECIPE for PLATFORM has that script. */
gboolean glue_has_console(const Recipe *recipe, const Platform *platform);
/* The program that takes name servers from IPv6 router advertisements. */
#define GLUE_RDNSS "/etc/tinyx/rdnss"
/* What runs once. */
typedef struct {
  gboolean rdnss; /* GLUE_RDNSS, before rc: no interface is up yet */
  gboolean log;   /* GLUE_LOG, after it */
  gboolean first; /* GLUE_FIRST */
} GlueOnce;
/* TEXT, which is rootfs/glue/inittab, with its line for "run" once for each application, one for
 * GLUE_CONSOLE where PLATFORM has such, and those of ONCE. */
char *glue_inittab_text(const Recipe *recipe, const Platform *platform, const GlueOnce *once,
                        const char *text);

/* glue-mounts.c */

typedef struct MountRules MountRules;
/* rootfs/mounts.rules. INPUT: "FILE:LINE: what; what was expected". */
MountRules *mount_rules_parse(const char *text, gsize size, const char *file, GError **error);
void mount_rules_free(MountRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MountRules, mount_rules_free)
/* Loads rootfs/mounts.rules; files that are no evidence for the kernel are none for mounts either.
 */
MountRules *mount_rules_load(GError **error);
/* What RULES look for in programs. Owned by RULES. */
const FactsWanted *mount_rules_wanted(const MountRules *rules);
/* The strings (char*, owned by RULES) that ask for KIND. g_ptr_array_unref. */
GPtrArray *mount_rules_strings(const MountRules *rules, const char *kind);
/* What of FACTS asks for mounting KIND ("proc"); NULL: nothing does. Owned by FACTS. */
const Fact *mount_rules_match(const MountRules *rules, const char *kind, const Facts *facts);
/* The recipe's mounts, or those that FACTS ask for by the data file's rules: words for
 * /etc/tinyx/config, in the order in which they are mounted; g_strfreev. Each becomes a fact, and
 * mount:tmpfs one where FACTS ask for that. */
char **glue_mounts(const Recipe *recipe, Facts *facts, GError **error);

/* The script that runs syslogd, and whether FACTS (of glue_decide_log) have it. */
#define GLUE_LOG "/etc/tinyx/log"
#define GLUE_LOG_APPLET "syslogd"
#define GLUE_LOG_FEATURE "syslog" /* kconfig-heuristics/features: with=syslog */
gboolean glue_logs(const Facts *facts);

/* glue-users.c: /etc/passwd and /etc/group of the tree. */

typedef struct {
  char *name;
  unsigned uid, gid;
  char *home;
} GlueUser;
/* NAME (or a number, which need not be listed). FALSE if there is none. Clear with glue_user_clear.
 */
gboolean glue_user(Tree *tree, const char *name, GlueUser *user);
gboolean glue_group(Tree *tree, const char *name, unsigned *gid);
/* Adds ",GID" to TEXT for each further group that /etc/group has USER in. */
void glue_user_groups(Tree *tree, const GlueUser *user, GString *text);
/* What a login needs where the image has PAM: a shell of root's that is there, and /etc/shadow
 * without passwords, where PAM will look for the accounts of /etc/passwd, and the
 * installation's own, which is one machine's, is left out. */
gboolean glue_add_logins(Tree *tree, GError **error);
void glue_user_clear(GlueUser *user);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GlueUser, glue_user_clear)
/* The content of the file at PATH (symlinks followed), or NULL; g_free. *SIZE may be NULL. */
char *tree_text(Tree *tree, const char *path, gsize *size);

/* glue-disks.c */

/* Nodes of further disks and of partitions: those that the recipe's commands and files name, and
 * with the feature "block" those of the first four disks. FACTS get a note where the kernel will
 * have no disks. */
gboolean glue_add_disks(Tree *tree, const Recipe *recipe, const Platform *platform,
                        RootfsFormat format, Facts *facts, GError **error);

/* glue-writable.c */

/* Adds the folders of writable= that nobody brought; they belong to the user who runs there, if it
 * is one. */
gboolean glue_make_writable(Tree *tree, const Recipe *recipe, GError **error);
/* The folders that a tmpfs with a copy goes over; sorted, none below another; g_strfreev. MADE are
 * further paths (tmpfiles.d). FACTS: glue_mounts() has added to them. */
char **glue_writable(Tree *tree, const Recipe *recipe, RootfsFormat format, const GPtrArray *made,
                     const Facts *facts);

#endif
