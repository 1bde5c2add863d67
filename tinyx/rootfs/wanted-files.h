/* wanted-files.h - rootfs/files.wanted: files that programs open, and that the image may lack. */
#ifndef TINYX_ROOTFS_WANTED_FILES_H
#define TINYX_ROOTFS_WANTED_FILES_H

#include "facts/facts.h"
#include "tree/tree.h"

typedef struct WantedFiles WantedFiles;

/* INPUT: "FILE:LINE: what; what was expected". */
WantedFiles *wanted_files_parse(const char *text, gsize size, const char *file, GError **error);
/* rootfs/files.wanted. */
WantedFiles *wanted_files_load(GError **error);
void wanted_files_free(WantedFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WantedFiles, wanted_files_free)

/* The paths, as strings to look for in programs (char*). Owned by FILES. */
const GPtrArray *wanted_files_strings(const WantedFiles *files);
/* Adds a note to FACTS for each path that one of the programs names and TREE lacks. */
void wanted_files_note(const WantedFiles *files, const Tree *tree, Facts *facts);

#endif
