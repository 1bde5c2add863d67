/* glue.h - what an application needs around it to be a system: init's table, the scripts that it
 * runs, device nodes, folders, users, and what the packages' tmpfiles.d ask for.
 *
 * TREE must have the application's files first (with usr/lib/tmpfiles.d and the recipe's files/);
 * then come glue_applets(), busybox_add() and glue_add(), in this order.
 */
#ifndef TINYX_ROOTFS_GLUE_H
#define TINYX_ROOTFS_GLUE_H

#include "rootfs/rootfs.h"

/* The BusyBox applets that the glue runs in this image, those that make SECRETS (may be NULL) at
 * the first boot, and the recipe's; g_strfreev. FACTS have what the files show, and get what is
 * mounted by it (mount:proc). */
char **glue_applets(const Recipe *recipe, RootfsFormat format, const Secrets *secrets, Facts *facts,
                    GError **error);

/* Decides whether messages of syslog(3) go to the console: where RECIPE asks for it (with=syslog,
 * the applet logger) or FACTS show who sends some, and the kernel may have SOCKETS of UNIX. FACTS
 * get applet:syslogd then. Otherwise *LOST is what sends them ("import syslog in /usr/sbin/x",
 * g_free), where anything does. Comes before glue_applets(). */
gboolean glue_decide_log(const Recipe *recipe, gboolean sockets, Facts *facts, char **lost,
                         GError **error);

/* Adds the glue for PLATFORM to TREE. FACTS has what the application's files show, which decides on
 * the mounts (rootfs/evidence.h), and gets what the glue will do: mount:proc, applet:udhcpc,
 * run:user. SECRETS (may be NULL) has what the first boot makes. What the recipe itself brings is
 * left as it is; tmpfiles.d is taken out once it is read. INPUT for a user or group that the
 * image's /etc/passwd does not have. */
gboolean glue_add(Tree *tree, const Recipe *recipe, const Platform *platform, RootfsFormat format,
                  const Secrets *secrets, Facts *facts, GError **error);

/* What starts RUN: "/etc/tinyx/start", or "/etc/tinyx/start-NAME" for [run NAME]; an argument for
 * /etc/tinyx/run. g_free. */
char *glue_start_path(const RecipeRun *run);

#endif
