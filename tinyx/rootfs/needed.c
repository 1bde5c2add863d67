/* needed.c - why the plan has a file that a closure brought in. */
#include "rootfs/needed.h"

TreeFrom
needed_from(const DepFile *file, TreeOrigin origin, const char *package) {
  static const TreeReasonKind kinds[] = {
      [DEP_NAMED] = REASON_PROGRAM,      [DEP_NEEDED] = REASON_NEEDED,
      [DEP_INTERP] = REASON_INTERPRETER, [DEP_SCRIPT] = REASON_SHEBANG,
      [DEP_DLOPEN] = REASON_DLOPEN,      [DEP_RULE] = REASON_RULE,
      [DEP_SYMLINK] = REASON_WAY,
  };
  /* Nobody but the recipe asks for a link on the way to what it names, or for its target. */
  if (file->needed_by == NULL)
    return (TreeFrom){.origin = origin, .package = package, .kind = REASON_PROGRAM};
  return (TreeFrom){.origin = origin,
                    .package = package,
                    .kind = kinds[file->kind],
                    .by = file->needed_by,
                    .detail = file->rule != NULL ? file->rule : "needed"};
}
