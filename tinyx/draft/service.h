/* service.h - a systemd service as one application of a recipe, and notes on what is left out.
 *
 * Sources: systemd.service(5), systemd.exec(5). rootfs/unit.directives says which directives are
 * translated, which are left out with or without a note, and which are refused.
 */
#ifndef TINYX_DRAFT_SERVICE_H
#define TINYX_DRAFT_SERVICE_H

#include "draft/unit.h"
#include "recipe/recipe.h"
#include "tree/tree.h"

typedef struct {
  char *origin;   /* "redis-server.service", for people */
  RecipeRun *run; /* a reference; its command is never NULL, its name is "" */
  char *program;  /* the first word of the command */
  /* The accounts that ExecStartPre= and the folders get; NULL: root's. The command itself has those
   * of run, which are the same unless its line begins with "+" and asks for full rights. */
  char *user, *group;
  char *home;          /* a home that is made for the user; NULL: /etc/passwd says where it is */
  GPtrArray *applets;  /* char*: the BusyBox applets that its start runs */
  GPtrArray *writable; /* char*: folders that it writes to, and that are kept */
  GPtrArray *include;  /* char*: files of packages that its start reads */
  GPtrArray *groups;   /* char*: SupplementaryGroups=: of these the user is a member besides */
  GPtrArray *notes;    /* char*: what a person should know */
  GPtrArray *wanted;   /* char*: units that it requires, and "Type=dbus" */
  GPtrArray *after;    /* char*: units that are started before it */
  char *ready;         /* a file that is there once it serves; NULL: none is known */
  gboolean companion;  /* another service requires it: nobody asked for it, or its ports */
  int port;            /* TCP; 0: none is known */
  char *port_from;     /* where that stands, "/etc/redis/redis.conf:138"; NULL: nowhere */
  int udp_port;        /* that its socket unit opens, ports.known has or was seen open; 0: none */
} Service;

/* Translates UNIT. EnvironmentFile= and the paths of programs are looked up among the INSTALLED
 * files (NULL: none). INPUT, naming the directive and its line, for what cannot be translated. */
Service *service_from_unit(const Unit *unit, const Tree *installed, GError **error);
/* A service that runs COMMAND, which a person gave, or a package without a unit has. */
Service *service_from_command(const char *origin, const char *command, GError **error);
/* The absolute path of PROGRAM among the INSTALLED files, searched as systemd does (base/program.h,
 * and /usr/games); PROGRAM itself where it is not there. g_free. */
char *service_program_path(const Tree *installed, const char *program);
void service_free(Service *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Service, service_free)
/* Adds TEXT as one more line to what root's shell runs before each start. */
void service_add_before(Service *service, const char *text);

#endif
