/* probe.c - a service asked by its protocol whether it serves. */
#include "guest/probe.h"

#include "base/plain.h"

#include <string.h>

#define BANNER_SECONDS 2.0 /* that a server which speaks first may take, where nobody knows it */
#define REPLY_SECONDS 6.0  /* and any reply: sshd and mail servers look up names first */
#define CONNECT_SECONDS 5.0
#define AGAIN_SECONDS 1.0   /* between two questions of one that refuses */
#define REPLY_MOST 65536    /* bytes of a reply that are looked at */
#define SAID_MOST 160       /* bytes of it that are told */
#define UNKNOWN_LAST "http" /* what a service is asked as that nobody knows */

typedef struct {
  Agent *agent;
  const ProbeRules *rules;
  const char *address;
  int port, side;
  guint stream; /* the connection; 0: it has ended */
  GString *said;
} Probe;

const char *
probe_result_name(ProbeResult result) {
  static const char *const names[] = {"not asked", "answered", "refused",
                                      "unsure",    "unknown",  "silent"};
  return names[result];
}

void
probe_finding_clear(ProbeFinding *finding) {
  g_clear_pointer(&finding->protocol, g_free);
  g_clear_pointer(&finding->said, g_free);
  g_clear_pointer(&finding->reason, g_free);
  finding->result = PROBED_NOT;
}

/* ---- one connection ------------------------------------------------------ */

static void
take_bytes(const char *bytes, gsize size, gpointer data) {
  Probe *probe = data;
  if (bytes == NULL)
    probe->stream = 0;
  else if (probe->said->len < REPLY_MOST)
    g_string_append_len(probe->said, bytes, (gssize)MIN(size, REPLY_MOST - probe->said->len));
}

/* Waits for the answer to ID, SECONDS at most. *GOOD: it came, and says done. */
static gboolean
wait_for(Probe *probe, guint id, double seconds, gboolean *good, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
  g_auto(AgentReply) reply = {0};
  *good = FALSE;
  while (!agent_take(probe->agent, id, &reply)) {
    if (g_get_monotonic_time() >= end) {
      agent_forget(probe->agent, id);
      return TRUE;
    }
    if (!agent_wait_any(probe->agent, 0.1, error))
      return FALSE;
  }
  *good = !reply.failed;
  return TRUE;
}

static void
hang_up(Probe *probe) {
  if (probe->stream != 0)
    agent_stop(probe->agent, probe->stream);
  probe->stream = 0;
}

/* A connection, on which SEND (NULL: nothing) is said; without one the stream has ended. */
static gboolean
call(Probe *probe, const GString *send, GError **error) {
  gboolean good, sent;
  guint id = agent_connect(probe->agent, probe->side, probe->address, probe->port, take_bytes,
                           probe, error);
  g_string_truncate(probe->said, 0);
  if (id == 0)
    return FALSE;
  probe->stream = id;
  if (!wait_for(probe, id, CONNECT_SECONDS, &good, error))
    return FALSE;
  if (!good)
    hang_up(probe);
  if (send == NULL || probe->stream == 0)
    return TRUE;
  guint written =
      agent_ask(probe->agent, AGENT_WRITE, send->str, send->len, error, "%u", probe->stream);
  return written != 0 && wait_for(probe, written, CONNECT_SECONDS, &sent, error);
}

/* The reply of one of PROTOCOLS (NULL-terminated), once what was said is one; *WHICH is the
 * protocol. NULL after SECONDS, or at the connection's end. */
static gboolean
hear(Probe *probe, const ProbeProtocol *const *protocols, double seconds, const ProbeReply **reply,
     const ProbeProtocol **which, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
  for (*reply = NULL, *which = NULL;;) {
    for (guint i = 0; protocols[i] != NULL && *reply == NULL; i++)
      if ((*reply = probe_reply_find(protocols[i], probe->said->str, probe->said->len)) != NULL)
        *which = protocols[i];
    if (*reply != NULL || probe->stream == 0 || g_get_monotonic_time() >= end)
      return TRUE;
    if (!agent_wait_any(probe->agent, 0.1, error))
      return FALSE;
  }
}

/* ---- what it is asked ---------------------------------------------------- */

/* The first line of what was said that has anything to see in it. g_free; NULL: there is none. */
static char *
first_line(const GString *said) {
  g_autofree char *bytes = g_strndup(said->str, MIN(said->len, SAID_MOST));
  gsize skip = strspn(bytes, "\r\n");
  if (said->len == 0)
    return NULL;
  /* A NUL ends no reply of a binary protocol: it is shown as other bytes are. */
  GString *line = g_string_new(NULL);
  for (gsize i = skip; i < MIN(said->len, SAID_MOST); i++) {
    char byte = said->str[i];
    if (byte == '\r' || byte == '\n')
      break;
    if (byte == '\0')
      g_string_append(line, "\\x00");
    else
      g_string_append_c(line, byte);
  }
  g_autofree char *raw = g_string_free(line, FALSE);
  return plain_line(raw);
}

static void
conclude(Probe *probe, const ProbeReply *reply, const ProbeProtocol *protocol,
         ProbeFinding *finding) {
  static const ProbeResult results[] = {PROBED_ANSWERED, PROBED_REFUSED, PROBED_UNSURE};
  probe_finding_clear(finding);
  finding->said = first_line(probe->said);
  finding->protocol = protocol != NULL ? g_strdup(protocol->name) : NULL;
  finding->reason = reply != NULL ? g_strdup(reply->reason) : NULL;
  finding->result = reply != NULL           ? results[reply->meaning]
                    : finding->said != NULL ? PROBED_UNKNOWN
                                            : PROBED_SILENT;
}

/* One that is known: it is asked as PROTOCOL. */
static gboolean
ask_as(Probe *probe, const ProbeProtocol *protocol, ProbeFinding *finding, GError **error) {
  const ProbeProtocol *const protocols[] = {protocol, NULL}, *which;
  const ProbeReply *reply = NULL;
  if (!call(probe, protocol->send, error) ||
      !hear(probe, protocols, REPLY_SECONDS, &reply, &which, error))
    return FALSE;
  hang_up(probe);
  conclude(probe, reply, protocol, finding);
  return TRUE;
}

/* One that nobody knows: listened to, as all that speak first would be. *HEARD: it said something.
 */
static gboolean
listen_to(Probe *probe, gboolean *heard, ProbeFinding *finding, GError **error) {
  g_autoptr(GPtrArray) greeting = g_ptr_array_new();
  const ProbeProtocol *which = NULL;
  const ProbeReply *reply = NULL;
  for (guint i = 0; i < probe->rules->protocols->len; i++)
    if (((const ProbeProtocol *)probe->rules->protocols->pdata[i])->send == NULL)
      g_ptr_array_add(greeting, probe->rules->protocols->pdata[i]);
  g_ptr_array_add(greeting, NULL);
  if (!call(probe, NULL, error) || !hear(probe, (const ProbeProtocol *const *)greeting->pdata,
                                         BANNER_SECONDS, &reply, &which, error))
    return FALSE;
  hang_up(probe);
  *heard = probe->said->len > 0;
  conclude(probe, reply, which, finding);
  return TRUE;
}

static gboolean
ask_once(Probe *probe, const ProbeProtocol *known, ProbeFinding *finding, GError **error) {
  const ProbeProtocol *last = probe_rules_named(probe->rules, UNKNOWN_LAST);
  gboolean heard = FALSE;
  if (known != NULL)
    return ask_as(probe, known, finding, error);
  if (!listen_to(probe, &heard, finding, error))
    return FALSE;
  if (heard || last == NULL)
    return TRUE;
  if (!ask_as(probe, last, finding, error))
    return FALSE;
  if (finding->result != PROBED_ANSWERED && finding->result != PROBED_REFUSED)
    g_clear_pointer(&finding->protocol, g_free); /* it was a guess */
  return TRUE;
}

/* Whatever comes meanwhile. */
static gboolean
pass_time(Agent *agent, double seconds, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC), left;
  while ((left = end - g_get_monotonic_time()) > 0)
    if (!agent_wait_any(agent, (double)left / G_USEC_PER_SEC, error))
      return FALSE;
  return TRUE;
}

gboolean
probe_service(Agent *agent, const ProbeRules *rules, int side, const char *address, int port,
              const char *const *programs, double patience, ProbeFinding *finding, GError **error) {
  Probe probe = {.agent = agent,
                 .rules = rules,
                 .address = address,
                 .port = port,
                 .side = side,
                 .said = g_string_new(NULL)};
  const ProbeProtocol *known = probe_rules_find(rules, programs, port);
  gint64 end = g_get_monotonic_time() + (gint64)(patience * G_USEC_PER_SEC);
  gboolean done;
  while ((done = ask_once(&probe, known, finding, error)) && finding->result == PROBED_REFUSED &&
         g_get_monotonic_time() < end && (done = pass_time(agent, AGAIN_SECONDS, error)))
    continue;
  hang_up(&probe);
  g_string_free(probe.said, TRUE);
  return done;
}

/* ---- a recipe's service -------------------------------------------------- */

gboolean
probe_is_wanted(const Recipe *recipe) {
  return recipe->vifs > 0 && recipe->ready_port > 0 &&
         (recipe->test_script == NULL || recipe->weak_test);
}

/* What may listen: the programs that RECIPE's commands name, and its packages. g_ptr_array_unref.
 */
static GPtrArray *
programs_of(const Recipe *recipe) {
  GPtrArray *programs = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < recipe->runs->len; i++) {
    g_auto(GStrv) words = NULL;
    if (!g_shell_parse_argv(((const RecipeRun *)recipe->runs->pdata[i])->command, NULL, &words,
                            NULL))
      continue;
    for (guint k = 0; words[k] != NULL; k++)
      if (k == 0 || words[k][0] == '/')
        g_ptr_array_add(programs, g_strdup(words[k]));
  }
  for (guint i = 0; recipe->packages[i] != NULL; i++)
    g_ptr_array_add(programs, g_strdup(recipe->packages[i]));
  g_ptr_array_add(programs, NULL);
  return programs;
}

gboolean
probe_recipe(Agent *agent, const Recipe *recipe, int side, const char *address,
             ProbeFinding *finding, GError **error) {
  g_autoptr(ProbeRules) rules = probe_rules_load(error);
  g_autoptr(GPtrArray) programs = programs_of(recipe);
  return rules != NULL && probe_service(agent, rules, side, address, recipe->ready_port,
                                        (const char *const *)programs->pdata,
                                        recipe->test_timeout / 2.0, finding, error);
}

char *
probe_finding_text(const ProbeFinding *finding) {
  const char *protocol = finding->protocol != NULL ? finding->protocol : "unknown protocol";
  if (finding->said == NULL)
    return g_strdup_printf("%s: it said nothing", protocol);
  return g_strdup_printf("%s %s: %s%s%s%s", protocol, probe_result_name(finding->result),
                         finding->said, finding->reason != NULL ? " (" : "",
                         finding->reason != NULL ? finding->reason : "",
                         finding->reason != NULL ? ")" : "");
}
