/* test-yield.c - what of a lock gives way to what is asked for by name. */
#include "kernel/fragment.h"
#include "kernel/query.h"
#include "kernel/yield.h"

#include <string.h>

/* What the lock has is SLOB, without SLUB and SWAP; a choice has two other members. */
static const char answer[] = "symbol\tHARD\ntype\tbool\ndepends-value\tn\n"
                             "depends\tSLUB [=n] || SLUBBER [=n]\n"
                             "symbol\tSLOB\ntype\tbool\nchoice\tallocator\n"
                             "symbol\tSLUB\ntype\tbool\nchoice\tallocator\n"
                             "symbol\tSLUBBER\ntype\tbool\n"
                             "symbol\tSWAP\ntype\tbool\n"
                             "symbol\tXZ\ntype\tbool\nchoice\tcompression\n";

typedef struct {
  const char *asked; /* of HARD: its value */
  SymbolAsker asker;
  const char *config; /* what became of it */
  const char *yielded;
} Case;

static char *
yielded_by(const Case *one) {
  static const char *const lines[][2] = {
      {"SLOB", "y"}, {"SLUB", "n"}, {"SLUBBER", "m"}, {"SWAP", "n"}, {"XZ", "y"}};
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  g_autoptr(GPtrArray) facts = kconfig_answer_parse(answer, "answer", &error);
  g_autoptr(DotConfig) config = config_parse(one->config, strlen(one->config), "config", &error);
  g_autoptr(GHashTable) yielded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_assert_no_error(error);
  SymbolRequest *hard = symbol_request_new("HARD", one->asked, "recipe", "x");
  hard->asker = one->asker;
  g_ptr_array_add(chosen, hard);
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
    SymbolRequest *line = symbol_request_new(lines[i][0], lines[i][1], "lock:1", "x");
    line->asker = ASKED_BY_LOCK;
    g_ptr_array_add(chosen, line);
  }
  gboolean any = yield_find(chosen, config, facts, yielded);
  g_assert_cmpint(any, ==, g_hash_table_size(yielded) > 0);
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
    if (yield_has(yielded, ASKED_BY_LOCK, lines[i][0]))
      g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", lines[i][0]);
  g_autofree char *key = yield_key(ASKED_BY_LOCK, "SLUB");
  if (any)
    g_assert_cmpstr(g_hash_table_lookup(yielded, key), ==,
                    "lock:1: SLUB=n gives way to HARD=y (recipe)");
  return g_string_free(text, FALSE);
}

#define REST "CONFIG_SLOB=y\nCONFIG_SLUBBER=m\nCONFIG_XZ=y\n"

static void
test_yield(void) {
  static const Case cases[] = {
      /* SLUB, and with it the other member of its choice; no name that only begins alike */
      {"y", ASKED_BY_NAME, REST, "SLOB SLUB"},
      {"y", ASKED_BY_REQUEST, REST, "SLOB SLUB"},
      {"y", ASKED_BY_RULE, REST, "SLOB SLUB"},
      /* nobody who comes after the lock; nothing that was lost */
      {"y", ASKED_BY_PLATFORM, REST, ""},
      {"y", ASKED_BY_LOCK, REST, ""},
      {"y", ASKED_BY_NAME, "CONFIG_HARD=y\n" REST, ""},
      {"n", ASKED_BY_NAME, REST, ""}};
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *names = yielded_by(&cases[i]);
    g_assert_cmpstr(names, ==, cases[i].yielded);
  }
}

/* What becomes of GZIP and XZ, members of a choice, where OURS wants XZ and OTHER GZIP. CONFIG is
 * what Kconfig took. */
static void
check_choice(SymbolAsker ours, SymbolAsker other, const char *value, const char *config_text,
             gboolean gives_way) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  g_autoptr(GPtrArray) facts = kconfig_answer_parse(
      "symbol\tGZIP\ntype\tbool\nchoice\tc\nsymbol\tXZ\ntype\tbool\nchoice\tc\n", "a", &error);
  g_autoptr(DotConfig) config = config_parse(config_text, strlen(config_text), "config", &error);
  g_autoptr(GHashTable) yielded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_assert_no_error(error);
  g_ptr_array_add(chosen, symbol_request_new("GZIP", "y", "recipe", "x"));
  g_ptr_array_add(chosen, symbol_request_new("XZ", value, "line:2", "x"));
  ((SymbolRequest *)chosen->pdata[0])->asker = other;
  ((SymbolRequest *)chosen->pdata[1])->asker = ours;
  g_assert_cmpint(yield_find(chosen, config, facts, yielded), ==, gives_way);
  g_assert_cmpuint(g_hash_table_size(yielded), ==, gives_way ? 1 : 0);
  g_assert_cmpint(yield_has(yielded, ours, "XZ"), ==, gives_way);
  g_assert_false(yield_find(chosen, config, facts, yielded)); /* nothing more */
}

/* A member of a choice displaces the weaker asker's, whichever of the two Kconfig took. */
static void
test_choice(void) {
  static const char *const configs[] = {"CONFIG_GZIP=y\n", "CONFIG_XZ=y\n"};
  for (guint i = 0; i < G_N_ELEMENTS(configs); i++) {
    check_choice(ASKED_BY_LOCK, ASKED_BY_REQUEST, "y", configs[i], TRUE);
    check_choice(ASKED_BY_LOCK, ASKED_BY_RULE, "y", configs[i], TRUE);
    check_choice(ASKED_BY_PLATFORM, ASKED_BY_REQUEST, "y", configs[i], TRUE);
    check_choice(ASKED_BY_PLATFORM, ASKED_BY_NAME, "y", configs[i], TRUE);
    check_choice(ASKED_BY_RULE, ASKED_BY_REQUEST, "y", configs[i], TRUE);
    check_choice(ASKED_BY_NAME, ASKED_BY_REQUEST, "y", configs[i], TRUE);
    /* who wins over nobody; two words of one person */
    check_choice(ASKED_BY_PLATFORM, ASKED_BY_RULE, "y", configs[i], FALSE);
    check_choice(ASKED_BY_REQUEST, ASKED_BY_REQUEST, "y", configs[i], FALSE);
  }
  /* what is off is in nobody's way */
  check_choice(ASKED_BY_PLATFORM, ASKED_BY_REQUEST, "n", configs[0], FALSE);
}

/* What needs the platform's member of a choice goes with it; a rule's line does not: it is needed.
 */
static void
test_dependents(void) {
  static const char config_text[] = "CONFIG_SLOB=y\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  g_autoptr(GPtrArray) facts =
      kconfig_answer_parse("symbol\tMERGE\ntype\tbool\ndepends-value\tn\n"
                           "depends\tSLAB [=n] || SLUB [=n]\n"
                           "symbol\tRULE\ntype\tbool\ndepends-value\tn\ndepends\tSLUB [=n]\n"
                           "symbol\tSLOB\ntype\tbool\nchoice\tc\n"
                           "symbol\tSLUB\ntype\tbool\nchoice\tc\n",
                           "a", &error);
  g_autoptr(DotConfig) config = config_parse(config_text, strlen(config_text), "config", &error);
  g_autoptr(GHashTable) yielded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  static const struct {
    const char *symbol;
    SymbolAsker asker;
  } lines[] = {{"MERGE", ASKED_BY_PLATFORM},
               {"RULE", ASKED_BY_RULE},
               {"SLOB", ASKED_BY_REQUEST},
               {"SLUB", ASKED_BY_PLATFORM}};
  g_assert_no_error(error);
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
    SymbolRequest *line = symbol_request_new(lines[i].symbol, "y", "line:1", "x");
    line->asker = lines[i].asker;
    g_ptr_array_add(chosen, line);
  }
  g_assert_true(yield_find(chosen, config, facts, yielded));
  g_assert_cmpuint(g_hash_table_size(yielded), ==, 2);
  g_assert_true(yield_has(yielded, ASKED_BY_PLATFORM, "SLUB"));
  g_autofree char *key = yield_key(ASKED_BY_PLATFORM, "MERGE");
  g_assert_cmpstr(g_hash_table_lookup(yielded, key), ==,
                  "line:1: MERGE=y goes with SLUB, which it depends on");
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/yield/depends", test_yield);
  g_test_add_func("/yield/choice", test_choice);
  g_test_add_func("/yield/dependents", test_dependents);
  return g_test_run();
}
