#include "worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fault.h"
#include "text.h"

int jf_worker_link_failed(jf_worker_t *self, const jf_link_t *link) {
    self->error = link->error;
    return -1;
}

/* ---- waiting ---- */

static int s_settle(jf_worker_t *self) {
    for (size_t i = 0; i < self->links.count; i++) {
        if (jf_session_settle(self, &self->session[i]) == -1) return -1;
    }
    return 0;
}

/* When a broker that does not answer READY is given up. */
static int64_t s_timer_ms(const jf_worker_t *self) {
    int64_t first_ms = JF_NEVER_MS;
    for (size_t i = 0; i < self->links.count; i++) {
        const jf_session_t *session = &self->session[i];
        if (session->ready_sent && session->welcome_end_ms < first_ms) first_ms = session->welcome_end_ms;
    }
    return first_ms;
}

static bool s_is_closed(const jf_worker_t *self) {
    for (size_t i = 0; i < self->links.count; i++) {
        if (!self->session[i].closed) return false;
    }
    return true;
}

/* Whether the next jf_worker_recv has something to do at once. */
static bool s_is_due(const jf_worker_t *self) {
    if (self->requests.first || self->links.woken || s_is_closed(self)) return true;
    for (size_t i = 0; i < self->links.count; i++) {
        const jf_session_t *session = &self->session[i];
        bool ready_due = session->ready_due && session->link->state == JF_LINK_UP && session->drain == JF_DRAIN_NOT;
        bool lost = session->drops_seen != session->link->drops;
        if (session->link->inbox.first || ready_due || lost || jf_session_may_go_on(session)) return true;
    }
    return false;
}

/* The end of each call that reads or writes: an event loop of the program must learn what is left to do. */
static int s_leave(jf_worker_t *self, int result) {
    if (self->links.epoll_fd == -1) return result;
    int why = errno;
    int64_t links_ms = jf_links_timer_ms(&self->links), own_ms = s_timer_ms(self);
    jf_links_watch(&self->links, s_is_due(self) ? jf_clock_ms() : links_ms < own_ms ? links_ms : own_ms);
    errno = why;
    return result;
}

static bool s_is_up(const jf_worker_t *self) {
    for (size_t i = 0; i < self->links.count; i++) {
        if (self->links.link[i].state == JF_LINK_UP) return true;
    }
    return false;
}

/* As jf_links_turn, and judges what it has read. */
static int s_turn_links(jf_worker_t *self, int64_t until_ms) {
    int result = jf_links_turn(&self->links, until_ms), why = errno;
    for (size_t i = 0; i < self->links.count; i++) jf_session_judge_welcome(&self->session[i]);
    errno = why;
    return result;
}

static int s_turn(jf_worker_t *self, int64_t deadline_ms) {
    int64_t timer_ms = s_timer_ms(self);
    int64_t until_ms = timer_ms < deadline_ms ? timer_ms : deadline_ms;
    if (s_turn_links(self, until_ms) == 0) return 0;
    if (errno == ETIMEDOUT && until_ms < deadline_ms) return 0;
    if (errno == EPROTO) return jf_worker_link_failed(self, &self->links.link[0]);
    if (errno == EINTR) {
        self->links.woken = false;
        return jf_fault_local(&self->error, EINTR, JF_NAME_INTERRUPTED, "interrupted");
    }
    const jf_error_t *error = jf_links_error(&self->links);
    if (!error || s_is_up(self)) {
        return jf_fault_local(&self->error, ETIMEDOUT, JF_NAME_TIMED_OUT, "nothing came in time");
    }
    self->error = *error; /* why there is no connection */
    errno = ETIMEDOUT;
    return -1;
}

/* 0: go on. -1: this worker has nothing to wait for. */
static int s_check_open(jf_worker_t *self) {
    bool drained = true;
    for (size_t i = 0; i < self->links.count; i++) drained = jf_session_is_drained(self, &self->session[i]) && drained;
    if (drained) return jf_fault_local(&self->error, ESHUTDOWN, JF_NAME_CLOSED, "the worker is drained");
    if (self->service_count > 0) return 0;
    return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT, "the worker has no service");
}

/* ---- what the program calls ---- */

static bool s_is_registered(const jf_session_t *session) {
    return session->registered && !session->ready_due && !session->ready_sent;
}

static int s_wait_ready(jf_worker_t *self, int64_t deadline_ms) {
    for (;;) {
        if (s_settle(self) == -1 || s_check_open(self) == -1) return -1;
        for (size_t i = 0; i < self->links.count; i++) {
            if (s_is_registered(&self->session[i])) return 0;
        }
        if (s_turn(self, deadline_ms) == -1) return -1;
    }
}

int jf_worker_wait_ready(jf_worker_t *self, int timeout_ms) {
    return s_leave(self, s_wait_ready(self, jf_clock_deadline_ms(timeout_ms)));
}

/* Whether its deadline came while it waited here: the answer would be of no use. */
static bool s_is_late(const jf_message_t *request) { return jf_message_time_left_ms(request) == 0; }

static void s_end_late(jf_worker_t *self, jf_message_t **request_p) {
    jf_session_t *session = NULL;
    jf_slot_t *slot = jf_session_find(self, (*request_p)->local_id, &session);
    if (slot) jf_session_end_late(self, session, slot); /* a lost connection shows at the next look */
    jf_link_recycle(&self->links.link[0], request_p);
}

static int s_recv(jf_worker_t *self, jf_message_t **request_p, int64_t deadline_ms) {
    for (;;) {
        if (s_settle(self) == -1) return -1;
        jf_message_t *request = jf_queue_pop(&self->requests);
        if (request && s_is_late(request)) {
            s_end_late(self, &request);
            continue;
        }
        if (request) {
            jf_link_recycle(&self->links.link[0], request_p);
            *request_p = request;
            return 0;
        }
        if (s_check_open(self) == -1 || s_turn(self, deadline_ms) == -1) return -1;
    }
}

int jf_worker_recv(jf_worker_t *self, jf_message_t **request_p, int timeout_ms) {
    return s_leave(self, s_recv(self, request_p, jf_clock_deadline_ms(timeout_ms)));
}

static jf_slot_t *s_find(jf_worker_t *self, uint64_t request_id, jf_session_t **session_p) {
    for (size_t i = 0; i < self->links.count; i++) jf_session_check_lost(self, &self->session[i]);
    return jf_session_find(self, request_id, session_p);
}

/* Sends an answer; a final one ends the request. So does any answer to a cancelled one. */
static int s_send_answer(jf_worker_t *self, uint64_t request_id, jf_outgoing_t *answer) {
    jf_session_t *session = NULL;
    jf_slot_t *slot = s_find(self, request_id, &session);
    if (!slot) return jf_fault_local(&self->error, ESTALE, JF_NAME_NOT_IN_FLIGHT, "the request is not in flight");
    if (slot->cancelled) {
        if (jf_session_end_cancelled(self, session, slot) == -1) return -1;
        if (!(answer->fixed.flags & JF_PARTIAL)) return 0;
        return jf_fault_coded(&self->error, ECANCELED, JF_ERROR_CANCELLED, "the request was cancelled");
    }
    if (jf_raw_check(answer, session->link->body_bytes_max, &self->error) == -1) return -1;
    answer->fixed.id = slot->wire_id;
    if (jf_link_send(session->link, answer, JF_NEVER_MS) == -1) return jf_worker_link_failed(self, session->link);
    if (!(answer->fixed.flags & JF_PARTIAL)) jf_session_free_slot(session, slot);
    return 0;
}

static int s_answer(jf_worker_t *self, uint64_t request_id, jf_outgoing_t *answer) {
    return s_leave(self, s_send_answer(self, request_id, answer));
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
    jf_session_t *session = NULL;
    /* What stops the turn (a wake, a refusal) is kept, and told by the next jf_worker_recv. */
    s_settle(self);
    s_turn_links(self, 0);
    s_settle(self);
    s_leave(self, 0);
    const jf_slot_t *slot = jf_session_find(self, request_id, &session);
    return slot && !slot->cancelled;
}

int jf_worker_drain(jf_worker_t *self) {
    int result = 0;
    for (size_t i = 0; i < self->links.count; i++) {
        if (jf_session_drain(self, &self->session[i]) == -1) result = -1; /* a lost one has nothing to drain; the others do */
    }
    return s_leave(self, result);
}

void jf_worker_wake(jf_worker_t *self) { jf_links_wake(&self->links); }

static int s_handle(jf_worker_t *self, const jf_message_t *request, jf_handler_fn handler, void *arg) {
    uint64_t id = jf_message_id(request);
    jf_session_t *session = NULL;
    char cause[sizeof self->error.cause + 32];
    jf_fault_clear(&self->error);
    if (handler(self, request, arg) == 0 || !jf_session_find(self, id, &session)) return 0;
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

int jf_worker_fd(jf_worker_t *self) {
    int fd = jf_links_fd(&self->links);
    if (fd != -1) return s_leave(self, fd);
    return jf_fault_local(&self->error, errno, JF_NAME_OUT_OF_MEMORY, "no descriptor: %s", strerror(errno));
}

size_t jf_worker_ready_count(const jf_worker_t *self) {
    size_t count = 0;
    for (size_t i = 0; i < self->links.count; i++) count += self->session[i].registered;
    return count;
}

size_t jf_worker_in_flight(const jf_worker_t *self) {
    size_t count = 0;
    for (size_t i = 0; i < self->links.count; i++) count += self->session[i].in_flight;
    return count;
}

bool jf_worker_is_ready(const jf_worker_t *self) { return jf_worker_ready_count(self) > 0; }

const jf_error_t *jf_worker_error(const jf_worker_t *self) { return &self->error; }
