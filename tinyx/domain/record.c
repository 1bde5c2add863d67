/* record.c - what is written down of a domain, and whether it still runs. */
#include "domain/domain.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/folder.h"
#include "base/msg.h"
#include "base/near.h"
#include "recipe/recipe.h"
#include "xen/state.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define GROUP "domain"
#define FOLDER "domains"
#define STATE "state"
#define HELD "held"
#define BYTES_MAX 65536 /* of a record */

typedef enum { TEXT, NUMBER, BIG, WORDS } FieldKind;

static const struct {
  const char *key;
  FieldKind kind;
  gsize at;
} fields[] = {
    {"pid", NUMBER, G_STRUCT_OFFSET(Domain, pid)},
    {"started", BIG, G_STRUCT_OFFSET(Domain, started)},
    {"owner", TEXT, G_STRUCT_OFFSET(Domain, owner)},
    {"phase", TEXT, G_STRUCT_OFFSET(Domain, phase)},
    {"since", BIG, G_STRUCT_OFFSET(Domain, since)},
    {"until", BIG, G_STRUCT_OFFSET(Domain, until)},
    {"how", TEXT, G_STRUCT_OFFSET(Domain, how)},
    {"recipe", TEXT, G_STRUCT_OFFSET(Domain, recipe)},
    {"recipe-file", TEXT, G_STRUCT_OFFSET(Domain, recipe_file)},
    {"takes-commands", NUMBER, G_STRUCT_OFFSET(Domain, takes_commands)},
    {"platform", TEXT, G_STRUCT_OFFSET(Domain, platform)},
    {"image", TEXT, G_STRUCT_OFFSET(Domain, image)},
    {"memory", NUMBER, G_STRUCT_OFFSET(Domain, memory)},
    {"port", NUMBER, G_STRUCT_OFFSET(Domain, port)},
    {"guest-port", NUMBER, G_STRUCT_OFFSET(Domain, guest_port)},
    {"address", TEXT, G_STRUCT_OFFSET(Domain, address)},
    {"host", TEXT, G_STRUCT_OFFSET(Domain, host)},
    {"spec", TEXT, G_STRUCT_OFFSET(Domain, spec)},
    {"launcher", TEXT, G_STRUCT_OFFSET(Domain, launcher)},
    {"guest", TEXT, G_STRUCT_OFFSET(Domain, guest)},
    {"identity", TEXT, G_STRUCT_OFFSET(Domain, identity)},
    {"stop-seconds", NUMBER, G_STRUCT_OFFSET(Domain, stop_seconds)},
    {"command", WORDS, G_STRUCT_OFFSET(Domain, command)},
    {"directory", TEXT, G_STRUCT_OFFSET(Domain, directory)},
};

void
domain_free(Domain *domain) {
  if (domain == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
    gpointer place = (char *)domain + fields[i].at;
    if (fields[i].kind == TEXT)
      g_free(*(char **)place);
    else if (fields[i].kind == WORDS)
      g_strfreev(*(char ***)place);
  }
  g_free(domain->name);
  g_free(domain->folder);
  g_free(domain);
}

static void
field_read(GKeyFile *keys, guint index, gpointer place) {
  const char *key = fields[index].key;
  switch (fields[index].kind) {
  case TEXT:
    *(char **)place = g_key_file_get_string(keys, GROUP, key, NULL);
    break;
  case NUMBER:
    *(int *)place = g_key_file_get_integer(keys, GROUP, key, NULL);
    break;
  case BIG:
    *(guint64 *)place = g_key_file_get_uint64(keys, GROUP, key, NULL);
    break;
  case WORDS:
    *(char ***)place = g_key_file_get_string_list(keys, GROUP, key, NULL, NULL);
    break;
  }
}

static void
field_write(GKeyFile *keys, guint index, gconstpointer place) {
  const char *key = fields[index].key;
  char *const *words;
  switch (fields[index].kind) {
  case TEXT:
    if (*(char *const *)place != NULL)
      g_key_file_set_string(keys, GROUP, key, *(char *const *)place);
    break;
  case NUMBER:
    g_key_file_set_integer(keys, GROUP, key, *(const int *)place);
    break;
  case BIG:
    g_key_file_set_uint64(keys, GROUP, key, *(const guint64 *)place);
    break;
  case WORDS:
    words = *(char *const *const *)place;
    if (words != NULL)
      g_key_file_set_string_list(keys, GROUP, key, (const char *const *)words,
                                 g_strv_length((char **)words));
    break;
  }
}

static gboolean
is_whole(const Domain *domain) {
  static const char *const phases[] = {"starts", "runs", "ended", NULL};
  return domain->pid > 1 && domain->started > 0 && domain->owner != NULL && domain->phase != NULL &&
         g_strv_contains(phases, domain->phase) && domain->port >= 0 && domain->port < 65536;
}

Domain *
domain_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Domain) domain = g_new0(Domain, 1);
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_autoptr(GError) problem = NULL;
  if (g_key_file_load_from_data(keys, text, size, G_KEY_FILE_NONE, &problem))
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
      field_read(keys, i, (char *)domain + fields[i].at);
  if (problem == NULL && is_whole(domain))
    return g_steal_pointer(&domain);
  tinyx_fail(error, TINYX_ERROR_CORRUPT, "%s: %s; expected what `tinyx run -d` writes", file,
             problem != NULL ? problem->message : "a value is missing or out of range");
  return NULL;
}

char *
domain_path(const Domain *domain, const char *file) {
  return g_build_filename(domain->folder, file, NULL);
}

gboolean
domain_save(const Domain *domain, GError **error) {
  g_autoptr(GKeyFile) keys = g_key_file_new();
  g_autofree char *file = domain_path(domain, STATE), *text = NULL;
  gsize length;
  for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
    field_write(keys, i, (const char *)domain + fields[i].at);
  text = g_key_file_to_data(keys, &length, NULL);
  return file_write(file, text, length, 0600, error);
}

static char *
domains_folder(GError **error) {
  return cache_folder(FOLDER, error);
}

/* NULL without ERROR where there is none of that name. */
static Domain *
find(const char *name, GError **error) {
  g_autofree char *base = domains_folder(error);
  g_autofree char *folder = base != NULL ? g_build_filename(base, name, NULL) : NULL;
  g_autofree char *file = folder != NULL ? g_build_filename(folder, STATE, NULL) : NULL;
  g_autofree char *text = NULL;
  gsize size;
  Domain *domain;
  if (file == NULL || !recipe_name_valid(name) ||
      !file_read_if_there(file, BYTES_MAX, &text, &size, error) || text == NULL)
    return NULL;
  domain = domain_parse(text, size, file, error);
  if (domain == NULL)
    return NULL;
  domain->name = g_strdup(name);
  domain->folder = g_steal_pointer(&folder);
  g_autofree char *lock = domain_path(domain, HELD);
  domain->live = live_file_state(lock);
  return domain;
}

Domain *
domain_load(const char *name, GError **error) {
  g_autoptr(GError) problem = NULL;
  g_autoptr(GPtrArray) names = NULL;
  g_autofree char *base = NULL, *near = NULL;
  Domain *domain = find(name, &problem);
  if (domain != NULL)
    return domain;
  if (problem == NULL && (base = domains_folder(&problem)) != NULL &&
      (names = folder_names(base, NULL, &problem)) != NULL) {
    g_ptr_array_add(names, NULL);
    near = near_text(name, (const char *const *)names->pdata);
    tinyx_fail(&problem, TINYX_ERROR_INPUT,
               "'%s' is no domain that was started by tinyx run -d%s (tinyx ps lists them)", name,
               near);
  }
  g_propagate_error(error, g_steal_pointer(&problem));
  return NULL;
}

GPtrArray *
domain_list(GError **error) {
  g_autofree char *base = domains_folder(error);
  g_autoptr(GPtrArray) names = base != NULL ? folder_names(base, NULL, error) : NULL;
  GPtrArray *all;
  if (names == NULL)
    return NULL;
  all = g_ptr_array_new_with_free_func((GDestroyNotify)domain_free);
  for (guint i = 0; i < names->len; i++) {
    g_autoptr(GError) problem = NULL;
    Domain *domain = find(names->pdata[i], &problem);
    if (domain != NULL)
      g_ptr_array_add(all, domain);
    else if (problem != NULL)
      msg_warn("%s", problem->message);
  }
  return all;
}

/* A guest that could outlive its keeper, and names no host: the embedded one, or this machine's own
 * Xen. */
GPtrArray *
domain_names_on_left_host(void) {
  g_autoptr(GPtrArray) all = domain_list(NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; all != NULL && i < all->len; i++) {
    const Domain *domain = all->pdata[i];
    gboolean embedded = domain->spec == NULL || g_str_equal(domain->spec, "embedded");
    if (domain_state(domain) == DOMAIN_RUNS && embedded && g_strcmp0(domain->launcher, "xl") == 0 &&
        g_strcmp0(domain->identity, "") != 0)
      g_ptr_array_add(names, g_strdup(domain->name));
  }
  return names;
}

DomainState
domain_state(const Domain *domain) {
  const HostState keeper = {
      .pid = domain->pid, .owner = domain->owner, .started = domain->started, .live = domain->live};
  if (g_str_equal(domain->phase, "ended"))
    return DOMAIN_ENDED;
  if (host_state_alive(&keeper))
    return g_str_equal(domain->phase, "runs") ? DOMAIN_RUNS : DOMAIN_STARTS;
  return host_state_elsewhere(&keeper) ? DOMAIN_ELSEWHERE : DOMAIN_LOST;
}

const char *
domain_state_name(DomainState state) {
  static const char *const names[] = {"starts", "runs", "ended", "lost", "elsewhere"};
  return names[state];
}

/* ---- a new one --------------------------------------------------------- */

/* Ends what is left of an older one; INPUT where that runs. */
static gboolean
make_room(const char *name, GError **error) {
  g_autoptr(GError) problem = NULL;
  g_autoptr(Domain) old = find(name, &problem);
  gboolean was;
  if (problem != NULL) {
    msg_warn("%s: thrown away", problem->message);
    return TRUE;
  }
  if (old == NULL || domain_state(old) == DOMAIN_ENDED)
    return TRUE;
  if (domain_state(old) == DOMAIN_LOST)
    return domain_stop(old, FALSE, &was, error);
  return tinyx_fail(
      error, TINYX_ERROR_INPUT,
      "a domain '%s' %s (keeper: process %d); expected --name with another one, or "
      "tinyx stop %s before",
      name, domain_state(old) == DOMAIN_ELSEWHERE ? "runs on another machine" : "runs already",
      old->pid, name);
}

static gboolean
make_folder(const char *folder, int *held, GError **error) {
  g_autofree char *lock = g_build_filename(folder, HELD, NULL);
  if (!dir_remove(folder, error) || (mkdir(folder, 0700) != 0 && !file_failed(folder, error)))
    return FALSE;
  *held = live_file_hold(lock, error);
  return *held >= 0;
}

Domain *
domain_claim(const char *name, int *held, GError **error) {
  g_autoptr(CacheLock) lock = NULL;
  g_autoptr(Domain) domain = NULL;
  g_autofree char *base = NULL;
  if (!recipe_name_valid(name)) {
    tinyx_fail(error, TINYX_ERROR_INPUT, "--name '%s': expected " RECIPE_NAME_EXPECTED, name);
    return NULL;
  }
  base = domains_folder(error);
  if (base == NULL || (lock = cache_lock("domain", name, error)) == NULL || !make_room(name, error))
    return NULL;
  domain = g_new0(Domain, 1);
  domain->name = g_strdup(name);
  domain->folder = g_build_filename(base, name, NULL);
  domain->phase = g_strdup("starts");
  domain->since = g_get_real_time() / G_USEC_PER_SEC;
  domain->renewed = g_file_test(domain->folder, G_FILE_TEST_EXISTS);
  if (!make_folder(domain->folder, held, error))
    return NULL;
  return g_steal_pointer(&domain);
}

gboolean
domain_forget(Domain *domain, GError **error) {
  DomainState state = domain_state(domain);
  if (state == DOMAIN_ENDED)
    return dir_remove(domain->folder, error);
  return tinyx_fail(error, TINYX_ERROR_INPUT, "%s is not to be forgotten: it has not ended (%s)",
                    domain->name, domain_state_name(state));
}
