/* suspects.c - the list of what a closure may have missed: order, text, summary. */
#include "deps/suspects.h"

#include "base/plain.h"

#include <string.h>

Suspect *
suspect_new(SuspectKind kind, const char *path, const char *text) {
  Suspect *suspect = g_new0(Suspect, 1);
  suspect->kind = kind;
  suspect->path = g_strdup(path);
  suspect->text = g_strdup(text);
  return suspect;
}

void
suspect_free(Suspect *suspect) {
  g_free(suspect->path);
  g_free(suspect->text);
  g_free(suspect);
}

const char *
suspect_kind_name(SuspectKind kind) {
  static const char *const names[] = {"dlopen", "plugins", "interpreter"};
  return names[kind];
}

static int
compare_suspects(gconstpointer a, gconstpointer b) {
  const Suspect *left = *(Suspect *const *)a, *right = *(Suspect *const *)b;
  int order = (int)left->kind - (int)right->kind;
  if (order == 0)
    order = strcmp(left->path, right->path);
  return order != 0 ? order : strcmp(left->text, right->text);
}

void
suspects_append(GPtrArray *to, const GPtrArray *from) {
  for (guint i = 0; i < from->len; i++) {
    const Suspect *suspect = from->pdata[i];
    g_ptr_array_add(to, suspect_new(suspect->kind, suspect->path, suspect->text));
  }
  g_ptr_array_sort(to, compare_suspects);
  for (guint i = 1; i < to->len;)
    if (compare_suspects(&to->pdata[i - 1], &to->pdata[i]) == 0)
      g_ptr_array_remove_index(to, i);
    else
      i++;
}

char *
suspects_text(const GPtrArray *suspects) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < suspects->len; i++) {
    const Suspect *suspect = suspects->pdata[i];
    plain_append(text, "%s\t%s\t%s\n", suspect_kind_name(suspect->kind), suspect->path,
                 suspect->text);
  }
  return g_string_free(text, FALSE);
}

char *
suspects_summary(const GPtrArray *suspects) {
  static const char *const words[] = {"calls of dlopen that cannot be followed",
                                      "folders of plugins", "interpreters with modules"};
  guint counts[SUSPECT_KINDS] = {0};
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < suspects->len; i++)
    counts[((const Suspect *)suspects->pdata[i])->kind]++;
  for (guint i = 0; i < SUSPECT_KINDS; i++)
    if (counts[i] > 0)
      g_string_append_printf(text, "%s%s: %u", text->len > 0 ? ", " : "", words[i], counts[i]);
  if (text->len > 0)
    return g_string_free(text, FALSE);
  g_string_free(text, TRUE);
  return NULL;
}
