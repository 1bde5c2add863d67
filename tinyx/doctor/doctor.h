/* doctor.h - what this machine has of what tinyx needs, each with the line that mends it. */
#ifndef TINYX_DOCTOR_DOCTOR_H
#define TINYX_DOCTOR_DOCTOR_H

#include "base/error.h"

typedef enum {
  DOCTOR_GOOD,
  DOCTOR_POOR, /* it works, but slower or with less; or not everything does */
  DOCTOR_BAD,  /* builds or tests fail here */
} DoctorVerdict;

/* "good", "poor", "bad". */
const char *doctor_verdict_name(DoctorVerdict verdict);

typedef struct {
  const char *subject; /* "packages" */
  DoctorVerdict verdict;
  char *found; /* one line */
  char *cure;  /* a command or what is to be done; NULL where all is good, or nothing helps */
} DoctorFinding;

/* Looks at SUBJECTS (NULL-terminated; none: all of them: data, packages, sandbox, cache, disk,
 * memory, network, KVM, platform, in the order in which a build needs them); what fails is a
 * finding. Takes some seconds: programs are run, a virtual CPU is tried, the archive is asked.
 * FOUND, which may be NULL, is called with each finding as it is made. The findings
 * (DoctorFinding*): g_ptr_array_unref. INPUT: there is no such subject. INTERRUPTED. */
GPtrArray *doctor_examine(const char *const *subjects, void (*found)(const DoctorFinding *finding),
                          GError **error);

#endif
