/*
 * Headers, and what was received: a request (worker side) or a reply or failure (client side).
 * One object, one thread: an object may move between threads, but only one may use it at a time.
 */
#ifndef JACKFIELD_MESSAGE_H
#define JACKFIELD_MESSAGE_H

#include <stddef.h>

#include "jackfield/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of what is sent. */
#define JF_PARTIAL 0x01u    /* a reply: more replies follow */
#define JF_EARLY_EXIT 0x02u /* a final reply: a pipeline ends here */
#define JF_IDEMPOTENT 0x08u /* a request or service: may be carried out more than once */
#define JF_BODY_STAYS 0x100u /* a request: its body stays where it is until the end, and need not be copied */

/* Bytes that the caller owns; they must stay as they are until the call that takes them returns. */
typedef struct jf_part {
    const void *bytes; /* may be NULL when len is 0 */
    size_t len;        /* in bytes */
} jf_part_t;

/* A set of headers to send: names of [a-z0-9][a-z0-9.-]*, values of UTF-8 without control characters. */
typedef struct jf_headers jf_headers_t;

/* NULL and ENOMEM when there is no memory. */
JF_EXPORT jf_headers_t *jf_headers_new(void);

/* Adds or replaces. -1 and EINVAL for a name or value that the protocol does not allow, EMSGSIZE beyond a limit. */
JF_EXPORT int jf_headers_set(jf_headers_t *self, const char *name, const char *value);

JF_EXPORT void jf_headers_destroy(jf_headers_t **self_p);

/* What a request or reply carries. Zeroed fields mean: none. */
typedef struct jf_content {
    const jf_part_t *parts;      /* body parts */
    size_t part_count;           /* 1 to JF_BODY_PARTS_MAX */
    const jf_headers_t *headers; /* NULL: none */
} jf_content_t;

/* A received request, reply or failure. */
typedef struct jf_message jf_message_t;

/* The id to answer (worker), or that jf_client_send gave (client). Never 0. */
JF_EXPORT uint64_t jf_message_id(const jf_message_t *self);

/* The service asked for; empty for replies. */
JF_EXPORT const char *jf_message_service(const jf_message_t *self);

/* The first body part, always followed by a zero byte that is not counted: text may be used as a C string. */
JF_EXPORT const char *jf_message_body(const jf_message_t *self);
JF_EXPORT size_t jf_message_body_len(const jf_message_t *self);

/* Body parts; at least one unless the message is a failure. An index beyond the last gives a part of length 0. */
JF_EXPORT size_t jf_message_part_count(const jf_message_t *self);
JF_EXPORT jf_part_t jf_message_part(const jf_message_t *self, size_t index);

/* The value of a header, or NULL. Valid as long as the message. */
JF_EXPORT const char *jf_message_header(const jf_message_t *self, const char *name);
JF_EXPORT size_t jf_message_header_count(const jf_message_t *self);
/* The header at an index in the order of the wire: its value, and its name by *name_p; NULL beyond the last. */
JF_EXPORT const char *jf_message_header_at(const jf_message_t *self, size_t index, const char **name_p);

/* Which attempt this is, from 1 (requests). */
JF_EXPORT unsigned jf_message_attempt(const jf_message_t *self);

/* Time left until the deadline, in ms, not below 0; -1: the request came without one. */
JF_EXPORT int64_t jf_message_time_left_ms(const jf_message_t *self);

/* Whether more replies to the same request follow; whether the reply ended a pipeline early. */
JF_EXPORT bool jf_message_is_partial(const jf_message_t *self);
JF_EXPORT bool jf_message_is_early_exit(const jf_message_t *self);

/* The failure that ended the request, or NULL when this is a reply. Valid as long as the message. */
JF_EXPORT const jf_error_t *jf_message_failure(const jf_message_t *self);

JF_EXPORT void jf_message_destroy(jf_message_t **self_p);

#ifdef __cplusplus
}
#endif
#endif
