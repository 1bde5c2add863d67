/* output.h - the folder that `tinyx build` writes: prepared beside its place, moved in whole.
 *
 * Files are made in FOLDER/.new-XXXXXX and then renamed one by one, report.json last. report.json
 * lists every file with its size and SHA-256, so a folder in which an interrupted or another run
 * left a mixture is noticed, and built again.
 */
#ifndef TINYX_IMAGE_OUTPUT_H
#define TINYX_IMAGE_OUTPUT_H

#include "base/error.h"

#include <json-glib/json-glib.h>

#define OUTPUT_REPORT "report.json"

typedef struct Output Output;

/* Makes FOLDER (if missing) and the place for new files; waits for another run that writes to it.
 */
/* ERROR of output_open() (FAILED: the folder cannot be made or written to) as INPUT, with the
 * option or the place that named the folder; GIVEN is what --output had, or NULL. */
void output_prefix_error(const char *given, GError **error);
Output *output_open(const char *folder, GError **error);
/* Path of a new file NAME, to be written by the caller. Owned by OUTPUT. */
const char *output_new(Output *output, const char *name);
gboolean output_copy(Output *output, const char *name, const char *from, GError **error);
gboolean output_write(Output *output, const char *name, const char *text, unsigned mode,
                      GError **error);
gboolean output_text(Output *output, const char *name, const char *text, GError **error);
/* Adds the member "outputs" to REPORT, an open JSON object, one entry a file so far. */
gboolean output_describe(Output *output, JsonBuilder *report, GError **error);
/* Moves all in, REPORT last; takes out what the report of an earlier image lists and this one has
 * not, and the STALE files (NULL-terminated), which no report lists. */
gboolean output_commit(Output *output, const char *report, const char *const *stale,
                       GError **error);
/* Frees; what was not committed is removed. */
void output_free(Output *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Output, output_free)

/* The report of FOLDER if its "key" is KEY and every file is as it lists it; else NULL. */
JsonParser *output_unchanged(const char *folder, const char *key);

#endif
