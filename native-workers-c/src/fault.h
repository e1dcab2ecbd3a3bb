/* Filling a jf_error_t. Each gives -1 with errno set, so that a caller can say: return jf_fault_...(...). */
#ifndef JF_FAULT_H
#define JF_FAULT_H

#include "jackfield/error.h"

#if defined(__GNUC__)
#define JF_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define JF_PRINTF(at, first)
#endif

void jf_fault_clear(jf_error_t *error);

/* Whether it tells of a failure. */
bool jf_fault_is_set(const jf_error_t *error);

/* A failure of this side: name is one of JF_NAME_. */
int jf_fault_local(jf_error_t *error, int error_number, const char *name, const char *format, ...) JF_PRINTF(4, 5);

/* A failure that the registry numbers. */
int jf_fault_coded(jf_error_t *error, int error_number, int code, const char *format, ...) JF_PRINTF(4, 5);

void jf_fault_hint(jf_error_t *error, const char *hint);

#endif
