/* doctor.c - the examinations in their order, and what a finding is. */
#include "doctor/doctor-private.h"

#include "base/near.h"
#include "base/proc.h"
#include "platform/platform.h"

const char *
doctor_verdict_name(DoctorVerdict verdict) {
  static const char *const names[] = {"good", "poor", "bad"};
  return names[verdict];
}

static void
finding_free(gpointer data) {
  DoctorFinding *finding = data;
  g_free(finding->found);
  g_free(finding->cure);
  g_free(finding);
}

DoctorFinding *
finding_new(const char *subject, DoctorVerdict verdict, char *found, char *cure) {
  DoctorFinding *finding = g_new0(DoctorFinding, 1);
  finding->subject = subject;
  finding->verdict = verdict;
  finding->found = found;
  finding->cure = cure;
  return finding;
}

DoctorFinding *
finding_bad(const char *subject, GError *problem, char *cure) {
  DoctorFinding *finding = finding_new(subject, DOCTOR_BAD, g_strdup(problem->message), cure);
  g_error_free(problem);
  return finding;
}

/* In the order in which a build needs them. */
static const struct {
  const char *name;
  DoctorFinding *(*examine)(const char *subject); /* NULL: examine_platform(), for each of them */
} subjects_all[] = {
    {"data", examine_data},       {"packages", examine_packages}, {"sandbox", examine_sandbox},
    {"cache", examine_cache},     {"disk", examine_disk},         {"memory", examine_memory},
    {"network", examine_network}, {"KVM", examine_kvm},           {"platform", NULL}};

static gboolean
subjects_check(const char *const *subjects, GError **error) {
  const char *names[G_N_ELEMENTS(subjects_all) + 1] = {NULL};
  for (guint i = 0; i < G_N_ELEMENTS(subjects_all); i++)
    names[i] = subjects_all[i].name;
  for (guint i = 0; subjects[i] != NULL; i++)
    if (!g_strv_contains(names, subjects[i])) {
      g_autofree char *near = near_text(subjects[i], names);
      g_autofree char *all = g_strjoinv(" ", (char **)names);
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "'%s' is not looked at%s; there are: %s",
                  subjects[i], near, all);
      return FALSE;
    }
  return TRUE;
}

static void
take(GPtrArray *findings, DoctorFinding *finding, void (*found)(const DoctorFinding *)) {
  g_ptr_array_add(findings, finding);
  if (found != NULL && !proc_interrupted())
    found(finding);
}

GPtrArray *
doctor_examine(const char *const *subjects, void (*found)(const DoctorFinding *finding),
               GError **error) {
  g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(finding_free);
  g_auto(GStrv) platforms = platform_names();
  if (!subjects_check(subjects, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS(subjects_all) && !proc_interrupted(); i++) {
    const char *subject = subjects_all[i].name;
    if (subjects[0] != NULL && !g_strv_contains(subjects, subject))
      continue;
    if (subjects_all[i].examine != NULL)
      take(findings, subjects_all[i].examine(subject), found);
    for (guint j = 0; subjects_all[i].examine == NULL && platforms[j] != NULL; j++)
      take(findings, examine_platform(subject, platforms[j]), found);
  }
  if (proc_set_interrupted_error(error))
    return NULL;
  return g_steal_pointer(&findings);
}
