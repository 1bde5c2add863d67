/* probe-rules.c - reads rootfs/ports.probes. */
#include "guest/probe-rules.h"

#include "base/rulelines.h"
#include "base/split.h"

#include <string.h>

#define DATA "rootfs/ports.probes"
#define EXPECTED                                                                                   \
  "speak PROTOCOL SEND WHERE...  # SOURCE, or answer, refuse or unsure PROTOCOL REGEX  # REASON"

static void
reply_free(gpointer data) {
  ProbeReply *reply = data;
  g_regex_unref(reply->regex);
  g_free(reply->reason);
  g_free(reply);
}

static void
protocol_free(gpointer data) {
  ProbeProtocol *protocol = data;
  g_free(protocol->name);
  if (protocol->send != NULL)
    g_string_free(protocol->send, TRUE);
  g_strfreev(protocol->where);
  g_ptr_array_unref(protocol->replies);
  g_free(protocol);
}

void
probe_rules_free(ProbeRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->protocols);
  g_free(rules);
}

/* ---- what is found in them ----------------------------------------------- */

static ProbeProtocol *
find_named(const ProbeRules *rules, const char *name) {
  for (guint i = 0; i < rules->protocols->len; i++) {
    ProbeProtocol *protocol = rules->protocols->pdata[i];
    if (strcmp(protocol->name, name) == 0)
      return protocol;
  }
  return NULL;
}

const ProbeProtocol *
probe_rules_named(const ProbeRules *rules, const char *name) {
  return find_named(rules, name);
}

static gboolean
is_port(const char *where) {
  return where[strspn(where, "0123456789")] == '\0';
}

static gboolean
is_of_program(const ProbeProtocol *protocol, const char *program) {
  g_autofree char *base = g_path_get_basename(program);
  for (guint i = 0; protocol->where[i] != NULL; i++)
    if (!is_port(protocol->where[i]) && g_pattern_match_simple(protocol->where[i], base))
      return TRUE;
  return FALSE;
}

static gboolean
is_of_programs(const ProbeProtocol *protocol, const char *const *programs) {
  for (; *programs != NULL; programs++)
    if (is_of_program(protocol, *programs))
      return TRUE;
  return FALSE;
}

const ProbeProtocol *
probe_rules_find(const ProbeRules *rules, const char *const *programs, int port) {
  g_autofree char *number = g_strdup_printf("%d", port);
  const ProbeProtocol *by_program = NULL, *by_port = NULL;
  for (guint i = 0; i < rules->protocols->len; i++) {
    const ProbeProtocol *protocol = rules->protocols->pdata[i];
    gboolean of_program = is_of_programs(protocol, programs);
    gboolean of_port = g_strv_contains((const char *const *)protocol->where, number);
    if (of_program && of_port)
      return protocol;
    if (of_program && by_program == NULL)
      by_program = protocol;
    if (of_port && by_port == NULL)
      by_port = protocol;
  }
  return by_program != NULL ? by_program : by_port;
}

const ProbeReply *
probe_reply_find(const ProbeProtocol *protocol, const char *said, gsize size) {
  for (guint i = 0; i < protocol->replies->len; i++) {
    const ProbeReply *reply = protocol->replies->pdata[i];
    if (g_regex_match_full(reply->regex, said, (gssize)size, 0, 0, NULL, NULL))
      return reply;
  }
  return NULL;
}

/* ---- reading ------------------------------------------------------------- */

/* The byte that the escape at *TEXT (behind its backslash) stands for; *TEXT moves behind it. -1:
 * it is none. */
static int
take_escape(const char **text) {
  static const char letters[] = "rnts\\", bytes[] = "\r\n\t \\";
  const char *at = *text, *letter = *at != '\0' ? strchr(letters, *at) : NULL;
  if (letter != NULL) {
    *text = at + 1;
    return (unsigned char)bytes[letter - letters];
  }
  if (at[0] != 'x' || !g_ascii_isxdigit(at[1]) || !g_ascii_isxdigit(at[2]))
    return -1;
  *text = at + 3;
  return g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2]);
}

/* The bytes that WORD writes; NULL for an escape that there is not. */
static GString *
take_bytes(const char *word) {
  GString *bytes = g_string_new(NULL);
  while (*word != '\0') {
    int byte = (unsigned char)*word++;
    if (byte == '\\' && (byte = take_escape(&word)) < 0) {
      g_string_free(bytes, TRUE);
      return NULL;
    }
    g_string_append_c(bytes, (char)byte);
  }
  return bytes;
}

static gboolean
where_good(char *const *where) {
  for (; *where != NULL; where++) {
    guint64 port;
    if (is_port(*where) && !g_ascii_string_to_unsigned(*where, 10, 1, 65535, &port, NULL))
      return FALSE;
  }
  return TRUE;
}

/* "NAME SEND WHERE...". What is wrong, or NULL. */
static const char *
take_speak(ProbeRules *rules, const char *rest) {
  g_auto(GStrv) words = split_words(rest, " ");
  if (g_strv_length(words) < 3)
    return EXPECTED;
  if (find_named(rules, words[0]) != NULL)
    return "each protocol to speak once";
  if (!where_good(words + 2))
    return "ports from 1 to 65535, and names of programs";
  GString *send = strcmp(words[1], "-") != 0 ? take_bytes(words[1]) : NULL;
  if (send == NULL && strcmp(words[1], "-") != 0)
    return "\\r \\n \\t \\s \\\\ or \\xNN as escapes in what is sent";
  ProbeProtocol *protocol = g_new0(ProbeProtocol, 1);
  protocol->name = g_strdup(words[0]);
  protocol->send = send;
  protocol->where = g_strdupv(words + 2);
  protocol->replies = g_ptr_array_new_with_free_func(reply_free);
  g_ptr_array_add(rules->protocols, protocol);
  return NULL;
}

/* "NAME REGEX". */
static const char *
take_reply(ProbeRules *rules, ProbeMeaning meaning, const char *rest, const char *reason) {
  const char *blank = strchr(rest, ' ');
  g_autofree char *name = blank != NULL ? g_strndup(rest, (gsize)(blank - rest)) : NULL;
  ProbeProtocol *protocol = name != NULL ? find_named(rules, name) : NULL;
  if (name == NULL)
    return EXPECTED;
  if (protocol == NULL)
    return "a protocol that a line above speaks";
  GRegex *regex = g_regex_new(blank + strspn(blank, " "), G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, NULL);
  if (regex == NULL)
    return "a regular expression behind the protocol";
  ProbeReply *reply = g_new0(ProbeReply, 1);
  reply->meaning = meaning;
  reply->regex = regex;
  reply->reason = g_strdup(reason);
  g_ptr_array_add(protocol->replies, reply);
  return NULL;
}

static char *
take_line(gpointer data, char *line, guint number) {
  static const char *const meanings[] = {"answer", "refuse", "unsure"};
  g_autofree char *whole = g_strdup(line);
  const char *reason = rule_line_reason(line), *expected = EXPECTED;
  char *rest = strchr(line, ' ');
  (void)number;
  if (reason == NULL)
    return rule_line_bad(whole, RULE_LINE_REASON);
  if (rest != NULL) {
    *rest++ = '\0';
    rest = g_strchug(rest);
    if (strcmp(line, "speak") == 0)
      expected = take_speak(data, rest);
    for (guint i = 0; i < G_N_ELEMENTS(meanings); i++)
      if (strcmp(line, meanings[i]) == 0)
        expected = take_reply(data, (ProbeMeaning)i, rest, reason);
  }
  return expected != NULL ? rule_line_bad(whole, expected) : NULL;
}

ProbeRules *
probe_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(ProbeRules) rules = g_new0(ProbeRules, 1);
  rules->protocols = g_ptr_array_new_with_free_func(protocol_free);
  if (!rule_lines_read(text, size, file, take_line, rules, error))
    return NULL;
  return g_steal_pointer(&rules);
}

ProbeRules *
probe_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? probe_rules_parse(text, size, DATA, error) : NULL;
}
