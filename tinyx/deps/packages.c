/* packages.c - the set that apt resolves, and for each package the reason it is in. */
#include "deps/packages.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/proc.h"
#include "deps/apt.h"
#include "deps/deb822.h"
#include "deps/package-list.h"

#include <string.h>

typedef struct {
  PackageDep *dep; /* NULL until someone asked for it */
  const Deb822Stanza *record;
} Member;

typedef struct {
  char *root;
  char *codename;
  CacheLock *lock; /* on the index: all that is asked of apt is about the same one */
  GHashTable *blacklist, *whitelist;
  GPtrArray *records;   /* Deb822Stanza* */
  GHashTable *members;  /* name -> Member: the set that apt resolved */
  GHashTable *provided; /* virtual name -> GPtrArray of Provider */
  GHashTable *selected; /* a virtual name that was named -> the package that apt took */
  GQueue *queue;        /* Member*: those whose relations are still to be followed */
} Closing;

typedef struct {
  Member *member;
  char *version; /* NULL: provided without a version */
} Provider;

static void
provider_free(gpointer data) {
  Provider *provider = data;
  g_free(provider->version);
  g_free(provider);
}

static void
closing_clear(Closing *closing) {
  g_clear_pointer(&closing->lock, cache_unlock);
  g_free(closing->root);
  g_free(closing->codename);
  g_clear_pointer(&closing->blacklist, g_hash_table_unref);
  g_clear_pointer(&closing->whitelist, g_hash_table_unref);
  g_clear_pointer(&closing->provided, g_hash_table_unref);
  g_clear_pointer(&closing->members, g_hash_table_unref);
  g_clear_pointer(&closing->selected, g_hash_table_unref);
  g_clear_pointer(&closing->records, g_ptr_array_unref);
  g_clear_pointer(&closing->queue, g_queue_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Closing, closing_clear)

void
package_dep_free(PackageDep *dep) {
  if (dep == NULL)
    return;
  g_free(dep->name);
  g_free(dep->version);
  g_free(dep->reason);
  g_free(dep->asked_by);
  g_free(dep);
}

/* Runs PROGRAM in the apt root with ARGUMENTS (char*, not owned). */
static gboolean
run_apt(const Closing *closing, const char *program, GPtrArray *arguments, ProcResult *result,
        GError **error) {
  ProcSpec how = {.deadline = 120, .flags = PROC_CAPTURE | PROC_CAPTURE_ERR | PROC_ANY_STATUS};
  g_ptr_array_add(arguments, NULL);
  return apt_run(closing->root, program, (const char *const *)arguments->pdata, &how, result,
                 error);
}

/* "Package NAME is a virtual package provided by:", and below it " PACKAGE VERSION" lines. */
static void
add_providers(char *const *lines, GString *text) {
  for (guint i = 0; lines[i] != NULL; i++) {
    if (!g_str_has_suffix(lines[i], " is a virtual package provided by:"))
      continue;
    g_string_append(text, "; it is virtual: expected one of those that provide it:");
    while (lines[i + 1] != NULL && lines[i + 1][0] == ' ') {
      const char *name = g_strchug(lines[++i]);
      g_string_append_printf(text, " %.*s", (int)strcspn(name, " "), name);
    }
  }
}

/* The "E:" lines of apt, as one. g_free. */
static char *
apt_complaint(const char *output) {
  g_autoptr(GString) text = g_string_new(NULL);
  g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix(lines[i], "E: "))
      g_string_append_printf(text, "%s%s", text->len != 0 ? "; " : "", lines[i] + 3);
  if (text->len == 0)
    g_string_append(text, output);
  add_providers(lines, text);
  return g_string_free(g_steal_pointer(&text), FALSE);
}

/* "Inst nginx (1.22.1-9 Debian:12.0/oldstable [amd64])" -> "nginx=1.22.1-9", or NULL. g_free. */
static char *
installed_spec(const char *line) {
  if (!g_str_has_prefix(line, "Inst "))
    return NULL;
  const char *open = strstr(line, " (");
  if (open == NULL)
    return NULL;
  gsize name = strcspn(line + 5, " :");
  gsize version = strcspn(open + 2, " )");
  return g_strdup_printf("%.*s=%.*s", (int)name, line + 5, (int)version, open + 2);
}

/* "Note, selecting 'mawk' instead of 'awk'" */
static void
note_selection(Closing *closing, const char *line) {
  if (!g_str_has_prefix(line, "Note, selecting '"))
    return;
  g_auto(GStrv) parts = g_strsplit(line, "'", -1);
  if (g_strv_length(parts) >= 4)
    g_hash_table_insert(closing->selected, g_strdup(parts[3]), g_strdup(parts[1]));
}

/* What apt would install on an empty machine: "name=version" (char*). */
static GPtrArray *
resolve(Closing *closing, const char *const *names, GError **error) {
  g_autoptr(GPtrArray) arguments = g_ptr_array_new();
  const char *const fixed[] = {"-s", "-q", "--no-install-recommends", "install"};
  for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++)
    g_ptr_array_add(arguments, (gpointer)fixed[i]);
  for (guint i = 0; names[i] != NULL; i++)
    g_ptr_array_add(arguments, (gpointer)names[i]);
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init(&iter, closing->whitelist);
  while (g_hash_table_iter_next(&iter, &name, NULL))
    g_ptr_array_add(arguments, name);

  g_auto(ProcResult) result = {0};
  if (!run_apt(closing, "apt-get", arguments, &result, error))
    return NULL;
  if (result.status != 0) {
    g_autofree char *complaint = apt_complaint(result.out);
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "apt (Debian %s): %s", closing->codename,
                complaint);
    return NULL;
  }
  GPtrArray *specs = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) lines = g_strsplit(result.out, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    char *spec = installed_spec(lines[i]);
    if (spec != NULL)
      g_ptr_array_add(specs, spec);
    else
      note_selection(closing, lines[i]);
  }
  return specs;
}

static gboolean
load_records(Closing *closing, GPtrArray *specs, GError **error) {
  g_autoptr(GPtrArray) arguments = g_ptr_array_new();
  g_ptr_array_add(arguments, (gpointer) "show");
  for (guint i = 0; i < specs->len; i++)
    g_ptr_array_add(arguments, specs->pdata[i]);
  g_auto(ProcResult) result = {0};
  if (specs->len == 0) {
    closing->records = g_ptr_array_new();
    return TRUE;
  }
  if (!run_apt(closing, "apt-cache", arguments, &result, error))
    return FALSE;
  if (result.status != 0) {
    g_autofree char *complaint = apt_complaint(result.out);
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "apt-cache show: %s", complaint);
    return FALSE;
  }
  closing->records = deb822_parse(result.out, result.out_size, "apt-cache show", error);
  return closing->records != NULL;
}

static void
add_provided(Closing *closing, Member *member, const Deb822Relation *relation) {
  GPtrArray *providers = g_hash_table_lookup(closing->provided, relation->name);
  if (providers == NULL) {
    providers = g_ptr_array_new_with_free_func(provider_free);
    g_hash_table_insert(closing->provided, g_strdup(relation->name), providers);
  }
  Provider *provider = g_new0(Provider, 1);
  provider->member = member;
  provider->version = g_strdup(relation->version);
  g_ptr_array_add(providers, provider);
}

static gboolean
index_member(Closing *closing, const Deb822Stanza *record, GError **error) {
  const char *name = deb822_get(record, "Package"), *provides = deb822_get(record, "Provides");
  if (name == NULL || deb822_get(record, "Version") == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "apt-cache show:%d: a record without Package or Version; expected both",
                record->line);
    return FALSE;
  }
  if (g_hash_table_contains(closing->members, name))
    return TRUE; /* the same version from a second source */
  Member *member = g_new0(Member, 1);
  member->record = record;
  g_hash_table_insert(closing->members, g_strdup(name), member);
  if (provides == NULL)
    return TRUE;
  g_autoptr(GPtrArray) groups =
      deb822_relations_parse(provides, "apt-cache show", record->line, error);
  for (guint i = 0; groups != NULL && i < groups->len; i++)
    add_provided(closing, member, g_ptr_array_index((GPtrArray *)groups->pdata[i], 0));
  return groups != NULL;
}

static const char *
member_name(const Member *member) {
  return deb822_get(member->record, "Package");
}

/* The member of the set that satisfies RELATION, or NULL. */
static Member *
find_member(const Closing *closing, const Deb822Relation *relation) {
  Member *member = g_hash_table_lookup(closing->members, relation->name);
  if (member != NULL && deb822_relation_accepts(relation, deb822_get(member->record, "Version")))
    return member;
  const GPtrArray *providers = g_hash_table_lookup(closing->provided, relation->name);
  for (guint i = 0; providers != NULL && i < providers->len; i++) {
    const Provider *provider = providers->pdata[i];
    if (deb822_relation_accepts(relation, provider->version))
      return provider->member;
  }
  return NULL;
}

static void
take_member(Closing *closing, Member *member, const char *reason, const char *asked_by) {
  const char *size = deb822_get(member->record, "Installed-Size");
  if (member->dep != NULL)
    return;
  member->dep = g_new0(PackageDep, 1);
  member->dep->name = g_strdup(member_name(member));
  member->dep->version = g_strdup(deb822_get(member->record, "Version"));
  guint64 kb = 0;
  member->dep->installed_kb = number_parse(size, G_MAXUINT32, &kb) ? (gint64)kb : 0;
  member->dep->reason = g_strdup(reason);
  member->dep->asked_by = g_strdup(asked_by);
  g_queue_push_tail(closing->queue, member);
}

/* Follows one relationship field of MEMBER. */
static gboolean
follow_field(Closing *closing, Member *member, const char *field, GError **error) {
  const char *text = deb822_get(member->record, field), *name = member_name(member);
  if (text == NULL)
    return TRUE;
  g_autoptr(GPtrArray) groups =
      deb822_relations_parse(text, "apt-cache show", member->record->line, error);
  g_autofree char *reason = g_strdup_printf("%s of %s", field, name);
  for (guint i = 0; groups != NULL && i < groups->len; i++) {
    const GPtrArray *group = groups->pdata[i];
    Member *found = NULL;
    for (guint k = 0; found == NULL && k < group->len; k++)
      found = find_member(closing, group->pdata[k]);
    if (found != NULL && !g_hash_table_contains(closing->blacklist, member_name(found)))
      take_member(closing, found, reason, name);
  }
  return groups != NULL;
}

static gboolean
take_named(Closing *closing, const char *name, const char *reason, GError **error) {
  const char *selected = g_hash_table_lookup(closing->selected, name);
  Member *member = g_hash_table_lookup(closing->members, selected != NULL ? selected : name);
  if (member == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: apt does not know a package of this name (Debian %s)", name,
                closing->codename);
    return FALSE;
  }
  g_autofree char *as = selected != NULL ? g_strdup_printf("%s (as %s)", reason, name) : NULL;
  take_member(closing, member, as != NULL ? as : reason, NULL);
  return TRUE;
}

static gboolean
take_all(Closing *closing, const char *const *names, GError **error) {
  GHashTableIter iter;
  gpointer name;
  for (guint i = 0; names[i] != NULL; i++)
    if (!take_named(closing, names[i], "named", error))
      return FALSE;
  g_hash_table_iter_init(&iter, closing->whitelist);
  while (g_hash_table_iter_next(&iter, &name, NULL))
    if (!take_named(closing, name, "whitelist", error))
      return FALSE;
  Member *member;
  while ((member = g_queue_pop_head(closing->queue)) != NULL)
    if (!follow_field(closing, member, "Pre-Depends", error) ||
        !follow_field(closing, member, "Depends", error))
      return FALSE;
  return TRUE;
}

static gboolean
check_names(const char *const *names, GError **error) {
  for (guint i = 0; names[i] != NULL; i++)
    /* apt would read a "-" at the end as "remove". */
    if (!deb822_name_valid(names[i]) || g_str_has_suffix(names[i], "-")) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "\"%s\" is no package's name; expected two or more of a-z, 0-9, '+', '-', '.'",
                  names[i]);
      return FALSE;
    }
  return TRUE;
}

static GHashTable *
read_list(const char *given, const char *usual, GError **error) {
  g_autofree char *path = given != NULL ? g_strdup(given) : data_path(usual);
  if (g_str_equal(path, PACKAGES_NONE))
    return package_list_parse("", 0, usual, error);
  return package_list_read(path, error);
}

static gboolean
closing_open(Closing *closing, const char *blacklist, const char *whitelist, GError **error) {
  closing->blacklist = read_list(blacklist, "rootfs/blacklist", error);
  if (closing->blacklist == NULL)
    return FALSE;
  closing->whitelist = read_list(whitelist, "rootfs/whitelist", error);
  if (closing->whitelist == NULL)
    return FALSE;
  closing->members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  closing->provided =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  closing->selected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  closing->queue = g_queue_new();
  closing->root = apt_root(&closing->codename, error);
  closing->lock = closing->root != NULL ? apt_index_lock(closing->root, error) : NULL;
  return closing->lock != NULL;
}

static int
compare_deps(gconstpointer a, gconstpointer b) {
  return strcmp((*(PackageDep *const *)a)->name, (*(PackageDep *const *)b)->name);
}

/* Moves the packages that were asked for out of the set. */
static GPtrArray *
collect(Closing *closing) {
  GPtrArray *deps = g_ptr_array_new_with_free_func((GDestroyNotify)package_dep_free);
  GHashTableIter iter;
  gpointer data;
  g_hash_table_iter_init(&iter, closing->members);
  while (g_hash_table_iter_next(&iter, NULL, &data)) {
    Member *member = data;
    if (member->dep != NULL)
      g_ptr_array_add(deps, g_steal_pointer(&member->dep));
    else
      msg_verbose("left out: %s", member_name(member));
  }
  g_ptr_array_sort(deps, compare_deps);
  return deps;
}

GPtrArray *
package_closure(const char *const *names, const char *blacklist, const char *whitelist,
                GError **error) {
  g_auto(Closing) closing = {0};
  if (!check_names(names, error) || !closing_open(&closing, blacklist, whitelist, error))
    return NULL;
  g_autoptr(GPtrArray) specs = resolve(&closing, names, error);
  if (specs == NULL || !load_records(&closing, specs, error))
    return NULL;
  for (guint i = 0; i < closing.records->len; i++)
    if (!index_member(&closing, closing.records->pdata[i], error))
      return NULL;
  gboolean good = take_all(&closing, names, error);
  g_autoptr(GPtrArray) deps = collect(&closing);
  return good ? g_steal_pointer(&deps) : NULL;
}
