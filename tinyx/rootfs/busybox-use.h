/* busybox-use.h - rootfs/busybox.features: what scripts want of BusyBox, and what it cannot do. */
#ifndef TINYX_ROOTFS_BUSYBOX_USE_H
#define TINYX_ROOTFS_BUSYBOX_USE_H

#include "base/error.h"

typedef struct BusyboxRules BusyboxRules;

/* INPUT: "FILE:LINE: what is wrong; what was expected". */
BusyboxRules *busybox_rules_parse(const char *text, gsize size, const char *file, GError **error);
/* rootfs/busybox.features. */
BusyboxRules *busybox_rules_load(GError **error);
void busybox_rules_free(BusyboxRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BusyboxRules, busybox_rules_free)

/* Where a script is read. Each function gets DATA last; NAME and WORD are the script's. */
typedef struct {
  /* TRUE if BusyBox is what runs NAME ("sh": the script itself); else nothing is known of it. */
  gboolean (*is_applet)(const char *name, gpointer data);
  /* SYMBOL ("ASH_GETOPTS") is wanted; ORIGIN is the rule's place. */
  void (*wants)(const char *symbol, const char *origin, gpointer data);
  /* BusyBox's NAME cannot do what WORD asks for, in LINE of the script. */
  void (*lacks)(const char *name, const char *word, guint line, gpointer data);
  /* Any command, with its words; may be NULL. */
  void (*command)(char *const *words, guint line, gpointer data);
  gpointer data;
} BusyboxUse;

/* Reads TEXT, a shell script, or lines for a shell. */
void busybox_rules_read(const BusyboxRules *rules, const char *text, const BusyboxUse *use);
/* TRUE for a word that a rule has the shell itself understand. */
gboolean busybox_rules_builtin(const BusyboxRules *rules, const char *word);

#endif
