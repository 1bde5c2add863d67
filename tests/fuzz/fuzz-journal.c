/* fuzz-journal.c - any bytes as a journal of trials: tinyx/minimize/journal.c. */
#include "minimize/journal.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(Journal) journal = journal_parse(copy, size, "journal", &error);
  if ((journal == NULL) != (error != NULL))
    g_error("journal %p, error %p", (void *)journal, (void *)error);
  for (guint i = 0; journal != NULL && i < journal_entries(journal)->len; i++) {
    const JournalEntry *entry = journal_entries(journal)->pdata[i];
    if (journal_find(journal, entry->kind, entry->key) == NULL)
      g_error("entry %u is not found", i + 1);
  }
  return 0;
}
