/* option-show.c - the options of an image as text and as JSON. */
#include "minimize/option-table.h"

#include "base/json.h"
#include "base/plain.h"

#include <string.h>

char *
option_bytes_text(const OptionRow *row) {
  if (row->bytes < 0 && !row->exact)
    return g_strdup("-");
  return g_strdup_printf("%s%" G_GINT64_FORMAT, row->exact ? "" : "about ", row->bytes);
}

char *
option_trial_text(const OptionRow *row) {
  return row->trial > 0 ? g_strdup_printf("trial %u: %s", row->trial, row->evidence)
                        : g_strdup("-");
}

/* The symbols and values of a table are of any length: the column is as wide as the longest. */
static int
option_width(const OptionTable *table) {
  gsize width = strlen("option=value");
  for (guint i = 0; i < table->rows->len; i++) {
    const OptionRow *row = table->rows->pdata[i];
    width = MAX(width, strlen(row->symbol) + 1 + strlen(row->value));
  }
  return (int)MIN(width, 48);
}

static void
append_part(GString *text, const OptionTable *table, gboolean of_platform, int width) {
  plain_append(text, "\n%s\n%-*s  %12s  %-14s  why (who)\n",
               of_platform ? "What every image of the platform asks for:"
                           : "What this image asks for beyond that:",
               width, "option=value", "bytes", "trial");
  for (guint i = 0; i < table->rows->len; i++) {
    const OptionRow *row = table->rows->pdata[i];
    if (row->of_platform != of_platform)
      continue;
    g_autofree char *option = g_strdup_printf("%s=%s", row->symbol, row->value);
    g_autofree char *bytes = option_bytes_text(row);
    g_autofree char *trial =
        row->trial > 0
            ? g_strdup_printf("%u%s", row->trial,
                              strcmp(row->evidence, "passed so") == 0 ? " passed" : " failed")
            : g_strdup("-");
    plain_append(text, "%-*s  %12s  %-14s  %s (%s)\n", width, option, bytes, trial, row->reason,
                 row->origin);
  }
}

char *
option_table_text(const OptionTable *table) {
  GString *text = g_string_new(NULL);
  int width = option_width(table);
  plain_append(text, "%s on %s%s%s: the kernel options that are asked for, from %s\n", table->name,
               table->platform, table->version != NULL ? ", Linux " : "",
               table->version != NULL ? table->version : "", table->source);
  append_part(text, table, FALSE, width);
  append_part(text, table, TRUE, width);
  g_string_append(text,
                  "\nbytes: of the packed kernel, that the option takes, or that going to this "
                  "value saved; \"about\" is an\nestimate from the size of its code. trial: its "
                  "number in the journal; passed: with this value; failed: without it.\n");
  if (table->symbols_y > 0)
    plain_append(text,
                 "%d options are =y in the kernel that was tested last; those that are not here "
                 "follow from these by Kconfig\n(tinyx build, then tinyx explain %s OPTION, says "
                 "how).\n",
                 table->symbols_y, table->name);
  return g_string_free(text, FALSE);
}

void
option_row_put(JsonBuilder *json, const OptionRow *row) {
  json_put_string(json, "value", row->value);
  json_put_string(json, "reason", row->reason);
  json_put_string(json, "origin", row->origin);
  json_put_bool(json, "of_platform", row->of_platform);
  if (row->trial > 0) {
    json_put_int(json, "trial", row->trial);
    json_put_string(json, "evidence", row->evidence);
  }
  if (row->bytes >= 0 || row->exact) {
    json_put_int(json, "bytes", row->bytes);
    json_put_bool(json, "bytes_measured", row->exact);
  }
}

char *
option_table_json(const OptionTable *table) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_put_string(json, "name", table->name);
  json_put_string(json, "platform", table->platform);
  json_put_string(json, "linux", table->version);
  json_put_string(json, "source", table->source);
  if (table->symbols_y > 0)
    json_put_int(json, "symbols_y", table->symbols_y);
  json_begin_array(json, "options");
  for (guint i = 0; i < table->rows->len; i++) {
    const OptionRow *row = table->rows->pdata[i];
    json_builder_begin_object(json);
    json_put_string(json, "option", row->symbol);
    option_row_put(json, row);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  return json_lines(json);
}
