/* features.h - features: the rules in kconfig-heuristics/features/, asked for or ruled out by name.
 */
#ifndef TINYX_KERNEL_FEATURES_H
#define TINYX_KERNEL_FEATURES_H

#include "base/dotconfig.h"
#include "base/json.h"
#include "kernel/rules.h"

/* Names of features; each list ends with NULL, or is NULL. */
typedef struct {
  char **with;    /* they hold, whatever the evidence */
  char **without; /* they do not hold, whatever the evidence */
  /* What messages call the lists, not owned; NULL: --with, --without. */
  const char *with_place, *without_place;
} FeatureNames;

void feature_names_clear(FeatureNames *names);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FeatureNames, feature_names_clear)

/* INPUT error for the first of NAMES that no feature of SET has: WHO (the option, or the recipe's
 * key), near names, and all that there are. */
gboolean features_check(const RuleSet *set, const char *const *names, const char *who,
                        GError **error);

/* *ALL (feature_names_clear) is what BASE (a recipe's) and then MORE (the command line's) ask for,
 * sorted, each once: MORE wins. A name that one of them has in both lists, and one that no feature
 * has, is an INPUT error. */
gboolean features_merge(const FeatureNames *base, const FeatureNames *more, FeatureNames *all,
                        GError **error);

/* What it costs on PLATFORM: "48.2 kB (Linux 6.1.192, xen-pv)" or "not measured". g_free. */
char *feature_cost_text(const Rule *rule, const char *platform);
/* Name, cost on PLATFORM, what, and the evidence of RULE, for people; with SYMBOLS what it asks
 * for there, too. g_free. */
char *feature_text(const Rule *rule, const Platform *platform, gboolean symbols);

/* RULE with its cost, evidence and options on PLATFORM, as an object of the array that JSON is in.
 */
void feature_put(JsonBuilder *json, const Rule *rule, const Platform *platform);

/* How much of the feature NAME is in CONFIG (the text of a .config) and, by name, in CHOSEN
 * (SymbolRequest*); zeros where there is no such feature. DATA: kconfig-heuristics/. */
gboolean feature_count(const char *data, const char *name, const GPtrArray *chosen,
                       const DotConfig *config, FeatureCount *count, GError **error);

#endif
