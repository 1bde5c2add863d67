/* manifest.c - manifest.txt: the plan as text, an entry a line, and back.
 *
 * Paths on this machine are written relative to what they are under ({cache},
 * {data}), so that the text is the same wherever it was made. What has no file
 * is in contents.txt, or in the line itself, as a data URI (RFC 2397). Characters that would break
 * the form, or cannot be seen (plain.h), are written as \ooo, byte by byte. The last column is for
 * people: it is made of the three before it.
 */
#include "base/files.h"
#include "base/place.h"
#include "tree/escape.h"
#include "tree/tree.h"

#include <string.h>

#define DATA_URI "data:;base64,"
#define CONTENTS "{contents}" /* its bytes are in contents.txt */
#define FIELDS 14
#define MODE_MAX 07777

static const char type_letters[] = "fdlcbp"; /* in the order of TreeType */

/* {cache} and {data}; in the order in which they are tried. g_free. */
static char *
place_folder(guint index, const char **name) {
  if (index == 0) {
    *name = "{cache}";
    return cache_dir();
  }
  *name = "{data}";
  g_autofree char *inside = data_path("rootfs");
  return g_path_get_dirname(inside);
}

static char *
source_shorten(const char *source) {
  for (guint i = 0; i < 2; i++) {
    const char *name;
    g_autofree char *folder = place_folder(i, &name);
    gsize length = strlen(folder);
    if (length > 1 && strncmp(source, folder, length) == 0 && source[length] == '/')
      return g_strconcat(name, source + length, NULL);
  }
  return g_strdup(source);
}

static char *
source_expand(const char *source) {
  for (guint i = 0; i < 2; i++) {
    const char *name;
    g_autofree char *folder = place_folder(i, &name);
    if (g_str_has_prefix(source, name))
      return g_strconcat(folder, source + strlen(name), NULL);
  }
  return g_strdup(source);
}

static void
append_source(GString *out, const TreeEntry *entry, gboolean split) {
  if (entry->source != NULL) {
    g_autofree char *source = source_shorten(entry->source);
    escape_append(out, source);
  } else if (entry->type == TREE_FILE && (split || entry->data == NULL)) {
    g_string_append(out, CONTENTS);
  } else if (entry->data != NULL) {
    gsize size;
    const guchar *data = g_bytes_get_data(entry->data, &size);
    g_autofree char *text = g_base64_encode(data, size);
    g_string_append_printf(out, DATA_URI "%s", text);
  } else {
    g_string_append_c(out, '-');
  }
}

/* A field that may have nothing in it: "-", which stands for itself as \055. */
static void
append_field(GString *out, const char *text) {
  g_string_append_c(out, '\t');
  if (text != NULL && strcmp(text, "-") == 0)
    g_string_append(out, "\\055");
  else
    escape_append(out, text != NULL ? text : "-");
}

static void
append_typed(GString *out, const TreeEntry *entry) {
  const TreeReason *reason = &entry->reason;
  g_autofree char *why = tree_entry_why(entry);
  g_string_append_printf(out, "\t%s\t%s", tree_origin_name(entry->origin),
                         tree_state_name(entry->state));
  append_field(out, entry->sha256);
  g_string_append_printf(out, "\t%s", tree_reason_kind_name(reason->kind));
  append_field(out, reason->by);
  append_field(out, reason->detail);
  append_field(out, why);
}

static char *
manifest_text(Tree *tree, const char *header, gboolean split) {
  const GPtrArray *entries = tree_entries(tree);
  GString *out = g_string_new(header);

  g_string_append(out, "# type\tmode\tuid:gid\tsize or major,minor\tpath\tpackage\tsource\torigin"
                       "\tstate\tsha256\tkind\tby\tdetail\twhy\n");
  for (guint i = 0; i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    g_string_append_printf(out, "%c\t%04o", type_letters[entry->type], entry->mode);
    if (entry->capabilities != 0)
      g_string_append_printf(out, "+%" G_GINT64_MODIFIER "x", entry->capabilities);
    g_string_append_printf(out, "\t%u:%u\t", entry->uid, entry->gid);
    if (entry->type == TREE_CHAR || entry->type == TREE_BLOCK)
      g_string_append_printf(out, "%u,%u\t", entry->rdev_major, entry->rdev_minor);
    else
      g_string_append_printf(out, "%" G_GUINT64_FORMAT "\t", entry->size);
    escape_append(out, entry->path);
    if (entry->type == TREE_SYMLINK) {
      g_string_append(out, ESCAPE_ARROW);
      escape_append(out, entry->target);
    }
    append_field(out, entry->package);
    g_string_append_c(out, '\t');
    append_source(out, entry, split);
    append_typed(out, entry);
    g_string_append_c(out, '\n');
  }
  return g_string_free(out, FALSE);
}

char *
tree_manifest_text(Tree *tree, const char *header) {
  return manifest_text(tree, header, FALSE);
}

char *
tree_manifest_split(Tree *tree, const char *header) {
  return manifest_text(tree, header, TRUE);
}

/* What is wrong with a line: SAYS "what; what was expected". */
static gboolean
line_wrong(GError **error, const char *format, const char *value) {
  g_autofree char *shown = g_strndup(value, 60);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, format, shown);
  return FALSE;
}

static gboolean
number_parse(const char *text, guint base, guint64 max, guint64 *value) {
  return g_ascii_string_to_unsigned(text, base, 0, max, value, NULL);
}

/* "A<separator>B" as two numbers. */
static gboolean
pair_parse(const char *text, char separator, unsigned *first, unsigned *second) {
  const char *at = strchr(text, separator);
  guint64 left, right;
  if (at == NULL)
    return FALSE;
  g_autofree char *head = g_strndup(text, at - text);
  if (!number_parse(head, 10, G_MAXUINT32, &left) || !number_parse(at + 1, 10, G_MAXUINT32, &right))
    return FALSE;
  *first = left;
  *second = right;
  return TRUE;
}

/* "/a/b" without empty, "." and ".." components. */
static gboolean
path_is_plain(const char *path) {
  g_auto(GStrv) parts = NULL;
  if (*path != '/')
    return FALSE;
  parts = g_strsplit(path + 1, "/", -1);
  for (char **part = parts; *part != NULL; part++)
    if (**part == '\0' || strcmp(*part, ".") == 0 || strcmp(*part, "..") == 0)
      return FALSE;
  return *parts != NULL;
}

typedef struct {
  TreeEntry entry; /* its strings are borrowed from FIELDS or owned below */
  TreeFrom from;   /* so are these */
  const char *sha256;
  GBytes *data;
  char *source;
} Line;

static void
line_clear(Line *line) {
  g_clear_pointer(&line->data, g_bytes_unref);
  g_clear_pointer(&line->source, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Line, line_clear)

static gboolean
path_parse(char *field, TreeEntry *entry, GError **error) {
  char *arrow = strstr(field, ESCAPE_ARROW);
  if ((arrow != NULL) != (entry->type == TREE_SYMLINK))
    return line_wrong(
        error, "path \"%s\"; expected \"path -> target\" for links, and only for them", field);
  if (arrow != NULL) {
    *arrow = '\0';
    entry->target = arrow + strlen(ESCAPE_ARROW);
    if (*entry->target == '\0' || !escape_undo(entry->target))
      return line_wrong(error, "target \"%s\"; expected text with \\ooo for odd characters",
                        entry->target);
  }
  if (!escape_undo(field) || !path_is_plain(field))
    return line_wrong(error, "path \"%s\"; expected an absolute path without . and ..", field);
  entry->path = field;
  return TRUE;
}

static gboolean
source_parse(char *field, Line *line, GError **error) {
  if (line->entry.type != TREE_FILE)
    return strcmp(field, "-") == 0 ||
           line_wrong(error, "source \"%s\"; expected - for what is no file", field);
  if (strcmp(field, CONTENTS) == 0)
    return TRUE;
  if (g_str_has_prefix(field, DATA_URI)) {
    gsize size;
    guchar *data = g_base64_decode(field + strlen(DATA_URI), &size);
    line->data = g_bytes_new_take(data, size);
    return size == line->entry.size ||
           line_wrong(error, "source \"%s\"; expected as many bytes as the size says", field);
  }
  if (!escape_undo(field) || (*field != '/' && *field != '{'))
    return line_wrong(error, "source \"%s\"; expected an absolute path or " DATA_URI "…", field);
  line->source = source_expand(field);
  return TRUE;
}

/* "MODE" or, of a file that gives capabilities, "MODE+HEX". */
static gboolean
mode_parse(char *field, TreeEntry *entry, GError **error) {
  guint64 mode;
  char *plus = strchr(field, '+');
  if (plus != NULL) {
    *plus = '\0';
    if (entry->type != TREE_FILE || !number_parse(plus + 1, 16, G_MAXUINT64, &entry->capabilities))
      return line_wrong(error, "capabilities \"%s\"; expected a hexadecimal number, for a file",
                        plus + 1);
  }
  if (!number_parse(field, 8, MODE_MAX, &mode))
    return line_wrong(error, "mode \"%s\"; expected an octal number up to 7777", field);
  entry->mode = mode;
  return TRUE;
}

static gboolean
numbers_parse(char **fields, TreeEntry *entry, GError **error) {
  const char *letter = strlen(fields[0]) == 1 ? strchr(type_letters, *fields[0]) : NULL;
  if (letter == NULL)
    return line_wrong(error, "type \"%s\"; expected one of f d l c b p", fields[0]);
  entry->type = (TreeType)(letter - type_letters);
  if (!mode_parse(fields[1], entry, error))
    return FALSE;
  if (!pair_parse(fields[2], ':', &entry->uid, &entry->gid))
    return line_wrong(error, "owner \"%s\"; expected uid:gid as numbers", fields[2]);
  if (entry->type == TREE_CHAR || entry->type == TREE_BLOCK)
    return pair_parse(fields[3], ',', &entry->rdev_major, &entry->rdev_minor) ||
           line_wrong(error, "device \"%s\"; expected major,minor", fields[3]);
  return number_parse(fields[3], 10, entry->type == TREE_FILE ? G_MAXINT64 : 0, &entry->size) ||
         line_wrong(error, "size \"%s\"; expected a number of bytes, 0 for what is no file",
                    fields[3]);
}

/* *TEXT is what stands in FIELD, NULL for "-". */
static gboolean
text_parse(char *field, const char **text, GError **error) {
  *text = strcmp(field, "-") == 0 ? NULL : field;
  return escape_undo(field) ||
         line_wrong(error, "\"%s\"; expected text with \\ooo for odd characters", field);
}

static gboolean
is_sha256(const char *text) {
  return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* WHY must be what the reason reads as: else a person and the program would not see the same. */
static gboolean
why_check(const TreeFrom *from, TreeType type, const char *why, GError **error) {
  const TreeReason reason = {from->kind, (char *)from->by, (char *)from->detail};
  g_autofree char *text = tree_reason_text(&reason, type);
  if (g_strcmp0(text, why) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "reason \"%s\"; expected \"%s\"",
              why != NULL ? why : "-", text != NULL ? text : "-");
  return FALSE;
}

/* The columns from ORIGIN on, FIELDS[0]; the strings stay theirs. */
static gboolean
typed_parse(char **fields, Line *line, GError **error) {
  TreeFrom *from = &line->from;
  const char *why;
  if (!tree_origin_parse(fields[0], &from->origin))
    return line_wrong(error, "origin \"%s\"; expected one that tinyx writes, or -", fields[0]);
  if (!tree_state_parse(fields[1], &line->entry.state))
    return line_wrong(error, "state \"%s\"; expected installed, changed, new or -", fields[1]);
  if (!text_parse(fields[2], &line->sha256, error))
    return FALSE;
  if (line->sha256 != NULL && !is_sha256(line->sha256))
    return line_wrong(error, "sha256 \"%s\"; expected 64 hexadecimal digits, or -", fields[2]);
  if (!tree_reason_kind_parse(fields[3], &from->kind))
    return line_wrong(error, "kind \"%s\"; expected one that tinyx writes, or -", fields[3]);
  if (!text_parse(fields[4], &from->by, error) || !text_parse(fields[5], &from->detail, error) ||
      !text_parse(fields[6], &why, error))
    return FALSE;
  if (!tree_reason_is_whole(from->kind, from->by, from->detail))
    return line_wrong(error, "kind \"%s\"; expected a value in exactly the columns that it needs",
                      fields[3]);
  return why_check(from, line->entry.type, why, error);
}

static gboolean
line_add(Tree *tree, Line *line, GError **error) {
  const TreeEntry *from = &line->entry;
  g_autofree char *folder = g_path_get_dirname(from->path);
  const TreeEntry *parent = tree_find(tree, folder);
  if (tree_find(tree, from->path) != NULL)
    return line_wrong(error, "path \"%s\" comes twice; expected each path once", from->path);
  if (strcmp(folder, "/") != 0 && (parent == NULL || parent->type != TREE_DIR))
    return line_wrong(error, "path \"%s\"; expected its folder in a line above", from->path);

  TreeEntry *entry;
  if (from->type == TREE_SYMLINK)
    entry = tree_add_symlink(tree, from->path, from->target, line->from, error);
  else if (from->type == TREE_FILE)
    entry = tree_add_data(tree, from->path, "", 0, from->mode, line->from, error);
  else
    entry = tree_add_node(tree, from->path, from->type, from->mode, from->rdev_major,
                          from->rdev_minor, line->from, error);
  if (entry == NULL)
    return FALSE;
  entry->state = from->state;
  entry->sha256 = g_strdup(line->sha256);
  entry->mode = from->mode;
  entry->uid = from->uid;
  entry->gid = from->gid;
  entry->capabilities = from->capabilities;
  entry->size = from->size;
  if (from->type == TREE_FILE) {
    g_clear_pointer(&entry->data, g_bytes_unref);
    entry->data = g_steal_pointer(&line->data);
    entry->source = g_steal_pointer(&line->source);
  }
  return TRUE;
}

static gboolean
line_parse(Tree *tree, const char *text, GError **error) {
  g_auto(GStrv) fields = g_strsplit(text, "\t", -1);
  g_auto(Line) line = {0};

  if (g_strv_length(fields) != FIELDS)
    return line_wrong(error, "\"%s\"; expected " G_STRINGIFY(FIELDS) " fields separated by tabs",
                      text);
  if (!numbers_parse(fields, &line.entry, error) || !path_parse(fields[4], &line.entry, error) ||
      !text_parse(fields[5], &line.from.package, error) || !source_parse(fields[6], &line, error) ||
      !typed_parse(fields + 7, &line, error))
    return FALSE;
  return line_add(tree, &line, error);
}

Tree *
tree_parse_manifest(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  const char *end = text + size;
  unsigned number = 0;

  while (text < end) {
    const char *newline = memchr(text, '\n', end - text);
    gsize length = (newline != NULL ? newline : end) - text;
    g_autofree char *line = g_strndup(text, length);
    number++;
    text += length + 1;
    if (strlen(line) != length || newline == NULL) {
      place_set_error(error, file, number, "%s",
                      newline == NULL ? "the line is cut off; expected a newline at its end"
                                      : "a NUL byte; expected text");
      return NULL;
    }
    if (*line == '#')
      continue;
    if (!line_parse(tree, line, error)) {
      place_prefix_error(error, file, number);
      return NULL;
    }
  }
  return g_steal_pointer(&tree);
}
