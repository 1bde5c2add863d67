/* witness.h - what the trials of a search say about one kernel symbol. */
#ifndef TINYX_MINIMIZE_WITNESS_H
#define TINYX_MINIMIZE_WITNESS_H

#include "minimize/journal.h"

typedef struct {
  const JournalEntry *entry; /* the journal's */
  guint company;             /* symbols that the trial changed, this one included */
  gint64 before;             /* bytes of the packed kernel that it went on from; 0: not known */
} Witness;

/* The trial with VERDICT that says most about SYMBOL: of those that changed it, the one that
 * changed fewest symbols against the trial that it went on from. FALSE: there is none. */
gboolean witness_best(const Journal *journal, const char *symbol, JournalVerdict verdict,
                      Witness *witness);

/* TRUE if a trial passed in which SYMBOL had VALUE: then the search gave it that value. */
gboolean witness_found(const Journal *journal, const char *symbol, const char *value);

/* Where no kernel was built without SYMBOL: the failed boot of a patched kernel in which its
 * functions did nothing, with fewest others. NULL: there is none. */
const JournalEntry *witness_prediction(const Journal *journal, const char *symbol);

/* What the forecast of a search said of a symbol. */
typedef struct {
  gboolean asked; /* there was a forecast, whatever it names */
  gint64 bytes;   /* of the packed kernel, estimated from the size of its code */
  char *why;      /* NULL: it does not name the symbol */
} Forecasted;

/* FALSE if the last forecast of JOURNAL does not name SYMBOL. */
gboolean witness_forecast(const Journal *journal, const char *symbol, Forecasted *said);
void forecasted_clear(Forecasted *said);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Forecasted, forecasted_clear)

#endif
