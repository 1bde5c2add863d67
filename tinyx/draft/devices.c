/* devices.c - devices that a draft names and that guests of some platforms have only. */
#include "draft/draft-private.h"

#include <string.h>

/* DEVICE ("/dev/NAME") stands in TEXT, and no longer name that begins with it. */
static gboolean
names_device(const char *text, const char *device) {
  gsize length = strlen(device);
  for (const char *found = strstr(text, device); found != NULL; found = strstr(found + 1, device))
    if (!g_ascii_isalnum(found[length]) && found[length] != '-' && found[length] != '_')
      return TRUE;
  return FALSE;
}

/* Where DRAFT names DEVICE: "recipe.conf", the path of a file that it brings along, or NULL. */
static const char *
place_of(const Draft *draft, const char *recipe, const char *device) {
  GHashTableIter iter;
  gpointer path, text;
  if (names_device(recipe, device))
    return "recipe.conf";
  g_hash_table_iter_init(&iter, draft->files);
  while (g_hash_table_iter_next(&iter, &path, &text))
    if (names_device(text, device))
      return path;
  return NULL;
}

static gboolean
has_device(const Platform *platform, const char *device) {
  const char *name = device + strlen("/dev/");
  return g_str_equal(platform->console, name) || g_str_equal(platform->disk, name);
}

static void
note_device(Draft *draft, const Platform *platform, const Platform *other, const char *recipe,
            const char *name) {
  g_autofree char *device = g_strconcat("/dev/", name, NULL);
  const char *place = name[0] != '\0' ? place_of(draft, recipe, device) : NULL;
  if (place == NULL || has_device(platform, device))
    return;
  g_autofree char *note =
      g_strdup_printf("%s names %s, which is for another platform: guests of %s have it, those of "
                      "%s do not",
                      place, device, other->name, platform->name);
  g_ptr_array_add(draft->notes, g_steal_pointer(&note));
}

/* Once for the first platform that has it. */
static gboolean
is_new(GHashTable *seen, const char *name) {
  return g_hash_table_add(seen, g_strdup(name));
}

void
draft_note_devices(Draft *draft, const Platform *platform) {
  g_auto(GStrv) names = platform_names();
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *recipe = recipe_to_text(draft->recipe, NULL);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(Platform) other = platform_load(names[i], NULL);
    if (other != NULL && is_new(seen, other->console))
      note_device(draft, platform, other, recipe, other->console);
    if (other != NULL && is_new(seen, other->disk))
      note_device(draft, platform, other, recipe, other->disk);
  }
}
