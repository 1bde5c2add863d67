/* ports.c - the port on which a daemon listens, by regular expressions. */
#include "draft/ports.h"

#include "base/place.h"
#include "base/rulelines.h"
#include "facts/text.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define PORTS "rootfs/ports.rules"

struct PortRules {
  GPtrArray *arguments, *lines;            /* GRegex* */
  GPtrArray *loopbacks[PORTS_BOLDEST + 1]; /* GRegex*, by boldness */
};

static void
regex_free(gpointer data) {
  g_regex_unref(data);
}

void
port_rules_free(PortRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->arguments);
  g_ptr_array_unref(rules->lines);
  for (guint i = 0; i < G_N_ELEMENTS(rules->loopbacks); i++)
    g_ptr_array_unref(rules->loopbacks[i]);
  g_free(rules);
}

static GPtrArray *
list_of(const PortRules *rules, const char *word) {
  static const char *const words[] = {"loopback", "hidden", "default"};
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (strcmp(word, words[i]) == 0)
      return rules->loopbacks[i];
  return strcmp(word, "argument") == 0 ? rules->arguments
         : strcmp(word, "line") == 0   ? rules->lines
                                       : NULL;
}

static char *
take_rule(gpointer data, char *line, guint number) {
  (void)number;
  PortRules *rules = data;
  g_auto(GStrv) parts = g_strsplit(line, " ", 2);
  g_autoptr(GError) why = NULL;
  GRegex *regex;
  GPtrArray *list = list_of(rules, parts[0]);
  if (list == NULL || parts[1] == NULL)
    return rule_line_bad(line, "argument, line, loopback, hidden or default, and a REGEX");
  regex = g_regex_new(g_strstrip(parts[1]), G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, &why);
  if (regex == NULL || g_regex_get_capture_count(regex) != 1) {
    g_clear_pointer(&regex, g_regex_unref);
    return g_strdup_printf("%s; expected a regular expression with one group",
                           why != NULL ? why->message : "not one group");
  }
  g_ptr_array_add(list, regex);
  return NULL;
}

PortRules *
port_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(PortRules) rules = g_new0(PortRules, 1);
  rules->arguments = g_ptr_array_new_with_free_func(regex_free);
  rules->lines = g_ptr_array_new_with_free_func(regex_free);
  for (guint i = 0; i < G_N_ELEMENTS(rules->loopbacks); i++)
    rules->loopbacks[i] = g_ptr_array_new_with_free_func(regex_free);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

PortRules *
port_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(PORTS, &size, error);
  return text != NULL ? port_rules_parse(text, size, PORTS, error) : NULL;
}

static int
match(const GPtrArray *list, const char *text) {
  for (guint i = 0; i < list->len; i++) {
    g_autoptr(GMatchInfo) info = NULL;
    if (!g_regex_match(list->pdata[i], text, 0, &info))
      continue;
    g_autofree char *group = g_match_info_fetch(info, 1);
    long port = group != NULL ? strtol(group, NULL, 10) : 0;
    if (port > 0 && port < 65536)
      return (int)port;
  }
  return 0;
}

int
ports_in_command(const PortRules *rules, const char *command) {
  return g_utf8_validate(command, -1, NULL) ? match(rules->arguments, command) : 0;
}

int
ports_in_text(const PortRules *rules, const char *text, gboolean commented, int *line) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++) {
    const char *content = text_line_content(lines[i], commented);
    int port = content != NULL ? match(rules->lines, content) : 0;
    if (port == 0)
      continue;
    if (line != NULL)
      *line = i + 1;
    return port;
  }
  return 0;
}

int
ports_by_name(const char *name) {
  const struct servent *found = getservbyname(name, "tcp");
  int port = found != NULL ? ntohs((uint16_t)found->s_port) : 0;
  endservent();
  return port;
}

/* TEXT with BY in place of what the group of the first expression of LIST that matches it matched;
 * NULL: none matches. g_free. */
static char *
replace_group(const GPtrArray *list, const char *text, const char *by) {
  for (guint i = 0; i < list->len; i++) {
    g_autoptr(GMatchInfo) info = NULL;
    int begin, end;
    if (g_regex_match(list->pdata[i], text, 0, &info) &&
        g_match_info_fetch_pos(info, 1, &begin, &end) && begin >= 0)
      return g_strdup_printf("%.*s%s%s", begin, text, by, text + end);
  }
  return NULL;
}

char *
ports_open_up(const PortRules *rules, const char *text, PortsBoldness boldness, int *line) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  gboolean changed = FALSE;
  for (int i = 0; lines[i] != NULL; i++) {
    g_autofree char *copy = g_strdup(lines[i]);
    gboolean defaults = boldness == PORTS_DEFAULTS;
    const char *content = text_line_content(copy, defaults);
    char *opened = content != NULL ? replace_group(rules->loopbacks[boldness],
                                                   defaults ? content : lines[i], "0.0.0.0")
                                   : NULL;
    if (opened == NULL)
      continue;
    if (line != NULL && !changed)
      *line = i + 1;
    changed = TRUE;
    g_free(lines[i]);
    lines[i] = opened;
  }
  return changed ? g_strjoinv("\n", lines) : NULL;
}
