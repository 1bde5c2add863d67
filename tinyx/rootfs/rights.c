/* rights.c - which rights an application keeps, and as whom it runs. */
#include "rootfs/rights.h"

#include "base/rulelines.h"
#include "base/split.h"
#include "recipe/capabilities.h"
#include "rootfs/glue-private.h"
#include "rootfs/static-program.h"

#include <string.h>

#define DATA "rootfs/capabilities.rules"
#define LOW_PORT 1024 /* below it a port is a right: net.ipv4.ip_unprivileged_port_start */

/* What shows that a rule holds. */
typedef enum {
  SHOWN_BY_IMPORT,
  SHOWN_BY_APPLET,
  SHOWN_BY_TYPE,
  SHOWN_BY_USER,
  SHOWN_BY_SETUID,
  SHOWN_BY_FILE,
  SHOWN_KINDS
} Shown;
static const char *const shown_words[SHOWN_KINDS] = {"import", "applet", "type",
                                                     "user",   "setuid", "file"};

typedef struct {
  char **capabilities;
  Shown shown;
  char **names; /* any of them */
  char *reason;
} RightsRule;

struct RightsRules {
  GPtrArray *rules;    /* RightsRule* */
  GPtrArray *excepts;  /* char*: globs of base names */
  GHashTable *imports; /* set of char*, which are the rules' */
};

static void
rule_free(gpointer data) {
  RightsRule *rule = data;
  g_strfreev(rule->capabilities);
  g_strfreev(rule->names);
  g_free(rule->reason);
  g_free(rule);
}

void
rights_rules_free(RightsRules *rules) {
  if (rules == NULL)
    return;
  g_hash_table_unref(rules->imports);
  g_ptr_array_unref(rules->rules);
  g_ptr_array_unref(rules->excepts);
  g_free(rules);
}

void
confinement_clear(Confinement *confinement) {
  g_clear_pointer(&confinement->account, g_free);
  g_clear_pointer(&confinement->reasons, g_ptr_array_unref);
}

/* The first COUNT of WORDS; g_strfreev. */
static char **
first_words(char *const *words, guint count) {
  g_autoptr(GStrvBuilder) first = g_strv_builder_new();
  for (guint i = 0; i < count; i++)
    g_strv_builder_add(first, words[i]);
  return g_strv_builder_end(first);
}

static const char *
take_words(RightsRules *rules, char **words, const char *reason) {
  guint count = 0, kind = 0;
  if (g_strv_length(words) == 2 && strcmp(words[0], "except") == 0) {
    g_ptr_array_add(rules->excepts, g_strdup(words[1]));
    return NULL;
  }
  for (; words[count] != NULL && strcmp(words[count], "when") != 0; count++)
    if (!capability_valid(words[count]))
      return "names of capabilities(7) without CAP_, or except GLOB";
  if (count == 0 || g_strv_length(words) < count + 3)
    return "CAPABILITY... when import|applet|type|user|setuid|file NAME...  # REASON";
  while (kind < SHOWN_KINDS && strcmp(words[count + 1], shown_words[kind]) != 0)
    kind++;
  if (kind == SHOWN_KINDS)
    return "import, applet, type, user, setuid or file after \"when\"";
  RightsRule *rule = g_new0(RightsRule, 1);
  rule->capabilities = first_words(words, count);
  rule->shown = kind;
  rule->names = g_strdupv(words + count + 2);
  rule->reason = g_strdup(reason);
  g_ptr_array_add(rules->rules, rule);
  for (guint i = 0; kind == SHOWN_BY_IMPORT && rule->names[i] != NULL; i++)
    g_hash_table_add(rules->imports, rule->names[i]);
  return NULL;
}

static char *
take_rule(gpointer data, char *line, guint number) {
  (void)number;
  const char *reason = rule_line_reason(line);
  g_auto(GStrv) words = split_words(line, " \t");
  const char *expected = reason != NULL ? take_words(data, words, reason) : RULE_LINE_REASON;
  return expected != NULL ? rule_line_bad(line, expected) : NULL;
}

RightsRules *
rights_rules_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(RightsRules) rules = g_new0(RightsRules, 1);
  rules->rules = g_ptr_array_new_with_free_func(rule_free);
  rules->excepts = g_ptr_array_new_with_free_func(g_free);
  rules->imports = g_hash_table_new(g_str_hash, g_str_equal);
  return rule_lines_read(text, size, file, take_rule, rules, error) ? g_steal_pointer(&rules)
                                                                    : NULL;
}

RightsRules *
rights_rules_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? rights_rules_parse(text, size, DATA, error) : NULL;
}

GHashTable *
rights_rules_imports(const RightsRules *rules) {
  return rules->imports;
}

static gboolean
is_setuid_root(const TreeEntry *entry) {
  return entry->type == TREE_FILE && entry->uid == 0 && (entry->mode & 04000) != 0;
}

/* Whether ENTRY is a program that RULE, of the setuid ones, knows. */
static gboolean
is_known_setuid(const RightsRule *rule, const TreeEntry *entry) {
  const char *name = strrchr(entry->path, '/') + 1;
  return is_setuid_root(entry) && g_strv_contains((const char *const *)rule->names, name);
}

/* The path of a program in TREE that RULE knows, which is or was setuid root; NULL: none. */
static char *
shown_by_setuid(const RightsRule *rule, Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++)
    if (is_known_setuid(rule, entries->pdata[i]))
      return g_strconcat("setuid: ", ((const TreeEntry *)entries->pdata[i])->path, NULL);
  return NULL;
}

/* What shows RULE, in words; NULL: nothing does. g_free. */
static char *
shown_text(const RightsRules *rules, const RightsRule *rule, const Recipe *recipe,
           const Facts *facts) {
  for (guint i = 0; rule->names[i] != NULL; i++) {
    const char *name = rule->names[i];
    const Fact *fact = NULL;
    if (rule->shown == SHOWN_BY_IMPORT)
      fact = facts_find(facts, FACT_IMPORT, name, rules->excepts);
    else if (rule->shown == SHOWN_BY_TYPE)
      fact = facts_find(facts, FACT_TYPE, name, rules->excepts);
    else if (rule->shown == SHOWN_BY_USER) /* nobody is asked here but root */
      return g_str_equal(name, "root") ? g_strdup("it runs as root") : NULL;
    else if (recipe->applets != NULL && g_strv_contains((const char *const *)recipe->applets, name))
      return g_strdup_printf("applets=%s", name);
    if (fact != NULL)
      return fact_text(fact);
  }
  return NULL;
}

static void
keep(Confinement *confinement, guint64 mask, const char *words, const char *reason,
     const char *shown) {
  confinement->keep |= mask;
  g_ptr_array_add(confinement->reasons, g_strdup_printf("%s: %s (%s)", words, reason, shown));
}

static void
wanted_free(gpointer data) {
  RightsWanted *wanted = data;
  g_free(wanted->words);
  g_free(wanted->reason);
  g_free(wanted->shown);
  g_free(wanted);
}

GPtrArray *
rights_wanted(const RightsRules *rules, const Recipe *recipe, const Facts *facts) {
  GPtrArray *list = g_ptr_array_new_with_free_func(wanted_free);
  for (guint i = 0; i < rules->rules->len; i++) {
    const RightsRule *rule = rules->rules->pdata[i];
    char *shown = rule->shown < SHOWN_BY_SETUID ? shown_text(rules, rule, recipe, facts) : NULL;
    if (shown == NULL)
      continue;
    RightsWanted *wanted = g_new0(RightsWanted, 1);
    wanted->mask = capabilities_mask((const char *const *)rule->capabilities);
    wanted->words = g_strjoinv(" ", rule->capabilities);
    wanted->reason = g_strdup(rule->reason);
    wanted->shown = shown;
    g_ptr_array_add(list, wanted);
  }
  return list;
}

static void
keep_by_evidence(const RightsRules *rules, const Recipe *recipe, const Facts *facts,
                 Confinement *confinement) {
  g_autoptr(GPtrArray) list = rights_wanted(rules, recipe, facts);
  for (guint i = 0; i < list->len; i++) {
    const RightsWanted *wanted = list->pdata[i];
    keep(confinement, wanted->mask, wanted->words, wanted->reason, wanted->shown);
  }
}

/* Those of RULE, a "file" one, that files of TREE give. */
static void
keep_by_setcap(const RightsRule *rule, Tree *tree, Confinement *confinement) {
  guint64 allowed = capabilities_mask((const char *const *)rule->capabilities);
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if ((entry->capabilities & allowed) == 0)
      continue;
    g_autofree char *text = capabilities_text(entry->capabilities & allowed);
    keep(confinement, entry->capabilities & allowed, text, rule->reason, entry->path);
  }
}

static void
keep_rule(Confinement *confinement, const RightsRule *rule, const char *shown) {
  g_autofree char *words = g_strjoinv(" ", rule->capabilities);
  keep(confinement, capabilities_mask((const char *const *)rule->capabilities), words, rule->reason,
       shown);
}

/* What programs in TREE would get by themselves without no_new_privs, whoever runs them. */
static void
keep_by_programs(const RightsRules *rules, Tree *tree, Confinement *confinement) {
  for (guint i = 0; i < rules->rules->len; i++) {
    const RightsRule *rule = rules->rules->pdata[i];
    g_autofree char *shown = rule->shown == SHOWN_BY_SETUID ? shown_by_setuid(rule, tree) : NULL;
    if (shown != NULL)
      keep_rule(confinement, rule, shown);
    if (rule->shown == SHOWN_BY_FILE)
      keep_by_setcap(rule, tree, confinement);
  }
}

/* A port below 1024 that the recipe names; 0: none. */
static int
low_port(const Recipe *recipe) {
  const int ports[] = {recipe->port, recipe->ready_port, recipe->ready_udp};
  for (guint i = 0; i < G_N_ELEMENTS(ports); i++)
    if (ports[i] > 0 && ports[i] < LOW_PORT)
      return ports[i];
  return 0;
}

static void
find_capabilities(const RightsRules *rules, Tree *tree, const Recipe *recipe, const RecipeRun *run,
                  gboolean is_root, const Facts *facts, Confinement *confinement) {
  static const char *const low[] = {"net_bind_service", NULL};
  const char *const *own = (const char *const *)run->capabilities;
  int port = low_port(recipe);
  if (own != NULL && own[0] != NULL) {
    g_autofree char *place = recipe_run_place(recipe, run, "capabilities");
    g_autofree char *words = g_strjoinv(" ", run->capabilities);
    keep(confinement, capabilities_mask(own), words, "the recipe's word", place);
    return;
  }
  if (is_root)
    keep_by_evidence(rules, recipe, facts, confinement);
  keep_by_programs(rules, tree, confinement);
  if (port > 0) {
    g_autofree char *shown = g_strdup_printf("port %d", port);
    keep(confinement, capabilities_mask(low), low[0], "a port below 1024", shown);
  }
}

static gboolean
missing(const Recipe *recipe, const RecipeRun *run, const char *key, const char *name,
        const char *file, GError **error) {
  g_autofree char *place = recipe_run_place(recipe, run, key);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: '%s' is neither a number nor in the image's %s; expected one that a package "
              "makes",
              place, name, file);
  return FALSE;
}

/* A group of the recipe's is the only one; else the user has its own, and all that it is a member
 * of, as at a login. */
static gboolean
find_account(Tree *tree, const Recipe *recipe, const RecipeRun *run, Confinement *confinement,
             gboolean *is_root, GError **error) {
  g_auto(GlueUser) user = {0};
  unsigned gid = 0;
  *is_root = TRUE;
  if (run->user == NULL && run->group == NULL)
    return TRUE;
  if (run->user != NULL && !glue_user(tree, run->user, &user))
    return missing(recipe, run, "user", run->user, "/etc/passwd", error);
  if (run->group != NULL && !glue_group(tree, run->group, &gid))
    return missing(recipe, run, "group", run->group, "/etc/group", error);
  GString *account = g_string_new(NULL);
  g_string_append_printf(account, "%u:%u", user.uid, run->group != NULL ? gid : user.gid);
  if (run->group == NULL)
    glue_user_groups(tree, &user, account);
  confinement->account = g_string_free(account, FALSE);
  *is_root = user.uid == 0;
  return TRUE;
}

gboolean
rights_find(const RightsRules *rules, Tree *tree, const Recipe *recipe, const RecipeRun *run,
            const Facts *facts, Confinement *confinement, GError **error) {
  gboolean is_root;
  *confinement = (Confinement){.reasons = g_ptr_array_new_with_free_func(g_free)};
  if (!find_account(tree, recipe, run, confinement, &is_root, error))
    return FALSE;
  find_capabilities(rules, tree, recipe, run, is_root, facts, confinement);
  return TRUE;
}

/* The rights of ENTRY that no rule hands on, in words; NULL: there are none. g_free. */
static char *
lost_text(const RightsRules *rules, const TreeEntry *entry) {
  guint64 lost = entry->capabilities;
  gboolean setuid = is_setuid_root(entry);
  for (guint i = 0; i < rules->rules->len; i++) {
    const RightsRule *rule = rules->rules->pdata[i];
    if (rule->shown == SHOWN_BY_FILE)
      lost &= ~capabilities_mask((const char *const *)rule->capabilities);
    else if (rule->shown == SHOWN_BY_SETUID && is_known_setuid(rule, entry))
      setuid = FALSE;
  }
  g_autofree char *text = lost != 0 ? capabilities_text(lost) : NULL;
  return text == NULL && !setuid
             ? NULL
             : g_strdup_printf("%s (%s)", entry->path, text != NULL ? text : "setuid root");
}

void
rights_note(const RightsRules *rules, Tree *tree, const Recipe *recipe, GPtrArray *notes) {
  g_autoptr(GString) paths = g_string_new(NULL);
  const GPtrArray *entries = tree_entries(tree);
  gboolean any = FALSE;
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    any = any || (run->user != NULL && strcmp(run->user, "root") != 0 &&
                  (run->capabilities == NULL || run->capabilities[0] == NULL));
  }
  for (guint i = 0; any && i < entries->len; i++) {
    g_autofree char *lost = lost_text(rules, entries->pdata[i]);
    if (lost != NULL)
      g_string_append_printf(paths, "%s%s", paths->len > 0 ? ", " : "", lost);
  }
  if (paths->len > 0)
    g_ptr_array_add(notes, g_strdup_printf("programs that give an application with a user= no "
                                           "rights here (no_new_privs); capabilities= does: %s",
                                           paths->str));
}

gboolean
rights_add(Tree *tree, GError **error) {
  g_autofree char *program = static_program("rootfs/glue/confine.c", error);
  return program != NULL &&
         tree_add_file(tree, RIGHTS_PROGRAM, program, 0755,
                       from_origin(ORIGIN_GLUE, "takes an application's rights away"),
                       error) != NULL;
}
