/* ps.c - `tinyx ps`: the domains that were started by `tinyx run -d`. */
#include "domain/domain.h"

#include "base/json.h"
#include "base/plain.h"
#include "cmd/cmd.h"

static const char description[] =
    "Lists the domains that `tinyx run -d` has started, with their state: starts (its image is\n"
    "built, or its host comes up), runs, ended (and how), lost (its keeper was killed; `tinyx "
    "stop`\n"
    "makes sure that nothing of it is left), elsewhere (of another machine that shares the "
    "cache).\n"
    "One that has ended stays listed, with its logs, until a new one of its name is started, or\n"
    "`tinyx stop --forget`.";

/* "3 d 4 h", "12 min", "40 s". g_free. */
static char *
age_text(gint64 seconds) {
  if (seconds >= 86400)
    return g_strdup_printf("%d d %d h", (int)(seconds / 86400), (int)(seconds % 86400 / 3600));
  if (seconds >= 3600)
    return g_strdup_printf("%d h %d min", (int)(seconds / 3600), (int)(seconds % 3600 / 60));
  return seconds >= 60 ? g_strdup_printf("%d min", (int)(seconds / 60))
                       : g_strdup_printf("%d s", (int)MAX(seconds, 0));
}

static char *
port_text(const Domain *domain) {
  return domain->port > 0 ? g_strdup_printf("%d->%d", domain->port, domain->guest_port)
                          : g_strdup("-");
}

static const char *
or_dash(const char *text) {
  return text != NULL && text[0] != '\0' ? text : "-";
}

#define ROW "%-16s %-9s %-12s %-13s %6s  %-12s %s\n"

static void
show(const Domain *domain, gint64 now) {
  DomainState state = domain_state(domain);
  gboolean ended = state == DOMAIN_ENDED;
  g_autofree char *age = age_text(now - (ended ? domain->until : domain->since));
  g_autofree char *since = g_strdup_printf("%s%s", age, ended ? " ago" : "");
  g_autofree char *port = port_text(domain);
  g_autofree char *memory = domain->memory > 0 ? g_strdup_printf("%d MB", domain->memory) : NULL;
  plain_print(ROW, domain->name, domain_state_name(state), since, or_dash(domain->platform),
              or_dash(memory), port, ended ? or_dash(domain->how) : or_dash(domain->host));
}

static void
add_json(JsonBuilder *json, const Domain *domain) {
  gboolean ended = domain_state(domain) == DOMAIN_ENDED;
  json_builder_begin_object(json);
  json_put_string(json, "name", domain->name);
  json_put_string(json, "state", domain_state_name(domain_state(domain)));
  json_put_string(json, "how", ended ? domain->how : NULL);
  json_put_int(json, "since", domain->since);
  json_put_int(json, "until", domain->until);
  json_put_string(json, "recipe", domain->recipe);
  json_put_string(json, "platform", domain->platform);
  json_put_string(json, "image", domain->image);
  json_put_int(json, "memory_mb", domain->memory);
  json_put_int(json, "port", domain->port);
  json_put_int(json, "guest_port", domain->guest_port);
  json_put_string(json, "address", domain->address);
  json_put_string(json, "host", domain->host);
  json_put_string(json, "guest", domain->guest);
  json_put_bool(json, "exec", domain->takes_commands != 0);
  json_put_int(json, "keeper_pid", domain->pid);
  json_put_string(json, "folder", domain->folder);
  json_builder_end_object(json);
}

static void
show_json(const GPtrArray *domains) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autofree char *text = NULL;
  json_builder_begin_object(json);
  json_begin_array(json, "domains");
  for (guint i = 0; i < domains->len; i++)
    add_json(json, domains->pdata[i]);
  json_builder_end_array(json);
  json_builder_end_object(json);
  text = json_lines(json);
  plain_show(text);
}

int
cmd_ps(int argc, char **argv) {
  gboolean as_json = FALSE;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the list as JSON", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "", description, entries);
  if (status < 0 && argc != 1)
    status = cmd_usage("ps", "expected no argument, got '%s'", argv[1]);
  if (status >= 0)
    return status;
  g_autoptr(GPtrArray) domains = domain_list(&error);
  if (domains == NULL)
    return cmd_fail(error);
  if (as_json) {
    show_json(domains);
    return 0;
  }
  if (domains->len > 0)
    plain_print(ROW, "NAME", "STATE", "SINCE", "PLATFORM", "MEMORY", "PORT",
                "WHERE, OR HOW IT ENDED");
  for (guint i = 0; i < domains->len; i++)
    show(domains->pdata[i], g_get_real_time() / G_USEC_PER_SEC);
  return 0;
}
