/* verify.c - compares the .config that came out with what was asked, and says why not. */
#include "kernel/verify.h"

#include "base/dotconfig.h"
#include "base/msg.h"
#include "kernel/query.h"

#include <string.h>

static char *
join_near(const GPtrArray *near) {
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < near->len; i++)
    g_string_append_printf(text, "%s%s", i > 0 ? ", " : "; did you mean ", (char *)near->pdata[i]);
  if (near->len > 0)
    g_string_append_c(text, '?');
  return g_string_free(text, FALSE);
}

/* Why SYMBOL did not become what was asked, in Kconfig's own terms. */
static char *
why_not(const SymbolRequest *request, const SymbolFacts *facts) {
  gboolean off = g_str_equal(request->value, "n");
  if (off && facts->selected != NULL)
    return g_strdup_printf("selected by %s", facts->selected);
  if (!off && !facts->depends_met && facts->depends != NULL)
    return g_strdup_printf("blocked: it depends on %s", facts->depends);
  if (facts->prompt == NULL)
    return g_strdup_printf("it has no prompt: other symbols decide it%s%s%s%s",
                           facts->depends != NULL ? "; it depends on " : "",
                           facts->depends != NULL ? facts->depends : "",
                           facts->selected != NULL ? "; selected by " : "",
                           facts->selected != NULL ? facts->selected : "");
  if (!facts->visible)
    return g_strdup_printf("its prompt is not shown%s%s",
                           facts->depends != NULL ? "; it depends on " : "",
                           facts->depends != NULL ? facts->depends : "");
  if (facts->range != NULL)
    return g_strdup_printf("its range is %s", facts->range);
  if (facts->depends != NULL)
    return g_strdup_printf("type %s, depends on %s", facts->type, facts->depends);
  return g_strdup_printf("type %s: the value does not fit, or another of its choice was asked for",
                         facts->type);
}

/* Of what CHOSEN asks for, another member of the choice that INDEX is one of; NULL: there is none.
 */
static const SymbolRequest *
other_member(const GPtrArray *chosen, const GPtrArray *facts, guint index) {
  const char *choice = ((const SymbolFacts *)facts->pdata[index])->choice;
  for (guint i = 0; choice != NULL && i < chosen->len; i++) {
    const SymbolRequest *other = chosen->pdata[i];
    if (i != index && g_strcmp0(choice, ((const SymbolFacts *)facts->pdata[i])->choice) == 0 &&
        !g_str_equal(other->value, "n"))
      return other;
  }
  return NULL;
}

/* The line about one difference, or NULL: none. */
static char *
difference(const GPtrArray *chosen, const GPtrArray *all_facts, guint index,
           const DotConfig *config) {
  const SymbolRequest *request = chosen->pdata[index];
  const SymbolFacts *facts = all_facts->pdata[index];
  const char *got = config_value(config, request->symbol);
  if (request->may_vanish && !request->tell)
    return NULL;
  if (facts->type == NULL) {
    g_autofree char *near = join_near(facts->near);
    return g_strdup_printf("%s: %s=%s: this kernel has no such symbol%s", request->origin,
                           request->symbol, request->value, near);
  }
  if (config_value_equal(request->value, got))
    return NULL;
  const SymbolRequest *other = other_member(chosen, all_facts, index);
  g_autofree char *why =
      other != NULL && !g_str_equal(request->value, "n")
          ? g_strdup_printf("of the choice '%s' one can be on, and %s asks for %s=%s",
                            facts->choice, other->origin, other->symbol, other->value)
          : why_not(request, facts);
  return g_strdup_printf("%s: %s: asked %s, got %s: %s", request->origin, request->symbol,
                         request->value, got, why);
}

/* DEPENDS, "NET [=y] && INET [=n]", names SYMBOL as off. */
static gboolean
depends_on_off(const char *depends, const char *symbol) {
  g_autofree char *mark = g_strconcat(symbol, " [=n]", NULL);
  for (const char *at = strstr(depends, mark); at != NULL; at = strstr(at + 1, mark))
    if (at == depends || !(g_ascii_isalnum(at[-1]) || at[-1] == '_'))
      return TRUE;
  return FALSE;
}

/* The request of a person that turns off what REQUEST, a platform's, depends on; NULL: none. Who
 * takes a recipe's network out does not know all drivers of all platforms by name. */
static const SymbolRequest *
turned_off_by(const SymbolRequest *request, const SymbolFacts *facts, const GPtrArray *chosen) {
  if (request->asker != ASKED_BY_PLATFORM || facts->depends_met || facts->depends == NULL)
    return NULL;
  for (guint i = 0; i < chosen->len; i++) {
    const SymbolRequest *other = chosen->pdata[i];
    if (other->asker == ASKED_BY_REQUEST && g_str_equal(other->value, "n") &&
        depends_on_off(facts->depends, other->symbol))
      return other;
  }
  return NULL;
}

gboolean
verify_config(const GPtrArray *chosen, const DotConfig *config, const GPtrArray *facts,
              GError **error) {
  g_autoptr(GString) lines = g_string_new(NULL);
  for (guint i = 0; i < chosen->len; i++) {
    const SymbolRequest *request = chosen->pdata[i];
    g_autofree char *line = difference(chosen, facts, i, config);
    const SymbolRequest *off =
        line != NULL ? turned_off_by(request, facts->pdata[i], chosen) : NULL;
    if (off != NULL)
      msg_info("%s: %s goes with %s=n, which %s asks for", request->origin, request->symbol,
               off->symbol, off->origin);
    else if (line != NULL && request->may_vanish)
      msg_warn("%s", line);
    else if (line != NULL)
      g_string_append_printf(lines, "%s%s", lines->len > 0 ? "\n" : "", line);
  }
  if (lines->len == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s", lines->str);
  return FALSE;
}
