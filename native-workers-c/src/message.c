#include "message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fault.h"
#include "text.h"

jf_message_t *jf_message_new(jf_frames_t **frames_p) {
    jf_message_t *self = malloc(sizeof *self);
    if (!self) {
        jf_frames_destroy(frames_p);
        return NULL;
    }
    self->next = NULL;
    self->frames = *frames_p;
    self->local_id = 0;
    self->received_ms = jf_clock_ms();
    self->failure = NULL;
    self->fn = NULL;
    self->arg = NULL;
    *frames_p = NULL;
    jf_raw_decode(self);
    return self;
}

void jf_message_destroy(jf_message_t **self_p) {
    if (!self_p || !*self_p) return;
    jf_frames_destroy(&(*self_p)->frames);
    free((*self_p)->failure);
    free(*self_p);
    *self_p = NULL;
}

static int s_open_failure(jf_message_t *self) {
    self->failure = malloc(sizeof *self->failure);
    if (!self->failure) return -1;
    const jf_frame_t *cause = &self->frames->frame[3];
    int code = (int)self->fixed.code;
    jf_fault_clear(self->failure);
    self->failure->code = code;
    self->failure->name = jf_error_code_name(code);
    self->failure->retryable = jf_error_code_retryable(code);
    self->failure->retry_after_ms = self->fixed.time_ms;
    jf_text_copy(self->failure->cause, sizeof self->failure->cause, (const char *)cause->bytes, cause->len);
    const char *hint = jf_message_header(self, "hint");
    if (hint) jf_fault_hint(self->failure, hint);
    return 0;
}

int jf_message_open(jf_message_t *self) {
    /* The colon and the line feed of each header have done their work: they become the ends of C strings. */
    for (size_t i = 0; i < self->headers.count; i++) {
        const jf_header_t *header = &self->headers.header[i];
        char *block = (char *)self->frames->frame[2].bytes;
        block[header->name + header->name_len - block] = '\0';
        block[header->value + header->value_len - block] = '\0';
    }
    return self->fixed.command == JF_FAILURE ? s_open_failure(self) : 0;
}

jf_message_t *jf_message_new_failure(uint64_t id, const jf_error_t *failure) {
    jf_message_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->failure = malloc(sizeof *self->failure);
    if (!self->failure) {
        free(self);
        return NULL;
    }
    *self->failure = *failure;
    self->fixed.command = JF_FAILURE;
    self->fixed.id = id;
    self->local_id = id;
    self->received_ms = jf_clock_ms();
    return self;
}

uint64_t jf_message_id(const jf_message_t *self) { return self->local_id; }

const char *jf_message_service(const jf_message_t *self) {
    return self->frames && self->frames->count > 1 ? (const char *)self->frames->frame[1].bytes : "";
}

size_t jf_message_part_count(const jf_message_t *self) {
    return self->failure || !self->frames || self->frames->count < 4 ? 0 : self->frames->count - 3;
}

jf_part_t jf_message_part(const jf_message_t *self, size_t index) {
    if (index >= jf_message_part_count(self)) return (jf_part_t){.bytes = "", .len = 0};
    const jf_frame_t *frame = &self->frames->frame[3 + index];
    return (jf_part_t){.bytes = frame->bytes, .len = frame->len};
}

const char *jf_message_body(const jf_message_t *self) { return jf_message_part(self, 0).bytes; }

size_t jf_message_body_len(const jf_message_t *self) { return jf_message_part(self, 0).len; }

const char *jf_message_header(const jf_message_t *self, const char *name) {
    const jf_header_t *header = jf_header_list_find(&self->headers, name);
    return header ? header->value : NULL;
}

size_t jf_message_header_count(const jf_message_t *self) { return self->headers.count; }

const char *jf_message_header_at(const jf_message_t *self, size_t index, const char **name_p) {
    if (index >= self->headers.count) return NULL;
    if (name_p) *name_p = self->headers.header[index].name;
    return self->headers.header[index].value;
}

unsigned jf_message_attempt(const jf_message_t *self) { return self->fixed.count; }

int64_t jf_message_time_left_ms(const jf_message_t *self) {
    if (self->fixed.command != JF_REQUEST || self->fixed.time_ms == 0) return -1;
    int64_t left_ms = self->received_ms + self->fixed.time_ms - jf_clock_ms();
    return left_ms > 0 ? left_ms : 0;
}

bool jf_message_is_partial(const jf_message_t *self) { return self->fixed.flags & JF_PARTIAL; }

bool jf_message_is_early_exit(const jf_message_t *self) { return self->fixed.flags & JF_EARLY_EXIT; }

const jf_error_t *jf_message_failure(const jf_message_t *self) { return self->failure; }

static size_t s_bytes(const jf_message_t *message) { return message->frames ? message->frames->bytes_total : 0; }

void jf_queue_push(jf_queue_t *self, jf_message_t *message) {
    message->next = NULL;
    if (self->last) self->last->next = message;
    else self->first = message;
    self->last = message;
    self->bytes += s_bytes(message);
}

void jf_queue_put_back(jf_queue_t *self, jf_message_t *message) {
    message->next = self->first;
    self->first = message;
    if (!self->last) self->last = message;
    self->bytes += s_bytes(message);
}

jf_message_t *jf_queue_pop(jf_queue_t *self) {
    jf_message_t *message = self->first;
    if (!message) return NULL;
    self->first = message->next;
    if (!self->first) self->last = NULL;
    self->bytes -= s_bytes(message);
    message->next = NULL;
    return message;
}

void jf_queue_clear(jf_queue_t *self) {
    for (jf_message_t *message = jf_queue_pop(self); message; message = jf_queue_pop(self)) {
        jf_message_destroy(&message);
    }
}

jf_message_t *jf_queue_take(jf_queue_t *self, uint64_t local_id) {
    jf_message_t *before = NULL;
    for (jf_message_t *at = self->first; at; before = at, at = at->next) {
        if (at->local_id != local_id) continue;
        if (before) before->next = at->next;
        else self->first = at->next;
        if (self->last == at) self->last = before;
        self->bytes -= s_bytes(at);
        at->next = NULL;
        return at;
    }
    return NULL;
}
