#include "zmtp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"

#define S_IN_BYTES 65536u /* input buffer: larger than any command */

int jf_zmtp_init(jf_zmtp_t *self) {
    memset(self, 0, sizeof *self);
    self->frame_bytes_max = JF_BODY_BYTES_MAX + JF_ENVELOPE_BYTES_MAX;
    self->message_bytes_max = self->frame_bytes_max;
    self->in = malloc(S_IN_BYTES);
    return self->in ? 0 : -1;
}

void jf_zmtp_reset(jf_zmtp_t *self) {
    jf_frames_destroy(&self->partial);
    self->start = self->end = 0;
    self->greeted = false;
    self->in_frame = false;
    self->tail = NULL;
    self->tail_left = 0;
    self->skip_left = 0;
    self->more = false;
    self->fault[0] = '\0';
}

void jf_zmtp_term(jf_zmtp_t *self) {
    jf_zmtp_reset(self);
    jf_frames_destroy(&self->spare);
    free(self->in);
    self->in = NULL;
}

int jf_zmtp_space(jf_zmtp_t *self, struct iovec space[2]) {
    int count = 0;
    if (self->start > 0) {
        memmove(self->in, self->in + self->start, self->end - self->start);
        self->end -= self->start;
        self->start = 0;
    }
    if (self->tail_left > 0) {
        space[count++] = (struct iovec){.iov_base = self->tail, .iov_len = self->tail_left};
    }
    if (self->end < S_IN_BYTES) {
        space[count++] = (struct iovec){.iov_base = self->in + self->end, .iov_len = S_IN_BYTES - self->end};
    }
    return count;
}

/* Bytes that were read straight into the frame, or copied there, are no longer missing. */
static void s_tail_advance(jf_zmtp_t *self, size_t len) {
    self->tail += len;
    self->tail_left -= len;
}

void jf_zmtp_filled(jf_zmtp_t *self, size_t len) {
    size_t direct = len < self->tail_left ? len : self->tail_left;
    if (direct > 0) s_tail_advance(self, direct);
    self->end += len - direct;
}

static int s_fault(jf_zmtp_t *self, int error_number, const char *what, unsigned long long value) {
    snprintf(self->fault, sizeof self->fault, what, value);
    errno = error_number;
    return -1;
}

/* Each byte is judged as soon as it is there: a peer of another protocol need not send 64 bytes to be refused. */
static int s_next_greeting(jf_zmtp_t *self, jf_zmtp_event_t *event) {
    const uint8_t *in = self->in + self->start;
    size_t len = self->end - self->start;
    if (len >= 1 && in[0] != 0xFF) return s_fault(self, EPROTO, "greeting begins with %llu (expected: 255)", in[0]);
    if (len >= 10 && in[9] != 0x7F) return s_fault(self, EPROTO, "greeting, byte 10: %llu (expected: 127)", in[9]);
    if (len >= 11 && in[10] < 3) return s_fault(self, EPROTO, "ZMTP version of the peer: %llu (expected: 3)", in[10]);
    if (len < JF_ZMTP_GREETING_BYTES) return 0;
    event->kind = JF_ZMTP_EVENT_GREETING;
    event->major = in[10];
    event->minor = in[11];
    memcpy(event->mechanism, in + 12, 20);
    event->mechanism[20] = '\0';
    self->start += JF_ZMTP_GREETING_BYTES;
    self->greeted = true;
    return 1;
}

/* A command is decoded where it lies, once all of it is there. */
static int s_next_command(jf_zmtp_t *self, jf_zmtp_event_t *event, size_t header_len, uint64_t len) {
    if (len > JF_COMMAND_BYTES_MAX) return s_fault(self, EMSGSIZE, "command of %llu bytes: too long", len);
    if (self->end - self->start < header_len + len) return 0;
    const uint8_t *body = self->in + self->start + header_len;
    if (len == 0 || (size_t)body[0] + 1 > len) return s_fault(self, EPROTO, "command of %llu bytes has no name", len);
    event->kind = JF_ZMTP_EVENT_COMMAND;
    event->name = body + 1;
    event->name_len = body[0];
    event->data = body + 1 + body[0];
    event->data_len = (size_t)len - 1 - body[0];
    self->start += header_len + (size_t)len;
    return 1;
}

#define S_SKIP_BYTES_MAX (UINT64_C(1) << 62) /* a longer frame is no frame but a length made to do harm */

static bool s_fits(const jf_zmtp_t *self, uint64_t len) {
    return len <= self->frame_bytes_max && len <= self->message_bytes_max - self->partial->bytes_total;
}

static int s_begin_frame(jf_zmtp_t *self, uint64_t len) {
    if (!self->partial) {
        self->partial = self->spare ? self->spare : jf_frames_new();
        self->spare = NULL;
        if (!self->partial) return s_fault(self, ENOMEM, "no memory for a message", 0);
    }
    if (self->partial->count == JF_FRAMES_MAX) {
        return s_fault(self, EMSGSIZE, "message of more than %llu frames", JF_FRAMES_MAX);
    }
    self->in_frame = true;
    if (self->partial->too_large || !s_fits(self, len)) {
        if (self->partial->count == 0 || len > S_SKIP_BYTES_MAX) {
            return s_fault(self, EMSGSIZE, "frame of %llu bytes: over the limit", len);
        }
        self->partial->too_large = true;
        self->skip_left = len;
        return 1;
    }
    self->tail = jf_frames_add(self->partial, (size_t)len);
    if (!self->tail) return s_fault(self, ENOMEM, "no memory for a frame of %llu bytes", len);
    self->tail_left = (size_t)len;
    return 1;
}

/* Moves what is buffered into the frame, or past it when it is not kept; 1 when the frame is whole. */
static int s_fill_frame(jf_zmtp_t *self) {
    size_t have = self->end - self->start;
    size_t len = have < self->tail_left ? have : self->tail_left;
    size_t skipped = have < self->skip_left ? have : (size_t)self->skip_left;
    if (len > 0) {
        memcpy(self->tail, self->in + self->start, len);
        s_tail_advance(self, len);
    }
    self->start += len + skipped; /* one of them is 0 */
    self->skip_left -= skipped;
    if (self->tail_left > 0 || self->skip_left > 0) return 0;
    self->tail = NULL;
    self->in_frame = false;
    return 1;
}

/* 1: an event. 2: a frame header was read, go on. 0 and -1 as jf_zmtp_next. */
static int s_next_header(jf_zmtp_t *self, jf_zmtp_event_t *event) {
    const uint8_t *in = self->in + self->start;
    size_t have = self->end - self->start;
    if (have < 1) return 0;
    unsigned flags = in[0];
    if (flags & ~(JF_ZMTP_MORE | JF_ZMTP_LONG | JF_ZMTP_COMMAND) || (flags & JF_ZMTP_COMMAND && flags & JF_ZMTP_MORE)) {
        return s_fault(self, EPROTO, "frame flags: %llu (expected: a combination that RFC 37 knows)", flags);
    }
    size_t header_len = flags & JF_ZMTP_LONG ? 9 : 2;
    if (have < header_len) return 0;
    uint64_t len = flags & JF_ZMTP_LONG ? jf_get_u64(in + 1) : in[1];
    if (flags & JF_ZMTP_COMMAND) return s_next_command(self, event, header_len, len);
    int begun = s_begin_frame(self, len);
    if (begun != 1) return begun;
    self->more = flags & JF_ZMTP_MORE;
    self->start += header_len;
    return 2;
}

int jf_zmtp_next(jf_zmtp_t *self, jf_zmtp_event_t *event) {
    if (!self->greeted) return s_next_greeting(self, event);
    for (;;) {
        if (!self->in_frame) {
            int result = s_next_header(self, event);
            if (result != 2) return result;
        }
        if (s_fill_frame(self) == 0) return 0;
        if (self->more) continue;
        event->kind = JF_ZMTP_EVENT_MESSAGE;
        event->frames = self->partial;
        self->partial = NULL;
        return 1;
    }
}

void jf_zmtp_recycle(jf_zmtp_t *self, jf_frames_t **frames_p) {
    if (!*frames_p) return;
    if (self->spare) {
        jf_frames_destroy(frames_p);
        return;
    }
    jf_frames_clear(*frames_p);
    self->spare = *frames_p;
    *frames_p = NULL;
}

size_t jf_zmtp_put_frame_header(uint8_t *to, unsigned flags, size_t len) {
    if (len < 256) {
        to[0] = (uint8_t)flags;
        to[1] = (uint8_t)len;
        return 2;
    }
    to[0] = (uint8_t)(flags | JF_ZMTP_LONG);
    jf_put_u64(to + 1, len);
    return 9;
}

void jf_zmtp_put_greeting(uint8_t to[JF_ZMTP_GREETING_BYTES]) {
    memset(to, 0, JF_ZMTP_GREETING_BYTES);
    to[0] = 0xFF;
    to[8] = 1; /* what a ZMTP 1.0 peer reads as the length of an identity; RFC 37 lets us choose */
    to[9] = 0x7F;
    to[10] = 3;
    to[11] = 1;
    memcpy(to + 12, "NULL", 4);
}

size_t jf_zmtp_put_ready(uint8_t to[JF_ZMTP_READY_BYTES_MAX]) {
    static const char body[] = "\x05READY\x0BSocket-Type\0\0\0\x06" "DEALER";
    size_t len = sizeof body - 1;
    size_t header_len = jf_zmtp_put_frame_header(to, JF_ZMTP_COMMAND, len);
    memcpy(to + header_len, body, len);
    return header_len + len;
}

int jf_zmtp_property(const uint8_t *data, size_t len, const char *name, const uint8_t **value_p, size_t *value_len_p) {
    int found = 0;
    for (size_t at = 0; at < len;) {
        size_t name_len = data[at];
        if (name_len == 0 || len - at < 1 + name_len + 4) return -1;
        size_t value_at = at + 1 + name_len + 4;
        size_t value_len = jf_get_u32(data + value_at - 4);
        if (value_len > len - value_at) return -1;
        if (name_len == strlen(name) && strncasecmp((const char *)data + at + 1, name, name_len) == 0) {
            *value_p = data + value_at;
            *value_len_p = value_len;
            found = 1;
        }
        at = value_at + value_len;
    }
    return found;
}

bool jf_zmtp_command_is(const jf_zmtp_event_t *event, const char *name) {
    return event->name_len == strlen(name) && memcmp(event->name, name, event->name_len) == 0;
}
