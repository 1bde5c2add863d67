/* agent.h - tinyx' end of the line to tinyx-agent, which runs beside guests (tinyx/agent/).
 *
 * Requests are numbered; several may be under way. Each is answered once. Answers carry the time of
 * the agent's own clock (seconds, monotonic): whoever measures uses that one, since the way to the
 * agent takes time, and an emulated host's clock runs as it likes. docs/guest-protocol.md has the
 * protocol.
 *
 * Errors of all functions: HOST where the agent is not reached (any more), with its last words;
 * TIMEOUT at agent_set_deadline()'s; INTERRUPTED.
 */
#ifndef TINYX_GUEST_AGENT_H
#define TINYX_GUEST_AGENT_H

#include "agent/protocol.h"
#include "base/error.h"

#include <poll.h>

typedef struct Agent Agent;

/* A script for /bin/sh that makes FOLDER and becomes an agent in it; agent_open() hands it the
 * program on its standard input. g_free. NULL with TOOL where tinyx-agent has not been built. */
char *agent_script(const char *folder, GError **error);
/* Starts ARGV, which runs agent_script() somewhere. NAME is for messages: "the Xen host x". */
Agent *agent_open(const char *const *argv, const char *name, GError **error);
/* Closes its standard input: it ends its guests, all processes that it started, and removes its
 * folder. Waits up to SECONDS for that. NULL is fine. */
void agent_close(Agent *agent, double seconds);
/* FALSE: it runs as root of a user namespace only, where no device nodes can be made. */
gboolean agent_is_real_root(const Agent *agent);

/* From now on, by this machine's clock: a host that stands still must not hold us up. 0: none. */
void agent_set_deadline(Agent *agent, double seconds);
/* After Ctrl-C, to tidy up: waits do not end at once. */
void agent_set_patient(Agent *agent, gboolean patient);
/* The latest time that it told. */
double agent_time(const Agent *agent);

typedef struct {
  gboolean failed; /* then bytes say why */
  double time;
  char **words; /* after the time */
  char *bytes;  /* with a NUL behind them */
  gsize size;
} AgentReply;

void agent_reply_clear(AgentReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AgentReply, agent_reply_clear)

/* Sends a request: FORMAT is of its arguments. Returns its number, or 0 with ERROR. */
guint agent_ask(Agent *agent, AgentRequestKind kind, const void *bytes, gsize size, GError **error,
                const char *format, ...) G_GNUC_PRINTF(6, 7);
/* Its answer, if it has come; does not wait. */
gboolean agent_take(Agent *agent, guint id, AgentReply *reply);
/* Its answer, when it has come. */
gboolean agent_wait(Agent *agent, guint id, AgentReply *reply, GError **error);
/* Waits for anything to come, SECONDS at most. */
gboolean agent_wait_any(Agent *agent, double seconds, GError **error);
#define AGENT_POLL_MAX 64
/* The same, or for COUNT descriptors more (FDS, may be NULL, as poll(2) has them). */
gboolean agent_poll(Agent *agent, struct pollfd *fds, guint count, double seconds, GError **error);
/* Nobody will take its answer. */
void agent_forget(Agent *agent, guint id);
/* All of the above in one; an answer that says "failed" is an error of code GUEST. */
gboolean agent_call(Agent *agent, AgentRequestKind kind, const char *text, AgentReply *reply,
                    GError **error, const char *format, ...) G_GNUC_PRINTF(6, 7);

typedef struct {
  int status; /* 0…255, 128 + signal */
  gboolean timed_out;
  double began, ended;
  char *out; /* standard output and error */
} AgentRun;

void agent_run_clear(AgentRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AgentRun, agent_run_clear)

/* Runs SCRIPT there by /bin/sh, with the local FILE (NULL: nothing) as its standard input. Any
 * status, and the deadline of SECONDS by the agent's clock, is a result. */
gboolean agent_exec(Agent *agent, int seconds, const char *script, const char *file, AgentRun *run,
                    GError **error);
/* RUN from the answer to an exec or test request. */
gboolean agent_run_parse(AgentReply *reply, AgentRun *run, GError **error);
/* Unpacks the local tar file LOCAL in the folder FOLDER there, which is made. */
gboolean agent_unpack(Agent *agent, const char *local, const char *folder, GError **error);

/* Copies the local file LOCAL to the path PATH there. */
gboolean agent_put(Agent *agent, const char *local, const char *path, GError **error);

/* Gets what a program says, or what comes on a connection; BYTES is NULL at its end. */
typedef void (*AgentDataFunc)(const char *bytes, gsize size, gpointer data);

/* Starts SCRIPT in the background; what it says goes to FILE there, and to ON_DATA as it comes.
 * FILE is a path below the agent's folder, without blanks. Its standard input is what agent_tell()
 * says, and does not end. Returns its number, for agent_stop(); 0 with ERROR. */
guint agent_start(Agent *agent, const char *file, const char *script, AgentDataFunc on_data,
                  gpointer data, GError **error);
/* Bytes for the standard input of a program that was started: some, as a line is. */
gboolean agent_tell(Agent *agent, guint id, const char *text, GError **error);
/* A TCP connection from SIDE there: the number of the request, whose answer tells that it stands.
 */
guint agent_connect(Agent *agent, int side, const char *address, int port, AgentDataFunc on_data,
                    gpointer data, GError **error);
void agent_stop(Agent *agent, guint id); /* does not wait */
/* CPU seconds that it has had; -1 */
double agent_cpu(Agent *agent, guint id);
/* SCRIPT is run when tinyx has died; NULL: no longer. */
gboolean agent_at_end(Agent *agent, const char *name, const char *script, GError **error);

#endif
