/* The frames of one ZeroMQ message. Small frames lie in the object itself, large ones in memory of their own. */
#ifndef JF_FRAMES_H
#define JF_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jackfield/limits.h"

#define JF_FRAMES_INLINE_BYTES 1024u

typedef struct jf_frame {
    uint8_t *bytes; /* len bytes and one zero byte */
    size_t len;     /* in bytes */
    bool owned;     /* bytes were allocated for this frame */
} jf_frame_t;

typedef struct jf_frames {
    size_t count;                                  /* frames in use */
    size_t bytes_total;                            /* sum of their lengths */
    bool too_large;                                /* more frames came than are here: the message is over the limit */
    size_t inline_used;                            /* bytes of inline_bytes in use */
    jf_frame_t frame[JF_FRAMES_MAX];               /* in the order of the wire */
    uint8_t inline_bytes[JF_FRAMES_INLINE_BYTES];  /* small frames */
} jf_frames_t;

jf_frames_t *jf_frames_new(void);

/* Adds a frame of len bytes, not yet filled, and gives its bytes; NULL and ENOMEM. count must be below the limit. */
uint8_t *jf_frames_add(jf_frames_t *self, size_t len);

/* Makes it empty again. */
void jf_frames_clear(jf_frames_t *self);

void jf_frames_destroy(jf_frames_t **self_p);

#endif
