/* Header blocks: *( name ":" value LF ). */
#ifndef JF_HEADERS_H
#define JF_HEADERS_H

#include "jackfield/message.h"

struct jf_headers {
    size_t len;                               /* bytes of block in use */
    size_t count;                             /* headers in it */
    char block[JF_HEADER_BLOCK_BYTES_MAX];    /* as it goes over the wire */
};

/* One header within a block. */
typedef struct jf_header {
    const char *name;
    size_t name_len; /* in bytes */
    const char *value;
    size_t value_len; /* in bytes */
} jf_header_t;

/* Headers of a block, in order. */
typedef struct jf_header_list {
    size_t count;
    jf_header_t header[JF_HEADERS_MAX];
} jf_header_list_t;

/* Reads a block. NULL: it is right. Else what is wrong with it. */
const char *jf_headers_parse(const char *block, size_t len, jf_header_list_t *list);

const jf_header_t *jf_header_list_find(const jf_header_list_t *list, const char *name);

/* NULL, or why the two may not be a header. */
const char *jf_header_check(const char *name, size_t name_len, const char *value, size_t value_len);

void jf_headers_clear(jf_headers_t *self);

#endif
