/* test-features.c - features of a kernel: names from the recipe and the command line, costs,
 * counts, and the shipped ones. */
#include "base/files.h"
#include "base/near.h"
#include "kernel/choose.h"
#include "kernel/features.h"
#include "kernel/fragment.h"
#include "kernel/lacking.h"
#include "kernel/lock.h"

#include <string.h>

typedef struct {
  const char *with, *without;           /* the recipe's */
  const char *more_with, *more_without; /* the command line's */
  const char *expected;                 /* "WITH/WITHOUT", or a part of the message */
  gboolean good;
} Merge;

static const Merge merges[] = {
    {"smp ipv6", "futex", "", "", "ipv6 smp/futex", TRUE},
    {"smp", "", "ipv6 smp ipv6", "", "ipv6 smp/", TRUE},
    {"smp", "", "", "smp", "/smp", TRUE},
    {"", "smp", "smp", "", "smp/", TRUE},
    {"", "", "", "", "/", TRUE},
    {"", "", "smp", "smp", "--with and --without both name 'smp'; expected one", FALSE},
    {"smp", "smp", "", "", "R: [kernel] with and R: [kernel] without both name 'smp'", FALSE},
    {"", "", "ipv", "", "--with: 'ipv' is not a feature; did you mean", FALSE},
    {"", "", "", "nfss", "--without: 'nfss' is not a feature; did you mean 'nfs'", FALSE},
    {"modulse", "", "", "", "R: [kernel] with: 'modulse' is not a feature; did you mean 'modules'?",
     FALSE},
};

static void
test_merge(void) {
  for (guint i = 0; i < G_N_ELEMENTS(merges); i++) {
    const Merge *merge = &merges[i];
    g_auto(FeatureNames) base = {0}, more = {0}, all = {0};
    g_autoptr(GError) error = NULL;
    base.with = g_strsplit(merge->with, " ", -1);
    base.without = g_strsplit(merge->without, " ", -1);
    base.with_place = "R: [kernel] with";
    base.without_place = "R: [kernel] without";
    more.with = g_strsplit(merge->more_with, " ", -1);
    more.without = g_strsplit(merge->more_without, " ", -1);
    if (!features_merge(&base, &more, &all, &error)) {
      g_assert_false(merge->good);
      g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
      g_assert_nonnull(strstr(error->message, merge->expected));
      continue;
    }
    g_autofree char *with = g_strjoinv(" ", all.with);
    g_autofree char *without = g_strjoinv(" ", all.without);
    g_autofree char *got = g_strdup_printf("%s/%s", with, without);
    g_assert_true(merge->good);
    g_assert_cmpstr(got, ==, merge->expected);
  }
}

static void
test_cost(void) {
  g_autoptr(GPtrArray) costs = g_ptr_array_new();
  Rule rule = {.costs = costs};
  RuleCost pv = {(char *)"6.1.192", (char *)"xen-pv", 48213};
  RuleCost other = {(char *)"6.1.192", (char *)"other", 1};
  g_autofree char *none = feature_cost_text(&rule, "xen-pv");
  g_ptr_array_add(costs, &other);
  g_ptr_array_add(costs, &pv);
  g_autofree char *some = feature_cost_text(&rule, "xen-pv");
  pv.bytes = -48213;
  g_autofree char *less = feature_cost_text(&rule, "xen-pv");
  g_assert_cmpstr(none, ==, "not measured");
  g_assert_cmpstr(some, ==, "48.2 kB (Linux 6.1.192, xen-pv)");
  g_assert_cmpstr(less, ==, "-48.2 kB (Linux 6.1.192, xen-pv)");
}

/* Those that the manual promises; each in the file of its name. */
static void
test_shipped(void) {
  static const char *const promised[] = {"ipv6", "netfilter", "block",      "smp",        "modules",
                                         "nfs",  "debug",     "seccomp",    "namespaces", "cgroups",
                                         "kvm",  "hardening", "mitigations"};
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(GError) error = NULL;
  g_autoptr(RuleSet) set = rules_load(data, &error);
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(promised); i++)
    g_assert_nonnull(rules_find(set, promised[i]));
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    g_autofree char *file = g_strdup_printf("features/%s.config", rule->name);
    g_assert_cmpstr(rule->file, ==, file);
  }
}

/* A value of n is on where the option is off. */
static void
test_count(void) {
  static const char some[] = "CONFIG_STACKPROTECTOR=y\nCONFIG_STRICT_KERNEL_RWX=y\n";
  static const char more[] = "CONFIG_DEVMEM=y\nCONFIG_STACKPROTECTOR=y\n";
  g_autoptr(DotConfig) config = config_parse(some, strlen(some), "some", NULL);
  g_autoptr(DotConfig) full = config_parse(more, strlen(more), "more", NULL);
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  SymbolRequest *asked = symbol_request_new("STACKPROTECTOR", "y", "f:1", "words");
  FeatureCount first, second, none;
  asked->asker = ASKED_BY_NAME;
  g_ptr_array_add(chosen, asked);
  g_ptr_array_add(chosen, symbol_request_new("DEVMEM", "n", "f:2", "words"));
  g_assert_true(feature_count(data, "hardening", chosen, config, &first, NULL));
  g_assert_true(feature_count(data, "hardening", chosen, full, &second, NULL));
  g_assert_true(feature_count(data, "no such feature", chosen, full, &none, NULL));
  g_assert_cmpuint(first.known, >, 25);
  g_assert_cmpuint(first.on, <, first.known);
  g_assert_cmpuint(first.asked, ==, 1);
  g_assert_cmpuint(second.on, ==, first.on - 2); /* the code is writable, and there is /dev/mem */
  g_assert_cmpuint(none.known, ==, 0);
}

/* Features that a person may ask for together must not contradict each other. */
static void
test_together(void) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(RuleSet) set = rules_load(data, NULL);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < set->rules->len; i++) {
    const Rule *rule = set->rules->pdata[i];
    for (guint k = 0; k < rule->requests->len; k++) {
      SymbolRequest *request = rule->requests->pdata[k];
      const SymbolRequest *other = g_hash_table_lookup(seen, request->symbol);
      if (other != NULL && !g_str_equal(other->value, request->value))
        g_error("%s and %s contradict each other: %s", request->origin, other->origin,
                request->symbol);
      g_hash_table_insert(seen, request->symbol, request);
    }
  }
}

static void
test_near(void) {
  static const char *const known[] = {"ipv6", "netfilter", "nfs", NULL};
  g_autofree char *one = near_text("ipv", known);
  g_autofree char *two = near_text("n", known);
  g_autofree char *none = near_text("hardening", known);
  g_assert_cmpstr(one, ==, "; did you mean 'ipv6'?");
  g_assert_cmpstr(two, ==, "; did you mean 'netfilter' or 'nfs'?");
  g_assert_cmpstr(none, ==, "");
}

/* What FEATURE asks for SYMBOL; the asker, or -1. */
static int
asker_of(const char *feature, const char *symbol, const Lock *lock) {
  const char *const with[] = {feature, NULL};
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  KernelInput input = {.platform = platform, .source = "6.1", .with = with, .lock = lock};
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) chosen = choose_symbols(&input, data, NULL, &error);
  g_assert_no_error(error);
  for (guint i = 0; i < chosen->len; i++) {
    const SymbolRequest *request = chosen->pdata[i];
    if (strcmp(request->symbol, symbol) == 0)
      return (int)request->asker;
  }
  return -1;
}

/* A guess is asked for by name, and yet a lock that knows it decides; a word stands. */
static void
test_guess(void) {
  static const char text[] = "# tinyx kernel lock 1\n# application: x\n# platform: xen-pv\n"
                             "# linux: 6.1.192\n# rules: ipv6 server\n# bzimage: 1\n"
                             "# least-memory: 24\nCONFIG_FUTEX=y  # trial 3\n";
  g_autoptr(Lock) lock = lock_parse(text, strlen(text), "x", NULL);
  g_assert_cmpint(asker_of("server", "EPOLL", NULL), ==, ASKED_BY_RULE);
  g_assert_cmpint(asker_of("server", "EPOLL", lock), ==, -1);
  g_assert_cmpint(asker_of("server", "FUTEX", lock), ==, ASKED_BY_LOCK);
  g_assert_cmpint(asker_of("ipv6", "IPV6", NULL), ==, ASKED_BY_NAME);
  g_assert_cmpint(asker_of("ipv6", "IPV6", lock), ==, ASKED_BY_NAME);
}

/* A lock is for one platform, and would lose the words. */
static void
test_lock_for_some(void) {
  static const char text[] = "# tinyx kernel lock 1\n# application: a\n# platform: p\n"
                             "# linux: 6.1\n# rules: epoll\n# bzimage: 0\n"
                             "CONFIG_A=y  # on xen: why\n";
  g_autoptr(GError) error = NULL;
  g_assert_null(lock_parse(text, strlen(text), "x", &error));
  g_assert_error(error, TINYX_ERROR, TINYX_ERROR_INPUT);
  g_assert_true(g_str_has_prefix(error->message, "x:7: CONFIG_A is for some platforms only"));
}

/* Whether the kernel can have what a rule that stands asks for: a person and an older lock say no.
 */
static void
test_leaves_out(void) {
  static const struct {
    const char *lock, *with, *without, *request; /* of UNIX */
    gboolean out;
  } cases[] = {
      {NULL, NULL, NULL, NULL, FALSE},
      {NULL, NULL, "syslog", NULL, TRUE},
      {NULL, NULL, "unix-sockets", NULL, TRUE},
      {NULL, NULL, "ipv6", NULL, FALSE},
      {NULL, NULL, NULL, "n", TRUE},
      {"epoll unix-sockets", NULL, NULL, NULL, TRUE},
      {"epoll unix-sockets", NULL, NULL, "y", FALSE},
      {"epoll unix-sockets", "syslog", NULL, NULL, FALSE},
      {"epoll unix-sockets", "unix-sockets", NULL, NULL, FALSE},
      {"epoll unix-sockets", "server", NULL, NULL, TRUE}, /* a guess: the lock decides */
      {"epoll syslog", NULL, NULL, NULL, FALSE},
      {"epoll\nCONFIG_UNIX=y  # needed", NULL, NULL, NULL, FALSE},
  };
  g_autoptr(Platform) platform = platform_load("xen-pv", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    const char *const with[] = {cases[i].with, NULL}, *const without[] = {cases[i].without, NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Lock) lock = NULL;
    g_autoptr(GPtrArray) requests = g_ptr_array_new();
    SymbolRequest *request = symbol_request_new("UNIX", cases[i].request, "here", "a test");
    gboolean out = !cases[i].out;
    if (cases[i].lock != NULL) {
      g_autofree char *text = g_strdup_printf("# tinyx kernel lock 1\n# application: a\n"
                                              "# platform: xen-pv\n# linux: 6.1.1\n# rules: %s\n"
                                              "CONFIG_EPOLL=y  # needed\n",
                                              cases[i].lock);
      lock = lock_parse(text, strlen(text), "x", &error);
      g_assert_no_error(error);
    }
    if (cases[i].request != NULL)
      g_ptr_array_add(requests, request);
    const KernelInput input = {
        .platform = platform, .lock = lock, .with = with, .without = without, .requests = requests};
    g_assert_true(kernel_leaves_out(&input, "syslog", "UNIX", &out, &error));
    g_assert_no_error(error);
    if (out != cases[i].out)
      g_error("case %zu: %d", i, out);
    symbol_request_free(request);
  }
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/features/lock-for-some", test_lock_for_some);
  g_test_add_func("/features/leaves-out", test_leaves_out);
  g_test_add_func("/features/merge", test_merge);
  g_test_add_func("/features/cost", test_cost);
  g_test_add_func("/features/shipped", test_shipped);
  g_test_add_func("/features/count", test_count);
  g_test_add_func("/features/together", test_together);
  g_test_add_func("/features/near", test_near);
  g_test_add_func("/features/guess", test_guess);
  return g_test_run();
}
