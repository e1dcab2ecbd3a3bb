/* What went wrong. Functions return -1, set errno, and leave the details in a jf_error_t of their object. */
#ifndef JACKFIELD_ERROR_H
#define JACKFIELD_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jackfield/error_codes.h"
#include "jackfield/limits.h"

#if defined(__GNUC__)
#define JF_EXPORT __attribute__((visibility("default")))
#else
#define JF_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Names of failures that happen on this side and that the registry does not number; their code is 0. */
#define JF_NAME_NONE "NONE"
#define JF_NAME_NOT_CONNECTED "NOT_CONNECTED"     /* the broker cannot be reached */
#define JF_NAME_BAD_ARGUMENT "BAD_ARGUMENT"
#define JF_NAME_OUT_OF_MEMORY "OUT_OF_MEMORY"
#define JF_NAME_TIMED_OUT "TIMED_OUT"             /* nothing came within the given time; no request is lost by it */
#define JF_NAME_INTERRUPTED "INTERRUPTED"         /* by a signal or by jf_worker_wake */
#define JF_NAME_NOT_IN_FLIGHT "NOT_IN_FLIGHT"     /* the request ended already */
#define JF_NAME_CLOSED "CLOSED"                   /* drained; the object can only be destroyed */

/* One failure. A plain value: copy it to keep it. */
typedef struct jf_error {
    int code;                             /* number in the registry (JF_ERROR_...); 0: see name */
    const char *name;                     /* of the code, or one of JF_NAME_...; a constant, never NULL */
    bool retryable;                       /* the registry says that trying again may help */
    uint32_t retry_after_ms;              /* time after which a retry may help; 0: not known */
    char cause[JF_CAUSE_BYTES_MAX + 1u];  /* what happened, UTF-8 */
    char hint[JF_HINT_BYTES_MAX + 1u];    /* what to do about it, UTF-8; empty: none */
} jf_error_t;

/* The name of a code of the registry; "UNKNOWN" for a number that this build does not know. */
JF_EXPORT const char *jf_error_code_name(int code);

/* The number of a name of the registry; 0 when there is none. */
JF_EXPORT int jf_error_code_number(const char *name);

/* Whether the registry says that trying again may help. */
JF_EXPORT bool jf_error_code_retryable(int code);

/* The registry's sentence for a code; an empty string for an unknown number. */
JF_EXPORT const char *jf_error_code_text(int code);

/* Writes one line: NAME: cause (hint). Cut to to_len - 1 bytes, not within a character, and ended with a zero byte. */
JF_EXPORT void jf_error_line(const jf_error_t *error, char *to, size_t to_len);

/* The version of the library, for example "0.1.0". */
JF_EXPORT const char *jf_version(void);

#ifdef __cplusplus
}
#endif
#endif
