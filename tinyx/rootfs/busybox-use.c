/* busybox-use.c - rootfs/busybox.features: what scripts want of BusyBox, and what it cannot do. */
#include "rootfs/busybox-use.h"

#include "base/place.h"
#include "base/rulelines.h"
#include "base/script.h"
#include "base/split.h"

#include <fnmatch.h>
#include <string.h>

#define DATA "rootfs/busybox.features"
#define CANDIDATES 3 /* words behind one that runs a command, of which one is the command */
#define DEPTH 16     /* commands that start commands: a line of "env env env ..." must end */

typedef enum { USE_BUILTIN, USE_TEXT, USE_OPTION, USE_KNOWS, USE_RUNS, USE_LACKS } UseKind;
static const char *const kinds[] = {"builtin", "text", "option", "knows", "runs", "lacks"};

typedef struct {
  UseKind kind;
  char **words;   /* of text and lacks none */
  char **symbols; /* without CONFIG_ and =y; of builtin, text and option */
  GRegex *regex;  /* of text and lacks */
  char *origin;
} UseRule;

struct BusyboxRules {
  GPtrArray *rules; /* UseRule* */
};

/* A script that is read. */
typedef struct {
  const BusyboxRules *rules;
  const BusyboxUse *use;
  int depth; /* of commands that others start */
} Reading;

static void
rule_free(gpointer data) {
  UseRule *rule = data;
  g_strfreev(rule->words);
  g_strfreev(rule->symbols);
  g_clear_pointer(&rule->regex, g_regex_unref);
  g_free(rule->origin);
  g_free(rule);
}

void
busybox_rules_free(BusyboxRules *rules) {
  if (rules == NULL)
    return;
  g_ptr_array_unref(rules->rules);
  g_free(rules);
}

/* ---- parsing ------------------------------------------------------------- */

/* "CONFIG_A=y CONFIG_B=y"; NULL for anything else. */
static char **
parse_symbols(const char *text) {
  g_auto(GStrv) words = split_words(text, " \t");
  for (char **word = words; *word != NULL; word++) {
    if (!g_str_has_prefix(*word, "CONFIG_") || !g_str_has_suffix(*word, "=y"))
      return NULL;
    char *symbol = g_strndup(*word + strlen("CONFIG_"), strlen(*word) - strlen("CONFIG_=y"));
    g_free(*word);
    *word = symbol;
  }
  return words[0] != NULL ? g_steal_pointer(&words) : NULL;
}

/* BODY is what stands between the first word and "=>". What was expected, or NULL. */
static const char *
parse_body(UseRule *rule, const char *body) {
  if (rule->kind == USE_TEXT || rule->kind == USE_LACKS) {
    rule->regex = g_regex_new(body, G_REGEX_OPTIMIZE, 0, NULL);
    return rule->regex != NULL && body[0] != '\0' ? NULL : "a regular expression (PCRE)";
  }
  rule->words = split_words(body, " \t");
  guint least = rule->kind == USE_KNOWS ? 2 : 1;
  return g_strv_length(rule->words) >= least ? NULL : "the name of an applet and words";
}

static const char *
parse_rule(UseRule *rule, char *body) {
  gsize length = strcspn(body, " \t");
  gboolean found = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(kinds) && !found; i++)
    if (strlen(kinds[i]) == length && strncmp(body, kinds[i], length) == 0) {
      rule->kind = (UseKind)i;
      found = TRUE;
    }
  if (!found)
    return "builtin, text, option, knows, runs or lacks";
  char *arrow = strstr(body, " => ");
  gboolean gives = rule->kind <= USE_OPTION;
  if (gives && (arrow == NULL || (rule->symbols = parse_symbols(arrow + 4)) == NULL))
    return "\"=> CONFIG_SYMBOL=y...\" before the reason";
  if (gives)
    *arrow = '\0';
  return parse_body(rule, g_strstrip(body + length));
}

typedef struct {
  BusyboxRules *rules;
  const char *file;
} RuleTaking;

static char *
take_rule(gpointer data, char *line, guint number) {
  const RuleTaking *taking = data;
  g_autofree char *whole = g_strdup(line);
  UseRule *rule = g_new0(UseRule, 1);
  g_ptr_array_add(taking->rules->rules, rule);
  rule->origin = place_text(taking->file, number);
  const char *expected = rule_line_reason(line) != NULL ? parse_rule(rule, line) : RULE_LINE_REASON;
  return expected != NULL ? rule_line_bad(whole, expected) : NULL;
}

BusyboxRules *
busybox_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(BusyboxRules) rules = g_new0(BusyboxRules, 1);
  RuleTaking taking = {.rules = rules, .file = file};
  rules->rules = g_ptr_array_new_with_free_func(rule_free);
  return rule_lines_read(text, size, file, take_rule, &taking, error) ? g_steal_pointer(&rules)
                                                                      : NULL;
}

BusyboxRules *
busybox_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? busybox_rules_parse(text, size, DATA, error) : NULL;
}

/* ---- a command's arguments ----------------------------------------------- */

/* "-c" fits "-c", "-qc" and "-c3"; any other pattern is a glob. */
static gboolean
word_fits(const char *pattern, const char *word) {
  if (pattern[0] == '-' && g_ascii_isalnum(pattern[1]) && pattern[2] == '\0')
    return word[0] == '-' && word[1] != '-' && strchr(word, pattern[1]) != NULL;
  return fnmatch(pattern, word, 0) == 0;
}

/* "-n_-*" fits two words, one behind the other. */
static gboolean
pair_fits(const char *pattern, const char *word, const char *next) {
  g_autofree char *both = next != NULL ? g_strconcat(word, "_", next, NULL) : NULL;
  return both != NULL && fnmatch(pattern, both, 0) == 0;
}

static gboolean
rule_fits(const UseRule *rule, const char *name, char *const *arguments) {
  if (!g_str_equal(rule->words[0], name) && !g_str_equal(rule->words[0], "*"))
    return FALSE;
  if (rule->words[1] == NULL)
    return TRUE;
  for (guint i = 1; rule->words[i] != NULL; i++)
    for (guint j = 0; arguments[j] != NULL; j++)
      if (word_fits(rule->words[i], arguments[j]) ||
          (strchr(rule->words[i], '_') != NULL &&
           pair_fits(rule->words[i], arguments[j], arguments[j + 1])))
        return TRUE;
  return FALSE;
}

static void
want(const Reading *reading, const UseRule *rule) {
  for (guint i = 0; rule->symbols[i] != NULL; i++)
    reading->use->wants(rule->symbols[i], rule->origin, reading->use->data);
}

static const UseRule *
rule_for(const BusyboxRules *rules, UseKind kind, const char *name) {
  for (guint i = 0; i < rules->rules->len; i++) {
    const UseRule *rule = rules->rules->pdata[i];
    if (rule->kind == kind && g_str_equal(rule->words[0], name))
      return rule;
  }
  return NULL;
}

static gboolean
is_listed(const UseRule *rule, const char *word) {
  for (guint i = 2; rule->words[i] != NULL; i++)
    if (fnmatch(rule->words[i], word, 0) == 0)
      return TRUE;
  return FALSE;
}

/* The first letter of WORD ("-qc") that LETTERS do not have, or '\0'. *TAKES: its last letter takes
 * the next word. */
static char
unknown_letter(const char *letters, const char *word, gboolean *takes) {
  *takes = FALSE;
  for (const char *letter = word + 1; *letter != '\0'; letter++) {
    const char *known = *letter != ':' ? strchr(letters, *letter) : NULL;
    if (known == NULL)
      return *letter;
    if (known[1] == ':') {
      *takes = known[2] != ':' && letter[1] == '\0';
      return '\0';
    }
  }
  return '\0';
}

/* Tells what of ARGUMENTS BusyBox's NAME does not know. A word with "$" may be anything. */
static void
check_known(const Reading *reading, const UseRule *rule, const char *name, char *const *arguments,
            guint line) {
  gboolean stops = rule->words[1][0] == '+', takes = FALSE;
  const UseRule *runs = rule_for(reading->rules, USE_RUNS, name);
  for (guint i = 0; arguments[i] != NULL; i++) {
    const char *word = arguments[i];
    gboolean option = word[0] == '-' && word[1] != '\0';
    if (takes || strchr(word, '$') != NULL) {
      takes = FALSE;
    } else if (g_str_equal(word, "--") || (!option && stops)) {
      return;
    } else if (option && runs != NULL && runs->words[1] != NULL &&
               g_strv_contains((const char *const *)runs->words + 1, word)) {
      while (arguments[i + 1] != NULL && !g_str_equal(arguments[i], ";") &&
             !g_str_equal(arguments[i], "+"))
        i++;
    } else if (option && !is_listed(rule, word) &&
               (word[1] == '-' || unknown_letter(rule->words[1], word, &takes) != '\0')) {
      reading->use->lacks(name, word, line, reading->use->data);
    }
  }
}

/* ---- commands ------------------------------------------------------------ */

static void take_command(char *const *words, guint line, gpointer data);

/* The words up to ";" or "+" are a command: find's -exec. How many they are. */
static guint
take_until(Reading *reading, char *const *words, guint line) {
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  for (; *words != NULL && !g_str_equal(*words, ";") && !g_str_equal(*words, "+"); words++)
    g_ptr_array_add(all, *words);
  g_ptr_array_add(all, NULL);
  if (all->len > 1)
    take_command((char *const *)all->pdata, line, reading);
  return all->len - 1;
}

/* The command in the arguments of WORDS, which run one: behind one of WANTED, or one of the first
 * words. */
static void
take_inner(Reading *reading, const UseRule *runs, char *const *words, guint line) {
  const char *const *wanted = (const char *const *)runs->words + 1;
  guint candidates = 0;
  for (guint i = 1; words[i] != NULL && candidates < CANDIDATES; i++) {
    g_autofree char *base = g_path_get_basename(words[i]);
    if (wanted[0] != NULL) {
      if (g_strv_contains(wanted, words[i]))
        i += take_until(reading, words + i + 1, line);
    } else if (words[i][0] != '-') {
      candidates++;
      if (reading->use->is_applet(base, reading->use->data)) {
        take_command(words + i, line, reading);
        return;
      }
    }
  }
}

static void
take_command(char *const *words, guint line, gpointer data) {
  Reading *reading = data;
  const BusyboxRules *rules = reading->rules;
  const BusyboxUse *use = reading->use;
  g_autofree char *name = g_path_get_basename(words[0]);
  gboolean shell = use->is_applet("sh", use->data);
  gboolean builtin = shell && busybox_rules_builtin(rules, name);
  if (use->command != NULL)
    use->command(words, line, use->data);
  for (guint i = 0; i < rules->rules->len; i++) {
    const UseRule *rule = rules->rules->pdata[i];
    if (rule->kind == USE_BUILTIN && shell &&
        g_strv_contains((const char *const *)rule->words, name))
      want(reading, rule);
    if (rule->kind == USE_OPTION && (builtin || use->is_applet(name, use->data)) &&
        rule_fits(rule, name, words + 1))
      want(reading, rule);
  }
  const UseRule *knows = rule_for(rules, USE_KNOWS, name), *runs = rule_for(rules, USE_RUNS, name);
  if (knows != NULL && !builtin && use->is_applet(name, use->data))
    check_known(reading, knows, name, words + 1, line);
  if (runs != NULL && reading->depth < DEPTH) {
    reading->depth++;
    take_inner(reading, runs, words, line);
    reading->depth--;
  }
}

static void
read_line(const Reading *reading, const char *line, guint number) {
  for (guint i = 0; i < reading->rules->rules->len; i++) {
    const UseRule *rule = reading->rules->rules->pdata[i];
    g_autoptr(GMatchInfo) match = NULL;
    if (rule->regex == NULL || !g_regex_match(rule->regex, line, 0, &match))
      continue;
    g_autofree char *found = g_match_info_fetch(match, 0);
    if (rule->kind == USE_TEXT)
      want(reading, rule);
    else
      reading->use->lacks("sh", g_strstrip(found), number, reading->use->data);
  }
}

void
busybox_rules_read(const BusyboxRules *rules, const char *text, const BusyboxUse *use) {
  Reading reading = {.rules = rules, .use = use};
  g_autofree char *valid = g_utf8_make_valid(text, -1);
  if (strlen(valid) > SCRIPT_MAX)
    return;
  script_commands(valid, take_command, &reading);
  if (!use->is_applet("sh", use->data))
    return;
  g_auto(GStrv) lines = g_strsplit(valid, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][strspn(lines[i], " \t")] != '#')
      read_line(&reading, lines[i], i + 1);
}

gboolean
busybox_rules_builtin(const BusyboxRules *rules, const char *word) {
  /* What rootfs/busybox.config and every BusyBox shell have. */
  static const char *const own[] = {
      ".",    ":",      "[",      "break", "cd",   "continue", "echo",  "eval",
      "exec", "exit",   "export", "false", "hash", "let",      "local", "pwd",
      "read", "return", "set",    "shift", "test", "times",    "trap",  "true",
      "type", "ulimit", "umask",  "unset", "wait", "readonly", NULL};
  if (g_strv_contains(own, word))
    return TRUE;
  for (guint i = 0; i < rules->rules->len; i++) {
    const UseRule *rule = rules->rules->pdata[i];
    if (rule->kind == USE_BUILTIN && g_strv_contains((const char *const *)rule->words, word))
      return TRUE;
  }
  return FALSE;
}
