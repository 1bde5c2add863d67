/* domain.h - domains that run in the background: their records, their keepers, how they are ended.
 *
 * Each has a folder CACHE/domains/NAME: "state" (a key file), "console" (what the guest said; the
 * older half of a long one in "console.old"), "messages" (what its keeper said), "held" (a lock
 * that the keeper has while it lives) and "control" (a socket of the keeper's). The keeper is a
 * tinyx that has detached itself: the guest ends with it, and nothing but the record outlives it.
 * Before anything is signalled or destroyed, it is made sure that it is what the record means: a
 * process by its pid and start time, a domain of a Xen host by its number and UUID.
 */
#ifndef TINYX_DOMAIN_DOMAIN_H
#define TINYX_DOMAIN_DOMAIN_H

#include "base/error.h"
#include "base/live.h"

#define DOMAIN_CONSOLE "console"
#define DOMAIN_CONSOLE_OLD "console.old"
#define DOMAIN_MESSAGES "messages"
#define DOMAIN_CONTROL "control"

typedef enum {
  DOMAIN_STARTS, /* its image is built, its host comes up */
  DOMAIN_RUNS,
  DOMAIN_ENDED,
  DOMAIN_LOST,      /* its keeper was killed: what is left of it, domain_stop() ends */
  DOMAIN_ELSEWHERE, /* of another machine or container that shares the cache */
} DomainState;

typedef struct {
  char *name;
  char *folder;
  LiveState live;   /* of the lock, when this was read */
  gboolean renewed; /* of domain_claim(): there was an older one of its name */

  /* In the record; strings may be NULL. */
  int pid;         /* the keeper's */
  guint64 started; /* process_started() of it */
  char *owner;     /* owner_line_of_process() of it */
  char *phase;     /* "starts", "runs", "ended" */
  gint64 since;    /* seconds since 1970 */
  gint64 until;    /* of one that has ended; 0 */
  char *how;       /* of one that has ended: "powered off" */
  char *recipe;    /* the word that named it */
  char *recipe_file;
  int takes_commands; /* 1: its image has the feature "exec" */
  char *platform;
  char *image;      /* its folder */
  int memory;       /* MB */
  int port;         /* of this machine's localhost; 0: none */
  int guest_port;   /* where that leads to */
  char *address;    /* the guest's */
  char *host;       /* where it runs, for people */
  char *spec;       /* --host as given */
  char *launcher;   /* its name */
  char *guest;      /* its name there */
  char *identity;   /* Launcher.identity() */
  int stop_seconds; /* that its end may take */
  char **command;   /* the words of the command that started it */
  char *directory;  /* where that was called */
} Domain;

void domain_free(Domain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Domain, domain_free)

/* Of the domain NAME as its record has it. INPUT where there is none, with those that are like it;
 * CORRUPT for a record that cannot be read. */
Domain *domain_load(const char *name, GError **error);
/* All (Domain*), by their names; a record that cannot be read is warned of. g_ptr_array_unref. */
GPtrArray *domain_list(GError **error);
/* The text of a record, FILE for messages. CORRUPT. */
Domain *domain_parse(const char *text, gsize size, const char *file, GError **error);
gboolean domain_save(const Domain *domain, GError **error);
/* FILE in its folder. g_free. */
char *domain_path(const Domain *domain, const char *file);

DomainState domain_state(const Domain *domain);
const char *domain_state_name(DomainState state);

/* Takes NAME for a domain that this process is about to start, and makes its folder anew: INPUT
 * where one of that name runs. What is left of one that was lost is ended first. The lock *HELD is
 * the caller's, to its end. */
Domain *domain_claim(const char *name, int *held, GError **error);

/* Asks it to shut down (FORCE: does not ask), and ends it by force when its time is over. *WAS
 * tells that it ran. One that does not run any more is no error; HOST for one of another machine.
 */
gboolean domain_stop(Domain *domain, gboolean force, gboolean *was, GError **error);
/* The names (char*, of those that run) whose guests are on the embedded host that is left running.
 * g_ptr_array_unref. */
GPtrArray *domain_names_on_left_host(void);
/* Removes the record, with its console; INPUT while it runs. */
gboolean domain_forget(Domain *domain, GError **error);

#endif
