/* option-table.h - all kernel options that an image asks for, each with its reason and what the
 * trials of a search say about it.
 *
 * It is made of the recipe's lock and journal, the platform's fragment and the rules: nothing is
 * built, installed or fetched for it, and no kernel source is read. What Kconfig derives from the
 * options (selects, defaults) is therefore not in it, nor is what a rule that is younger than the
 * lock would ask for on evidence in the image's files.
 */
#ifndef TINYX_MINIMIZE_OPTION_TABLE_H
#define TINYX_MINIMIZE_OPTION_TABLE_H

#include "base/json.h"
#include "image/image.h"

typedef struct {
  char *symbol, *value; /* "EPOLL", "y"; "n": left out although something asked for it */
  char *reason;         /* one line */
  char *origin;         /* "platforms/xen-pv.config:21", "kernel-xen-pv.lock:9", "recipe.conf:12" */
  gboolean of_platform; /* every image of the platform has it so */
  guint trial;          /* of the journal, that says most about it; 0: none does */
  const char *evidence; /* what that trial showed; NULL without one; static */
  gint64 bytes;         /* that it takes, or that going to this value saved; -1: not known */
  gboolean exact;       /* the bytes were measured on this option alone; else an estimate */
} OptionRow;

typedef struct {
  char *name, *platform;
  char *version;    /* of Linux, as the lock has it; NULL: of an image without a lock */
  char *source;     /* what the options were read from */
  int symbols_y;    /* of the kernel in the last recorded test; 0: not recorded */
  GPtrArray *rows;  /* OptionRow*: first what is not the platform's; each part by symbol */
  GHashTable *find; /* symbol -> OptionRow* */
} OptionTable;

/* Of RECIPE's lock for the platform of OPTIONS; INPUT where there is none. */
OptionTable *option_table_of_lock(const Recipe *recipe, const ImageOptions *options,
                                  GError **error);
/* Of the image in FOLDER (its chosen.config) if there is one, else of the lock; INPUT where there
 * is neither, with the commands that make them. */
OptionTable *option_table_load(const Recipe *recipe, const ImageOptions *options,
                               const char *folder, GError **error);
void option_table_free(OptionTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OptionTable, option_table_free)

/* "about 3544", "1024", "-". g_free. */
char *option_bytes_text(const OptionRow *row);
/* "trial 13: passed so", or "-". g_free. */
char *option_trial_text(const OptionRow *row);

/* For a terminal; g_free. */
char *option_table_text(const OptionTable *table);
/* What ROW has besides its symbol, as members of an object. */
void option_row_put(JsonBuilder *json, const OptionRow *row);
/* JSON; g_free. */
char *option_table_json(const OptionTable *table);

#endif
