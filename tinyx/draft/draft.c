/* draft.c - a draft as data: its recipe, and where the recipe's values come from. */
#include "base/strings.h"
#include "draft/draft-private.h"

#include <string.h>

#define MEMORY 128 /* MB; the image's own need counts where it is more */

static void
free_service(gpointer data) {
  service_free(data);
}

void
draft_init(Draft *draft, const char *name) {
  draft->recipe = recipe_new(name);
  draft->recipe->memory = MEMORY;
  draft->recipe->weak_test = TRUE;
  draft->from = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  draft->services = g_ptr_array_new_with_free_func(free_service);
  draft->notes = strings_new();
  draft->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  draft->closed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void
draft_clear(Draft *draft) {
  g_clear_pointer(&draft->recipe, recipe_free);
  g_clear_pointer(&draft->from, g_hash_table_unref);
  g_clear_pointer(&draft->services, g_ptr_array_unref);
  g_clear_pointer(&draft->notes, g_ptr_array_unref);
  g_clear_pointer(&draft->files, g_hash_table_unref);
  g_clear_pointer(&draft->closed, g_hash_table_unref);
  g_clear_pointer(&draft->opened, files_lock_free);
  g_clear_pointer(&draft->planned, g_free);
  g_clear_pointer(&draft->own_folder, g_free);
  g_clear_pointer(&draft->own, g_ptr_array_unref);
}

void
draft_put_copy(Draft *draft, const TreeEntry *entry, char *text) {
  g_hash_table_replace(draft->files, g_strdup(entry->path), text);
  if ((entry->mode & 0004) == 0)
    g_hash_table_add(draft->closed, g_strdup(entry->path));
}

void
draft_set_from(Draft *draft, const char *section, const char *key, char *from) {
  g_hash_table_replace(draft->from,
                       key != NULL ? g_strdup_printf("%s/%s", section, key)
                                   : g_strdup_printf("[%s]", section),
                       from);
}

/* ---- the kernel -------------------------------------------------------- */

/* A daemon has what daemons use, whatever else is found: the feature's own note says more. */
void
draft_add_kernel(Draft *draft, const Service *service) {
  Recipe *recipe = draft->recipe;
  if (service->run->on_exit != RECIPE_POWEROFF && strv_add_once(&recipe->with, "server"))
    draft_set_from(draft, "kernel", "with",
                   g_strdup("server: what daemons commonly use; drafts share its kernel. Without "
                            "it the kernel is smaller."));
}

/* ---- ports, and what follows from them --------------------------------- */

/* What the draft's test asks: nobody has written one. */
static const char *
test_remark(const Draft *draft) {
  if (draft->recipe->ready_port > 0 || draft->recipe->ready_udp > 0)
    return "Nobody has written a test: this one asks whether the port is open and, where it knows "
           "the protocol,\nwhether the service answers. Whoever reaches the port has what the "
           "configuration gives to all: a password goes\nin by tinyx run --at-boot DIR, never into "
           "this folder (docs/security.md, Services that ask for a secret).";
  if (draft_is_testable(draft))
    return "Nobody has written a test: this one only asks whether it ends by itself.";
  return "Nobody has written a test, and no port is known: this recipe cannot be tested yet. Write "
         "test.sh, or\ndraft it again with --port.";
}

/* The first TCP port of a service is that of the recipe; where there is none, the first UDP port.
 */
static void
settle_ports(Draft *draft) {
  Recipe *recipe = draft->recipe;
  const char *from = NULL;
  recipe->port = 0;
  recipe->ready_udp = 0;
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    if (recipe->port == 0 && service->port > 0) {
      recipe->port = service->port;
      from = service->port_from;
    }
    if (recipe->ready_udp == 0 && service->port == 0)
      recipe->ready_udp = service->udp_port;
  }
  recipe->ready_port = recipe->port;
  if (recipe->ready_port > 0)
    recipe->ready_udp = 0;
  recipe->ends = recipe_is_job(recipe);
  if (from != NULL)
    draft_set_from(draft, "image", "port", g_strdup(from));
  draft_set_from(draft, "test", NULL, g_strdup(test_remark(draft)));
}

void
draft_set_port(Draft *draft, Service *service, int port, char *from) {
  service->port = port;
  g_free(service->port_from);
  service->port_from = from;
  settle_ports(draft);
}

void
draft_set_udp_port(Draft *draft, Service *service, int port) {
  service->udp_port = port;
  settle_ports(draft);
}

gboolean
draft_is_daemon(const Draft *draft) {
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    if (service->run->on_exit != RECIPE_POWEROFF)
      return TRUE;
  }
  return FALSE;
}

gboolean
draft_is_testable(const Draft *draft) {
  return draft->recipe->ready_port > 0 || draft->recipe->ready_udp > 0 ||
         recipe_on_exit(draft->recipe) == RECIPE_POWEROFF;
}
