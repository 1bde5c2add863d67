/* busybox-private.h - between busybox.c, busybox-config.c and busybox-source.c. */
#ifndef TINYX_ROOTFS_BUSYBOX_PRIVATE_H
#define TINYX_ROOTFS_BUSYBOX_PRIVATE_H

#include "base/error.h"

typedef struct {
  char *name;   /* "sh" */
  char *symbol; /* "SH_IS_ASH" */
  char *folder; /* "/bin" */
} Applet;

/* The applets of TEXT, BusyBox's generated include/applets.h: name -> Applet. An applet that two
 * symbols give ("sh") is listed with the one that allnoconfig leaves on. g_hash_table_unref. */
GHashTable *applet_table_parse(const char *text);
/* The Applet of each of NAMES, sorted, each once; borrowed from TABLE. INPUT, with near names. */
GPtrArray *applet_table_pick(GHashTable *table, const char *const *names, GError **error);

/* A line of rootfs/busybox.config that counts. */
typedef struct {
  char *symbol; /* "STATIC" */
  char *value;  /* "y", "80", "\"/bin/busybox\"" */
  char *origin; /* "rootfs/busybox.config:9" or "applet sh" */
} BusyboxOption;

/* The options (BusyboxOption*) of the fragment TEXT that count with APPLETS. INPUT:
 * "FILE:LINE: what; what was expected". */
GPtrArray *busybox_fragment_parse(const char *text, const char *file, const char *const *applets,
                                  GError **error);
/* A list of BusyboxOption*, which it owns. g_ptr_array_unref. */
GPtrArray *busybox_options_new(void);
void busybox_option_add(GPtrArray *options, const char *symbol, const char *value,
                        const char *origin);
/* CONFIG (a whole .config) with OPTIONS set in it. FAILED for a symbol that it does not know. */
char *busybox_config_merge(const char *config, const GPtrArray *options, GError **error);
/* FAILED, naming each, if CONFIG does not have every one of OPTIONS. */
gboolean busybox_config_verify(const char *config, const GPtrArray *options, GError **error);

/* Debian's source package: *VERSION is that of the package index, the result a cached folder
 * that holds the .dsc and what it names. g_free both. */
char *busybox_version(GError **error);
char *busybox_source(const char *version, GError **error);

#endif
