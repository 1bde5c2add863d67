/* explain-security.c - `tinyx explain NAME security`: what protects an image, what does not, and
 * why. */
#include "image/parts.h"
#include "kernel/checklist.h"
#include "kernel/choose.h"
#include "kernel/features.h"
#include "minimize/explain.h"
#include "recipe/capabilities.h"
#include "rootfs/glue.h"
#include "rootfs/rights.h"

#include "base/files.h"
#include "base/json.h"

#include <string.h>

#define CONFIG "kernel.config"
#define KEY_MARK "PRIVATE KEY-----"
#define KEY_MOST (64 << 10) /* bytes of a file that can be a key */

typedef struct {
  const Recipe *recipe;
  const ImageOptions *options;
  ImageParts parts;
  GPtrArray *chosen; /* SymbolRequest* */
  DotConfig *config;
  char *version; /* of Linux */
  gboolean is_built;
  GString *text;
} Security;

static void
security_clear(Security *security) {
  image_parts_clear(&security->parts);
  g_clear_pointer(&security->chosen, g_ptr_array_unref);
  config_free(security->config);
  g_free(security->version);
  if (security->text != NULL)
    g_string_free(security->text, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Security, security_clear)

/* ---- what there is ------------------------------------------------------- */

/* The configuration of the image in FOLDER, which is there. */
static gboolean
read_image(Security *security, const char *folder, GError **error) {
  g_autofree char *config = g_build_filename(folder, CONFIG, NULL);
  g_autofree char *report = g_build_filename(folder, "report.json", NULL);
  g_autoptr(JsonParser) parser = json_parser_new();
  if (!image_check_platform(folder, security->options->platform, error))
    return FALSE;
  JsonObject *all = json_load(parser, report, error);
  if (all == NULL)
    return FALSE;
  const char *version = json_get_string(json_get_object(all, "kernel"), "version");
  security->version = g_strdup(version != NULL ? version : "0");
  security->config = config_load(config, error);
  return security->config != NULL;
}

/* The configuration that tinyx build would make; nothing is built. */
static gboolean
make_config(Security *security, GError **error) {
  g_auto(KernelResult) result = {0};
  g_autofree char *text = NULL;
  if (!kernel_configure(&security->parts.input, &result, &text, error))
    return FALSE;
  security->version = g_strdup(result.version);
  security->config = config_parse(text, strlen(text), CONFIG, error);
  return security->config != NULL;
}

static gboolean
load(Security *security, const char *folder, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autofree char *config = g_build_filename(folder, CONFIG, NULL);
  security->is_built = g_file_test(config, G_FILE_TEST_EXISTS);
  if (!image_parts(security->recipe, security->options, &security->parts, error) ||
      !(security->is_built ? read_image(security, folder, error) : make_config(security, error)))
    return FALSE;
  security->chosen = choose_symbols(&security->parts.input, data, NULL, error);
  return security->chosen != NULL;
}

/* ---- the kernel ---------------------------------------------------------- */

/* Why the feature NAME is asked for, in brackets behind its requests' reasons; NULL: it is not.
 * g_free. */
static char *
feature_asked(const Security *security, const char *name) {
  g_autofree char *file = g_strdup_printf("features/%s.config:", name);
  for (guint i = 0; i < security->chosen->len; i++) {
    const SymbolRequest *request = security->chosen->pdata[i];
    const char *why = g_strrstr(request->reason, " [");
    if (g_str_has_prefix(request->origin, file) && why != NULL)
      return g_strndup(why + 2, strcspn(why + 2, "]"));
  }
  return NULL;
}

static gboolean
say_feature(Security *security, const char *name, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  g_autoptr(RuleSet) set = rules_load(data, error);
  const Rule *rule = set != NULL ? rules_find(set, name) : NULL;
  FeatureCount count;
  if (rule == NULL)
    return set != NULL;
  if (!feature_count(data, name, security->chosen, security->config, &count, error))
    return FALSE;
  g_autofree char *asked = feature_asked(security, name);
  g_autofree char *cost = feature_cost_text(rule, security->options->platform->name);
  g_string_append_printf(security->text,
                         "  feature %s: %u of its %u options are as it wants them; ", name,
                         count.on, count.known);
  if (asked != NULL)
    g_string_append_printf(security->text, "%s; cost: %s\n", asked, cost);
  else
    g_string_append_printf(security->text, "not asked for (--with %s); it would cost: %s\n", name,
                           cost);
  return TRUE;
}

static void
say_items(Security *security, const Checklist *list, gboolean on) {
  g_string_append(security->text, on ? "  on:\n" : "  off, and why:\n");
  for (guint i = 0; i < list->items->len; i++) {
    const ChecklistItem *item = list->items->pdata[i];
    if (checklist_item_holds(item, security->config, security->version) != on)
      continue;
    const char *more = strpbrk(item->condition, "|&");
    g_autofree char *first = more != NULL
                                 ? g_strndup(item->condition, (gsize)(more - item->condition))
                                 : g_strdup(item->condition);
    g_string_append_printf(security->text, "    %-32s %s\n", g_strchomp(first),
                           on ? item->group : item->why);
  }
}

static gboolean
say_kernel(Security *security, const char *folder, GError **error) {
  g_autoptr(Checklist) list = checklist_load(error);
  if (list == NULL)
    return FALSE;
  g_string_append_printf(security->text, "kernel: Linux %s for %s, %s\n", security->version,
                         security->options->platform->name,
                         security->is_built ? folder
                                            : "as tinyx build would make it (there is no image)");
  g_string_append_printf(security->text, "  %u of %u of: %s\n",
                         checklist_count(list, security->config, security->version),
                         list->items->len, list->name);
  if (!say_feature(security, "hardening", error) || !say_feature(security, "mitigations", error) ||
      !say_feature(security, "seccomp", error))
    return FALSE;
  say_items(security, list, FALSE);
  say_items(security, list, TRUE);
  return TRUE;
}

/* ---- its programs -------------------------------------------------------- */

static void
say_confinement(Security *security, const RecipeRun *run, const Confinement *confinement) {
  g_autofree char *section = recipe_run_section(run);
  g_autofree char *kept = capabilities_text(confinement->keep);
  g_autofree char *account =
      run->group != NULL
          ? g_strdup_printf("%s:%s", run->user != NULL ? run->user : "root", run->group)
          : g_strdup(run->user != NULL ? run->user : "root");
  g_string_append_printf(security->text, "  [%s] %s\n", section, run->command);
  g_string_append_printf(security->text, "    runs as %s%s%s%s\n", account,
                         confinement->account != NULL ? " (" : "",
                         confinement->account != NULL ? confinement->account : "",
                         confinement->account != NULL ? ")" : "");
  g_string_append_printf(security->text, "    keeps %u of %u capabilities: %s\n",
                         capabilities_count(confinement->keep), capabilities_known(), kept);
  for (guint i = 0; i < confinement->reasons->len; i++)
    g_string_append_printf(security->text, "      %s\n", (char *)confinement->reasons->pdata[i]);
  g_string_append(security->text, "    no_new_privs: on\n");
  if (run->before != NULL)
    g_string_append(security->text, "    before= runs as root, with all rights\n");
}

static gboolean
say_programs(Security *security, GError **error) {
  const ImageParts *parts = &security->parts;
  g_autoptr(RightsRules) rules = rights_rules_load(error);
  if (rules == NULL)
    return FALSE;
  g_string_append(security->text, "programs:\n");
  for (guint i = 0; i < security->recipe->runs->len; i++) {
    const RecipeRun *run = security->recipe->runs->pdata[i];
    g_auto(Confinement) confinement = {0};
    if (!rights_find(rules, parts->plan->tree, security->recipe, run, parts->plan->facts,
                     &confinement, error))
      return FALSE;
    say_confinement(security, run, &confinement);
  }
  if (!config_is_yes(security->config, "MULTIUSER"))
    g_string_append(security->text, "  the kernel knows root only (MULTIUSER=n): nobody asked for "
                                    "users, and whoever runs is root\n");
  g_string_append(security->text,
                  "  init, the glue's shell and udhcpc run as root: they mount, set "
                  "addresses and end the guest\n");
  return TRUE;
}

/* ---- its files ----------------------------------------------------------- */

static gboolean
is_private_key(const TreeEntry *entry) {
  g_autofree char *text = NULL;
  gsize size = 0;
  if (entry->type != TREE_FILE || entry->size > KEY_MOST)
    return FALSE;
  if (entry->source != NULL)
    g_file_get_contents(entry->source, &text, &size, NULL);
  else if (entry->data != NULL)
    text = g_strndup(g_bytes_get_data(entry->data, NULL), size = g_bytes_get_size(entry->data));
  return text != NULL && g_strstr_len(text, (gssize)size, KEY_MARK) != NULL;
}

static void
say_files(Security *security) {
  const GPtrArray *entries = tree_entries(security->parts.plan->tree);
  guint setuid = 0, open = 0;
  g_autoptr(GString) keys = g_string_new(NULL);
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    setuid += entry->type == TREE_FILE && (entry->mode & 06000) != 0;
    open += entry->type == TREE_FILE && (entry->mode & 0002) != 0;
    if (is_private_key(entry))
      g_string_append_printf(keys, "%s %s (mode %04o, %u:%u)", keys->len > 0 ? "," : "",
                             entry->path, entry->mode, entry->uid, entry->gid);
  }
  g_string_append_printf(
      security->text, "root file system: %s, %s\n", rootfs_format_name(security->options->format),
      rootfs_format_is_disk(security->options->format)
          ? "a read-only disk; writable are copies in memory of what is written to"
          : "in memory; root may write to it, and what changes is gone with the guest");
  g_string_append_printf(security->text,
                         "  %u setuid or setgid files, %u files that anybody may write\n", setuid,
                         open);
  g_string_append_printf(security->text, "  private keys:%s\n",
                         keys->len > 0 ? keys->str : " none");
}

static void
say_network(Security *security) {
  const Recipe *recipe = security->recipe;
  GString *text = security->text;
  g_string_append_printf(text, "network: %d interfaces", recipe->vifs);
  if (recipe->port > 0 || recipe->ready_port > 0)
    g_string_append_printf(text, ", TCP port %d",
                           recipe->port > 0 ? recipe->port : recipe->ready_port);
  if (recipe->ready_udp > 0)
    g_string_append_printf(text, ", UDP port %d", recipe->ready_udp);
  g_string_append_printf(text, "%s\n",
                         recipe->port + recipe->ready_port + recipe->ready_udp == 0
                             ? ", no port that the recipe knows of"
                             : "");
  g_string_append_printf(text, "  IPv6: %s; packet filter: %s; SYN cookies: %s\n",
                         config_is_yes(security->config, "IPV6") ? "yes" : "not in the kernel",
                         config_is_yes(security->config, "NETFILTER") ? "yes" : "not in the kernel",
                         config_is_yes(security->config, "SYN_COOKIES") ? "yes" : "no");
}

char *
explain_security(const Recipe *recipe, const ImageOptions *options, const char *folder,
                 GError **error) {
  g_auto(Security) security = {.recipe = recipe, .options = options, .text = g_string_new(NULL)};
  if (!load(&security, folder, error) || !say_kernel(&security, folder, error) ||
      !say_programs(&security, error))
    return NULL;
  say_files(&security);
  say_network(&security);
  return g_string_free(g_steal_pointer(&security.text), FALSE);
}
