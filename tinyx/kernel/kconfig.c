/* kconfig.c - speaks with the running Kconfig program (kconfig-heuristics/kconfig-server.c). */
#include "kernel/kconfig.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "kernel/config.h"
#include "kernel/make.h"
#include "kernel/query.h"
#include "kernel/string-rules.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define HELPER "tinyx-server"
#define ANSWER_SECONDS 60
#define NAMES_SHOWN 16 /* of unknown symbols */

struct Kconfig {
  KernelSource *source;
  char *folder; /* ours, temporary */
  Proc *proc;
  int to, from; /* its standard input and output */
};

void
kconfig_close(Kconfig *kconfig) {
  if (kconfig == NULL)
    return;
  if (kconfig->to >= 0)
    close(kconfig->to); /* the end of its input ends it */
  if (kconfig->proc != NULL)
    proc_stop(kconfig->proc, 1);
  if (kconfig->from >= 0)
    close(kconfig->from);
  if (kconfig->folder != NULL)
    dir_remove(kconfig->folder, NULL);
  g_free(kconfig->folder);
  g_free(kconfig);
}

static gboolean
start(Kconfig *kconfig, const char *objects, GError **error) {
  g_autofree char *output = g_strdup_printf("O=%s", objects);
  g_autofree char *log = g_build_filename(kconfig->folder, "log", NULL);
  const char *argv[] = {"make",        "-s",     "-C",     kconfig->source->folder, output,
                        "ARCH=x86_64", "CC=gcc", "config", "config-prog=" HELPER,   NULL};
  const char *env[] = {"LC_ALL=C", "MAKEFLAGS=", "MFLAGS=", "MAKELEVEL=0", NULL};
  const char *const folders[] = {objects, kconfig->folder, NULL};
  g_auto(GStrv) confined = kernel_confine(kconfig->source, folders, NULL, argv, error);
  int in[2], out[2];
  if (confined == NULL)
    return FALSE;
  ProcSpec spec = {.argv = (const char *const *)confined, .env = env, .log = log};
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "pipe: %s", g_strerror(errno));
    return FALSE;
  }
  spec.input_fd = in[0];
  spec.output_fd = out[1];
  kconfig->proc = proc_start(&spec, error);
  close(in[0]);
  close(out[1]);
  kconfig->to = in[1];
  kconfig->from = out[0];
  return kconfig->proc != NULL;
}

/* One line of the helper, without its end; NULL with ERROR if none comes. */
static char *
read_line(Kconfig *kconfig, GError **error) {
  g_autoptr(GString) line = g_string_new(NULL);
  g_autofree char *log = g_build_filename(kconfig->folder, "log", NULL);
  g_autofree char *words = NULL;
  gint64 end = g_get_monotonic_time() + ANSWER_SECONDS * G_USEC_PER_SEC;
  while (g_get_monotonic_time() < end) {
    struct pollfd fd = {.fd = kconfig->from, .events = POLLIN};
    char byte;
    ssize_t got;
    if (proc_set_interrupted_error(error))
      return NULL;
    if (poll(&fd, 1, 1000) <= 0)
      continue;
    got = read(kconfig->from, &byte, 1);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    if (byte == '\n')
      return g_strdup(line->str);
    g_string_append_c(line, byte);
  }
  file_read(log, FILE_OWN_MAX, &words, NULL, NULL);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "the Kconfig helper does not answer%s%s",
              words != NULL && *words != '\0' ? ": " : "", words != NULL ? g_strchomp(words) : "");
  return NULL;
}

Kconfig *
kconfig_open(KernelSource *source, GError **error) {
  g_autoptr(Kconfig) kconfig = g_new0(Kconfig, 1);
  g_autoptr(CacheLock) lock = NULL;
  g_autofree char *objects = NULL, *program = NULL, *ready = NULL;
  kconfig->source = source;
  kconfig->to = kconfig->from = -1;
  if ((objects = config_folder(source, &lock, error)) == NULL ||
      (kconfig->folder = g_dir_make_tmp("tinyx-kconfig-XXXXXX", error)) == NULL)
    return NULL;
  program = g_build_filename(objects, "scripts/kconfig", HELPER, NULL);
  if (!kconfig_compile(source, objects, "kconfig-heuristics/kconfig-server.c", program, error) ||
      !start(kconfig, objects, error) || (ready = read_line(kconfig, error)) == NULL) {
    g_prefix_error(error, "kconfig: ");
    return NULL;
  }
  return g_steal_pointer(&kconfig);
}

static gboolean
ask(Kconfig *kconfig, const char *kind, const char *from, const char *to, GError **error) {
  g_autofree char *request = g_strdup_printf("%s\t%s\t%s\n", kind, from, to);
  g_autofree char *reply = NULL;
  gsize size = strlen(request);
  unlink(to);
  if (write(kconfig->to, request, size) != (ssize_t)size) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "the Kconfig helper has ended");
    return FALSE;
  }
  reply = read_line(kconfig, error);
  if (reply == NULL)
    return FALSE;
  if (g_str_equal(reply, "done 0"))
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "the Kconfig helper cannot do \"%s\": %s",
              kind, reply);
  return FALSE;
}

char *
kconfig_apply(Kconfig *kconfig, const GPtrArray *chosen, GError **error) {
  g_autofree char *fragment = g_build_filename(kconfig->folder, "fragment", NULL);
  g_autofree char *config = g_build_filename(kconfig->folder, "config", NULL);
  char *text = NULL;
  if (!config_write_fragment(kconfig->source, chosen, fragment, error) ||
      !ask(kconfig, "apply", fragment, config, error) ||
      !file_read(config, FILE_OWN_MAX, &text, NULL, error)) {
    g_prefix_error(error, "kconfig: ");
    return NULL;
  }
  return text;
}

static void
symbol_free(gpointer data) {
  KconfigSymbol *symbol = data;
  g_free(symbol->symbol);
  g_free(symbol->type);
  g_free(symbol->value);
  g_free(symbol->menu);
  g_free(symbol->prompt);
  g_free(symbol->choice);
  g_free(symbol->selected);
  g_free(symbol->low);
  g_free(symbol->high);
  g_free(symbol->why_not);
  g_ptr_array_unref(symbol->values);
  g_free(symbol);
}

static gpointer
symbol_new(const char *name) {
  KconfigSymbol *symbol = g_new0(KconfigSymbol, 1);
  symbol->symbol = g_strdup(name);
  symbol->type = g_strdup("bool");
  symbol->value = g_strdup("n");
  symbol->menu = g_strdup("");
  symbol->values = g_ptr_array_new_with_free_func(g_free);
  return symbol;
}

static gboolean
symbol_take(gpointer block, const char *key, const char *text) {
  KconfigSymbol *symbol = block;
  static const struct {
    const char *key;
    gsize offset;
  } places[] = {
      {"type", offsetof(KconfigSymbol, type)},         {"value", offsetof(KconfigSymbol, value)},
      {"menu", offsetof(KconfigSymbol, menu)},         {"prompt", offsetof(KconfigSymbol, prompt)},
      {"choice", offsetof(KconfigSymbol, choice)},     {"low", offsetof(KconfigSymbol, low)},
      {"selected", offsetof(KconfigSymbol, selected)}, {"high", offsetof(KconfigSymbol, high)},
  };
  for (guint i = 0; i < G_N_ELEMENTS(places); i++)
    if (g_str_equal(key, places[i].key)) {
      char **place = (char **)((char *)symbol + places[i].offset);
      g_free(*place);
      /* Lists begin with a dash. */
      *place = g_strstrip(g_strdup(g_str_has_prefix(text, " - ") ? text + 3 : text));
      return TRUE;
    }
  if (g_str_equal(key, "visible"))
    symbol->visible = g_str_equal(text, "y");
  return g_str_equal(key, "visible");
}

static gboolean
is_bool(const KconfigSymbol *symbol) {
  return g_str_equal(symbol->type, "bool") || g_str_equal(symbol->type, "tristate");
}

/* What else it can be, and if nothing, why. */
static void
complete(KconfigSymbol *symbol) {
  if (!symbol->visible)
    symbol->why_not = symbol->selected != NULL
                          ? g_strdup_printf("%s keeps it", symbol->selected)
                          : g_strdup(symbol->prompt != NULL ? "what it depends on decides"
                                                            : "it has no prompt: others decide");
  else if (is_bool(symbol) && symbol->selected != NULL)
    symbol->why_not = g_strdup_printf("%s selects it", symbol->selected);
  else if (is_bool(symbol))
    g_ptr_array_add(symbol->values, g_strdup(g_str_equal(symbol->value, "n") ? "y" : "n"));
  else if (!g_str_equal(symbol->type, "string") && symbol->low != NULL &&
           !g_str_equal(symbol->low, symbol->value))
    g_ptr_array_add(symbol->values, g_strdup(symbol->low));
  else if (symbol->low != NULL)
    symbol->why_not = g_strdup_printf("it is at the low end of its range, %s to %s", symbol->low,
                                      symbol->high != NULL ? symbol->high : "?");
  else
    symbol->why_not = g_strdup("nothing is known of other values");
  symbol->switchable = symbol->values->len > 0;
}

GPtrArray *
kconfig_symbols_parse(const char *text, const char *file, GError **error) {
  static const KconfigBlocks kind = {symbol_new, symbol_take, symbol_free};
  g_autoptr(GPtrArray) symbols = kconfig_blocks_parse(&kind, text, file, error);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  if (symbols == NULL)
    return NULL;
  /* A symbol that is defined in two places has two blocks; the first one with a prompt counts. */
  for (guint i = 0; i < symbols->len;) {
    KconfigSymbol *symbol = symbols->pdata[i];
    if (g_hash_table_contains(seen, symbol->symbol)) {
      g_ptr_array_remove_index(symbols, i);
      continue;
    }
    g_hash_table_add(seen, symbol->symbol);
    complete(symbol);
    i++;
  }
  return g_steal_pointer(&symbols);
}

GPtrArray *
kconfig_symbols(Kconfig *kconfig, const char *config, GError **error) {
  g_autofree char *from = g_build_filename(kconfig->folder, "given.config", NULL);
  g_autofree char *answer = g_build_filename(kconfig->folder, "symbols", NULL);
  g_autofree char *text = NULL;
  if (!file_write(from, config, strlen(config), 0644, error) ||
      !ask(kconfig, "symbols", from, answer, error) ||
      !file_read(answer, FILE_OWN_MAX, &text, NULL, error)) {
    g_prefix_error(error, "kconfig: ");
    return NULL;
  }
  return kconfig_symbols_parse(text, answer, error);
}

char **
kconfig_names(Kconfig *kconfig, GError **error) {
  g_autofree char *answer = g_build_filename(kconfig->folder, "names", NULL);
  g_autofree char *text = NULL;
  if (!ask(kconfig, "names", "-", answer, error) ||
      !file_read(answer, FILE_OWN_MAX, &text, NULL, error)) {
    g_prefix_error(error, "kconfig: ");
    return NULL;
  }
  return g_strsplit(g_strchomp(text), "\n", -1);
}

gboolean
kconfig_check_names(Kconfig *kconfig, const char *text, const char *path, GError **error) {
  g_autoptr(DotConfig) config = config_parse(text, strlen(text), path, error);
  g_auto(GStrv) names = config != NULL ? kconfig_names(kconfig, error) : NULL;
  g_autoptr(GString) unknown = g_string_new(NULL);
  guint count = 0;
  if (names == NULL)
    return FALSE;
  g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; names[i] != NULL; i++)
    g_hash_table_add(known, names[i]);
  for (const char *const *name = config_names(config); *name != NULL; name++)
    if (strcmp(config_value(config, *name), "n") != 0 && !g_hash_table_contains(known, *name) &&
        count++ < NAMES_SHOWN)
      g_string_append_printf(unknown, " %s", *name);
  if (count > 0)
    msg_warn("%s: %u symbols are not in Linux %s:%s%s", path, count, kconfig->source->version,
             unknown->str, count > NAMES_SHOWN ? " and others" : "");
  return TRUE;
}

static void
request_free(gpointer request) {
  symbol_request_free(request);
}

/* As .config has a string (sym_escape_string_value in scripts/kconfig/symbol.c). */
static char *
quote(const char *text) {
  GString *quoted = g_string_new("\"");
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\')
      g_string_append_c(quoted, '\\');
    g_string_append_c(quoted, *text);
  }
  g_string_append_c(quoted, '"');
  return g_string_free(quoted, FALSE);
}

/* CONFIG with the lines of ON_TOP at its end, where they win (conf_read_simple in
 * scripts/kconfig/confdata.c). g_free. */
static char *
with_on_top(const char *config, const GPtrArray *on_top) {
  GString *text = g_string_new(config);
  g_string_append_c(text, '\n');
  for (guint i = 0; on_top != NULL && i < on_top->len; i++) {
    const SymbolRequest *request = on_top->pdata[i];
    config_append_line(text, request->symbol, request->value);
  }
  return g_string_free(text, FALSE);
}

/* TRUE if SYMBOL's string may be asked for. A distribution's configuration has some that may not,
 * which are left out: the tree's own value holds. */
static gboolean
may_ask(const StringRules *rules, const KconfigSymbol *symbol, const char *quoted,
        const char *config, gboolean others, const char *file) {
  g_autofree char *refused = string_rules_refuse(rules, symbol->symbol, quoted);
  g_autofree char *line = g_strdup_printf("CONFIG_%s=%s", symbol->symbol, quoted);
  if (refused == NULL)
    return TRUE;
  if (others && strstr(config, line) != NULL)
    msg_warn("%s: %s is left out: %s", file, line, refused);
  return FALSE;
}

/* What is off is asked off, too: the tree's own tiny fragments switch some symbols on. */
GPtrArray *
kconfig_requests(Kconfig *kconfig, const char *config, const GPtrArray *on_top, const char *file,
                 GError **error) {
  g_autofree char *whole = with_on_top(config, on_top);
  g_autoptr(StringRules) rules = string_rules_load(error);
  g_autoptr(GPtrArray) symbols = rules != NULL ? kconfig_symbols(kconfig, whole, error) : NULL;
  GPtrArray *requests;
  if (symbols == NULL)
    return NULL;
  requests = g_ptr_array_new_with_free_func(request_free);
  for (guint i = 0; i < symbols->len; i++) {
    const KconfigSymbol *symbol = symbols->pdata[i];
    gboolean text = g_str_equal(symbol->type, "string");
    g_autofree char *quoted = text ? quote(symbol->value) : NULL;
    if (!symbol->visible || (!text && symbol->value[0] == '\0') ||
        (text && !may_ask(rules, symbol, quoted, config, on_top != NULL, file)))
      continue;
    g_ptr_array_add(requests, symbol_request_new(symbol->symbol, text ? quoted : symbol->value,
                                                 file, "it is so in the start"));
  }
  return requests;
}
