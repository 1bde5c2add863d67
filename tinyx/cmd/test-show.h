/* test-show.h - what `tinyx test` says of how much it saw, and of calls that failed. */
#ifndef TINYX_CMD_TEST_SHOW_H
#define TINYX_CMD_TEST_SHOW_H

#include "guest/guest.h"

#include <json-glib/json-glib.h>

/* Prints what the service said when it was asked, and whether the test is weak. */
void test_show_weakness(const Recipe *recipe, const GuestVerdict *verdict);
/* The same as the members "weak" and "probe". */
void test_add_weakness(JsonBuilder *builder, const Recipe *recipe, const GuestVerdict *verdict);

/* Prints the calls, each with the line of RECIPE's file that would bring what it wanted. FAILED:
 * FailedCall*, or NULL where nobody watched; then, of a test that failed, how to watch. */
void test_show_failed_calls(const Recipe *recipe, const GuestVerdict *verdict,
                            const GPtrArray *failed);

/* Of a test that failed: how many files of the image in FOLDER name something that no analysis
 * could follow, and what finds that; nothing where a trace has found it already. */
void test_show_suspects(const Recipe *recipe, const GuestVerdict *verdict, const char *folder);

/* The failed calls as the member "failed_calls" of the object that BUILDER is in. */
void test_add_failed_calls(JsonBuilder *builder, const GPtrArray *failed);

#endif
