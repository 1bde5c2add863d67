/* reason.c - origins, states and reasons: their names, and the one text that is made of a reason.
 */
#include "tree/reason.h"

#include <string.h>

static const char *const origin_names[] = {
    [ORIGIN_NONE] = "-",        [ORIGIN_BASE] = "base",       [ORIGIN_PACKAGE] = "package",
    [ORIGIN_SCRIPT] = "script", [ORIGIN_RECIPE] = "recipe",   [ORIGIN_BUSYBOX] = "busybox",
    [ORIGIN_GLUE] = "glue",     [ORIGIN_AT_BOOT] = "at-boot", [ORIGIN_DOM0] = "dom0",
    [ORIGIN_BUNDLE] = "bundle", [ORIGIN_JOB] = "job",         [ORIGIN_COMPARED] = "compare",
};

static const char *const state_names[] = {
    [STATE_UNKNOWN] = "-",
    [STATE_INSTALLED] = "installed",
    [STATE_CHANGED] = "changed",
    [STATE_NEW] = "new",
};

#define BY "{by}"
#define DETAIL "{detail}"
#define WHAT "{what}" /* "folder", or "file" for everything else */

/* A kind needs exactly what its text has a place for. */
static const struct {
  const char *name, *text;
} kinds[] = {
    [REASON_NONE] = {"-", ""},
    [REASON_HOLDS] = {"holds", "holds " BY},
    [REASON_NAMED] = {"named", WHAT " of " BY ", which the recipe names"},
    [REASON_DATA] = {"data", "data of " BY " (" DETAIL ")"},
    [REASON_SCRIPT] = {"script", "made by a maintainer script"},
    [REASON_COMMAND] = {"command", "command= of the recipe"},
    [REASON_BEFORE] = {"before", "before= of the recipe"},
    [REASON_STOP] = {"stop", "stop= of the recipe"},
    [REASON_FIRST_BOOT] = {"first-boot", "makes " BY " at the first boot"},
    [REASON_INCLUDE] = {"include", "include= of the recipe"},
    [REASON_FILES] = {"files", "files= of the recipe"},
    [REASON_FILES_FOLDER] = {"files-folder", "files/ of the recipe"},
    [REASON_PROGRAM] = {"program", "named"},
    [REASON_NEEDED] = {"needed", DETAIL ", for " BY},
    [REASON_INTERPRETER] = {"interpreter", DETAIL ", for " BY},
    [REASON_SHEBANG] = {"shebang", DETAIL ", for " BY},
    [REASON_DLOPEN] = {"dlopen", DETAIL ", for " BY},
    [REASON_RULE] = {"rule", DETAIL ", for " BY},
    [REASON_WAY] = {"way", DETAIL ", for " BY},
    [REASON_TARGET] = {"target", "a link in the image leads to it"},
    [REASON_LOADER] = {"loader", "so that the loader finds " BY},
    [REASON_MERGED] = {"merged", "merged /usr"},
    [REASON_USERS] = {"users", "users that the packages expect"},
    [REASON_OPENED] = {"opened", "opened at run time by " BY},
    [REASON_LOOKED_FOR] = {"looked-for", "asked for at run time by " BY},
    [REASON_LOCK] = {"lock", DETAIL},
    [REASON_TMPFILES] = {"tmpfiles", "tmpfiles.d: " BY},
    [REASON_PURPOSE] = {"purpose", DETAIL},
};

/* The index of NAME in COUNT names; -1: it is none. */
static int
name_find(const char *name, const char *const *names, gsize count) {
  for (gsize i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0)
      return (int)i;
  return -1;
}

const char *
tree_origin_name(TreeOrigin origin) {
  return origin_names[origin];
}

gboolean
tree_origin_parse(const char *name, TreeOrigin *origin) {
  int found = name_find(name, origin_names, G_N_ELEMENTS(origin_names));
  if (found >= 0)
    *origin = (TreeOrigin)found;
  return found >= 0;
}

const char *
tree_state_name(TreeState state) {
  return state_names[state];
}

gboolean
tree_state_parse(const char *name, TreeState *state) {
  int found = name_find(name, state_names, G_N_ELEMENTS(state_names));
  if (found >= 0)
    *state = (TreeState)found;
  return found >= 0;
}

const char *
tree_reason_kind_name(TreeReasonKind kind) {
  return kinds[kind].name;
}

gboolean
tree_reason_kind_parse(const char *name, TreeReasonKind *kind) {
  for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].name, name) == 0) {
      *kind = (TreeReasonKind)i;
      return TRUE;
    }
  return FALSE;
}

TreeFrom
from_origin(TreeOrigin origin, const char *purpose) {
  TreeReasonKind kind = purpose != NULL ? REASON_PURPOSE : REASON_NONE;
  return (TreeFrom){.origin = origin, .kind = kind, .detail = purpose};
}

TreeFrom
from_package(const char *package, const char *purpose) {
  TreeFrom from = from_origin(ORIGIN_PACKAGE, purpose);
  from.package = package;
  return from;
}

TreeFrom
from_reason(TreeOrigin origin, const char *package, const TreeReason *reason) {
  return (TreeFrom){.origin = origin,
                    .package = package,
                    .kind = reason->kind,
                    .by = reason->by,
                    .detail = reason->detail};
}

void
tree_reason_set(TreeReason *reason, TreeReasonKind kind, const char *by, const char *detail) {
  TreeReason old = *reason; /* BY and DETAIL may be its own */
  *reason = (TreeReason){.kind = kind, .by = g_strdup(by), .detail = g_strdup(detail)};
  tree_reason_clear(&old);
}

void
tree_reason_clear(TreeReason *reason) {
  g_clear_pointer(&reason->by, g_free);
  g_clear_pointer(&reason->detail, g_free);
  reason->kind = REASON_NONE;
}

TreeReason *
tree_reason_new(TreeReasonKind kind, const char *by, const char *detail) {
  TreeReason *reason = g_new0(TreeReason, 1);
  tree_reason_set(reason, kind, by, detail);
  return reason;
}

void
tree_reason_free(TreeReason *reason) {
  if (reason == NULL)
    return;
  tree_reason_clear(reason);
  g_free(reason);
}

gboolean
tree_reason_is_whole(TreeReasonKind kind, const char *by, const char *detail) {
  return (strstr(kinds[kind].text, BY) != NULL) == (by != NULL) &&
         (strstr(kinds[kind].text, DETAIL) != NULL) == (detail != NULL);
}

/* Appends VALUE and moves *AT behind PLACE if that is what stands there. */
static gboolean
place_fill(GString *text, const char **at, const char *place, const char *value) {
  if (!g_str_has_prefix(*at, place))
    return FALSE;
  g_string_append(text, value != NULL ? value : "?");
  *at += strlen(place);
  return TRUE;
}

char *
tree_reason_text(const TreeReason *reason, TreeType type) {
  const char *at = kinds[reason->kind].text;
  if (reason->kind == REASON_NONE)
    return NULL;
  GString *text = g_string_new(NULL);
  while (*at != '\0')
    if (!place_fill(text, &at, BY, reason->by) && !place_fill(text, &at, DETAIL, reason->detail) &&
        !place_fill(text, &at, WHAT, type == TREE_DIR ? "folder" : "file"))
      g_string_append_c(text, *at++);
  return g_string_free(text, FALSE);
}
