/* text.c - matches lines of configurations and commands with the rules of rootfs/text.facts. */
#include "facts/text.h"

#include "base/rulelines.h"

#include <string.h>

#define DATA "rootfs/text.facts"

typedef struct {
  Fact *fact;
  GRegex *regex; /* of a line; NULL: PORT counts */
  int port;      /* UDP */
} TextRule;

struct TextRules {
  GPtrArray *rules; /* TextRule* */
};

static void
rule_free(gpointer data) {
  TextRule *rule = data;
  g_clear_pointer(&rule->fact, fact_free);
  g_clear_pointer(&rule->regex, g_regex_unref);
  g_free(rule);
}

void
text_rules_free(TextRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->rules);
  g_free(rules);
}

/* "FACT line REGEX" or "FACT udp PORT". */
static char *
parse_rule(TextRule *rule, const char *line) {
  g_auto(GStrv) parts = g_strsplit(line, " ", 3);
  g_autoptr(GError) why = NULL;
  gint64 port = 0;
  if (g_strv_length(parts) != 3)
    return g_strdup("expected FACT line REGEX, or FACT udp PORT");
  rule->fact = fact_parse("fact", parts[0], &why);
  if (rule->fact == NULL)
    return g_strdup(why->message);
  if (rule->fact->kind != facts_emitter_kind(FACTS_FROM_TEXT))
    return g_strdup_printf("\"%s\"; expected a fact that a text shows: net:%s", parts[0],
                           facts_emitter_values(FACTS_FROM_TEXT));
  if (g_str_equal(parts[1], "udp")) {
    if (!g_ascii_string_to_signed(parts[2], 10, 1, G_MAXUINT16, &port, NULL))
      return g_strdup_printf("\"%s\"; expected a port", parts[2]);
    rule->port = (int)port;
    return NULL;
  }
  if (!g_str_equal(parts[1], "line"))
    return g_strdup_printf("\"%s\"; expected line or udp", parts[1]);
  rule->regex = g_regex_new(parts[2], G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, &why);
  return rule->regex == NULL ? g_strdup_printf("%s; expected a regular expression", why->message)
                             : NULL;
}

static char *
take_rule(gpointer data, char *line, guint number) {
  (void)number;
  TextRules *rules = data;
  TextRule *rule = g_new0(TextRule, 1);
  g_ptr_array_add(rules->rules, rule);
  return parse_rule(rule, line);
}

TextRules *
text_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(TextRules) rules = g_new0(TextRules, 1);
  rules->rules = g_ptr_array_new_with_free_func(rule_free);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

TextRules *
text_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? text_rules_parse(text, size, DATA, error) : NULL;
}

const char *
text_line_content(char *line, gboolean commented) {
  char *begin = g_strstrip(line);
  gboolean is_comment = *begin == '#' || *begin == ';' || g_str_has_prefix(begin, "//") ||
                        g_str_has_prefix(begin, "<!--") || g_str_has_prefix(begin, "-- ");
  if (*begin == '\0' || is_comment != commented || !g_utf8_validate(begin, -1, NULL))
    return NULL;
  return begin + strspn(begin, commented ? "#;/<!- \t" : "");
}

/* LINE without a comment at its end: from a '#', or a '//' with a blank behind it, that stands
 * after a blank and outside of quotes. ("http://x" and "page#part" are none.) Owned by LINE, and
 * shorter at once. */
static const char *
without_comment(char *line) {
  char quote = '\0';
  for (char *at = line; *at != '\0'; at++) {
    gboolean after_blank = at > line && g_ascii_isspace(at[-1]);
    if (quote != '\0')
      quote = *at == quote ? '\0' : quote;
    else if (*at == '"' || *at == '\'')
      quote = *at;
    else if (after_blank && (*at == '#' || (g_str_has_prefix(at, "//") && at[2] == ' '))) {
      *at = '\0';
      break;
    }
  }
  return line;
}

void
facts_read_text(Facts *facts, const TextRules *rules, const char *text, const char *file) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *content = text_line_content(lines[i], FALSE);
    if (content != NULL)
      content = without_comment(lines[i] + (content - lines[i]));
    for (guint j = 0; content != NULL && j < rules->rules->len; j++) {
      const TextRule *rule = rules->rules->pdata[j];
      if (rule->regex != NULL && g_regex_match(rule->regex, content, 0, NULL))
        facts_add(facts, FACTS_FROM_TEXT, rule->fact->value, file);
    }
  }
}

void
facts_read_udp(Facts *facts, const TextRules *rules, int port) {
  for (guint i = 0; i < rules->rules->len; i++) {
    const TextRule *rule = rules->rules->pdata[i];
    if (rule->regex == NULL && rule->port == port)
      facts_add(facts, FACTS_FROM_TEXT, rule->fact->value, NULL);
  }
}

gboolean
text_is_configuration(const char *path) {
  static const char *const others[] = {"/etc/init.d/", "/etc/ssl/", "/etc/logrotate.d/",
                                       "/etc/logcheck/"};
  for (guint i = 0; i < G_N_ELEMENTS(others); i++)
    if (g_str_has_prefix(path, others[i]))
      return FALSE;
  return g_str_has_prefix(path, "/etc/") && strstr(path, "/conf.avail/") == NULL &&
         strstr(path, "example") == NULL;
}
