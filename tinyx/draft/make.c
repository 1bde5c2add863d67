/* make.c - drafts a recipe: each package's service, its port, and what they need in the image. */
#include "base/files.h"
#include "base/strings.h"
#include "deps/deb822.h"
#include "deps/packages.h"
#include "draft/companions.h"
#include "draft/draft-private.h"
#include "draft/find.h"
#include "draft/listen.h"
#include "draft/open-up.h"
#include "draft/ports.h"
#include "draft/scan.h"
#include "draft/try.h"
#include "draft/tryout.h"
#include "draft/users.h"
#include "draft/words.h"
#include "rootfs/install.h"
#include "rootfs/secrets.h"
#include "rootfs/select.h"

#include <string.h>

#define OTHERS_TRIED 2

/* ---- ports ------------------------------------------------------------- */

/* Two applications of one image cannot listen on one port. */
static gboolean
check_port_is_free(const Draft *draft, const Service *service, GError **error) {
  for (guint i = 0; service->port > 0 && i < draft->services->len; i++) {
    const Service *other = draft->services->pdata[i];
    if (other == service || other->port != service->port)
      continue;
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "'%s' and '%s' both listen on port %d (%s; %s); expected a port for each "
                "(--port, once for each package)",
                other->run->command, service->run->command, service->port, other->port_from,
                service->port_from);
    return FALSE;
  }
  return TRUE;
}

/* Finds the port of SERVICE, a daemon: GIVEN, or else what its files say; and makes it listen there
 * for others. */
static void
find_port(Draft *draft, Service *service, Tree *installed, int given, const PortRules *rules,
          const TextRules *texts) {
  g_autofree char *from = NULL;
  g_autoptr(Facts) facts = facts_new();
  int port = 0;
  if (service->udp_port == 0 && given == 0)
    draft_set_udp_port(draft, service, listen_known_udp(draft, service));
  if (service->udp_port == 0)
    port = listen_port(draft, service, installed, rules, texts, facts, &from);
  if (given > 0)
    draft_set_port(draft, service, given, g_strdup("given"));
  else
    draft_set_port(draft, service, port, g_steal_pointer(&from));
  open_up(draft, service, installed, rules);
  if (facts_find(facts, FACT_NET, "ipv6", NULL) != NULL)
    strv_add_once(&draft->recipe->with, "ipv6");
  if (service->port == 0 && service->udp_port == 0)
    g_ptr_array_add(draft->notes,
                    g_strdup_printf("%s: no port was found in its command or configuration; --port "
                                    "gives one",
                                    service->origin));
}

static gboolean
add_port(Draft *draft, Service *service, Tree *installed, int given, GError **error) {
  g_autoptr(PortRules) rules = port_rules_load(error);
  g_autoptr(TextRules) texts = rules != NULL ? text_rules_load(error) : NULL;
  if (texts == NULL)
    return FALSE;
  if (service->run->on_exit != RECIPE_POWEROFF)
    find_port(draft, service, installed, given, rules, texts);
  else
    draft_set_port(draft, service, given, given > 0 ? g_strdup("given") : NULL);
  return check_port_is_free(draft, service, error);
}

/* ---- the whole --------------------------------------------------------- */

/* The first line of the description of PACKAGE, in dpkg's database. */
static char *
description_of(const Tree *installed, const char *package) {
  const TreeEntry *entry = tree_resolve(installed, "/var/lib/dpkg/status");
  g_autofree char *text = NULL;
  gsize size;
  if (entry == NULL || entry->source == NULL ||
      !file_read(entry->source, DEB822_BYTES_MAX, &text, &size, NULL))
    return g_strdup(package);
  g_autoptr(GPtrArray) stanzas = deb822_parse(text, size, "status", NULL);
  for (guint i = 0; stanzas != NULL && i < stanzas->len; i++) {
    const char *value = deb822_get(stanzas->pdata[i], "Description");
    if (g_strcmp0(deb822_get(stanzas->pdata[i], "Package"), package) == 0 && value != NULL)
      return g_strndup(value, strcspn(value, "\n"));
  }
  return g_strdup(package);
}

/* COMMAND with the absolute path of its program, which a recipe wants; g_free. */
static char *
absolute_command(const Tree *installed, const char *command, GError **error) {
  g_autoptr(GError) why = NULL;
  g_auto(GStrv) words = NULL;
  if (!g_shell_parse_argv(command, NULL, &words, &why)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "--command '%s': %s", command, why->message);
    return NULL;
  }
  g_autofree char *path = service_program_path(installed, words[0]);
  if (path[0] != '/') {
    g_set_error(
        error, TINYX_ERROR, TINYX_ERROR_INPUT,
        "--command '%s': no package brings a program %s; expected one, or its absolute path",
        command, words[0]);
    return NULL;
  }
  if (strcmp(path, words[0]) == 0)
    return g_strdup(command);
  g_free(words[0]);
  words[0] = g_steal_pointer(&path);
  return words_join((const char *const *)words);
}

/* PACKAGE runs the command line GIVEN. A unit of the package still says as whom, and what runs
 * before it. */
static gboolean
find_given(Draft *draft, Tree *installed, const char *package, const char *const *direct,
           const char *given, Found *found, GError **error) {
  g_autoptr(GError) none = NULL;
  g_autofree char *command = absolute_command(installed, given, error);
  g_autoptr(Service) service =
      command != NULL ? service_from_command("--command", command, error) : NULL;
  if (service == NULL)
    return FALSE;
  find_service(installed, package, direct, NULL, found, draft->notes, &none);
  if (found->service == NULL || found->service->run->on_exit != RECIPE_RESPAWN) {
    found_clear(found);
    found->service = g_steal_pointer(&service);
    found->package = g_strdup(package);
    return TRUE;
  }
  RecipeRun *run = found->service->run;
  g_free(run->command);
  g_free(found->service->program);
  run->command = g_steal_pointer(&command);
  found->service->program = g_strdup(service->program);
  run->forks = FALSE;
  g_clear_pointer(&run->pid_file, g_free);
  return TRUE;
}

void
draft_take_needs(Draft *draft, const Service *service) {
  Recipe *recipe = draft->recipe;
  for (guint i = 0; i < service->applets->len; i++)
    strv_add_once(&recipe->applets, service->applets->pdata[i]);
  for (guint i = 0; i < service->include->len; i++)
    strv_add_once(&recipe->include, service->include->pdata[i]);
  for (guint i = 0; i < service->writable->len; i++)
    strv_add_once(&recipe->writable, service->writable->pdata[i]);
}

void
draft_take_service(Draft *draft, Service *service, const char *package) {
  Recipe *recipe = draft->recipe;
  if (draft->services->len > 0) {
    g_free(service->run->name);
    service->run->name = g_strdelimit(g_strdup(package), "+.", '-');
  }
  g_ptr_array_add(draft->services, service);
  g_ptr_array_add(recipe->runs, recipe_run_ref(service->run));
  g_autofree char *section = recipe_run_section(service->run);
  draft_set_from(draft, section, NULL, g_strdup(service->origin));
  for (guint i = 0; i < service->notes->len; i++)
    g_ptr_array_add(draft->notes, g_strdup(service->notes->pdata[i]));
  draft_take_needs(draft, service);
  draft_add_kernel(draft, service);
}

gboolean
draft_add_accounts(Draft *draft, Tree *installed, Service *service, GError **error) {
  if (!scan_start(draft, service, installed, error))
    return FALSE;
  if (service->group != NULL)
    users_add_group(draft, installed, service->group);
  if (service->user != NULL)
    users_add(draft, installed, service->user, service->home);
  for (guint i = 0; i < service->groups->len; i++)
    users_add_member(draft, installed, service->user, service->groups->pdata[i], service->origin);
  return TRUE;
}

static gboolean
add_application(Draft *draft, Tree *installed, const char *package, const char *const *direct,
                const char *const *over, const char *command, int port, GError **error) {
  g_auto(Found) found = {0};
  strv_add_once(&draft->recipe->packages, package);
  if (command != NULL
          ? !find_given(draft, installed, package, direct, command, &found, error)
          : !find_service(installed, package, direct, over, &found, draft->notes, error))
    return FALSE;
  Service *service = g_steal_pointer(&found.service);
  strv_add_once(&draft->recipe->packages, found.package);
  draft->others += found.others;
  draft_take_service(draft, service, package);
  return draft_add_accounts(draft, installed, service, error) &&
         add_port(draft, service, installed, port, error);
}

/* Keys that maintainer scripts made and that nobody knows how to make anew are left out: an image
 * with one of them is not built. */
static gboolean
leave_keys_out(Draft *draft, const Tree *installed, GError **error) {
  g_autoptr(GPtrArray) paths = secrets_unknown(installed, error);
  for (guint i = 0; paths != NULL && i < paths->len; i++) {
    strv_add_once(&draft->recipe->exclude, paths->pdata[i]);
    g_ptr_array_add(draft->notes,
                    g_strdup_printf("%s: a private key that a maintainer script made is left out; "
                                    "each domain needs its own (tinyx run --at-boot)",
                                    (char *)paths->pdata[i]));
  }
  return paths != NULL;
}

gboolean
draft_from_tree(const DraftOptions *options, const Tree *installed, const char *const *direct,
                Draft *draft, GError **error) {
  guint commands = options->commands != NULL ? g_strv_length((char **)options->commands) : 0;
  guint packages = g_strv_length((char **)options->packages);
  draft_init(draft, options->packages[0]);
  draft->recipe->description = description_of(installed, options->packages[0]);
  if (commands > packages || options->n_ports > packages) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%u packages, %u --command, %u --port; expected at most one of each for a package",
                packages, commands, options->n_ports);
    return FALSE;
  }
  for (guint i = 0; i < packages; i++)
    for (guint j = 0; j < i; j++)
      if (strcmp(options->packages[i], options->packages[j]) == 0) {
        g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                    "%s is named twice; expected each package once", options->packages[i]);
        return FALSE;
      }
  users_add_sysusers(draft, installed);
  for (guint i = 0; i < packages; i++)
    if (!add_application(draft, (Tree *)installed, options->packages[i], direct,
                         options->passed_over, i < commands ? options->commands[i] : NULL,
                         i < options->n_ports ? options->ports[i] : 0, error))
      return FALSE;
  if (!companions_add(draft, (Tree *)installed, error))
    return FALSE;
  scan_plugins(draft, installed, direct);
  return leave_keys_out(draft, installed, error);
}

/* If the likeliest unit opened no port, other units are drafted and tried out instead. DRAFT
 * becomes the first of these drafts that opens a TCP port. */
static gboolean
try_others(const DraftOptions *options, const Tree *installed, const char *const *direct,
           Draft *draft, GError **error) {
  g_autoptr(GPtrArray) over = g_ptr_array_new_with_free_func(g_free);
  const Service *tried = draft->services->pdata[0];
  guint others = draft->silent ? draft->others : 0;
  for (g_ptr_array_add(over, g_strdup(tried->origin)); others > 0 && over->len <= OTHERS_TRIED;) {
    g_autoptr(GError) why = NULL;
    g_auto(Draft) other = {0};
    DraftOptions more = *options;
    g_ptr_array_add(over, NULL);
    more.passed_over = (const char *const *)over->pdata;
    if (!draft_from_tree(&more, installed, direct, &other, &why))
      return TRUE; /* no other unit can be translated: the first draft stays */
    if (!draft_try(&other, installed, error))
      return FALSE;
    if (!other.silent && other.recipe->ready_udp == 0) {
      Draft first = *draft;
      *draft = other;
      other = first; /* to be cleared */
      return TRUE;
    }
    tried = other.services->pdata[0];
    g_ptr_array_index(over, over->len - 1) = g_strdup(tried->origin);
    others = other.others;
  }
  return TRUE;
}

/* The package that depends on PACKAGE in the CLOSURE; NULL: a person named PACKAGE. */
static const char *
asker_of(const GPtrArray *closure, const char *package) {
  for (guint i = 0; i < closure->len; i++) {
    const PackageDep *other = closure->pdata[i];
    if (strcmp(other->name, package) == 0)
      return other->asked_by;
  }
  return NULL;
}

static gboolean
is_named(const char *const *packages, const char *package) {
  return package != NULL && g_strv_contains(packages, package);
}

/* TRUE if a named package depends on PACKAGE; or if one in between does whose name begins alike:
 * "nginx-light" depends on "nginx", and that on "nginx-common", which has the unit. */
static gboolean
is_direct(const GPtrArray *closure, const char *const *packages, const PackageDep *package) {
  const char *asker = package->asked_by;
  if (is_named(packages, asker))
    return TRUE;
  const char *named = asker != NULL ? asker_of(closure, asker) : NULL;
  return is_named(packages, named) &&
         (g_str_has_prefix(named, asker) || g_str_has_prefix(asker, named));
}

/* A build refuses an include= that matches nothing. */
static void
leave_unmatched_out(Draft *draft, const Tree *installed) {
  char **include = draft->recipe->include;
  for (guint i = g_strv_length(include); i-- > 0;) {
    g_autofree char *pattern = g_strdup(include[i]);
    if (include_matches(installed, pattern))
      continue;
    strv_remove(&draft->recipe->include, pattern);
    include = draft->recipe->include;
    g_ptr_array_add(draft->notes,
                    g_strdup_printf("%s is left out of include=: no package has it", pattern));
  }
}

static gboolean
draft_and_try(const DraftOptions *options, const Tree *installed, const char *const *direct,
              Draft *draft, GError **error) {
  if (!draft_from_tree(options, installed, direct, draft, error))
    return FALSE;
  if (options->untried)
    return TRUE;
  return draft_try(draft, installed, error) &&
         (options->packages[1] != NULL || options->commands != NULL ||
          try_others(options, installed, direct, draft, error));
}

gboolean
draft_make(const DraftOptions *options, Draft *draft, GError **error) {
  g_auto(Installation) installation = {0};
  /* This comes first: it is quick, and says which package is unknown. */
  g_autoptr(GPtrArray) closure = package_closure(options->packages, NULL, NULL, error);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  if (closure == NULL || !installation_get(options->packages, &installation, error))
    return FALSE;
  for (guint i = 0; i < closure->len; i++) {
    const PackageDep *package = closure->pdata[i];
    if (is_direct(closure, options->packages, package))
      g_strv_builder_add(builder, package->name);
  }
  g_auto(GStrv) direct = g_strv_builder_end(builder);
  if (!draft_and_try(options, installation.tree, (const char *const *)direct, draft, error))
    return FALSE;
  leave_unmatched_out(draft, installation.tree);
  if (options->platform != NULL)
    draft_note_devices(draft, options->platform);
  return draft_check(draft, error);
}
