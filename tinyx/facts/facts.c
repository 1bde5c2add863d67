/* facts.c - the list of facts, and the table of what can be said by whom. */
#include "facts/facts.h"

#include <fnmatch.h>
#include <string.h>

struct Facts {
  GPtrArray *list;               /* Fact* */
  GHashTable *known;             /* Fact*, each once by kind, value and file; owned by the list */
  GHashTable *found[FACT_KINDS]; /* value -> GPtrArray of Fact*, owned by the list */
  GPtrArray *notes;              /* char* */
};

/* Those up to FACT_PACKAGE are words of their own in a rule's condition ("when: import NAME"); the
 * others stand behind "fact", with their kind ("when: fact mount:proc"). */
static const char *const kind_names[FACT_KINDS] = {
    [FACT_IMPORT] = "import",   [FACT_SYSCALL] = "syscall", [FACT_STRING] = "string",
    [FACT_TYPE] = "type",       [FACT_PACKAGE] = "package", [FACT_LOADER] = "loader",
    [FACT_NET] = "net",         [FACT_FORMAT] = "format",   [FACT_COMPRESSOR] = "compressor",
    [FACT_MOUNT] = "mount",     [FACT_APPLET] = "applet",   [FACT_RUN] = "run",
    [FACT_FEATURE] = "feature", [FACT_CALL] = "call",
};

static const struct {
  FactKind kind;
  const char *values; /* separated by blanks; NULL: any */
} emitters[FACTS_EMITTERS] = {
    [FACTS_FROM_IMPORTS] = {FACT_IMPORT, NULL},
    [FACTS_FROM_CODE] = {FACT_SYSCALL, NULL},
    [FACTS_FROM_BYTES] = {FACT_STRING, NULL},
    [FACTS_FROM_CALLS] = {FACT_CALL, NULL},
    [FACTS_FROM_TYPES] = {FACT_TYPE, "script elf-dynamic elf-static elf-foreign elf-hidden go"},
    [FACTS_FROM_RPATH] = {FACT_LOADER, "origin"},
    [FACTS_FROM_TEXT] = {FACT_NET, "ipv6 multicast syslog"},
    [FACTS_FROM_TRACE] = {FACT_NET, "ipv6 multicast"},
    [FACTS_FROM_FORMAT] = {FACT_FORMAT, "cpio squashfs times"},
    [FACTS_FROM_PACKING] = {FACT_COMPRESSOR, "gzip xz"},
    [FACTS_FROM_MOUNTS] = {FACT_MOUNT, "dev proc sys devpts shm"},
    [FACTS_FROM_WRITABLE] = {FACT_MOUNT, "tmpfs"},
    [FACTS_FROM_APPLETS] = {FACT_APPLET, NULL},
    [FACTS_FROM_USERS] = {FACT_RUN, "user"},
    [FACTS_FROM_PORTS] = {FACT_NET, "port"},
    [FACTS_FROM_PACKAGES] = {FACT_PACKAGE, NULL},
    [FACTS_FROM_NAMES] = {FACT_FEATURE, NULL},
};

FactKind
facts_emitter_kind(FactsEmitter emitter) {
  return emitters[emitter].kind;
}

const char *
facts_emitter_values(FactsEmitter emitter) {
  return emitters[emitter].values;
}

static gboolean
emits(FactsEmitter emitter, FactKind kind, const char *value) {
  if (emitters[emitter].kind != kind)
    return FALSE;
  if (emitters[emitter].values == NULL)
    return TRUE;
  g_auto(GStrv) values = g_strsplit(emitters[emitter].values, " ", -1);
  return g_strv_contains((const char *const *)values, value);
}

void
fact_free(Fact *fact) {
  g_free(fact->value);
  g_free(fact->file);
  g_free(fact);
}

static void
list_free(gpointer list) {
  g_ptr_array_unref(list);
}

static guint
fact_hash(gconstpointer key) {
  const Fact *fact = key;
  return (g_str_hash(fact->value) * 31 + (fact->file != NULL ? g_str_hash(fact->file) : 0)) * 31 +
         fact->kind;
}

static gboolean
fact_equal(gconstpointer a, gconstpointer b) {
  const Fact *one = a, *other = b;
  return one->kind == other->kind && strcmp(one->value, other->value) == 0 &&
         g_strcmp0(one->file, other->file) == 0;
}

Facts *
facts_new(void) {
  Facts *facts = g_new0(Facts, 1);
  facts->known = g_hash_table_new(fact_hash, fact_equal);
  facts->list = g_ptr_array_new_with_free_func((GDestroyNotify)fact_free);
  for (int kind = 0; kind < FACT_KINDS; kind++)
    facts->found[kind] = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, list_free);
  facts->notes = g_ptr_array_new_with_free_func(g_free);
  return facts;
}

void
facts_free(Facts *facts) {
  if (facts == NULL)
    return;
  for (int kind = 0; kind < FACT_KINDS; kind++)
    g_hash_table_unref(facts->found[kind]);
  g_hash_table_unref(facts->known);
  g_ptr_array_unref(facts->list);
  g_ptr_array_unref(facts->notes);
  g_free(facts);
}

static void
add(Facts *facts, FactKind kind, const char *value, const char *file, guint32 from) {
  const Fact asked = {.kind = kind, .value = (char *)value, .file = (char *)file};
  Fact *old = g_hash_table_lookup(facts->known, &asked);
  GPtrArray *same = g_hash_table_lookup(facts->found[kind], value);
  if (old != NULL) {
    old->emitters |= from;
    return;
  }
  Fact *fact = g_new0(Fact, 1);
  fact->kind = kind;
  fact->value = g_strdup(value);
  fact->file = g_strdup(file);
  fact->emitters = from;
  g_ptr_array_add(facts->list, fact);
  g_hash_table_add(facts->known, fact);
  if (same == NULL) {
    same = g_ptr_array_new();
    g_hash_table_insert(facts->found[kind], fact->value, same);
  }
  g_ptr_array_add(same, fact);
}

void
facts_add(Facts *facts, FactsEmitter emitter, const char *value, const char *file) {
  FactKind kind = emitters[emitter].kind;
  if (!emits(emitter, kind, value)) /* a mistake in the code: no rule could ask for it */
    g_error("the fact %s:%s is not in the table of what is said", kind_names[kind], value);
  add(facts, kind, value, file, 1U << emitter);
}

void
facts_add_all(Facts *facts, const Facts *other) {
  for (guint i = 0; i < other->list->len; i++) {
    const Fact *fact = other->list->pdata[i];
    add(facts, fact->kind, fact->value, fact->file, fact->emitters);
  }
  for (guint i = 0; i < other->notes->len; i++)
    facts_note(facts, other->notes->pdata[i]);
}

gboolean
facts_name_matches(const GPtrArray *patterns, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *base = slash != NULL ? slash + 1 : path;
  for (guint i = 0; patterns != NULL && i < patterns->len; i++)
    if (fnmatch(patterns->pdata[i], base, 0) == 0)
      return TRUE;
  return FALSE;
}

const Fact *
facts_find(const Facts *facts, FactKind kind, const char *value, const GPtrArray *except) {
  const GPtrArray *same = g_hash_table_lookup(facts->found[kind], value);
  for (guint i = 0; same != NULL && i < same->len; i++) {
    const Fact *fact = same->pdata[i];
    if (kind > FACT_TYPE || fact->file == NULL || !facts_name_matches(except, fact->file))
      return fact;
  }
  return NULL;
}

gboolean
facts_said_by(const Facts *facts, FactsEmitter emitter, const char *value) {
  for (guint i = 0; i < facts->list->len; i++) {
    const Fact *fact = facts->list->pdata[i];
    if ((fact->emitters & 1U << emitter) != 0 && (value == NULL || strcmp(fact->value, value) == 0))
      return TRUE;
  }
  return FALSE;
}

const GPtrArray *
facts_list(const Facts *facts) {
  return facts->list;
}

const GPtrArray *
facts_notes(const Facts *facts) {
  return facts->notes;
}

void
facts_note(Facts *facts, const char *note) {
  g_ptr_array_add(facts->notes, g_strdup(note));
}

char *
fact_name(const Fact *fact) {
  return g_strdup_printf("%s:%s", kind_names[fact->kind], fact->value);
}

char *
fact_text(const Fact *fact) {
  gboolean own_word = fact->kind <= FACT_PACKAGE;
  return g_strdup_printf("%s%s%s%s%s%s", own_word ? "" : "fact ", kind_names[fact->kind],
                         own_word ? " " : ":", fact->value, fact->file != NULL ? " in " : "",
                         fact->file != NULL ? fact->file : "");
}

static int
kind_parse(const char *word, gsize length) {
  for (int kind = 0; kind < FACT_KINDS; kind++)
    if (strlen(kind_names[kind]) == length && strncmp(kind_names[kind], word, length) == 0)
      return kind;
  return -1;
}

gboolean
fact_when_valid(const char *word) {
  int kind = kind_parse(word, strlen(word));
  return (kind >= 0 && kind <= FACT_PACKAGE) || g_str_equal(word, "fact");
}

/* The facts that could have been meant: "format:cpio format:squashfs". */
static char *
known_names(int kind) {
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < FACTS_EMITTERS; i++) {
    g_auto(GStrv) values =
        g_strsplit(emitters[i].values != NULL ? emitters[i].values : "NAME", " ", -1);
    for (char **value = values; *value != NULL; value++)
      if (kind < 0 || kind == (int)emitters[i].kind)
        g_ptr_array_add(names, g_strdup_printf("%s:%s", kind_names[emitters[i].kind], *value));
  }
  g_ptr_array_add(names, NULL);
  return g_strjoinv(" ", (char **)names->pdata);
}

Fact *
fact_parse(const char *when, const char *name, GError **error) {
  gboolean named = g_str_equal(when, "fact");
  gsize length = named ? strcspn(name, ":") : strlen(when);
  int kind = kind_parse(named ? name : when, length);
  const char *value = !named ? name : name[length] == ':' ? name + length + 1 : "";
  gboolean said = FALSE;
  for (guint i = 0; kind >= 0 && *value != '\0' && i < FACTS_EMITTERS; i++)
    said |= emits((FactsEmitter)i, (FactKind)kind, value);
  if (!said) {
    g_autofree char *known = known_names(kind);
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "nothing says the fact \"%s\"; expected %s",
                name, known);
    return NULL;
  }
  Fact *fact = g_new0(Fact, 1);
  fact->kind = (FactKind)kind;
  fact->value = g_strdup(value);
  return fact;
}

gboolean
facts_add_named(Facts *facts, const char *name, GError **error) {
  Fact *fact = fact_parse("fact", name, error);
  if (fact == NULL)
    return FALSE;
  add(facts, fact->kind, fact->value, NULL, 0);
  fact_free(fact);
  return TRUE;
}

gboolean
facts_add_traced(Facts *facts, const char *name, const char *program) {
  Fact *fact = fact_parse("fact", name, NULL);
  gboolean shown = fact != NULL && emits(FACTS_FROM_TRACE, fact->kind, fact->value);
  if (shown)
    facts_add(facts, FACTS_FROM_TRACE, fact->value, program);
  if (fact != NULL)
    fact_free(fact);
  return shown;
}
