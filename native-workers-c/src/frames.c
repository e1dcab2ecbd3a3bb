#include "frames.h"

#include <stdlib.h>

jf_frames_t *jf_frames_new(void) {
    jf_frames_t *self = malloc(sizeof *self);
    if (!self) return NULL;
    self->count = 0;
    jf_frames_clear(self);
    return self;
}

uint8_t *jf_frames_add(jf_frames_t *self, size_t len) {
    jf_frame_t *frame = &self->frame[self->count];
    frame->owned = len + 1 > JF_FRAMES_INLINE_BYTES - self->inline_used;
    if (frame->owned) {
        frame->bytes = malloc(len + 1);
        if (!frame->bytes) return NULL;
    } else {
        frame->bytes = self->inline_bytes + self->inline_used;
        self->inline_used += len + 1;
    }
    frame->len = len;
    frame->bytes[len] = 0;
    self->count++;
    self->bytes_total += len;
    return frame->bytes;
}

void jf_frames_clear(jf_frames_t *self) {
    for (size_t i = 0; i < self->count; i++) {
        if (self->frame[i].owned) free(self->frame[i].bytes);
    }
    self->count = 0;
    self->bytes_total = 0;
    self->too_large = false;
    self->inline_used = 0;
}

void jf_frames_destroy(jf_frames_t **self_p) {
    if (!*self_p) return;
    jf_frames_clear(*self_p);
    free(*self_p);
    *self_p = NULL;
}
