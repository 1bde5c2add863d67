/* capabilities.h - the rights of root, one by one: capabilities(7), in the words of recipes. */
#ifndef TINYX_RECIPE_CAPABILITIES_H
#define TINYX_RECIPE_CAPABILITIES_H

#include <glib.h>

#define CAPABILITIES_NONE "none"
#define CAPABILITIES_ALL "all"

/* The mask of WORDS, which recipe_check_capability() has found good: names ("net_bind_service", or
 * "CAP_NET_BIND_SERVICE"), "all" or "none". NULL is none. */
guint64 capabilities_mask(const char *const *words);
/* TRUE if WORD is one of those words. */
gboolean capability_valid(const char *word);
/* The name of WORD as recipes have it: "net_bind_service" for "CAP_NET_BIND_SERVICE"; NULL where it
 * is none. Not to be freed. */
const char *capability_name(const char *word);
/* The names in MASK with blanks between them; "none" for 0, "all" for all. g_free. */
char *capabilities_text(guint64 mask);
/* How many there are, and how many are in MASK. */
guint capabilities_known(void);
guint capabilities_count(guint64 mask);

#endif
