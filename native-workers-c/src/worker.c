#include "worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fault.h"
#include "text.h"

int jf_worker_link_failed(jf_worker_t *self) {
    self->error = self->link.error;
    return -1;
}

int jf_worker_set_header(jf_worker_t *self, jf_headers_t *headers, const char *name, const char *value) {
    if (jf_headers_set(headers, name, value) == 0) return 0;
    return jf_fault_local(&self->error, errno, JF_NAME_BAD_ARGUMENT, "header %.80s or its value is not allowed", name);
}

/* ---- what is in flight ---- */

static jf_slot_t *s_slot(jf_worker_t *self, uint64_t local_id) {
    uint64_t index = local_id & 0xFFFFu;
    return local_id != 0 && index < self->credit ? &self->slots[index] : NULL;
}

/* The place of a request in flight; NULL: it is not. */
static jf_slot_t *s_slot_in_flight(jf_worker_t *self, uint64_t local_id) {
    jf_slot_t *slot = s_slot(self, local_id);
    return slot && slot->local_id == local_id ? slot : NULL;
}

static jf_slot_t *s_slot_by_wire_id(jf_worker_t *self, uint64_t wire_id) {
    for (unsigned i = 0; i < self->credit; i++) {
        if (self->slots[i].local_id != 0 && self->slots[i].wire_id == wire_id) return &self->slots[i];
    }
    return NULL;
}

static void s_free_slot(jf_worker_t *self, jf_slot_t *slot) {
    slot->local_id = 0;
    self->in_flight--;
    self->free_slots[self->credit - self->in_flight - 1] = (uint16_t)(slot - self->slots);
}

/*
 * What the program sees as the id is new for each request of this worker's life: an answer to a request of an
 * earlier connection can never meet another request that has the same id on the wire.
 */
static void s_take_slot(jf_worker_t *self, jf_message_t *request) {
    uint16_t index = self->free_slots[self->credit - self->in_flight - 1];
    jf_slot_t *slot = &self->slots[index];
    self->in_flight++;
    slot->wire_id = request->fixed.id;
    slot->local_id = ++self->sequence << 16 | index;
    slot->cancelled = false;
    request->local_id = slot->local_id;
}

static void s_forget_all(jf_worker_t *self) {
    for (unsigned i = 0; i < self->credit && self->in_flight > 0; i++) {
        if (self->slots[i].local_id != 0) s_free_slot(self, &self->slots[i]);
    }
    jf_queue_clear(&self->requests);
}

/* ---- what the broker sends ---- */

static int s_send_failure(jf_worker_t *self, uint64_t wire_id, int code, const char *cause) {
    jf_part_t part = {.bytes = cause, .len = strlen(cause)};
    jf_outgoing_t failure = {.fixed = {.command = JF_FAILURE, .code = (unsigned)code, .id = wire_id},
        .parts = &part, .part_count = 1};
    return jf_link_send(&self->link, &failure, JF_NEVER_MS) == 0 ? 0 : jf_worker_link_failed(self);
}

/* The one answer that the broker waits for: with it the place comes free on both sides. */
static int s_end_cancelled(jf_worker_t *self, jf_slot_t *slot) {
    if (s_send_failure(self, slot->wire_id, JF_ERROR_CANCELLED, "the request was cancelled") == -1) return -1;
    s_free_slot(self, slot);
    return 0;
}

static void s_on_welcome(jf_worker_t *self, const jf_message_t *welcome) {
    const jf_header_t *limit = jf_header_list_find(&welcome->headers, "body-bytes-max");
    self->ready_sent = false;
    self->registered = true;
    self->link.peer_heartbeat_ms = welcome->fixed.time_ms;
    self->broker_body_bytes_max = limit ? strtoull(limit->value, NULL, 10) : 0; /* the LF ends the number */
}

static void s_on_request(jf_worker_t *self, jf_message_t **request_p) {
    jf_message_t *request = *request_p;
    if (self->in_flight == self->credit) {
        s_send_failure(self, request->fixed.id, JF_ERROR_OVERLOADED, "the worker's credit is used up");
        return;
    }
    s_take_slot(self, request);
    jf_message_open(request); /* fails for failures only */
    jf_queue_push(&self->requests, request);
    *request_p = NULL;
}

static void s_on_cancel(jf_worker_t *self, uint64_t wire_id) {
    jf_slot_t *slot = s_slot_by_wire_id(self, wire_id);
    if (!slot) return;
    jf_message_t *waiting = jf_queue_take(&self->requests, wire_id, true);
    slot->cancelled = true;
    if (waiting) s_end_cancelled(self, slot); /* the program never saw it */
    jf_message_destroy(&waiting);
}

/* A failure that belongs to no request of ours: the answer to READY, or NOT_READY. */
static int s_on_failure(jf_worker_t *self, jf_message_t *failure) {
    if (jf_message_open(failure) == -1) {
        return jf_fault_local(&self->error, ENOMEM, JF_NAME_OUT_OF_MEMORY, "no memory for a failure");
    }
    self->error = *failure->failure;
    if (failure->fixed.id != 0) return 0;
    if (failure->fixed.code == JF_ERROR_NOT_READY) {
        if (self->ready_sent) return 0; /* for something sent before READY, which is on its way */
        s_forget_all(self);
        self->registered = false;
        self->ready_due = true;
        if (self->drain != JF_DRAIN_NOT) self->closed = true;
        return 0;
    }
    if (!self->ready_sent) return 0;
    self->link.error = self->error;
    if (self->error.retryable) jf_link_drop(&self->link, self->error.retry_after_ms);
    else jf_link_refuse(&self->link);
    return 0;
}

static int s_dispatch(jf_worker_t *self, jf_message_t **message_p) {
    jf_message_t *message = *message_p;
    if (message->wrong_code != 0) {
        /* Two sides that answer each other's failures would never end. */
        if (message->fixed.command == JF_FAILURE && message->fixed.id == 0) return 0;
        s_send_failure(self, message->fixed.id, message->wrong_code, message->wrong);
        return 0;
    }
    switch (message->fixed.command) {
    case JF_WELCOME: s_on_welcome(self, message); return 0;
    case JF_REQUEST: s_on_request(self, message_p); return 0;
    case JF_CANCEL: s_on_cancel(self, message->fixed.id); return 0;
    case JF_FAILURE: return s_on_failure(self, message);
    case JF_DRAIN:
        /* the answer to ours, or the broker drains: then it lets what is in flight end, and sends DISCONNECT */
        if (self->drain == JF_DRAIN_ASKED) self->drain = JF_DRAIN_ANSWERED;
        return 0;
    case JF_DISCONNECT: jf_link_on_disconnect(&self->link, message); return 0;
    case JF_READY:
    case JF_REPLY:
    case JF_HEARTBEAT: /* the link answers heartbeats */
        s_send_failure(self, message->fixed.id, JF_ERROR_BAD_MESSAGE, "the command is not for workers");
        return 0;
    }
    return 0;
}

static void s_on_lost(jf_worker_t *self) {
    self->drops_seen = self->link.drops;
    self->registered = self->ready_sent = false;
    self->ready_due = true;
    s_forget_all(self);
    jf_queue_clear(&self->link.inbox);
    if (self->drain != JF_DRAIN_NOT) self->closed = true;
}

static void s_send_ready(jf_worker_t *self) {
    jf_part_t parts[JF_SERVICES_PER_READY_MAX];
    for (size_t i = 0; i < self->service_count; i++) {
        parts[i] = (jf_part_t){.bytes = self->services[i]->block, .len = self->services[i]->len};
    }
    jf_outgoing_t ready = {.fixed = {.command = JF_READY, .time_ms = self->link.heartbeat_ms, .count = self->credit},
        .headers = self->labels.block, .headers_len = self->labels.len,
        .parts = parts, .part_count = self->service_count};
    self->ready_due = false;
    self->ready_sent = true;
    self->welcome_end_ms = jf_clock_ms() + JF_WELCOME_MS_MAX;
    if (jf_link_send(&self->link, &ready, JF_NEVER_MS) == -1) self->error = self->link.error;
}

static void s_judge_welcome(jf_worker_t *self) {
    if (!self->ready_sent || jf_clock_ms() < self->welcome_end_ms) return;
    jf_fault_local(&self->link.error, ECONNRESET, JF_NAME_NOT_CONNECTED, "%s: no WELCOME in %u ms",
        self->link.endpoint.text, JF_WELCOME_MS_MAX);
    jf_link_drop(&self->link, 0);
}

/* Brings the state up to date with what was read. */
static int s_settle(jf_worker_t *self) {
    int result = 0;
    for (;;) {
        if (self->drops_seen != self->link.drops) s_on_lost(self);
        jf_message_t *message = jf_queue_pop(&self->link.inbox);
        if (!message) break;
        result = s_dispatch(self, &message);
        jf_link_recycle(&self->link, &message);
        if (result == -1) return -1;
    }
    s_judge_welcome(self);
    if (self->drops_seen != self->link.drops) s_on_lost(self);
    if (self->ready_due && self->link.state == JF_LINK_UP && self->drain == JF_DRAIN_NOT) s_send_ready(self);
    return 0;
}

/* ---- what the program calls ---- */

static int s_step(jf_worker_t *self, int64_t deadline_ms) {
    int64_t until_ms = self->ready_sent && self->welcome_end_ms < deadline_ms ? self->welcome_end_ms : deadline_ms;
    if (jf_link_step(&self->link, until_ms) == 0) return 0;
    if (errno == ETIMEDOUT && until_ms < deadline_ms) return 0;
    if (errno == EPROTO) return jf_worker_link_failed(self);
    if (errno == EINTR) {
        self->link.woken = false;
        return jf_fault_local(&self->error, EINTR, JF_NAME_INTERRUPTED, "interrupted");
    }
    if (jf_fault_is_set(&self->link.error) && self->link.state != JF_LINK_UP) {
        errno = ETIMEDOUT; /* and why there is no connection */
        return jf_worker_link_failed(self);
    }
    return jf_fault_local(&self->error, ETIMEDOUT, JF_NAME_TIMED_OUT, "nothing came in time");
}

static bool s_is_drained(jf_worker_t *self) {
    if (self->closed) return true;
    if (self->drain != JF_DRAIN_ANSWERED || self->in_flight > 0) return false;
    jf_link_send_alone(&self->link, &(jf_fixed_t){.command = JF_DISCONNECT});
    jf_link_close(&self->link);
    self->registered = false;
    self->closed = true;
    return true;
}

/* 0: go on. -1: this worker has nothing to wait for. */
static int s_check_open(jf_worker_t *self) {
    if (s_is_drained(self)) {
        return jf_fault_local(&self->error, ESHUTDOWN, JF_NAME_CLOSED, "the worker is drained");
    }
    if (self->service_count > 0) return 0;
    return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT, "the worker has no service");
}

int jf_worker_wait_ready(jf_worker_t *self, int timeout_ms) {
    int64_t deadline_ms = jf_clock_deadline_ms(timeout_ms);
    for (;;) {
        if (s_settle(self) == -1 || s_check_open(self) == -1) return -1;
        if (self->registered && !self->ready_due && !self->ready_sent) return 0;
        if (s_step(self, deadline_ms) == -1) return -1;
    }
}

int jf_worker_recv(jf_worker_t *self, jf_message_t **request_p, int timeout_ms) {
    int64_t deadline_ms = jf_clock_deadline_ms(timeout_ms);
    for (;;) {
        if (s_settle(self) == -1) return -1;
        jf_message_t *request = jf_queue_pop(&self->requests);
        if (request) {
            jf_link_recycle(&self->link, request_p);
            *request_p = request;
            return 0;
        }
        if (s_check_open(self) == -1 || s_step(self, deadline_ms) == -1) return -1;
    }
}

/* Sends an answer; a final one ends the request. So does any answer to a cancelled one. */
static int s_answer(jf_worker_t *self, uint64_t request_id, jf_outgoing_t *answer) {
    if (self->drops_seen != self->link.drops) s_on_lost(self);
    jf_slot_t *slot = s_slot_in_flight(self, request_id);
    if (!slot) return jf_fault_local(&self->error, ESTALE, JF_NAME_NOT_IN_FLIGHT, "the request is not in flight");
    if (slot->cancelled) {
        if (s_end_cancelled(self, slot) == -1) return -1;
        if (!(answer->fixed.flags & JF_PARTIAL)) return 0;
        return jf_fault_coded(&self->error, ECANCELED, JF_ERROR_CANCELLED, "the request was cancelled");
    }
    size_t limit = self->link.body_bytes_max;
    if (self->broker_body_bytes_max > 0 && self->broker_body_bytes_max < limit) limit = self->broker_body_bytes_max;
    if (jf_raw_check(answer, limit, &self->error) == -1) return -1;
    answer->fixed.id = slot->wire_id;
    if (jf_link_send(&self->link, answer, JF_NEVER_MS) == -1) return jf_worker_link_failed(self);
    if (!(answer->fixed.flags & JF_PARTIAL)) s_free_slot(self, slot);
    return 0;
}

int jf_worker_reply_with(jf_worker_t *self, uint64_t request_id, const jf_content_t *content, unsigned flags) {
    if (flags != 0 && flags != JF_PARTIAL && flags != JF_EARLY_EXIT) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT,
            "flags of a reply: %u (expected: JF_PARTIAL, JF_EARLY_EXIT or 0)", flags);
    }
    jf_outgoing_t reply = {.fixed = {.command = JF_REPLY, .flags = flags},
        .parts = content->parts, .part_count = content->part_count};
    if (content->headers) {
        reply.headers = content->headers->block;
        reply.headers_len = content->headers->len;
    }
    return s_answer(self, request_id, &reply);
}

int jf_worker_reply(jf_worker_t *self, uint64_t request_id, const void *body, size_t len) {
    jf_part_t part = {.bytes = body, .len = len};
    return jf_worker_reply_with(self, request_id, &(jf_content_t){.parts = &part, .part_count = 1}, 0);
}

int jf_worker_partial(jf_worker_t *self, uint64_t request_id, const void *body, size_t len) {
    jf_part_t part = {.bytes = body, .len = len};
    return jf_worker_reply_with(self, request_id, &(jf_content_t){.parts = &part, .part_count = 1}, JF_PARTIAL);
}

/* A hint as the protocol allows it: without control characters, cut to what a header may hold. */
static int s_set_hint(jf_worker_t *self, jf_headers_t *headers, const char *hint) {
    char clean[JF_HEADER_VALUE_BYTES_MAX + 1u];
    jf_text_copy(clean, sizeof clean, hint, strlen(hint));
    for (char *at = clean; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7F) *at = ' ';
    }
    return jf_worker_set_header(self, headers, "hint", clean);
}

int jf_worker_fail_after(
    jf_worker_t *self, uint64_t request_id, int code, const char *cause, const char *hint, uint32_t retry_after_ms) {
    jf_headers_t headers;
    jf_headers_clear(&headers);
    if (code < 1 || code > UINT16_MAX || !cause || !jf_text_is_utf8((const uint8_t *)cause, strlen(cause))) {
        return jf_fault_local(
            &self->error, EINVAL, JF_NAME_BAD_ARGUMENT, "a failure needs a code and a cause in UTF-8");
    }
    if (hint && hint[0] && s_set_hint(self, &headers, hint) == -1) return -1;
    jf_part_t part = {.bytes = cause, .len = strlen(cause)};
    jf_outgoing_t failure = {
        .fixed = {.command = JF_FAILURE, .code = (unsigned)code, .time_ms = retry_after_ms},
        .headers = headers.block, .headers_len = headers.len, .parts = &part, .part_count = 1};
    return s_answer(self, request_id, &failure);
}

int jf_worker_fail(jf_worker_t *self, uint64_t request_id, int code, const char *cause, const char *hint) {
    return jf_worker_fail_after(self, request_id, code, cause, hint, 0);
}

bool jf_worker_is_wanted(jf_worker_t *self, uint64_t request_id) {
    /* What stops the turn (a wake, a refusal) is kept, and told by the next jf_worker_recv. */
    s_settle(self);
    jf_link_step(&self->link, 0);
    s_settle(self);
    const jf_slot_t *slot = s_slot_in_flight(self, request_id);
    return slot && !slot->cancelled;
}

int jf_worker_drain(jf_worker_t *self) {
    if (self->drain != JF_DRAIN_NOT || self->closed) return 0;
    if (self->drops_seen != self->link.drops) s_on_lost(self);
    self->drain = JF_DRAIN_ASKED;
    if (!self->registered) {
        self->closed = true;
        jf_link_close(&self->link);
        return 0;
    }
    jf_fixed_t drain = {.command = JF_DRAIN, .count = self->in_flight};
    return jf_link_send_alone(&self->link, &drain) == 0 ? 0 : jf_worker_link_failed(self);
}

void jf_worker_wake(jf_worker_t *self) { jf_link_wake(&self->link); }

static int s_handle(jf_worker_t *self, const jf_message_t *request, jf_handler_fn handler, void *arg) {
    uint64_t id = jf_message_id(request);
    char cause[sizeof self->error.cause + 32];
    jf_fault_clear(&self->error);
    if (handler(self, request, arg) == 0 || !s_slot_in_flight(self, id)) return 0;
    bool told = jf_fault_is_set(&self->error); /* an answer that could not be sent, for example */
    snprintf(cause, sizeof cause, "the handler failed%s%s", told ? ": " : "", self->error.cause);
    return jf_worker_fail(self, id, JF_ERROR_HANDLER_FAILED, cause, NULL);
}

int jf_worker_run(jf_worker_t *self, jf_handler_fn handler, void *arg) {
    jf_message_t *request = NULL;
    for (;;) {
        if (jf_worker_recv(self, &request, -1) == 0) {
            s_handle(self, request, handler, arg); /* a lost connection shows at the next recv */
            continue;
        }
        if (errno == EINTR) {
            jf_worker_drain(self); /* likewise */
            continue;
        }
        break;
    }
    int why = errno;
    jf_message_destroy(&request);
    errno = why;
    return why == ESHUTDOWN ? 0 : -1;
}

int jf_worker_fd(const jf_worker_t *self) { return self->link.fd; }

short jf_worker_events(const jf_worker_t *self) { return jf_link_events(&self->link); }

int jf_worker_wait_ms(const jf_worker_t *self) {
    if (self->requests.first || self->link.inbox.first || self->closed || self->link.woken) return 0;
    int64_t at_ms = jf_link_timer_ms(&self->link);
    if (self->ready_sent && self->welcome_end_ms < at_ms) at_ms = self->welcome_end_ms;
    return jf_clock_wait_ms(at_ms, jf_clock_ms());
}

bool jf_worker_is_ready(const jf_worker_t *self) { return self->registered; }

const jf_error_t *jf_worker_error(const jf_worker_t *self) { return &self->error; }
