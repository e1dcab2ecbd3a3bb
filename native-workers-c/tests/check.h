/* The whole test framework: a check that says where it failed, and ends the program. */
#ifndef JF_CHECK_H
#define JF_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) check_true((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, expected) check_int((long long)(actual), (long long)(expected), #actual, __FILE__, __LINE__)
#define CHECK_STR(actual, expected) check_str((actual), (expected), #actual, __FILE__, __LINE__)
#define RUN(test) (fprintf(stderr, "%s\n", #test), test())

/* What is being tested, for the failure message; tests set it in loops. */
extern const char *check_context;

static inline void check_fail(const char *file, int line) {
    fprintf(stderr, "%s:%d%s%s\n", file, line, check_context ? ": " : "", check_context ? check_context : "");
    abort();
}

static inline void check_true(int holds, const char *text, const char *file, int line) {
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", text);
    check_fail(file, line);
}

static inline void check_int(long long actual, long long expected, const char *text, const char *file, int line) {
    if (actual == expected) return;
    fprintf(stderr, "%s: %lld (expected: %lld)\n", text, actual, expected);
    check_fail(file, line);
}

static inline void check_str(const char *actual, const char *expected, const char *text, const char *file, int line) {
    if (actual && strcmp(actual, expected) == 0) return;
    fprintf(stderr, "%s: %s (expected: %s)\n", text, actual ? actual : "NULL", expected);
    check_fail(file, line);
}

#endif
