/* strace-net.c - reads bind and setsockopt in a trace. */
#include "trace/strace-net.h"

#include "base/number.h"

#include "trace/strace.h"

#include <stdlib.h>
#include <string.h>

struct StraceNet {
  GHashTable *ports4; /* GINT_TO_POINTER(port) */
  GHashTable *ports6; /* GINT_TO_POINTER(port) -> the program, char* */
  char *joined4;      /* the program that joined a group; NULL: none did */
  char *joined6;
};

StraceNet *
strace_net_new(void) {
  StraceNet *net = g_new0(StraceNet, 1);
  net->ports4 = g_hash_table_new(NULL, NULL);
  net->ports6 = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  return net;
}

void
strace_net_free(StraceNet *net) {
  if (net == NULL)
    return;
  g_hash_table_unref(net->ports4);
  g_hash_table_unref(net->ports6);
  g_free(net->joined4);
  g_free(net->joined6);
  g_free(net);
}

/* "{sa_family=AF_INET6, sin6_port=htons(80), ...}": the port; 0, which is any, counts as none. */
static int
port_of(const char *address) {
  const char *port = strstr(address, "_port=htons(");
  guint64 number = 0;
  if (port != NULL)
    port += strlen("_port=htons(");
  return port != NULL && number_take(&port, 10, G_MAXUINT16, &number) ? (int)number : 0;
}

static void
take_bind(StraceNet *net, const StraceCall *call, const char *program) {
  const char *address = strace_call_arg(call, 1);
  int port = port_of(address);
  if (port == 0)
    return;
  if (g_str_has_prefix(address, "{sa_family=AF_INET6,"))
    g_hash_table_insert(net->ports6, GINT_TO_POINTER(port), g_strdup(program));
  else if (g_str_has_prefix(address, "{sa_family=AF_INET,"))
    g_hash_table_add(net->ports4, GINT_TO_POINTER(port));
}

/* ip(7), ipv6(7), and the calls of RFC 3678 for both. */
static void
take_option(StraceNet *net, const StraceCall *call, const char *program) {
  static const char *const joins[] = {"IP_ADD_MEMBERSHIP",        "IP_ADD_SOURCE_MEMBERSHIP",
                                      "IPV6_ADD_MEMBERSHIP",      "IPV6_JOIN_GROUP",
                                      "MCAST_JOIN_GROUP",         "MCAST_JOIN_SOURCE_GROUP",
                                      "IP_ADD_SOURCE_MEMBERSHIP", NULL};
  char **joined = strcmp(strace_call_arg(call, 1), "SOL_IPV6") == 0 ? &net->joined6 : &net->joined4;
  if (*joined == NULL && g_strv_contains(joins, strace_call_arg(call, 2)))
    *joined = g_strdup(program);
}

void
strace_net_take(StraceNet *net, const StraceCall *call, const char *program) {
  if (program == NULL || !strace_call_succeeded(call))
    return;
  if (strcmp(call->name, "bind") == 0)
    take_bind(net, call, program);
  else if (strcmp(call->name, "setsockopt") == 0)
    take_option(net, call, program);
}

static void
add_use(GPtrArray *uses, const char *fact, const char *program) {
  Use *use = g_new0(Use, 1);
  use->path = g_strdup(fact);
  use->kind = USE_SHOW;
  use->program = g_strdup(program);
  g_ptr_array_add(uses, use);
}

void
strace_net_show(const StraceNet *net, GPtrArray *uses) {
  const char *first = net->joined6; /* of the lowest port: the same each time */
  int lowest = first != NULL ? 0 : G_MAXINT;
  GHashTableIter iter;
  gpointer port, program;
  g_hash_table_iter_init(&iter, net->ports6);
  while (g_hash_table_iter_next(&iter, &port, &program))
    if (!g_hash_table_contains(net->ports4, port) && GPOINTER_TO_INT(port) < lowest) {
      lowest = GPOINTER_TO_INT(port);
      first = program;
    }
  if (first != NULL)
    add_use(uses, "net:ipv6", first);
  if (net->joined4 != NULL)
    add_use(uses, "net:multicast", net->joined4);
}
