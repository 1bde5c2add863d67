/* content.h - what the loader and the kernel see in a file, each file read once. */
#ifndef TINYX_DEPS_CONTENT_H
#define TINYX_DEPS_CONTENT_H

#include "deps/elf.h"
#include "deps/root.h"

typedef enum { CONTENT_DATA, CONTENT_ELF, CONTENT_SCRIPT, CONTENT_BAD } ContentKind;

typedef struct {
  const RootNode *node;
  ContentKind kind;
  ElfInfo *elf;  /* CONTENT_ELF */
  char **script; /* CONTENT_SCRIPT: the "#!" line: interpreter and at most one argument */
  char *problem; /* CONTENT_BAD: "PATH: truncated: …" */
  /* For closure.c: */
  GPtrArray *rules;       /* the run-time rules that hold for it; NULL: not looked up yet */
  gboolean rules_applied; /* those that bring in files have done so */
} Content;

typedef struct ContentStore ContentStore;
ContentStore *content_store_new(Root *root, ElfWant want);
void content_store_free(ContentStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ContentStore, content_store_free)

/* NODE must be a NODE_FILE. Owned by STORE. */
Content *content_get(ContentStore *store, const RootNode *node);

/* The "#!" line of TEXT as execve(2) reads it (255 bytes, one optional argument), or NULL. */
char **content_script_line(const char *text, gsize size);
/* What `env` would run for its single argument ARGUMENT ("-S python3 -u", "A=1 sh"), or NULL.
 * g_free. */
char *content_env_program(const char *argument);

#endif
