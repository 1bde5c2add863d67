/* test-show.c - what `tinyx test` says of how much it saw, and of calls that failed. */
#include "cmd/test-show.h"

#include "base/json.h"
#include "base/plain.h"
#include "image/image.h"
#include "trace/diagnose.h"

void
test_show_weakness(const Recipe *recipe, const GuestVerdict *verdict) {
  const ProbeFinding *probe = &verdict->probe;
  if (probe->result != PROBED_NOT && probe->result != PROBED_REFUSED) {
    g_autofree char *text = probe_finding_text(probe);
    plain_print("  asked            %s\n", text);
  }
  if (verdict->passed && guest_verdict_is_weak(recipe, verdict))
    plain_print(
        "  the test         is weak: it says only that the port is open, or that the end was "
        "clean\n");
  else if (verdict->passed && probe_is_wanted(recipe))
    plain_print("  the test         is one question that the service answered: write a test.sh "
                "that asks more\n");
}

void
test_add_weakness(JsonBuilder *builder, const Recipe *recipe, const GuestVerdict *verdict) {
  const ProbeFinding *probe = &verdict->probe;
  json_put_bool(builder, "weak", guest_verdict_is_weak(recipe, verdict));
  if (probe->result == PROBED_NOT)
    return;
  json_begin_object(builder, "probe");
  json_put_string(builder, "protocol", probe->protocol);
  json_put_string(builder, "result", probe_result_name(probe->result));
  json_put_string(builder, "said", probe->said);
  json_put_string(builder, "reason", probe->reason);
  json_builder_end_object(builder);
}

void
test_show_failed_calls(const Recipe *recipe, const GuestVerdict *verdict, const GPtrArray *failed) {
  g_autofree char *word = recipe_argument(recipe);
  if (failed == NULL) {
    if (!verdict->passed)
      plain_print("  why?             tinyx test --diagnose %s (with your other options) names the "
                  "calls that failed for want of something, and what brings it\n",
                  word);
    return;
  }
  if (failed->len == 0)
    plain_print("  failed calls     none that an option, a mount or a device would cure\n");
  else
    plain_print("failed calls, and the line of %s that would bring what they wanted:\n",
                recipe->file);
  for (guint i = 0; i < failed->len; i++) {
    const FailedCall *call = failed->pdata[i];
    plain_print("  %s: %s\n", call->error, call->call);
    plain_print("    %s%s%s\n", call->cure != NULL ? call->cure : "no line known",
                call->reason != NULL ? "  # " : "", call->reason != NULL ? call->reason : "");
  }
}

void
test_show_suspects(const Recipe *recipe, const GuestVerdict *verdict, const char *folder) {
  g_autofree char *file = g_build_filename(folder, "report.json", NULL);
  g_autofree char *word = recipe_argument(recipe);
  g_autoptr(JsonParser) parser = json_parser_new();
  JsonObject *report = verdict->passed ? NULL : json_load(parser, file, NULL);
  gint64 suspects = json_get_int(report, "suspects");
  if (suspects > 0 && json_get_object(report, "trace") == NULL)
    plain_print("  not in it?       %" G_GINT64_FORMAT " of its files name what no analysis could "
                "follow (%s/" IMAGE_SUSPECTS "): tinyx build --trace %s finds what is opened\n",
                suspects, folder, word);
}

void
test_add_failed_calls(JsonBuilder *builder, const GPtrArray *failed) {
  json_builder_set_member_name(builder, "failed_calls");
  json_builder_begin_array(builder);
  for (guint i = 0; i < failed->len; i++) {
    const FailedCall *call = failed->pdata[i];
    json_builder_begin_object(builder);
    json_put_string(builder, "error", call->error);
    json_put_string(builder, "call", call->call);
    json_put_string(builder, "cure", call->cure != NULL ? call->cure : "");
    json_put_string(builder, "reason", call->reason != NULL ? call->reason : "");
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
}
