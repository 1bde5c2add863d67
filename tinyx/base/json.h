/* json.h - objects of JSON, written member by member and read without trust.
 *
 * Strings that are written may be any bytes (file names, consoles): what is no UTF-8 is replaced.
 * Whoever reads says what he wants; a member of another type counts as missing.
 */
#ifndef TINYX_BASE_JSON_H
#define TINYX_BASE_JSON_H

#include "base/error.h"

#include <json-glib/json-glib.h>

/* The member NAME of the object that JSON is in. VALUE NULL: null. */
void json_put_string(JsonBuilder *json, const char *name, const char *value);
void json_put_int(JsonBuilder *json, const char *name, gint64 value);
void json_put_bool(JsonBuilder *json, const char *name, gboolean value);
/* VALUE rounded to one in PER: 100 for two digits behind the point. */
void json_put_rounded(JsonBuilder *json, const char *name, double value, double per);
/* A NULL-terminated list. */
void json_put_strings(JsonBuilder *json, const char *name, const char *const *values);

/* Begins the object or the array NAME; json_builder_end_object() or json_builder_end_array() ends
 * it. */
void json_begin_object(JsonBuilder *json, const char *name);
void json_begin_array(JsonBuilder *json, const char *name);

/* The text of a finished JSON, with a newline at its end: all on one line, or indented. g_free. */
char *json_line(JsonBuilder *json);
char *json_lines(JsonBuilder *json);

/* How deep arrays and objects may be in each other: json-glib reads them by recursion. */
#define JSON_DEPTH_MAX 64
/* Bytes of a file of JSON; a report of an image with 50,000 files has 8 MB. */
#define JSON_BYTES_MAX (64U << 20)

/* The root of TEXT, which is PARSER's; SIZE -1: up to its NUL. INPUT with a line where it is no
 * JSON, or deeper than JSON_DEPTH_MAX. Comments, which json-glib takes, are none. */
JsonNode *json_parse_root(JsonParser *parser, const char *text, gssize size, GError **error);
/* The object that the file PATH holds; it is PARSER's. An error begins with PATH; CORRUPT where
 * the file holds no object. */
JsonObject *json_load(JsonParser *parser, const char *path, GError **error);
/* The same of a text; NULL where it is no object. */
JsonObject *json_parse(JsonParser *parser, const char *text, gssize size);

/* The member NAME of OBJECT, which may be NULL; the result is OBJECT's. NULL or 0 where there is
 * none of that type. */
JsonObject *json_get_object(JsonObject *object, const char *name);
const char *json_get_string(JsonObject *object, const char *name);
gint64 json_get_int(JsonObject *object, const char *name);
/* TRUE if the member NAME is a number. */
gboolean json_has_number(JsonObject *object, const char *name);
/* A number from 0 to MOST, whole or not; what is beyond is MOST, what is below 0. For fields of a
 * type that has not every number. */
double json_get_number(JsonObject *object, const char *name, double most);
/* Of an integer, too. */
double json_get_double(JsonObject *object, const char *name);
/* The elements of the array NAME; NULL where there is none. */
JsonArray *json_get_array(JsonObject *object, const char *name);
/* The object that NODE is, or NULL. */
JsonObject *json_object_of(JsonNode *node);
/* The strings in the array NAME; never NULL. g_strfreev. */
char **json_get_strings(JsonObject *object, const char *name);

#endif
