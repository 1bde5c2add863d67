/* absent.c - compares what the files of an image name with what the image has. */
#include "image/absent.h"

#include "base/files.h"
#include "base/plain.h"
#include "kernel/failures.h"
#include "kernel/known-paths.h"
#include "kernel/lacking.h"
#include "kernel/rules.h"
#include "recipe/capabilities.h"
#include "rootfs/absent-rules.h"
#include "rootfs/rights.h"

#include <fnmatch.h>
#include <string.h>

#define LOG "/dev/log"

typedef struct {
  const Recipe *recipe;
  const ImageParts *parts;
  const DotConfig *config;
  AbsentRules *rules;
  FailureRules *failures;
  KnownPaths *known;
  RuleSet *features;
  GPtrArray *list;
} Finder;

static void
finder_clear(Finder *finder) {
  absent_rules_free(finder->rules);
  failure_rules_free(finder->failures);
  known_paths_free(finder->known);
  rules_free(finder->features);
  g_clear_pointer(&finder->list, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Finder, finder_clear)

static const struct {
  const char *name, *title;
} kinds[ABSENT_KINDS] = {
    [ABSENT_NODE] = {"node", "devices"},
    [ABSENT_PATH] = {"path", "files of the kernel"},
    [ABSENT_FAMILY] = {"family", "families of sockets"},
    [ABSENT_FEATURE] = {"feature", "features of the kernel"},
    [ABSENT_CAPABILITY] = {"capability", "rights of root"},
    [ABSENT_HELPER] = {"helper", "programs"},
    [ABSENT_FILE] = {"file", "files of its packages"},
    [ABSENT_LOCALE] = {"locale", "locales"},
};

const char *
absent_kind_name(AbsentKind kind) {
  return kinds[kind].name;
}

static AbsentKind
kind_of(const char *name) {
  AbsentKind kind = 0;
  while (kind < ABSENT_KINDS && strcmp(kinds[kind].name, name) != 0)
    kind++;
  return kind;
}

const char *
absent_kind_title(const char *name) {
  AbsentKind kind = kind_of(name);
  return kind < ABSENT_KINDS ? kinds[kind].title : name;
}

static void
absent_free(gpointer data) {
  Absent *absent = data;
  g_free(absent->name);
  g_free(absent->by);
  g_free(absent->cure);
  g_free(absent->why);
  g_free(absent);
}

/* What is there already, with the same cure, is not added twice. */
static void
add(Finder *finder, AbsentKind kind, const char *name, const char *by, const char *cure,
    const char *why) {
  for (guint i = 0; i < finder->list->len; i++) {
    const Absent *other = finder->list->pdata[i];
    if (other->kind == kind && strcmp(other->name, name) == 0 && g_strcmp0(other->cure, cure) == 0)
      return;
  }
  Absent *absent = g_new0(Absent, 1);
  absent->kind = kind;
  absent->name = g_strdup(name);
  absent->by = g_strdup(by);
  absent->cure = g_strdup(cure);
  absent->why = g_strdup(why);
  g_ptr_array_add(finder->list, absent);
}

/* TRUE where TREE has a path that PATTERN, a glob, matches. */
static gboolean
tree_matches(Tree *tree, const char *pattern) {
  const GPtrArray *entries = tree_entries(tree);
  for (guint i = 0; i < entries->len; i++)
    if (fnmatch(pattern, ((const TreeEntry *)entries->pdata[i])->path, 0) == 0)
      return TRUE;
  return FALSE;
}

/* PATH, or what it leads to, is there when the guest runs: in the tree, or below what is mounted.
 * Of devices that the kernel makes itself nothing is known beforehand. */
static gboolean
is_there(const Finder *finder, const char *path) {
  static const struct {
    const char *mount, *folder;
  } mounts[] = {{"dev", "/dev/"},       {"proc", "/proc/"},      {"sys", "/sys/"},
                {"devpts", "/dev/pts"}, {"devpts", "/dev/ptmx"}, {"shm", "/dev/shm"}};
  RootfsPlan *plan = finder->parts->plan;
  if (strcmp(path, LOG) == 0 && facts_find(plan->facts, FACT_APPLET, "syslogd", NULL) != NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(mounts); i++)
    if (g_str_has_prefix(path, mounts[i].folder) &&
        facts_find(plan->facts, FACT_MOUNT, mounts[i].mount, NULL) != NULL)
      return TRUE;
  return strchr(path, '*') != NULL ? tree_matches(plan->tree, path)
                                   : tree_resolve(plan->tree, path) != NULL;
}

static AbsentKind
path_kind(const NamedPath *name) {
  if (g_str_has_prefix(name->path, "/dev/"))
    return ABSENT_NODE;
  if (g_str_has_prefix(name->path, "/proc/") || g_str_has_prefix(name->path, "/sys/"))
    return ABSENT_PATH;
  return name->installed && !name->program ? ABSENT_FILE : ABSENT_HELPER;
}

/* What is known of a path below /dev, /proc or /sys that the image lacks. */
static void
add_kernels(Finder *finder, AbsentKind kind, const NamedPath *name) {
  const char *known = known_paths_reason(finder->known, name->path);
  g_autofree char *cure = NULL, *why = NULL;
  failure_rules_find_path(finder->failures, finder->features, name->path, &cure, &why);
  add(finder, kind, name->path, name->file, cure, known != NULL ? known : why);
}

static void
add_path(Finder *finder, const NamedPath *name) {
  AbsentKind kind = path_kind(name);
  if (kind <= ABSENT_PATH) {
    add_kernels(finder, kind, name);
  } else if (name->installed) {
    g_autofree char *cure = g_strdup_printf("[image] include=%s", name->path);
    add(finder, kind, name->path, name->file, cure, NULL);
  } else {
    add(finder, kind, name->path, name->file, NULL, "no package of the recipe has it");
  }
}

static void
find_log(Finder *finder) {
  const char *lost = finder->parts->plan->log_lost;
  if (lost != NULL)
    add(finder, ABSENT_NODE, LOG, lost, "[kernel] with=syslog",
        "messages of syslog(3), which go to the console then; the kernel is without UNIX sockets");
}

static gboolean
is_unmissed(const AbsentRules *rules, const char *path) {
  for (guint i = 0; i < rules->unmissed->len; i++)
    if (fnmatch(rules->unmissed->pdata[i], path, 0) == 0)
      return TRUE;
  return FALSE;
}

static void
find_paths(Finder *finder) {
  const GPtrArray *names = finder->parts->plan->names;
  for (guint i = 0; i < names->len; i++) {
    const NamedPath *name = names->pdata[i];
    if (!is_unmissed(finder->rules, name->path) && !is_there(finder, name->path))
      add_path(finder, name);
  }
}

/* HAS is "CONFIG_NAME", or a glob of paths. */
static gboolean
has(const Finder *finder, const char *what) {
  return g_str_has_prefix(what, "CONFIG_") ? config_is_yes(finder->config, what + strlen("CONFIG_"))
                                           : tree_matches(finder->parts->plan->tree, what);
}

static void
find_by_rules(Finder *finder) {
  for (guint i = 0; i < finder->rules->rules->len; i++) {
    const AbsentRule *rule = finder->rules->rules->pdata[i];
    const Fact *fact = NULL;
    gboolean there = FALSE;
    for (guint k = 0; k < rule->facts->len && fact == NULL; k++) {
      const Fact *wanted = rule->facts->pdata[k];
      fact = facts_find(finder->parts->plan->facts, wanted->kind, wanted->value, NULL);
    }
    for (char **one = rule->has; *one != NULL && !there; one++)
      there = has(finder, *one);
    if (fact == NULL || there)
      continue;
    g_autofree char *shown = fact_text(fact);
    add(finder, kind_of(rule->kind), rule->name, shown, rule->cure, rule->reason);
  }
}

static gboolean
find_features(Finder *finder, GError **error) {
  g_autoptr(GPtrArray) lacking =
      kernel_lacking(&finder->parts->input, finder->features, finder->config, error);
  for (guint i = 0; lacking != NULL && i < lacking->len; i++) {
    const LackingFeature *feature = lacking->pdata[i];
    g_autofree char *cure = g_strdup_printf("[kernel] with=%s", feature->name);
    g_autofree char *why = feature->by != NULL
                               ? g_strdup_printf("%s; left out by %s", feature->what, feature->by)
                               : g_strdup(feature->what);
    add(finder, ABSENT_FEATURE, feature->name, feature->why, cure, why);
  }
  return lacking != NULL;
}

/* The rights that the programs show use for, and RUN has not. */
static gboolean
find_rights(Finder *finder, const RightsRules *rules, const RecipeRun *run, GError **error) {
  RootfsPlan *plan = finder->parts->plan;
  g_auto(Confinement) has_now = {0};
  if (!rights_find(rules, plan->tree, finder->recipe, run, plan->facts, &has_now, error))
    return FALSE;
  guint64 spared = has_now.account != NULL ? finder->rules->account : 0;
  g_autoptr(GPtrArray) wanted = rights_wanted(rules, finder->recipe, plan->facts);
  for (guint i = 0; i < wanted->len; i++) {
    const RightsWanted *one = wanted->pdata[i];
    guint64 lacking = one->mask & ~has_now.keep & ~spared;
    g_autofree char *names = lacking != 0 ? capabilities_text(lacking) : NULL;
    g_autofree char *section = recipe_run_section(run);
    g_autofree char *cure = g_strdup_printf("[%s] capabilities=%s", section, names);
    if (lacking != 0)
      add(finder, ABSENT_CAPABILITY, names, one->shown, cure, one->reason);
  }
  return TRUE;
}

static gboolean
find_all_rights(Finder *finder, GError **error) {
  g_autoptr(RightsRules) rules = rights_rules_load(error);
  for (guint i = 0; rules != NULL && i < finder->recipe->runs->len; i++)
    if (!find_rights(finder, rules, finder->recipe->runs->pdata[i], error))
      return FALSE;
  return rules != NULL;
}

static int
absent_compare(gconstpointer a, gconstpointer b) {
  const Absent *const *left = a;
  const Absent *const *right = b;
  int order = (int)(*left)->kind - (int)(*right)->kind;
  return order != 0 ? order : strcmp((*left)->name, (*right)->name);
}

GPtrArray *
absent_find(const Recipe *recipe, const ImageParts *parts, const DotConfig *config,
            GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_auto(Finder) finder = {.recipe = recipe, .parts = parts, .config = config};
  finder.list = g_ptr_array_new_with_free_func(absent_free);
  finder.rules = absent_rules_load(error);
  finder.failures = finder.rules != NULL ? failure_rules_load(error) : NULL;
  finder.known = finder.failures != NULL ? known_paths_load(error) : NULL;
  finder.features = finder.known != NULL ? rules_load(data, error) : NULL;
  if (finder.features == NULL || !find_features(&finder, error) || !find_all_rights(&finder, error))
    return NULL;
  find_log(&finder);
  find_paths(&finder);
  find_by_rules(&finder);
  g_ptr_array_sort(finder.list, absent_compare);
  return g_steal_pointer(&finder.list);
}

char *
absent_text(const GPtrArray *list) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < list->len; i++) {
    const Absent *absent = list->pdata[i];
    plain_append(text, "%s\t%s\t%s\t%s\t%s\n", absent_kind_name(absent->kind), absent->name,
                 absent->by, absent->cure != NULL ? absent->cure : "-",
                 absent->why != NULL ? absent->why : "-");
  }
  return g_string_free(text, FALSE);
}
