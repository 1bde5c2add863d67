/* service.h - what a systemd service means for a recipe: the [run] group, and what was lost.
 *
 * Sources: systemd.service(5), systemd.exec(5); which directive is taken, left or refused is data:
 * rootfs/unit.directives.
 */
#ifndef TINYX_DRAFT_SERVICE_H
#define TINYX_DRAFT_SERVICE_H

#include "draft/unit.h"
#include "recipe/recipe.h"
#include "tree/tree.h"

typedef struct {
  char *origin;        /* "redis-server.service", for people */
  RecipeRun run;       /* name is empty; command is never NULL */
  char *program;       /* of the command: argv[0] */
  char *user, *group;  /* whose what comes before is; those of run, unless the command has "+" */
  char *home;          /* of the user, which it makes; NULL: the user's entry has one */
  GPtrArray *applets;  /* char*: BusyBox applets that the start runs */
  GPtrArray *writable; /* char*: folders that it writes to */
  GPtrArray *notes;    /* char*: what a person should know */
  gboolean sysctl;     /* its start writes to /proc/sys */
  int udp_port;        /* which its socket unit opens, or ports.known has; 0: none */
} Service;

/* UNIT of the INSTALLED files (EnvironmentFile, programs by their bare names). INPUT, naming the
 * directive and its line, for what cannot be translated. */
Service *service_from_unit(const Unit *unit, const Tree *installed, GError **error);
/* A command line that somebody gave, or that a package has without any unit. */
Service *service_from_command(const char *origin, const char *command, GError **error);
/* PROGRAM's absolute path, searched as systemd does (sbin and bin folders); PROGRAM itself where it
 * is not there. g_free. */
char *service_program_path(const Tree *installed, const char *program);
void service_free(Service *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Service, service_free)
void service_add_before(Service *service, const char *text); /* one more line */
void service_add_applet(Service *service, const char *name); /* each once */

#endif
