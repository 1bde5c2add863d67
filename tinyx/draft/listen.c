/* listen.c - the port on which a service listens. */
#include "draft/listen.h"

#include "base/files.h"
#include "base/number.h"
#include "base/place.h"
#include "draft/find.h"
#include "draft/socket-unit.h"
#include "rootfs/install.h"

#include <string.h>

#define KNOWN "rootfs/ports.known"

/* TRUE if DRAFT's packages, or their maintainer scripts, brought ENTRY. */
static gboolean
is_ours(const Draft *draft, const TreeEntry *entry) {
  if (entry->package == NULL)
    return installation_is_new(entry);
  return g_strv_contains((const char *const *)draft->recipe->packages, entry->package);
}

GPtrArray *
listen_files(const Draft *draft, const Service *service, Tree *installed) {
  GPtrArray *files = g_ptr_array_new();
  g_auto(GStrv) words = g_strsplit_set(service->run->command, " =:,'\"", -1);
  const GPtrArray *entries = tree_entries(installed);
  for (int named = 1; named >= 0; named--)
    for (guint i = 0; i < entries->len; i++) {
      const TreeEntry *entry = entries->pdata[i];
      gboolean is_named = g_strv_contains((const char *const *)words, entry->path);
      if (entry->type == TREE_FILE && is_named == named &&
          (is_named || (is_ours(draft, entry) && text_is_configuration(entry->path))))
        g_ptr_array_add(files, (gpointer)entry);
    }
  return files;
}

/* The TCP port that systemd would open for SERVICE by its socket unit; 0: none. Without systemd the
 * daemon opens the same one itself. */
static int
port_of_socket(const Service *service, const Tree *installed, char **from) {
  g_auto(SocketUnit) found = {0};
  if (!socket_unit_find(service->origin, installed, &found) || found.udp)
    return 0;
  *from = g_steal_pointer(&found.path);
  return found.port;
}

/* The name of the program that the last "exec" in TEXT, a shell's command, starts; NULL: none.
 * g_free. */
static char *
program_of_shell(const char *text) {
  g_auto(GStrv) words = g_strsplit_set(text, " \t\n;&|(){}'\"", -1);
  const char *found = NULL;
  gboolean behind = FALSE;
  for (guint i = 0; words[i] != NULL; i++) {
    if (words[i][0] == '\0' || strchr(words[i], '=') != NULL)
      continue;
    if (behind)
      found = words[i];
    behind = strcmp(words[i], "exec") == 0;
  }
  return found != NULL ? g_path_get_basename(found) : NULL;
}

char *
listen_program(const Service *service) {
  static const char *const shells[] = {"sh", "dash", "bash", NULL};
  g_autofree char *program = g_path_get_basename(service->program);
  g_auto(GStrv) words = NULL;
  if (g_strv_contains(shells, program) &&
      g_shell_parse_argv(service->run->command, NULL, &words, NULL))
    for (guint i = 1; words[i] != NULL && words[i][0] == '-' && words[i + 1] != NULL; i++) {
      char *inner = g_str_has_suffix(words[i], "c") ? program_of_shell(words[i + 1]) : NULL;
      if (inner != NULL)
        return inner;
    }
  return g_steal_pointer(&program);
}

/* The port that TEXT, which is that of ports.known, has for NAME in a line "NAME PORT", or for UDP
 * "NAME PORT/udp"; 0: none. */
static int
known_port(const char *text, const char *name, gboolean udp) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  gsize length = strlen(name);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strncmp(lines[i], name, length) == 0 && lines[i][length] == ' ' &&
        g_str_has_suffix(lines[i], "/udp") == udp) {
      const char *at = lines[i] + length + 1;
      guint64 port = 0;
      return number_take(&at, 10, G_MAXUINT16, &port) ? (int)port : 0;
    }
  return 0;
}

/* Who knows ports by the daemons' names: rootfs/ports.known for TCP and for UDP, /etc/services. */
typedef enum { KNOWN_TCP, KNOWN_UDP, SERVICES } Names;

/* The port that KIND has for what the daemon is called: its program, its unit, its package. */
static int
port_by_names(const Draft *draft, const Service *service, Names kind, char **from) {
  g_autofree char *path = data_path(KNOWN);
  g_autofree char *known = NULL;
  g_autofree char *program = listen_program(service);
  g_autofree char *stem = g_strndup(service->origin, strcspn(service->origin, "@."));
  g_autofree char *no_d =
      g_str_has_suffix(program, "d") ? g_strndup(program, strlen(program) - 1) : g_strdup(program);
  g_autofree char *no_server = g_strndup(draft->recipe->name, strcspn(draft->recipe->name, "-"));
  const char *const names[] = {program, stem, draft->recipe->name, no_d, no_server};
  file_read(path, FILE_OWN_MAX, &known, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    int port = kind == SERVICES
                   ? ports_by_name(names[i])
                   : known_port(known != NULL ? known : "", names[i], kind == KNOWN_UDP);
    if (port == 0)
      continue;
    *from = g_strdup_printf("%s has %s", kind == SERVICES ? "/etc/services" : KNOWN, names[i]);
    return port;
  }
  return 0;
}

int
listen_known_udp(const Draft *draft, const Service *service) {
  g_autofree char *from = NULL;
  return port_by_names(draft, service, KNOWN_UDP, &from);
}

static char *
line_place(const char *file, int line, gboolean commented) {
  g_autofree char *place = place_text(file, line);
  return g_strconcat(place, commented ? ", which is commented out" : "", NULL);
}

/* What the command, the socket unit's directives and FILES (TreeEntry*) show. A socket that BusyBox
 * opens in systemd's place (socket_unit_serve) is one of IPv4, whatever the unit says. */
static void
read_facts(const Service *service, Tree *installed, const GPtrArray *files, const TextRules *texts,
           Facts *facts) {
  const char *command = service->run->command;
  gboolean served = g_str_has_prefix(command, "/usr/bin/tcpsvd ") ||
                    g_str_has_prefix(command, "/usr/bin/udpsvd ");
  g_auto(SocketUnit) socket = {0};
  facts_read_text(facts, texts, command, NULL);
  if (!served && socket_unit_find(service->origin, installed, &socket)) {
    g_autofree char *unit = find_text(installed, socket.path);
    facts_read_text(facts, texts, unit != NULL ? unit : "", socket.path);
  }
  for (guint i = 0; i < files->len; i++) {
    const TreeEntry *entry = files->pdata[i];
    g_autofree char *text = find_text(installed, entry->path);
    facts_read_text(facts, texts, text != NULL ? text : "", entry->path);
  }
}

int
listen_port(const Draft *draft, const Service *service, Tree *installed, const PortRules *rules,
            const TextRules *texts, Facts *facts, char **from) {
  g_autoptr(GPtrArray) files = listen_files(draft, service, installed);
  int port = ports_in_command(rules, service->run->command);
  if (port > 0)
    *from = g_strdup("the command");
  else /* surer than an expression that matches something in a configuration file */
    port = port_by_names(draft, service, KNOWN_TCP, from);
  read_facts(service, installed, files, texts, facts);
  for (int commented = 0; commented < 2 && port == 0; commented++) {
    for (guint i = 0; i < files->len && port == 0; i++) {
      const TreeEntry *entry = files->pdata[i];
      g_autofree char *text = find_text(installed, entry->path);
      int line = 0;
      port = text != NULL ? ports_in_text(rules, text, commented == 1, &line) : 0;
      if (port > 0)
        *from = line_place(entry->path, line, commented == 1);
    }
    if (port == 0 && commented == 0)
      port = port_of_socket(service, installed, from);
    if (port == 0 && commented == 0)
      port = port_by_names(draft, service, SERVICES, from);
  }
  return port;
}
