/* Reads golden vectors (protocol/data/vectors/README.md). */
#ifndef JF_VECTORS_H
#define JF_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "jackfield/limits.h"

#define VECTOR_PARTS_MAX 80u /* more than the protocol allows: some vectors break it */

typedef struct vector_bytes {
    uint8_t *bytes;
    size_t len;
} vector_bytes_t;

typedef struct vector {
    char name[256];
    char framing[16];
    bool encode;                 /* also the form that an encoder chooses */
    char command[16];
    unsigned flags, code, count;
    uint64_t id;
    uint32_t time_ms;
    char service[1024];
    char *headers;               /* the block that the header lines stand for */
    size_t headers_len;
    size_t headers_count;
    vector_bytes_t body[VECTOR_PARTS_MAX];
    size_t body_count;
    vector_bytes_t frame[VECTOR_PARTS_MAX];
    size_t frame_count;
    char error[64];              /* empty: the vector is valid */
} vector_t;

/* The next vector of any framing; false at the end. Frees what the last one held; *vector must be zeroed at first. */
bool vector_next(FILE *file, vector_t *vector);

#endif
