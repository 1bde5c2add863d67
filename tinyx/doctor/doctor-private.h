/* doctor-private.h - what the files of this folder share. */
#ifndef TINYX_DOCTOR_DOCTOR_PRIVATE_H
#define TINYX_DOCTOR_DOCTOR_PRIVATE_H

#include "doctor/doctor.h"

/* Takes FOUND and CURE (which may be NULL). */
DoctorFinding *finding_new(const char *subject, DoctorVerdict verdict, char *found, char *cure);
/* BAD, with the text of PROBLEM, which is freed. Takes CURE. */
DoctorFinding *finding_bad(const char *subject, GError *problem, char *cure);

/* The examinations: each looks at one thing, which its findings have as their subject. */
DoctorFinding *examine_data(const char *subject);
DoctorFinding *examine_packages(const char *subject);
DoctorFinding *examine_sandbox(const char *subject);
DoctorFinding *examine_cache(const char *subject);
DoctorFinding *examine_disk(const char *subject);
DoctorFinding *examine_memory(const char *subject);
DoctorFinding *examine_network(const char *subject);
DoctorFinding *examine_kvm(const char *subject);
/* Of the platform NAME. */
DoctorFinding *examine_platform(const char *subject, const char *name);

#endif
