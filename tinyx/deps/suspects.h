/* suspects.h - what a closure may have missed: what is seen in its files, but cannot be proved. */
#ifndef TINYX_DEPS_SUSPECTS_H
#define TINYX_DEPS_SUSPECTS_H

#include <glib.h>

typedef enum {
  SUSPECT_DLOPEN,      /* calls dlopen with a name that is computed, or one that is left out */
  SUSPECT_PLUGINS,     /* names a folder of libraries, not all of which are in */
  SUSPECT_INTERPRETER, /* finds its modules when it runs (rule "suspect" in runtime.rules) */
} SuspectKind;
#define SUSPECT_KINDS 3

typedef struct {
  SuspectKind kind;
  char *path; /* the program, library or script */
  char *text; /* what is suspected, one line */
} Suspect;

Suspect *suspect_new(SuspectKind kind, const char *path, const char *text);
void suspect_free(Suspect *suspect);
/* "dlopen", "plugins", "interpreter" */
const char *suspect_kind_name(SuspectKind kind);
/* Copies of FROM's go into TO, sorted by kind, path and text, each once. */
void suspects_append(GPtrArray *to, const GPtrArray *from);
/* A line each: "KIND<tab>PATH<tab>TEXT". g_free. */
char *suspects_text(const GPtrArray *suspects);
/* "2 programs or libraries open others by computed names, …" or NULL where there is none. g_free.
 */
char *suspects_summary(const GPtrArray *suspects);

#endif
