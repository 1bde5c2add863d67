/* doctor.c - `tinyx doctor`: what this machine lacks, and the line that mends it. */
#include "doctor/doctor.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/plain.h"
#include "cmd/cmd.h"

static const char description[] =
    "Looks whether this machine has what builds and tests need: data, packages, namespaces, the\n"
    "cache, disk, memory, the archive, KVM (by running code in it), and what each platform's "
    "guests\n"
    "are started by. What is missing comes with the line that mends it. \"poor\" works, but "
    "slower\n"
    "or not in all parts; status 1 only where something is \"bad\". With subjects (data, "
    "packages,\n"
    "sandbox, cache, disk, memory, network, KVM, platform) only these.";

static void
show(const DoctorFinding *finding) {
  plain_print("%-4s  %-9s  %s\n", doctor_verdict_name(finding->verdict), finding->subject,
              finding->found);
  if (finding->cure != NULL)
    plain_print("%17smend: %s\n", "", finding->cure);
}

static void
show_json(const GPtrArray *findings) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  g_autofree char *text = NULL;
  json_builder_begin_object(json);
  json_begin_array(json, "findings");
  for (guint i = 0; i < findings->len; i++) {
    const DoctorFinding *finding = findings->pdata[i];
    json_builder_begin_object(json);
    json_put_string(json, "subject", finding->subject);
    json_put_string(json, "verdict", doctor_verdict_name(finding->verdict));
    json_put_string(json, "found", finding->found);
    json_put_string(json, "cure", finding->cure);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  text = json_lines(json);
  plain_show(text);
}

int
cmd_doctor(int argc, char **argv) {
  gboolean as_json = FALSE, bad = FALSE;
  g_autoptr(GPtrArray) findings = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the findings as JSON", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse_unchecked(&argc, &argv, "[SUBJECT...]", description, entries);
  if (status >= 0)
    return status;
  findings = doctor_examine((const char *const *)argv + 1, as_json ? NULL : show, &error);
  if (findings == NULL)
    return cmd_fail(error);
  if (as_json)
    show_json(findings);
  for (guint i = 0; i < findings->len; i++)
    bad = bad || ((const DoctorFinding *)findings->pdata[i])->verdict == DOCTOR_BAD;
  return bad ? 1 : 0;
}
