/* candidates.h - what may be changed in a configuration, and what is known about each beforehand.
 */
#ifndef TINYX_MINIMIZE_CANDIDATES_H
#define TINYX_MINIMIZE_CANDIDATES_H

#include "kernel/kconfig.h"
#include "kernel/kernel.h"

typedef struct {
  char *symbol;   /* without CONFIG_ */
  char *from;     /* its value in the start */
  char *to;       /* the value that is tried */
  char *group;    /* its menu; see search.h */
  GPtrArray *set; /* SymbolRequest*: what is asked for (a choice: one on, one off) */
  double weight;  /* bytes of the packed kernel that it may save */
  double needed;  /* how likely it is needed, 0 to 1 */
  char *guess;    /* why needed is what it is, one line */
  char *locked;   /* why it is never tried; NULL: it is */
} Candidate;

void candidate_free(gpointer candidate);

/* What a human knows about values (kconfig-heuristics/values.config: other values worth a trial)
 * and about symbols that no test can see (kconfig-heuristics/keep.config). */
typedef struct {
  GPtrArray *values; /* ValueChoice* */
  GPtrArray *keep;   /* SymbolRequest*: value and reason */
} CandidateData;

/* FOLDER is kconfig-heuristics; of keep.config the lines for PLATFORM. */
gboolean candidate_data_load(const char *folder, const Platform *platform, CandidateData *data,
                             GError **error);
void candidate_data_clear(CandidateData *data);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CandidateData, candidate_data_clear)

/* All that can be switched among SYMBOLS (KconfigSymbol*): bools that are on go off, numbers go to
 * the low end of their range, and DATA has other values. With SELECTED also symbols with a prompt
 * that are on because another one selects them; they come back on until that one is gone.
 * Candidate*, in the order of SYMBOLS. */
GPtrArray *candidates_all(const GPtrArray *symbols, const CandidateData *data, gboolean selected);

/* Those that a person named in TEXT, one "SYMBOL" or "SYMBOL=VALUE" a line ("CONFIG_" before it and
 * "# …" behind it are allowed); FILE is for messages. What cannot be switched is an INPUT error
 * with one line each that says why. */
GPtrArray *candidates_named(const char *text, const char *file, const GPtrArray *symbols,
                            GError **error);

/* Locks what DATA keeps (unless it was NAMED by a person) and the symbols of REQUESTS
 * (SymbolRequest*), which the recipe or the user asks for. */
void candidates_lock(GPtrArray *candidates, const CandidateData *data, gboolean named,
                     const GPtrArray *requests);

#endif
