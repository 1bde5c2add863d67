/* journal.h - what a minimisation has tried: one line of JSON a trial, only ever appended to.
 *
 * The search is a function of the answers that it gets, so that a run that was ended at any moment
 * goes on by asking the same questions again and finding the answers here.
 */
#ifndef TINYX_MINIMIZE_JOURNAL_H
#define TINYX_MINIMIZE_JOURNAL_H

#include "base/error.h"

#define JOURNAL_BYTES_MAX (64U << 20) /* of a journal: the longest search had 0.3 MB */

/* In the file: "pass", "fail", "unresolved" (it could not be built). */
typedef enum { VERDICT_PASS, VERDICT_FAIL, VERDICT_UNRESOLVED, VERDICTS } JournalVerdict;

typedef struct {
  guint number;  /* from 1, in the order of the file */
  char *kind;    /* "start", "guard", "trial", "boot" (a prediction), "final", … */
  char *key;     /* of the question: the hash of the .config, or of what was booted */
  char **change; /* "EPOLL=n", … against the start; never NULL */
  char **more;   /* symbols that came off along with these; never NULL */
  JournalVerdict verdict;
  char *why;            /* one line; NULL if it passed */
  guint boots;          /* how many were made; 2: the first one failed */
  double build_seconds; /* 0: the kernel was there already */
  double boot_seconds;
  gint64 bytes;           /* of the packed kernel; 0: there is none */
  guint compiled, cached; /* objects */
  int memory;             /* MB, the least in which it passed; 0: not looked for */
  char **console;         /* the last lines, if it did not pass; never NULL */
} JournalEntry;

JournalEntry *journal_entry_new(const char *kind, const char *key);
void journal_entry_free(JournalEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JournalEntry, journal_entry_free)

typedef struct Journal Journal;

/* Opens PATH (made if missing, with its folder) for the inputs that INPUT is the hash of and TITLE
 * says in words. A last line that was cut off is dropped, with a word; any other line that is not
 * understood is an error with file and line. A journal of other inputs is an error, too. */
Journal *journal_open(const char *path, const char *input, const char *title, GError **error);
/* Only to read it; a missing file is an error. */
Journal *journal_read(const char *path, GError **error);
void journal_close(Journal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_close)

/* Parses what a journal holds (for tests and fuzzing); FILE is for messages. */
Journal *journal_parse(const char *text, gsize size, const char *file, GError **error);

/* Gives ENTRY (taken) its number and writes it, down to the disk, before it returns. */
gboolean journal_add(Journal *journal, JournalEntry *entry, GError **error);

/* The last entry of KIND (NULL: any) with KEY, or NULL. Owned by JOURNAL. */
const JournalEntry *journal_find(const Journal *journal, const char *kind, const char *key);
/* JournalEntry*, in order. Owned by JOURNAL. */
const GPtrArray *journal_entries(const Journal *journal);
/* The file. Owned by JOURNAL. */
const char *journal_path(const Journal *journal);
/* What the first line says. Owned by JOURNAL. */
const char *journal_title(const Journal *journal);
/* Whether entry NUMBER was there when the journal was opened. */
gboolean journal_is_old(const Journal *journal, guint number);

#endif
