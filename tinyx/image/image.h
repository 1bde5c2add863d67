/* image.h - `tinyx build` as a function: recipe and platform in, a folder of files out. */
#ifndef TINYX_IMAGE_IMAGE_H
#define TINYX_IMAGE_IMAGE_H

#include "kernel/features.h"
#include "platform/platform.h"
#include "recipe/recipe.h"
#include "rootfs/rootfs.h"

typedef struct {
  const Platform *platform;
  const char *kernel_source; /* "6.1" */
  RootfsFormat format;
  const char *output;          /* folder; NULL: out/NAME/PLATFORM */
  gboolean cached_kernel;      /* do not build one: see KernelInput */
  gboolean force;              /* build again although nothing changed */
  gboolean no_lock;            /* leave the recipe's lock for the kernel alone */
  gboolean no_files_lock;      /* and that for its files */
  const FilesLock *files_lock; /* instead of the recipe\'s; NULL: the recipe\'s */
  FeatureNames features;       /* beyond the recipe's own, over which they win */
} ImageOptions;

typedef struct {
  char *folder;                   /* absolute */
  int memory;                     /* image_memory() */
  int least_memory, start_memory; /* MB to create a guest; to unpack its files and start */
  gboolean unchanged;
} Image;

/* Files in it: what the closure may have missed (suspects_text), what its files name and it lacks
 * (absent_text), and, after a trace, what was opened and what was not (trace/trace.h). */
#define IMAGE_SUSPECTS "suspects.txt"
#define IMAGE_ABSENT "absent.txt"
#define IMAGE_OPENED "opened.txt"
#define IMAGE_UNOPENED "unopened.txt"

/* Makes the folder that image_build would write to, if it is not there; FAILED with its name where
 * that cannot be done. For what comes long before the image. */
gboolean image_check_folder(const Recipe *recipe, const ImageOptions *options, GError **error);
gboolean image_build(const Recipe *recipe, const ImageOptions *options, Image *image,
                     GError **error);
/* All features that RECIPE and OPTIONS ask for and rule out by name; INPUT for unknown names. */
gboolean image_features(const Recipe *recipe, const ImageOptions *options, FeatureNames *features,
                        GError **error);
/* MB that a domain gets: what RECIPE asks for, or what the image in FOLDER needs to be created
 * (report.json) where that is more. */
int image_memory(const Recipe *recipe, const char *folder);
/* INPUT if the image in FOLDER says that it was made for another platform than PLATFORM; TRUE for
 * what says nothing of it. */
gboolean image_check_platform(const char *folder, const Platform *platform, GError **error);
/* What is in FOLDER, as its report.json has it, in a few lines for a person; g_free. */
char *image_summary(const char *folder, GError **error);
void image_clear(Image *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Image, image_clear)

#endif
