/* agent.h - tinyx-agent's parts. It runs beside guests and does what tinyx asks on its standard
 * input; docs/guest-protocol.md is its protocol. It is static, C alone, and one loop around
 * poll(2).
 */
#ifndef TINYX_AGENT_AGENT_H
#define TINYX_AGENT_AGENT_H

#include "agent/protocol.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define NOBODY 0 /* no request has this number */

typedef struct {
  char *bytes;
  size_t size, room;
} Buffer;

void buffer_add(Buffer *buffer, const void *bytes, size_t size);
void buffer_drop(Buffer *buffer, size_t size); /* from its beginning */
void buffer_clear(Buffer *buffer);

/* ---- what comes and goes (frames.c) ------------------------------------------------------- */

typedef struct {
  unsigned id;
  int kind; /* AgentRequestKind */
  char *words[AGENT_WORDS_MAX];
  int count;
  size_t size; /* bytes that follow the line */
} Request;

/* Answers of one request. FORMAT is of the words after the time. */
void answer(unsigned id, AgentAnswerKind kind, const void *bytes, size_t size, const char *format,
            ...) __attribute__((format(printf, 5, 6)));
void answer_failed(unsigned id, const char *format, ...) __attribute__((format(printf, 2, 3)));
void answer_done(unsigned id);
bool answers_pending(void);
bool answers_write(void); /* what standard output takes now; false: nobody reads it any more */

/* LINE, without its end and cut up, as *REQUEST. false: it is none; WHY says what is wrong. */
bool request_parse(char *line, Request *request, const char **why);

/* ---- time ---------------------------------------------------------------------------------- */

double clock_now(void); /* seconds, monotonic */

/* ---- processes (jobs.c) -------------------------------------------------------------------- */

/* Each of these answers by itself, now or when it is over. */
void job_exec(unsigned id, int seconds, const char *script, int *input); /* *INPUT: a pipe to it */
void job_start(unsigned id, const char *file, const char *script);
void job_test(unsigned id, const char *root, int seconds, int first_side, int sides, char *words,
              size_t size);
bool job_stop(unsigned id); /* false: there is none */
bool job_write(unsigned writer, unsigned id, const char *bytes, size_t size);
bool job_cpu(unsigned id, double *seconds);
void jobs_reap(void); /* after SIGCHLD */
size_t jobs_poll(struct pollfd *fds, size_t most);
void jobs_ready(const struct pollfd *fds, size_t count);
double jobs_due(double now); /* seconds until jobs_tick() has to be called; negative: never */
void jobs_tick(double now);
/* Ends all that descend from PROCESS, not itself; it must be their subreaper, or an ancestor of it
 * must. OWN: reaps them, too. */
void descendants_kill(pid_t process, bool own);

/* ---- tests (test.c, side.c) ---------------------------------------------------------------- */

/* Runs a test to its end, confined (confine/confine.h): an unprivileged user, whose root is ROOT.
 * WORDS is the script and then its environment, each with a NUL at its end; it sees the networks of
 * SIDES sides from FIRST_SIDE on, or this process' own. Returns its exit status; what it left
 * behind has been ended. */
int test_run(const char *root, int first_side, int sides, char *words, size_t size);
/* Makes /test/side-NUMBER below the new root ("."), where a process that serves() is asked to run
 * commands. A listening socket, or -1. */
int side_listen(int number);
/* Runs what the clients of LISTENING ask for, until process 1 ends. Has the rights that they get.
 */
void side_serve(int listening) __attribute__((noreturn));
/* "side NUMBER COMMAND...": its main(). */
int side_main(int argc, char **argv);
bool side_program(const char *name); /* whether main() is called as that */

/* ---- networks ------------------------------------------------------------------------------ */

void probe_start(unsigned id, const char *address, int port, int seconds, int side);
bool probe_stop(unsigned id);
size_t probes_poll(struct pollfd *fds, size_t most);
void probes_ready(const struct pollfd *fds, size_t count);
double probes_due(double now);
void probes_tick(double now);

/* Connections (stream.c); each of their requests is answered by itself. false: no such connection,
 * or one that is not ready for that. */
void stream_open(unsigned id, const char *address, int port, int side);
bool stream_send(unsigned writer, unsigned id, const char *bytes, size_t size);
bool stream_taken(unsigned id, size_t size);
bool stream_stop(unsigned id);
size_t streams_poll(struct pollfd *fds, size_t most);
void streams_ready(const struct pollfd *fds, size_t count);

/* Each returns NULL, or what is wrong. */
const char *networks_choose(int count, char *candidates, Buffer *chosen);
const char *tap_make(const char *device, const char *address, const char *peer, const char *mac);
const char *side_make(const char *device, const char *address, const char *peer, const char *mac,
                      int *number);
void side_drop(int number);
bool side_enter(int number); /* this process, for good; -1: nothing to do */
int side_socket(int number); /* a TCP socket in it */

/* ---- the end (end.c) ------------------------------------------------------------------------ */

void end_script(const char *name, const char *script); /* "": none any more */
void end_run(void);                                    /* all of them */

#endif
