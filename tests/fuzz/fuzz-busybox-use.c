/* fuzz-busybox-use.c - any bytes as a shell script and as rootfs/busybox.features:
 * tinyx/base/script.c and tinyx/rootfs/busybox-use.c. */
#include "base/script.h"
#include "rootfs/busybox-use.h"

#include "fuzz.h"

static gboolean
is_applet(const char *name, gpointer data) {
  (void)data;
  return name[0] != 'x';
}

static void
wants(const char *symbol, const char *origin, gpointer data) {
  if (symbol[0] == '\0' || strchr(origin, ':') == NULL)
    g_error("a symbol without a name or a place");
  ++*(guint *)data;
}

static void
lacks(const char *name, const char *word, guint line, gpointer data) {
  if (name[0] == '\0' || word == NULL || line == 0)
    g_error("what is lacking has no name or line");
  ++*(guint *)data;
}

static void
command(char *const *words, guint line, gpointer data) {
  if (words[0] == NULL || line == 0)
    g_error("a command without words or a line");
  ++*(guint *)data;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char known_rules[] = "builtin getopts => CONFIG_A=y  # a\n"
                                    "text \\$RANDOM => CONFIG_B=y  # b\n"
                                    "option find -type ( n_-* => CONFIG_C=y  # c\n"
                                    "knows head +n:c:qv --bytes*  # d\n"
                                    "runs find -exec  # e\n"
                                    "runs timeout  # f\n"
                                    "lacks ^declare  # g\n";
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  guint count = 0;
  const BusyboxUse use = {is_applet, wants, lacks, command, &count};
  g_autoptr(BusyboxRules) rules = busybox_rules_parse(copy, size, "fuzz", &error);
  if ((rules == NULL) != (error != NULL))
    g_error("rules %p, error %p", (void *)rules, (void *)error);
  g_autoptr(BusyboxRules) known =
      busybox_rules_parse(known_rules, strlen(known_rules), "known", NULL);
  busybox_rules_read(known, text, &use);
  g_autofree char *interpreter = script_interpreter(text);
  if (rules != NULL)
    busybox_rules_read(rules, "find . -type f -exec a {} \\; | head -n3\ntimeout 3 head -c\n",
                       &use);
  return 0;
}
