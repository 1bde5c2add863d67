/* reason.h - what an entry of the plan says of itself: what it is, where it comes from, whether it
 * was changed since, and why it is in.
 *
 * Code asks the enums. Text is made from them here, for people, and nothing reads it back.
 */
#ifndef TINYX_TREE_REASON_H
#define TINYX_TREE_REASON_H

#include "base/error.h"

typedef enum {
  TREE_FILE,
  TREE_DIR,
  TREE_SYMLINK,
  TREE_CHAR,
  TREE_BLOCK,
  TREE_FIFO,
} TreeType;

/* Where an entry comes from. What a closure or a trace brings in comes from a package or a
 * maintainer script all the same: they are reasons. */
typedef enum {
  ORIGIN_NONE,     /* nobody brought it: a folder that others need */
  ORIGIN_BASE,     /* was in the minimal Debian already, below the recipe's packages */
  ORIGIN_PACKAGE,  /* a file of a Debian package, which TreeEntry.package names */
  ORIGIN_SCRIPT,   /* made by a maintainer script: no package has it */
  ORIGIN_RECIPE,   /* files/ or files= of the recipe */
  ORIGIN_BUSYBOX,  /* our BusyBox and its links */
  ORIGIN_GLUE,     /* what makes a system of the application's files */
  ORIGIN_AT_BOOT,  /* laid over the image when it is started */
  ORIGIN_DOM0,     /* the embedded Xen host's own */
  ORIGIN_BUNDLE,   /* the root in which a test runs */
  ORIGIN_JOB,      /* what one run of a guest needs on its host */
  ORIGIN_COMPARED, /* what a Debian needs to run a recipe's applications */
} TreeOrigin;

/* An entry against the package that it is of. */
typedef enum {
  STATE_UNKNOWN,   /* nobody compared it */
  STATE_INSTALLED, /* the bytes that the package brought */
  STATE_CHANGED,   /* a package's file with other bytes */
  STATE_NEW,       /* no package has it */
} TreeState;

/* Why an entry is in. BY and DETAIL: what each kind needs of TreeReason, and nothing more. */
typedef enum {
  REASON_NONE,
  REASON_HOLDS,        /* a folder on the way to BY, a path */
  REASON_NAMED,        /* of the package BY, which the recipe names */
  REASON_DATA,         /* no program and no library, of the package BY; DETAIL: why that is in */
  REASON_SCRIPT,       /* a maintainer script made it */
  REASON_COMMAND,      /* command= of the recipe names it */
  REASON_BEFORE,       /* before= of the recipe names it */
  REASON_STOP,         /* stop= of the recipe names it */
  REASON_FIRST_BOOT,   /* it makes BY, a path, at the first boot */
  REASON_INCLUDE,      /* include= of the recipe names it */
  REASON_FILES,        /* files= of the recipe names it */
  REASON_FILES_FOLDER, /* it is in files/ of the recipe */
  REASON_PROGRAM,      /* a program that was asked for by its path */
  REASON_NEEDED,       /* a library (DT_NEEDED) of BY, a path; DETAIL: the line that says so */
  REASON_INTERPRETER,  /* the loader (PT_INTERP) of BY; DETAIL as above */
  REASON_SHEBANG,      /* the interpreter of the script BY; DETAIL as above */
  REASON_DLOPEN,       /* by the ELF note .note.dlopen of BY; DETAIL as above */
  REASON_RULE,         /* by a run-time rule that holds for BY; DETAIL: the rule's reason */
  REASON_WAY,          /* a link on the way, or its target, for BY; DETAIL as above */
  REASON_TARGET,       /* a link in the image leads to it */
  REASON_LOADER,       /* the loader's index, so that it finds BY */
  REASON_MERGED,       /* a link of the merged /usr */
  REASON_USERS,        /* users and groups that packages expect */
  REASON_OPENED,       /* the program BY opened it when it was traced */
  REASON_LOOKED_FOR,   /* the program BY asked whether it is there when it was traced */
  REASON_LOCK,         /* a person's line in files.lock; DETAIL: what that says */
  REASON_TMPFILES,     /* the line BY ("file:line") of tmpfiles.d */
  REASON_PURPOSE,      /* DETAIL: what it is for */
} TreeReasonKind;

typedef struct {
  TreeReasonKind kind;
  char *by;     /* who asked for it; NULL where the kind needs none */
  char *detail; /* more words; NULL where the kind needs none */
} TreeReason;

/* What whoever adds an entry says of it. The strings stay the caller's: they are copied. */
typedef struct {
  TreeOrigin origin;
  const char *package; /* the Debian package whose file it is, or NULL */
  TreeReasonKind kind;
  const char *by, *detail;
} TreeFrom;

/* The short ones: something of ORIGIN's own, or a file of PACKAGE, that is for PURPOSE;
 * NULL: no reason is noted. */
TreeFrom from_origin(TreeOrigin origin, const char *purpose);
TreeFrom from_package(const char *package, const char *purpose);
/* With a reason that is there already; it must outlive the result. */
TreeFrom from_reason(TreeOrigin origin, const char *package, const TreeReason *reason);

/* Fills REASON, whatever was in it, with copies. Clear with tree_reason_clear. */
void tree_reason_set(TreeReason *reason, TreeReasonKind kind, const char *by, const char *detail);
void tree_reason_clear(TreeReason *reason);
/* On the heap; free with tree_reason_free. */
TreeReason *tree_reason_new(TreeReasonKind kind, const char *by, const char *detail);
void tree_reason_free(TreeReason *reason);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TreeReason, tree_reason_free)
/* TRUE if BY and DETAIL are there exactly where KIND needs them. */
gboolean tree_reason_is_whole(TreeReasonKind kind, const char *by, const char *detail);

/* The one text form, for what is a TYPE: "NEEDED libc.so.6, for /usr/sbin/nginx". NULL for
 * REASON_NONE. g_free. */
char *tree_reason_text(const TreeReason *reason, TreeType type);

/* The words that stand for them in manifest.txt; "-" for none. The parsers take nothing else. */
const char *tree_origin_name(TreeOrigin origin);
gboolean tree_origin_parse(const char *name, TreeOrigin *origin);
const char *tree_state_name(TreeState state);
gboolean tree_state_parse(const char *name, TreeState *state);
const char *tree_reason_kind_name(TreeReasonKind kind);
gboolean tree_reason_kind_parse(const char *name, TreeReasonKind *kind);

#endif
