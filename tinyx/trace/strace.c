/* strace.c - which files the processes of a strace log used. */
#include "trace/strace.h"

#include "base/number.h"

#include "trace/strace-line.h"
#include "trace/strace-net.h"

#include <stdlib.h>
#include <string.h>

/* The root and the working folder of a process, as paths of this machine. */
typedef struct {
  char *root, *cwd;
  char *program; /* path below the traced root */
} Place;

typedef struct {
  int parent;
  gboolean forking; /* in a call that may have made a process already */
  GString *begun;   /* of a call whose end stands in a later line; or NULL */
  Place *place;     /* a GRcBox: threads share it */
} Process;

typedef struct {
  const char *root;
  GHashTable *processes; /* pid -> Process */
  GPtrArray *forking;    /* pids in a call that makes a process, the last one last */
  GHashTable *uses;      /* path -> Use */
  StraceNet *net;
} Reader;

/* The system calls that use a path, and the numbers of the arguments that have it. */
static const struct {
  const char *name;
  int folder; /* argument with the descriptor that a relative path starts from; -1: none */
  int path;
  UseKind kind;
} calls[] = {
    {"open", -1, 0, USE_OPEN},
    {"openat", 0, 1, USE_OPEN},
    {"openat2", 0, 1, USE_OPEN},
    {"creat", -1, 0, USE_WRITE},
    {"execve", -1, 0, USE_EXEC},
    {"execveat", 0, 1, USE_EXEC},
    {"stat", -1, 0, USE_LOOK},
    {"lstat", -1, 0, USE_LOOK},
    {"newfstatat", 0, 1, USE_LOOK},
    {"statx", 0, 1, USE_LOOK},
    {"access", -1, 0, USE_LOOK},
    {"faccessat", 0, 1, USE_LOOK},
    {"faccessat2", 0, 1, USE_LOOK},
    {"readlink", -1, 0, USE_LOOK},
    {"readlinkat", 0, 1, USE_LOOK},
    {"statfs", -1, 0, USE_LOOK},
    {"chdir", -1, 0, USE_OPEN},
    {"chroot", -1, 0, USE_OPEN},
    {"chmod", -1, 0, USE_LOOK},
    {"fchmodat", 0, 1, USE_LOOK},
    {"chown", -1, 0, USE_LOOK},
    {"lchown", -1, 0, USE_LOOK},
    {"fchownat", 0, 1, USE_LOOK},
    {"utimensat", 0, 1, USE_LOOK},
    {"inotify_add_watch", -1, 1, USE_LOOK},
    {"mkdir", -1, 0, USE_WRITE},
    {"mkdirat", 0, 1, USE_WRITE},
    {"mknod", -1, 0, USE_WRITE},
    {"mknodat", 0, 1, USE_WRITE},
    {"symlink", -1, 1, USE_WRITE},
    {"symlinkat", 1, 2, USE_WRITE},
    {"link", -1, 0, USE_OPEN},
    {"linkat", 0, 1, USE_OPEN},
    {"rename", -1, 1, USE_WRITE},
    {"renameat", 2, 3, USE_WRITE},
    {"renameat2", 2, 3, USE_WRITE},
};

void
use_free(Use *use) {
  g_free(use->path);
  g_free(use->program);
  g_free(use);
}

static void
place_clear(gpointer data) {
  Place *place = data;
  g_free(place->root);
  g_free(place->cwd);
  g_free(place->program);
}

static Place *
place_new(const char *root, const char *cwd, const char *program) {
  Place *place = g_rc_box_new0(Place);
  place->root = g_strdup(root);
  place->cwd = g_strdup(cwd);
  place->program = g_strdup(program);
  return place;
}

static void
process_free(gpointer data) {
  Process *process = data;
  if (process->begun != NULL)
    g_string_free(process->begun, TRUE);
  g_rc_box_release_full(process->place, place_clear);
  g_free(process);
}

static void
set_text(char **place, const char *text) {
  char *fresh = g_strdup(text);
  g_free(*place);
  *place = fresh;
}

/* The process PID. One that is seen for the first time is taken for a child of the process that was
 * the last to begin a fork; take_child() corrects that. */
static Process *
process_get(Reader *reader, int pid) {
  Process *process = g_hash_table_lookup(reader->processes, GINT_TO_POINTER(pid));
  if (process != NULL)
    return process;
  process = g_new0(Process, 1);
  if (reader->forking->len > 0) {
    process->parent = GPOINTER_TO_INT(reader->forking->pdata[reader->forking->len - 1]);
    const Process *parent =
        g_hash_table_lookup(reader->processes, GINT_TO_POINTER(process->parent));
    const Place *from = parent->place;
    process->place = place_new(from->root, from->cwd, from->program);
  } else {
    process->place = place_new("", "/", NULL);
  }
  g_hash_table_insert(reader->processes, GINT_TO_POINTER(pid), process);
  return process;
}

/* PATH without repeated slashes and "."; ".." stays, for it may follow a link. */
static char *
tidy(const char *path) {
  g_auto(GStrv) parts = g_strsplit(path, "/", -1);
  GString *text = g_string_new(NULL);
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0' && strcmp(parts[i], ".") != 0)
      g_string_append_printf(text, "/%s", parts[i]);
  return g_string_free(text, FALSE);
}

/* PATH, of this machine, as one below the traced root; NULL where it is outside. g_free. */
static char *
path_inside(const Reader *reader, const char *path) {
  gsize length = strlen(reader->root);
  if (strncmp(path, reader->root, length) != 0 || (path[length] != '/' && path[length] != '\0'))
    return NULL;
  return g_strdup(path[length] != '\0' ? path + length : "/");
}

/* FROM, the path that strace says a descriptor has, as one of this machine. For one who has another
 * root than strace's (pivot_root(2)) it says the path from that root. g_free, or NULL. */
static char *
fd_path_here(const Reader *reader, const Place *place, const char *from) {
  g_autofree char *inside = from != NULL ? path_inside(reader, from) : NULL;
  if (from == NULL)
    return NULL;
  return place->root[0] != '\0' && inside == NULL ? g_strconcat(place->root, from, NULL)
                                                  : g_strdup(from);
}

/* The path of this machine that PROCESS means by NAME. A relative NAME starts from the descriptor
 * in the argument FOLDER, or from the working folder where that is NULL. g_free. */
static char *
path_of(const Reader *reader, Process *process, const char *folder, const char *name) {
  Place *place = process->place;
  g_autofree char *said = folder != NULL ? strace_fd_path(folder) : NULL;
  g_autofree char *from = fd_path_here(reader, place, said);
  g_autofree char *joined = NULL;
  if (from != NULL && g_str_has_prefix(folder, "AT_FDCWD"))
    set_text(&place->cwd, from); /* what the kernel says is better than what we follow */
  if (name[0] == '/')
    joined = g_strconcat(place->root, name, NULL);
  else if (from != NULL || folder == NULL || g_str_has_prefix(folder, "AT_FDCWD"))
    joined = g_strconcat(from != NULL ? from : place->cwd, "/", name, NULL);
  return joined != NULL ? tidy(joined) : NULL;
}

static void
use_add(GHashTable *uses, const char *path, UseKind kind, const char *program) {
  Use *use = g_hash_table_lookup(uses, path);
  if (use == NULL) {
    use = g_new0(Use, 1);
    use->path = g_strdup(path);
    g_hash_table_insert(uses, use->path, use);
  } else if (kind <= use->kind) {
    return;
  }
  use->kind = kind;
  set_text(&use->program, program);
}

/* open's flags, in a struct for openat2. */
static UseKind
open_kind(const StraceCall *call, guint flags_at) {
  const char *flags = strace_call_arg(call, flags_at);
  if (strstr(flags, "O_PATH") != NULL)
    return USE_LOOK;
  if (strstr(flags, "O_CREAT") != NULL &&
      (strstr(flags, "O_TRUNC") != NULL || strstr(flags, "O_EXCL") != NULL))
    return USE_WRITE;
  return USE_OPEN;
}

static void
take_path(Reader *reader, Process *process, const StraceCall *call, guint index) {
  UseKind kind = calls[index].kind;
  const char *folder =
      calls[index].folder >= 0 ? strace_call_arg(call, (guint)calls[index].folder) : NULL;
  g_autofree char *name = strace_string(strace_call_arg(call, (guint)calls[index].path));
  if (name == NULL || name[0] == '\0')
    return;
  g_autofree char *path = path_of(reader, process, folder, name);
  if (path == NULL || !strace_call_succeeded(call))
    return;
  if (g_str_has_prefix(call->name, "open"))
    kind = open_kind(call, (guint)calls[index].path + 1);
  g_autofree char *inside = path_inside(reader, path);
  Place *place = process->place;
  if (strcmp(call->name, "chdir") == 0)
    set_text(&place->cwd, path);
  else if (strcmp(call->name, "chroot") == 0)
    set_text(&place->root, path);
  if (inside == NULL)
    return;
  if (kind == USE_EXEC)
    set_text(&place->program, inside);
  if (place->program != NULL) /* else it is what starts the first program */
    use_add(reader->uses, inside, kind, place->program);
}

static gboolean
makes_process(const char *name) {
  static const char *const names[] = {"clone", "clone3", "fork", "vfork"};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (strcmp(name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_thread(const StraceCall *call) {
  for (guint i = 0; i < call->args->len; i++)
    if (strstr(call->args->pdata[i], "CLONE_THREAD") != NULL)
      return TRUE;
  return FALSE;
}

/* CALL, a fork of PID, tells its child. Where process_get() had guessed another parent, the child
 * starts anew with the root and working folder of PID; a thread shares them. */
static void
take_child(Reader *reader, int pid, Process *process, const StraceCall *call) {
  const char *result = strace_call_succeeded(call) ? call->result : "";
  guint64 number = 0;
  int child = number_take(&result, 10, G_MAXINT, &number) ? (int)number : 0;
  if (child <= 0 || child == pid)
    return;
  Process *known = g_hash_table_lookup(reader->processes, GINT_TO_POINTER(child));
  gboolean thread = is_thread(call);
  if (known != NULL && known->parent == pid && !thread)
    return;
  if (known == NULL) {
    known = g_new0(Process, 1);
    g_hash_table_insert(reader->processes, GINT_TO_POINTER(child), known);
  } else {
    g_rc_box_release_full(known->place, place_clear);
  }
  known->parent = pid;
  known->place =
      thread ? g_rc_box_acquire(process->place)
             : place_new(process->place->root, process->place->cwd, process->place->program);
}

static void
take_call(Reader *reader, int pid, Process *process, const char *text) {
  g_autoptr(StraceCall) call = strace_call_parse(text);
  if (call == NULL)
    return;
  if (makes_process(call->name)) {
    take_child(reader, pid, process, call);
    return;
  }
  if (strcmp(call->name, "fchdir") == 0 && strace_call_succeeded(call)) {
    g_autofree char *said = strace_fd_path(strace_call_arg(call, 0));
    g_autofree char *path = fd_path_here(reader, process->place, said);
    if (path != NULL)
      set_text(&process->place->cwd, path);
    return;
  }
  strace_net_take(reader->net, call, process->place->program);
  for (guint i = 0; i < G_N_ELEMENTS(calls); i++)
    if (strcmp(call->name, calls[i].name) == 0) {
      take_path(reader, process, call, i);
      return;
    }
}

static void
forking_set(Reader *reader, int pid, Process *process, gboolean forking) {
  if (forking && !process->forking)
    g_ptr_array_add(reader->forking, GINT_TO_POINTER(pid));
  else if (!forking && process->forking)
    g_ptr_array_remove(reader->forking, GINT_TO_POINTER(pid));
  process->forking = forking;
}

/* "name(arguments <unfinished ...>": the rest comes later. TRUE if TEXT is one. */
static gboolean
take_begin(Reader *reader, int pid, Process *process, const char *text) {
  static const char mark[] = "<unfinished ...>";
  gsize length = strlen(text);
  if (!g_str_has_suffix(text, mark))
    return FALSE;
  g_autofree char *name = g_strndup(text, strcspn(text, "("));
  if (process->begun != NULL)
    g_string_free(process->begun, TRUE);
  process->begun = g_string_new_len(text, (gssize)(length - strlen(mark)));
  forking_set(reader, pid, process, makes_process(name));
  return TRUE;
}

/* "<... name resumed>rest": the end of what began. */
static void
take_end(Reader *reader, int pid, Process *process, const char *text) {
  const char *rest = strstr(text, " resumed>");
  if (rest == NULL || process->begun == NULL)
    return;
  g_autofree char *begun = g_string_free(g_steal_pointer(&process->begun), FALSE);
  g_autofree char *whole = g_strconcat(begun, rest + strlen(" resumed>"), NULL);
  take_call(reader, pid, process, whole);
  forking_set(reader, pid, process, FALSE);
}

static void
take_line(Reader *reader, const char *line) {
  const char *end = line;
  guint64 pid;
  if (!number_take(&end, 10, G_MAXINT, &pid) || pid == 0)
    return;
  if (*end == '<') /* --decode-pids */
    end = strchr(end, '>') != NULL ? strchr(end, '>') + 1 : end;
  end += strspn(end, " ");
  if (g_str_has_prefix(end, "+++ exited") || g_str_has_prefix(end, "+++ killed")) {
    Process *gone = g_hash_table_lookup(reader->processes, GINT_TO_POINTER((int)pid));
    if (gone != NULL)
      forking_set(reader, (int)pid, gone, FALSE);
    g_hash_table_remove(reader->processes, GINT_TO_POINTER((int)pid));
    return;
  }
  Process *process = process_get(reader, (int)pid);
  if (g_str_has_prefix(end, "<... "))
    take_end(reader, (int)pid, process, end);
  else if (!take_begin(reader, (int)pid, process, end))
    take_call(reader, (int)pid, process, end);
}

GPtrArray *
strace_uses(const char *text, gsize size, const char *root) {
  Reader reader = {.root = root,
                   .processes = g_hash_table_new_full(NULL, NULL, NULL, process_free),
                   .forking = g_ptr_array_new(),
                   .uses = g_hash_table_new(g_str_hash, g_str_equal),
                   .net = strace_net_new()};
  GPtrArray *uses = g_ptr_array_new_with_free_func((GDestroyNotify)use_free);
  g_autoptr(GPtrArray) found = g_ptr_array_new();
  const char *end = text + size;
  GHashTableIter iter;
  gpointer use;
  for (const char *at = text; at < end;) {
    const char *stop = memchr(at, '\n', (gsize)(end - at));
    g_autofree char *line = g_strndup(at, (gsize)((stop != NULL ? stop : end) - at));
    take_line(&reader, line);
    at = stop != NULL ? stop + 1 : end;
  }
  g_hash_table_iter_init(&iter, reader.uses);
  while (g_hash_table_iter_next(&iter, NULL, &use))
    g_ptr_array_add(found, use);
  strace_net_show(reader.net, found);
  uses_merge(uses, found);
  g_ptr_array_foreach(found, (GFunc)(void (*)(void))use_free, NULL);
  g_hash_table_unref(reader.processes);
  g_hash_table_unref(reader.uses);
  g_ptr_array_unref(reader.forking);
  strace_net_free(reader.net);
  return uses;
}
