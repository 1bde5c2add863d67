/* compile.c - tinyx-cc: the compiler that kbuild calls, which copies objects that were made before.
 * */
#include "kernel/compile.h"
#include "base/elffile.h"
#include "base/files.h"

#include "kernel/source-facts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FORMAT "tinyx object 1"
#define AUTOCONF "include/generated/autoconf.h"
#define LIST_OPTION "-Wp,-MMD,"
#define END "END\n"
#define VARIANT ".variant"

typedef struct {
  const char *cache;
  CompileCommand command;
  char *folder;          /* of the variants of this command */
  GHashTable *values;    /* char* -> char*, what autoconf.h defines; made when it is needed */
  struct timespec begin; /* what is newer may have changed while the compiler ran */
} Compile;

static void
compile_clear(Compile *compile) {
  g_free(compile->folder);
  if (compile->values != NULL)
    g_hash_table_unref(compile->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Compile, compile_clear)

/* Options that make the compiler read or write what we do not see, or put folders into objects. */
static gboolean
is_strange(const char *word) {
  static const char *const prefixes[] = {
      "-E",         "-S",          "-M",      "-save-temps", "--coverage",    "-ftest-coverage",
      "-fprofile-", "-fplugin",    "-fdump-", "-flto",       "-fstack-usage", "-gsplit-dwarf",
      "-g",         "-fcallgraph", "@",
  };
  if (strcmp(word, "-g0") == 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++)
    if (g_str_has_prefix(word, prefixes[i]))
      return TRUE;
  return FALSE;
}

gboolean
compile_parse(char *const *argv, CompileCommand *command) {
  gboolean object_only = FALSE;
  *command = (CompileCommand){0};
  for (guint i = 0; argv[i] != NULL; i++) {
    const char *word = argv[i];
    if (strcmp(word, "-c") == 0)
      object_only = TRUE;
    else if (strcmp(word, "-o") == 0 && argv[i + 1] != NULL)
      command->object = argv[++i];
    else if (g_str_has_prefix(word, LIST_OPTION))
      command->list = word + strlen(LIST_OPTION);
    else if (is_strange(word))
      return FALSE;
    else if (word[0] != '-' && i > 0 && strcmp(argv[i - 1], "-include") != 0 &&
             (g_str_has_suffix(word, ".c") || g_str_has_suffix(word, ".S"))) {
      if (command->source != NULL)
        return FALSE;
      command->source = word;
    }
  }
  return object_only && command->object != NULL && command->list != NULL &&
         command->source != NULL && g_str_has_suffix(command->object, ".o");
}

char **
compile_list_parse(const char *text) {
  const char *files = strstr(text, ": ");
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
  if (files == NULL)
    return NULL;
  for (const char *at = files + 1; *at != '\0';) {
    gsize length = strcspn(at, " \t\n\\$");
    if (length > 0)
      g_ptr_array_add(list, g_strndup(at, length));
    at += length;
    if (*at == '$' || (*at == '\\' && at[1] != '\n'))
      return NULL;
    at += *at != '\0';
  }
  g_ptr_array_add(list, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

/* The folder for this command: what it is, not where it is run. */
static char *
variants_folder(const char *cache, char *const *argv) {
  const char *id = g_getenv(COMPILE_ID);
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  const char *hash;
  g_checksum_update(sum, (const guchar *)FORMAT, -1);
  g_checksum_update(sum, (const guchar *)(id != NULL ? id : ""), -1);
  for (; *argv != NULL; argv++)
    g_checksum_update(sum, (const guchar *)*argv, (gssize)strlen(*argv) + 1);
  hash = g_checksum_get_string(sum);
  return g_strdup_printf("%s/%.2s/%s", cache, hash, hash + 2);
}

/* "#define CONFIG_X VALUE". */
static GHashTable *
read_values(void) {
  GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *text = NULL;
  if (!file_read(AUTOCONF, ELF_BYTES_MAX, &text, NULL, NULL))
    return values;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    g_auto(GStrv) words = g_strsplit(*line, " ", 3);
    if (g_strv_length(words) == 3 && strcmp(words[0], "#define") == 0)
      g_hash_table_insert(values, g_strdup(words[1]), g_strdup(words[2]));
  }
  return values;
}

/* The value of "CONFIG_X" and of "CONFIG_X_MODULE", as one text. g_free. */
static char *
value_of(Compile *compile, const char *symbol) {
  if (compile->values == NULL)
    compile->values = read_values();
  g_autofree char *module = g_strconcat(symbol, "_MODULE", NULL);
  const char *value = g_hash_table_lookup(compile->values, symbol);
  return g_strdup_printf("%s%s", value != NULL ? value : "-",
                         g_hash_table_contains(compile->values, module) ? " m" : "");
}

/* LINE is "C SYMBOL VALUE". */
static gboolean
value_holds(Compile *compile, const char *line) {
  g_auto(GStrv) words = g_strsplit(line, " ", 3);
  g_autofree char *value = g_strv_length(words) == 3 ? value_of(compile, words[1]) : NULL;
  return value != NULL && strcmp(value, words[2]) == 0;
}

/* LINE is "F SHA256 STAMP PATH". */
static gboolean
file_holds(Compile *compile, const char *line) {
  g_auto(GStrv) words = g_strsplit(line, " ", 4);
  if (g_strv_length(words) != 4)
    return FALSE;
  g_autofree char *stamp = words[2][0] != '-' ? source_stamp(words[3]) : NULL;
  if (stamp != NULL && strcmp(stamp, words[2]) == 0)
    return TRUE;
  g_autoptr(SourceFacts) facts = source_facts(compile->cache, words[3]);
  return facts != NULL && strcmp(facts->sha256, words[1]) == 0;
}

static char *
object_path(const char *cache, const char *sha256) {
  return g_strdup_printf("%s/objects/%.2s/%s.o", cache, sha256, sha256 + 2);
}

/* A whole file or none; it may be lost when the machine stops, as it is checked when it is read. */
static gboolean
put_file(const char *path, const char *data, gsize size) {
  g_autofree char *folder = g_path_get_dirname(path);
  return g_mkdir_with_parents(folder, 0755) == 0 &&
         g_file_set_contents_full(path, data, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT, 0644,
                                  NULL);
}

/* The object of a variant to its place, and the list of files beside it. */
static gboolean
take_object(const Compile *compile, const char *sha256, const char *list) {
  g_autofree char *path = object_path(compile->cache, sha256);
  g_autofree char *data = NULL, *sum = NULL;
  gsize size;
  if (!file_read(path, ELF_BYTES_MAX, &data, &size, NULL))
    return FALSE;
  sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)data, size);
  if (strcmp(sum, sha256) != 0) {
    unlink(path); /* damaged */
    return FALSE;
  }
  unlink(compile->command.object);
  return g_file_set_contents_full(compile->command.object, data, (gssize)size,
                                  G_FILE_SET_CONTENTS_NONE, 0644, NULL) &&
         g_file_set_contents_full(compile->command.list, list, -1, G_FILE_SET_CONTENTS_NONE, 0644,
                                  NULL);
}

/* FORMAT, "O SHA256", "C ..." lines, "F ..." lines, "D", the compiler's list, END. */
static gboolean
try_variant(Compile *compile, const char *path) {
  g_autofree char *text = NULL;
  gsize size;
  if (!file_read(path, ELF_BYTES_MAX, &text, &size, NULL) ||
      !g_str_has_prefix(text, FORMAT "\nO ") || !g_str_has_suffix(text, "\n" END))
    return FALSE;
  text[size - strlen(END)] = '\0';
  const char *object = text + strlen(FORMAT "\nO ");
  for (char *line = strchr(object, '\n'); line != NULL;) {
    char *next = strchr(++line, '\n');
    if (g_str_has_prefix(line, "D\n")) {
      g_autofree char *sha256 = g_strndup(object, strcspn(object, "\n"));
      return strlen(sha256) == 64 && take_object(compile, sha256, line + strlen("D\n"));
    }
    if (next == NULL)
      return FALSE;
    *next = '\0';
    gboolean holds = line[0] == 'C' ? value_holds(compile, line) : file_holds(compile, line);
    *next = '\n';
    if (!holds)
      return FALSE;
    line = next;
  }
  return FALSE;
}

static gboolean
look_up(Compile *compile) {
  g_autoptr(GDir) dir = g_dir_open(compile->folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(compile->folder, name, NULL);
    if (g_str_has_suffix(name, VARIANT) && try_variant(compile, path))
      return TRUE;
  }
  return FALSE;
}

static gboolean
newer_than(const char *path, const struct timespec *begin) {
  struct stat info;
  return stat(path, &info) != 0 || info.st_mtim.tv_sec > begin->tv_sec ||
         (info.st_mtim.tv_sec == begin->tv_sec && info.st_mtim.tv_nsec >= begin->tv_nsec);
}

/* The lines for what was read, and their hash without times. FALSE: it cannot be kept. */
static gboolean
describe(Compile *compile, char *const *files, GString *values, GString *sources,
         GChecksum *identity) {
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (; *files != NULL; files++) {
    if (g_str_has_suffix(*files, AUTOCONF))
      continue;
    g_autoptr(SourceFacts) facts = source_facts(compile->cache, *files);
    if (facts == NULL || facts->volatile_text || newer_than(*files, &compile->begin))
      return FALSE;
    g_checksum_update(identity, (const guchar *)facts->sha256, -1);
    g_string_append_printf(sources, "F %s %s %s\n", facts->sha256, facts->stamp, *files);
    for (char **symbol = facts->symbols; *symbol != NULL; symbol++) {
      if (!g_hash_table_add(seen, g_strdup(*symbol)))
        continue;
      g_autofree char *value = value_of(compile, *symbol);
      g_string_append_printf(values, "C %s %s\n", *symbol, value);
    }
  }
  g_checksum_update(identity, (const guchar *)values->str, (gssize)values->len);
  return TRUE;
}

/* An object that names the folder it was made in is no other folder's. */
static gboolean
names_folder(const char *data, gsize size) {
  g_autofree char *folder = g_get_current_dir();
  return memmem(data, size, folder, strlen(folder)) != NULL;
}

static void
keep(Compile *compile) {
  g_autofree char *list = NULL, *data = NULL, *sha256 = NULL, *object = NULL, *variant = NULL;
  g_autoptr(GChecksum) identity = g_checksum_new(G_CHECKSUM_MD5);
  g_autoptr(GString) text = g_string_new(FORMAT "\n");
  g_autoptr(GString) values = g_string_new(NULL);
  g_autoptr(GString) sources = g_string_new(NULL);
  gsize size;
  if (!file_read(compile->command.list, ELF_BYTES_MAX, &list, NULL, NULL) ||
      newer_than(AUTOCONF, &compile->begin))
    return;
  g_auto(GStrv) files = compile_list_parse(list);
  if (files == NULL || !describe(compile, files, values, sources, identity) ||
      !file_read(compile->command.object, ELF_BYTES_MAX, &data, &size, NULL) ||
      names_folder(data, size))
    return;
  sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)data, size);
  object = object_path(compile->cache, sha256);
  g_string_append_printf(text, "O %s\n%s%sD\n%s%s" END, sha256, values->str, sources->str, list,
                         g_str_has_suffix(list, "\n") ? "" : "\n");
  /* Its name is what it is of: the same again replaces it. */
  variant = g_strdup_printf("%s/%s" VARIANT, compile->folder, g_checksum_get_string(identity));
  if (g_file_test(object, G_FILE_TEST_EXISTS) || put_file(object, data, size))
    put_file(variant, text->str, text->len);
}

/* What the compiler says is passed on; whether it said something goes to *TALKED. */
static void
pass_on(int from, gboolean *talked) {
  char buffer[4096];
  ssize_t count;
  while ((count = read(from, buffer, sizeof buffer)) > 0 || (count < 0 && errno == EINTR)) {
    if (count < 0)
      continue;
    *talked = TRUE;
    for (ssize_t done = 0, part; done < count; done += part)
      if ((part = write(STDERR_FILENO, buffer + done, (size_t)(count - done))) <= 0)
        return;
  }
}

static int
run_compiler(char *const *argv, gboolean *talked) {
  int ends[2], status;
  pid_t child;
  if (pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0) {
    perror(COMPILE_NAME);
    return 2;
  }
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* make ends us, and nobody the compiler */
    dup2(ends[1], STDERR_FILENO);
    execvp(argv[0], argv);
    perror(argv[0]);
    _exit(127);
  }
  close(ends[1]);
  pass_on(ends[0], talked);
  close(ends[0]);
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return 2;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
note(char what) {
  const char *path = g_getenv(COMPILE_LOG);
  int log = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
  if (log < 0)
    return;
  if (write(log, &what, 1) != 1)
    perror(path);
  close(log);
}

int
compile_main(int argc, char **argv) {
  g_auto(Compile) compile = {.cache = g_getenv(COMPILE_CACHE)};
  gboolean talked = FALSE;
  int status;
  if (argc < 2) {
    fputs("usage: " COMPILE_NAME " COMPILER OPTION... (tinyx uses it in kernel builds)\n", stderr);
    return 2;
  }
  argv++;
  if (compile.cache == NULL || !compile_parse(argv, &compile.command)) {
    execvp(argv[0], argv);
    perror(argv[0]);
    return 127;
  }
  compile.folder = variants_folder(compile.cache, argv);
  if (look_up(&compile)) {
    note(COMPILE_HIT);
    return 0;
  }
  clock_gettime(CLOCK_REALTIME_COARSE, &compile.begin);
  note(COMPILE_MISS);
  status = run_compiler(argv, &talked);
  if (status == 0 && !talked)
    keep(&compile);
  return status;
}
