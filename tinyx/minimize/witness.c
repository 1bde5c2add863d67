/* witness.c - what the trials of a search say about one kernel symbol. */
#include "minimize/witness.h"

#include "base/dotconfig.h"

#include <string.h>

/* TRUE if ENTRY is a trial in which SYMBOL had this VALUE. */
static gboolean
changes_to(const JournalEntry *entry, const char *symbol, const char *value) {
  gsize length = strlen(symbol);
  for (guint i = 0; entry->change[i] != NULL; i++)
    if (strncmp(entry->change[i], symbol, length) == 0 && entry->change[i][length] == '=' &&
        config_value_equal(entry->change[i] + length + 1, value))
      return TRUE;
  return FALSE;
}

static gboolean
changes(const JournalEntry *entry, const char *symbol) {
  gsize length = strlen(symbol);
  for (guint i = 0; entry->change[i] != NULL; i++)
    if (strncmp(entry->change[i], symbol, length) == 0 &&
        (entry->change[i][length] == '=' || entry->change[i][length] == '\0'))
      return TRUE;
  return g_strv_contains((const char *const *)entry->more, symbol);
}

static gboolean
is_trial(const JournalEntry *entry) {
  return strcmp(entry->kind, "trial") == 0 || strcmp(entry->kind, "start") == 0;
}

/* How many changes ENTRY has beyond those of BEFORE. -1 where BEFORE has changes that ENTRY does
 * not have: then ENTRY did not go on from BEFORE. */
static int
step(const JournalEntry *before, const JournalEntry *entry) {
  guint count = 0, common = 0;
  for (; entry->change[count] != NULL; count++)
    common += g_strv_contains((const char *const *)before->change, entry->change[count]);
  return common == g_strv_length(before->change) ? (int)(count - common) : -1;
}

/* The trial that the one at INDEX went on from: the last earlier one that passed and all of whose
 * changes it has. NULL: there is none. */
static const JournalEntry *
predecessor(const GPtrArray *entries, guint index) {
  for (guint i = index; i > 0; i--) {
    const JournalEntry *before = entries->pdata[i - 1];
    if (is_trial(before) && before->verdict == VERDICT_PASS &&
        step(before, entries->pdata[index]) >= 0)
      return before;
  }
  return NULL;
}

gboolean
witness_best(const Journal *journal, const char *symbol, JournalVerdict verdict, Witness *witness) {
  const GPtrArray *entries = journal_entries(journal);
  memset(witness, 0, sizeof *witness);
  for (guint i = 0; i < entries->len; i++) {
    const JournalEntry *entry = entries->pdata[i];
    const JournalEntry *passed = is_trial(entry) ? predecessor(entries, i) : NULL;
    if (passed == NULL || entry->verdict != verdict || !changes(entry, symbol) ||
        changes(passed, symbol))
      continue;
    guint company = (guint)step(passed, entry);
    if (witness->entry == NULL || company < witness->company)
      *witness = (Witness){entry, company, passed->bytes};
  }
  return witness->entry != NULL;
}

gboolean
witness_found(const Journal *journal, const char *symbol, const char *value) {
  const GPtrArray *entries = journal_entries(journal);
  for (guint i = 0; i < entries->len; i++) {
    const JournalEntry *entry = entries->pdata[i];
    if (is_trial(entry) && entry->verdict == VERDICT_PASS && changes_to(entry, symbol, value))
      return TRUE;
  }
  return FALSE;
}

const JournalEntry *
witness_prediction(const Journal *journal, const char *symbol) {
  const GPtrArray *entries = journal_entries(journal);
  const JournalEntry *best = NULL;
  for (guint i = 0; i < entries->len; i++) {
    const JournalEntry *entry = entries->pdata[i];
    if (strcmp(entry->kind, "boot") == 0 && entry->verdict == VERDICT_FAIL &&
        changes(entry, symbol) &&
        (best == NULL || g_strv_length(entry->change) < g_strv_length(best->change)))
      best = entry;
  }
  return best;
}

/* A line of a forecast is "SYMBOL=VALUE BYTES CHANCE WORDS". */
static gboolean
take_forecast(const char *line, const char *symbol, Forecasted *said) {
  g_auto(GStrv) words = g_strsplit(line, " ", 4);
  gsize length = strlen(symbol);
  if (g_strv_length(words) < 4 || strncmp(words[0], symbol, length) != 0 || words[0][length] != '=')
    return FALSE;
  said->bytes = g_ascii_strtoll(words[1], NULL, 10);
  said->why = g_strdup(words[3]);
  return TRUE;
}

gboolean
witness_forecast(const Journal *journal, const char *symbol, Forecasted *said) {
  const GPtrArray *entries = journal_entries(journal);
  for (guint i = entries->len; i > 0; i--) {
    const JournalEntry *entry = entries->pdata[i - 1];
    if (strcmp(entry->kind, "forecast") != 0)
      continue;
    said->asked = TRUE;
    for (guint j = 0; entry->change[j] != NULL; j++)
      if (take_forecast(entry->change[j], symbol, said))
        return TRUE;
  }
  return FALSE;
}

void
forecasted_clear(Forecasted *said) {
  g_clear_pointer(&said->why, g_free);
}
