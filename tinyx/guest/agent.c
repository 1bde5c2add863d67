/* agent.c - tinyx' end of the line to tinyx-agent. */
#include "guest/agent.h"
#include "guest/agent-answer.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/own.h"
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "tinyx-agent"
#define HELLO_SECONDS 60
#define COPY_SECONDS 600
#define LOG_BYTES 4096 /* of standard error, for its last line */
#define SLICE_MS 500   /* of a wait; after each it is seen what else has come */

/* A request that has not been answered, or whose answer has not been taken. */
typedef struct {
  gboolean answered;
  gboolean unwanted;
  AgentReply reply;
  AgentDataFunc on_data; /* of one that goes on after its answer */
  gpointer data;
} Asked;

struct Agent {
  Proc *proc;
  char *name;
  int log; /* what ssh and the shell say on standard error: a file without a name */
  int in, out;
  GString *bytes; /* of a line or what belongs to it, not yet understood */
  GHashTable *asked;
  guint last_id;
  double time;
  gint64 deadline; /* 0: none */
  gboolean patient, greeted, real_root;
};

/* ---- the program ------------------------------------------------------- */

char *
agent_script(const char *folder, GError **error) {
  g_autofree char *program = own_program(PROGRAM, error);
  g_autofree char *quoted = g_shell_quote(folder);
  gint64 size;
  if (program == NULL)
    return NULL;
  size = file_size(program);
  /* head reads no further than the program: what comes after it is for the agent. */
  return g_strdup_printf("mkdir -p -m 700 %s && cd %s && head -c %" G_GINT64_FORMAT
                         " >%s && chmod 700 %s && exec ./%s .",
                         quoted, quoted, size, PROGRAM, PROGRAM, PROGRAM);
}

/* ---- what comes -------------------------------------------------------- */

void
agent_reply_clear(AgentReply *reply) {
  g_clear_pointer(&reply->words, g_strfreev);
  g_clear_pointer(&reply->bytes, g_free);
}

static void
asked_free(gpointer data) {
  Asked *asked = data;
  agent_reply_clear(&asked->reply);
  g_free(asked);
}

static Asked *
find(const Agent *agent, guint id) {
  return g_hash_table_lookup(agent->asked, GUINT_TO_POINTER(id));
}

static char *
last_words(const Agent *agent) {
  char text[LOG_BYTES + 1], *line;
  off_t size = lseek(agent->log, 0, SEEK_END);
  ssize_t got = pread(agent->log, text, LOG_BYTES, MAX(size - LOG_BYTES, 0));
  text[MAX(got, 0)] = '\0';
  if (g_strchomp(text)[0] == '\0')
    return g_strdup("it says nothing");
  line = strrchr(text, '\n');
  return g_strdup(line != NULL ? line + 1 : text);
}

static gboolean
set_broken(const Agent *agent, GError **error) {
  g_autofree char *words = last_words(agent);
  if (!proc_set_interrupted_error(error))
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "%s broke off: %s", agent->name, words);
  return FALSE;
}

static gboolean
set_not_understood(const Agent *agent, const char *line, GError **error) {
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST,
              "%s: its agent said '%.200s'; expected an answer", agent->name, line);
  return FALSE;
}

static void
take_answer(Agent *agent, const AgentAnswer *answer, const char *bytes) {
  char **words = answer->words;
  const guint id = answer->id;
  const AgentAnswerKind kind = answer->kind;
  const gsize size = answer->size;
  Asked *asked = find(agent, id);
  if (kind == AGENT_HELLO) {
    agent->greeted = g_strcmp0(words[0], AGENT_VERSION) == 0;
    agent->real_root = agent->greeted && g_strcmp0(words[1], "real") == 0;
  }
  if (asked == NULL)
    return;
  if (kind == AGENT_DATA) {
    if (asked->on_data != NULL)
      asked->on_data(bytes, size, asked->data);
  } else if (kind == AGENT_ENDED) {
    if (asked->on_data != NULL)
      asked->on_data(NULL, 0, asked->data);
    g_hash_table_remove(agent->asked, GUINT_TO_POINTER(id));
  } else if (asked->unwanted) {
    if (kind == AGENT_FAILED)
      msg_verbose("%s: %.*s", agent->name, (int)size, bytes);
    g_hash_table_remove(agent->asked, GUINT_TO_POINTER(id));
  } else {
    asked->answered = TRUE;
    asked->reply.failed = kind == AGENT_FAILED;
    asked->reply.time = agent->time;
    asked->reply.words = g_strdupv(words);
    asked->reply.bytes = g_malloc(size + 1);
    memcpy(asked->reply.bytes, bytes, size);
    asked->reply.bytes[size] = '\0';
    asked->reply.size = size;
  }
}

/* One answer and its bytes, if they are whole. *MORE: they were. */
static gboolean
understand(Agent *agent, gboolean *more, GError **error) {
  g_auto(AgentAnswer) answer = {0};
  switch (agent_answer_parse(agent->bytes->str, agent->bytes->len, &answer)) {
  case AGENT_ANSWER_CUT_OFF:
    *more = FALSE;
    return TRUE;
  case AGENT_ANSWER_WRONG: {
    g_autofree char *line = g_strndup(agent->bytes->str, strcspn(agent->bytes->str, "\n"));
    *more = FALSE;
    return set_not_understood(agent, line, error);
  }
  case AGENT_ANSWER_WHOLE:
    break;
  }
  agent->time = answer.time;
  take_answer(agent, &answer, agent->bytes->str + answer.head);
  g_string_erase(agent->bytes, 0, (gssize)(answer.head + answer.size));
  *more = TRUE;
  return TRUE;
}

static gboolean
read_some(Agent *agent, GError **error) {
  char bytes[65536];
  ssize_t got = read(agent->out, bytes, sizeof bytes);
  gboolean more = got > 0;
  if (got < 0 && (errno == EINTR || errno == EAGAIN))
    return TRUE;
  if (got <= 0)
    return set_broken(agent, error);
  g_string_append_len(agent->bytes, bytes, got);
  while (more)
    if (!understand(agent, &more, error))
      return FALSE;
  return TRUE;
}

/* Waits until something can be read, and reads it; with WRITE also until something can be written;
 * also for MORE descriptors of others. MILLISECONDS at most. */
static gboolean
turn(Agent *agent, gboolean write, struct pollfd *more, guint count, int milliseconds,
     GError **error) {
  struct pollfd fds[2 + AGENT_POLL_MAX] = {{.fd = agent->out, .events = POLLIN},
                                           {.fd = write ? agent->in : -1, .events = POLLOUT}};
  if (!agent->patient && proc_set_interrupted_error(error))
    return FALSE;
  if (agent->deadline != 0 && g_get_monotonic_time() > agent->deadline) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_TIMEOUT, "%s does not answer in time", agent->name);
    return FALSE;
  }
  count = MIN(count, AGENT_POLL_MAX);
  if (count > 0)
    memcpy(fds + 2, more, count * sizeof *more);
  if (poll(fds, 2 + count, MIN(milliseconds, SLICE_MS)) < 0 && errno != EINTR)
    return set_broken(agent, error);
  if (count > 0)
    memcpy(more, fds + 2, count * sizeof *more);
  return (fds[0].revents == 0 || read_some(agent, error)) &&
         (agent->patient || !proc_set_interrupted_error(error));
}

/* ---- what goes --------------------------------------------------------- */

/* Answers are taken meanwhile: otherwise each might wait for the other. */
static gboolean
send_bytes(Agent *agent, const char *bytes, gsize size, GError **error) {
  while (size > 0) {
    ssize_t written = write(agent->in, bytes, size);
    if (written < 0 && errno != EAGAIN && errno != EINTR)
      return set_broken(agent, error);
    if (written < 0 && !turn(agent, TRUE, NULL, 0, SLICE_MS, error))
      return FALSE;
    if (written > 0) {
      bytes += written;
      size -= (gsize)written;
    }
  }
  return TRUE;
}

static gboolean
send_file(Agent *agent, const char *file, gint64 size, GError **error) {
  char bytes[65536];
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  gboolean sent = fd >= 0;
  while (sent && size > 0) {
    ssize_t got = read(fd, bytes, (size_t)MIN(size, (gint64)sizeof bytes));
    if (got <= 0)
      break;
    sent = send_bytes(agent, bytes, (gsize)got, error);
    size -= got;
  }
  if (fd >= 0)
    close(fd);
  if (sent && size == 0)
    return TRUE;
  if (error != NULL && *error == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot be read", file);
  return FALSE;
}

static guint
send_head(Agent *agent, AgentRequestKind kind, gsize size, const char *arguments, GError **error) {
  g_autofree char *line =
      g_strdup_printf("%u %s%s%s %" G_GSIZE_FORMAT "\n", ++agent->last_id,
                      agent_requests[kind].word, arguments[0] != '\0' ? " " : "", arguments, size);
  guint id = agent->last_id;
  g_hash_table_insert(agent->asked, GUINT_TO_POINTER(id), g_new0(Asked, 1));
  if (send_bytes(agent, line, strlen(line), error))
    return id;
  g_hash_table_remove(agent->asked, GUINT_TO_POINTER(id));
  return 0;
}

static guint
ask(Agent *agent, AgentRequestKind kind, const void *bytes, gsize size, const char *arguments,
    GError **error) {
  guint id = send_head(agent, kind, size, arguments, error);
  return id != 0 && send_bytes(agent, bytes, size, error) ? id : 0;
}

guint
agent_ask(Agent *agent, AgentRequestKind kind, const void *bytes, gsize size, GError **error,
          const char *format, ...) {
  g_autofree char *arguments = NULL;
  va_list args;
  va_start(args, format);
  arguments = g_strdup_vprintf(format, args);
  va_end(args);
  return ask(agent, kind, bytes, size, arguments, error);
}

/* ---- waiting ----------------------------------------------------------- */

gboolean
agent_take(Agent *agent, guint id, AgentReply *reply) {
  Asked *asked = find(agent, id);
  if (asked == NULL || !asked->answered)
    return FALSE;
  *reply = asked->reply;
  memset(&asked->reply, 0, sizeof asked->reply);
  asked->answered = FALSE;
  if (asked->on_data == NULL || reply->failed)
    g_hash_table_remove(agent->asked, GUINT_TO_POINTER(id));
  return TRUE;
}

gboolean
agent_wait(Agent *agent, guint id, AgentReply *reply, GError **error) {
  while (!agent_take(agent, id, reply))
    if (!turn(agent, FALSE, NULL, 0, SLICE_MS, error))
      return FALSE;
  return TRUE;
}

gboolean
agent_wait_any(Agent *agent, double seconds, GError **error) {
  return turn(agent, FALSE, NULL, 0, (int)(seconds * 1000), error);
}

gboolean
agent_poll(Agent *agent, struct pollfd *fds, guint count, double seconds, GError **error) {
  return turn(agent, FALSE, fds, count, (int)(seconds * 1000), error);
}

void
agent_forget(Agent *agent, guint id) {
  Asked *asked = find(agent, id);
  if (asked == NULL)
    return;
  if (asked->answered)
    g_hash_table_remove(agent->asked, GUINT_TO_POINTER(id));
  else
    asked->unwanted = TRUE;
}

gboolean
agent_call(Agent *agent, AgentRequestKind kind, const char *text, AgentReply *reply, GError **error,
           const char *format, ...) {
  g_autofree char *arguments = NULL;
  va_list args;
  guint id;
  va_start(args, format);
  arguments = g_strdup_vprintf(format, args);
  va_end(args);
  memset(reply, 0, sizeof *reply);
  id = ask(agent, kind, text, strlen(text), arguments, error);
  if (id == 0 || !agent_wait(agent, id, reply, error))
    return FALSE;
  if (reply->failed)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_GUEST, "%s", reply->bytes);
  return !reply->failed;
}

double
agent_time(const Agent *agent) {
  return agent->time;
}

void
agent_set_deadline(Agent *agent, double seconds) {
  agent->deadline = seconds > 0 ? g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC) : 0;
}

void
agent_set_patient(Agent *agent, gboolean patient) {
  agent->patient = patient;
}

gboolean
agent_is_real_root(const Agent *agent) {
  return agent->real_root;
}

/* ---- opening and closing ----------------------------------------------- */

static gboolean
start(Agent *agent, const char *const *argv, const char *log, GError **error) {
  int in[2], out[2];
  ProcSpec spec = {.argv = argv, .log = log};
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "pipe: %s", g_strerror(errno));
    return FALSE;
  }
  spec.input_fd = in[0];
  spec.output_fd = out[1];
  agent->in = in[1];
  agent->out = out[0];
  fcntl(agent->in, F_SETFL, O_NONBLOCK);
  agent->proc = proc_start(&spec, error);
  close(in[0]);
  close(out[1]);
  return agent->proc != NULL;
}

/* Nothing else is sent before it has greeted: what hands the program on may read beyond its end. */
static gboolean
send_program(Agent *agent, GError **error) {
  g_autofree char *program = own_program(PROGRAM, error);
  if (program == NULL || !send_file(agent, program, file_size(program), error))
    return FALSE;
  while (!agent->greeted)
    if (!turn(agent, FALSE, NULL, 0, SLICE_MS, error))
      return FALSE;
  return TRUE;
}

Agent *
agent_open(const char *const *argv, const char *name, GError **error) {
  Agent *agent = g_new0(Agent, 1);
  g_autofree char *log = NULL;
  gboolean started;
  agent->in = agent->out = -1;
  agent->name = g_strdup(name);
  agent->bytes = g_string_new(NULL);
  agent->asked = g_hash_table_new_full(NULL, NULL, NULL, asked_free);
  agent_set_deadline(agent, HELLO_SECONDS);
  agent->log = g_file_open_tmp("tinyx-agent-XXXXXX", &log, error);
  started = agent->log >= 0 && start(agent, argv, log, error);
  if (log != NULL)
    unlink(log); /* nothing is left of it, however we end */
  if (started && send_program(agent, error)) {
    agent_set_deadline(agent, 0);
    return agent;
  }
  agent_close(agent, 0);
  return NULL;
}

void
agent_close(Agent *agent, double seconds) {
  if (agent == NULL)
    return;
  if (agent->in >= 0)
    close(agent->in);
  if (agent->proc != NULL && seconds > 0 && !proc_interrupted())
    proc_wait(agent->proc, seconds);
  if (agent->out >= 0)
    close(agent->out);
  proc_stop(agent->proc, seconds > 0 ? 1 : 0);
  if (agent->log >= 0)
    close(agent->log);
  g_hash_table_unref(agent->asked);
  g_string_free(agent->bytes, TRUE);
  g_free(agent->name);
  g_free(agent);
}

/* ---- requests ---------------------------------------------------------- */

void
agent_run_clear(AgentRun *run) {
  g_clear_pointer(&run->out, g_free);
}

gboolean
agent_run_parse(AgentReply *reply, AgentRun *run, GError **error) {
  memset(run, 0, sizeof *run);
  if (reply->failed || g_strv_length(reply->words) != 2) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "a script cannot be run there: %s",
                reply->bytes);
    return FALSE;
  }
  run->began = g_ascii_strtod(reply->words[0], NULL);
  run->ended = reply->time;
  run->timed_out = g_str_equal(reply->words[1], AGENT_TIMEOUT);
  run->status = run->timed_out ? -1 : (int)g_ascii_strtoll(reply->words[1], NULL, 10);
  for (gsize i = 0; i < reply->size; i++) /* it may be any bytes */
    if (reply->bytes[i] == '\0')
      reply->bytes[i] = '?';
  run->out = g_steal_pointer(&reply->bytes);
  return TRUE;
}

gboolean
agent_exec(Agent *agent, int seconds, const char *script, const char *file, AgentRun *run,
           GError **error) {
  gint64 size = file != NULL ? file_size(file) : 0;
  g_autofree char *arguments = g_strdup_printf("%d %" G_GSIZE_FORMAT, seconds, strlen(script));
  g_auto(AgentReply) reply = {0};
  guint id;
  memset(run, 0, sizeof *run);
  msg_verbose("+ %s: %s%s%s", agent->name, script, file != NULL ? " <" : "",
              file != NULL ? file : "");
  id = send_head(agent, AGENT_EXEC, strlen(script) + (gsize)MAX(size, 0), arguments, error);
  return id != 0 && send_bytes(agent, script, strlen(script), error) &&
         (file == NULL || send_file(agent, file, size, error)) &&
         agent_wait(agent, id, &reply, error) && agent_run_parse(&reply, run, error);
}

/* SCRIPT with the local file LOCAL as its input must end well. */
static gboolean
copy(Agent *agent, const char *script, const char *local, GError **error) {
  g_auto(AgentRun) run = {0};
  if (!agent_exec(agent, COPY_SECONDS, script, local, &run, error))
    return FALSE;
  if (run.status != 0)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "copying to %s: %s", agent->name,
                run.timed_out                    ? "it takes too long"
                : g_strchomp(run.out)[0] != '\0' ? run.out
                                                 : "failed");
  return run.status == 0;
}

gboolean
agent_unpack(Agent *agent, const char *local, const char *folder, GError **error) {
  g_autofree char *quoted = g_shell_quote(folder);
  /* No device nodes in a user namespace: a test gets this machine's. */
  g_autofree char *script =
      g_strdup_printf("mkdir -p -m 700 %s && tar -xf - -C %s%s", quoted, quoted,
                      agent->real_root ? "" : " --no-same-owner --exclude='dev/*'");
  return copy(agent, script, local, error);
}

gboolean
agent_put(Agent *agent, const char *local, const char *path, GError **error) {
  g_autofree char *quoted = g_shell_quote(path);
  g_autofree char *script = g_strconcat("cat > ", quoted, NULL);
  return copy(agent, script, local, error);
}

guint
agent_start(Agent *agent, const char *file, const char *script, AgentDataFunc on_data,
            gpointer data, GError **error) {
  g_auto(AgentReply) reply = {0};
  guint id;
  Asked *asked;
  msg_verbose("+ %s: %s >%s &", agent->name, script, file);
  id = send_head(agent, AGENT_START, strlen(script), file, error);
  if (id == 0)
    return 0;
  asked = find(agent, id);
  asked->on_data = on_data;
  asked->data = data;
  if (!send_bytes(agent, script, strlen(script), error) || !agent_wait(agent, id, &reply, error))
    return 0;
  if (reply.failed) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "%s: %s", agent->name, reply.bytes);
    g_hash_table_remove(agent->asked, GUINT_TO_POINTER(id));
    return 0;
  }
  return id;
}

gboolean
agent_tell(Agent *agent, guint id, const char *text, GError **error) {
  g_auto(AgentReply) reply = {0};
  return agent_call(agent, AGENT_WRITE, text, &reply, error, "%u", id);
}

guint
agent_connect(Agent *agent, int side, const char *address, int port, AgentDataFunc on_data,
              gpointer data, GError **error) {
  g_autofree char *arguments = g_strdup_printf("%s %d %d", address, port, side);
  guint id = send_head(agent, AGENT_OPEN, 0, arguments, error);
  Asked *asked = id != 0 ? find(agent, id) : NULL;
  if (asked != NULL) {
    asked->on_data = on_data;
    asked->data = data;
  }
  return id;
}

void
agent_stop(Agent *agent, guint id) {
  Asked *asked = find(agent, id);
  guint stop;
  if (asked != NULL && asked->on_data != NULL)
    asked->data = asked->on_data = NULL;
  stop = id != 0 ? agent_ask(agent, AGENT_STOP, "", 0, NULL, "%u", id) : 0;
  if (stop != 0)
    agent_forget(agent, stop);
}

double
agent_cpu(Agent *agent, guint id) {
  g_auto(AgentReply) reply = {0};
  if (!agent_call(agent, AGENT_CPU, "", &reply, NULL, "%u", id) || reply.words[0] == NULL)
    return -1;
  return g_ascii_strtod(reply.words[0], NULL);
}

gboolean
agent_at_end(Agent *agent, const char *name, const char *script, GError **error) {
  guint id = agent_ask(agent, AGENT_AT_END, script != NULL ? script : "",
                       script != NULL ? strlen(script) : 0, error, "%s", name);
  if (id != 0)
    agent_forget(agent, id);
  return id != 0;
}
