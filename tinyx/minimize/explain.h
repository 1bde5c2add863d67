/* explain.h - why an option, or a file, is in an image, or is not.
 *
 * Read from what a build and a minimisation leave: kernel.config, chosen.config and manifest.txt in
 * the image's folder, the lock and the journal in the recipe's. Nothing is built for it.
 */
#ifndef TINYX_MINIMIZE_EXPLAIN_H
#define TINYX_MINIMIZE_EXPLAIN_H

#include "image/image.h"

/* About the kernel symbol SYMBOL (with or without CONFIG_) of the image in FOLDER, whose platform
 * and kernel source are in OPTIONS. INPUT if FOLDER holds no image. A text for a person; g_free. */
char *explain_symbol(const Recipe *recipe, const ImageOptions *options, const char *folder,
                     const char *symbol, GError **error);

/* About the absolute PATH in the image's root file system. */
char *explain_path(const Recipe *recipe, const ImageOptions *options, const char *folder,
                   const char *path, GError **error);

/* What protects the image in FOLDER and what does not, with reasons and costs: its kernel, what its
 * programs may do, its files and ports. Where FOLDER holds no image, of the one that tinyx build
 * would make (whose kernel is configured, but not built). */
char *explain_security(const Recipe *recipe, const ImageOptions *options, const char *folder,
                       GError **error);

/* The text of the file NAME of the image in FOLDER; g_free. INPUT if FOLDER holds no image, or one
 * of another platform than OPTIONS say, with the command that makes one. */
char *explain_read(const Recipe *recipe, const ImageOptions *options, const char *folder,
                   const char *name, GError **error);

#endif
