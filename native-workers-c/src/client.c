#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fault.h"

#define S_IDLE_CHECK_MS 50 /* a connection silent for so long is looked at before a request is trusted to it */
#define S_REQUEST_FLAGS (JF_IDEMPOTENT | JF_BODY_STAYS)

jf_client_t *jf_client_new(const char *endpoints) {
    jf_client_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    jf_fault_clear(&self->error);
    jf_calls_init(&self->calls);
    self->connect_ms = JF_CONNECT_MS_MAX;
    self->retries = JF_CLIENT_RETRIES;
    if (jf_links_init(&self->links, endpoints) == 0) return self;
    int why = errno;
    free(self);
    errno = why;
    return NULL;
}

void jf_client_destroy(jf_client_t **self_p) {
    jf_client_t *self = *self_p;
    if (!self) return;
    jf_queue_clear(&self->replies);
    jf_queue_clear(&self->callbacks);
    jf_links_term(&self->links);
    jf_calls_term(&self->calls);
    free(self);
    *self_p = NULL;
}

static int s_set(jf_client_t *self, int result) {
    if (result == -1) self->error = self->links.link[0].error;
    return result;
}

int jf_client_set_heartbeat_ms(jf_client_t *self, uint32_t interval_ms) {
    return s_set(self, jf_links_set_heartbeat_ms(&self->links, interval_ms));
}

int jf_client_set_reconnect_ms(jf_client_t *self, uint32_t first_ms, uint32_t max_ms) {
    return s_set(self, jf_links_set_reconnect_ms(&self->links, first_ms, max_ms));
}

int jf_client_set_body_bytes_max(jf_client_t *self, size_t bytes_max) {
    return s_set(self, jf_links_set_body_bytes_max(&self->links, bytes_max));
}

int jf_client_set_connect_ms(jf_client_t *self, uint32_t max_ms) {
    if (max_ms == 0) {
        return jf_fault_local(
            &self->error, EINVAL, JF_NAME_BAD_ARGUMENT, "time to connect: 0 ms (expected: 1 or more)");
    }
    self->connect_ms = max_ms;
    return 0;
}

int jf_client_set_retries(jf_client_t *self, unsigned retries) {
    if (retries > JF_CLIENT_RETRIES_MAX) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT, "retries: %u (expected: 0 to %u)", retries,
            JF_CLIENT_RETRIES_MAX);
    }
    self->retries = retries;
    return 0;
}

/* ---- waiting ---- */

/* When a request that waits may be sent; JF_NEVER_MS as long as there is no connection for it. */
static int64_t s_send_at_ms(const jf_client_t *self) {
    return self->links.link[self->current].state == JF_LINK_UP ? self->calls.due_ms : JF_NEVER_MS;
}

static bool s_is_due(const jf_client_t *self) {
    if (self->replies.first || self->callbacks.first || self->links.woken) return true;
    for (size_t i = 0; i < self->links.count; i++) {
        const jf_link_t *link = &self->links.link[i];
        if (link->inbox.first || link->drops != self->drops_seen[i]) return true;
    }
    return s_send_at_ms(self) <= jf_clock_ms();
}

/* When a request has to end, or to be sent. */
static int64_t s_timer_ms(const jf_client_t *self) {
    int64_t end_ms = self->calls.overdue_ms < self->calls.silent_ms ? self->calls.overdue_ms : self->calls.silent_ms;
    int64_t send_ms = s_send_at_ms(self);
    return end_ms < send_ms ? end_ms : send_ms;
}

/* The end of each call that reads or writes: an event loop of the program must learn what is left to do. */
static int s_leave(jf_client_t *self, int result) {
    if (self->links.epoll_fd == -1) return result;
    int why = errno;
    int64_t links_ms = jf_links_timer_ms(&self->links), own_ms = s_timer_ms(self);
    jf_links_watch(&self->links, s_is_due(self) ? jf_clock_ms() : links_ms < own_ms ? links_ms : own_ms);
    errno = why;
    return result;
}

static int s_turn(jf_client_t *self, int64_t deadline_ms) {
    int64_t timer_ms = s_timer_ms(self), until_ms = timer_ms < deadline_ms ? timer_ms : deadline_ms;
    int result = jf_links_turn(&self->links, until_ms), number = errno;
    jf_client_end_silent(self);
    errno = number;
    if (result == 0) return 0;
    if (errno == ETIMEDOUT && until_ms < deadline_ms) return 0;
    if (errno == EPROTO) {
        jf_error_t why = *jf_links_error(&self->links);
        jf_client_end_waiting(self, &why);
        self->error = why;
        errno = EPROTO;
        return -1;
    }
    if (errno == EINTR) {
        self->links.woken = false;
        return jf_fault_local(&self->error, EINTR, JF_NAME_INTERRUPTED, "interrupted");
    }
    return jf_fault_local(&self->error, ETIMEDOUT, JF_NAME_TIMED_OUT, "nothing came in time");
}

/* Looks at a connection that was silent: a broker that went away meanwhile must not swallow a request. */
static int s_look(jf_client_t *self) {
    const jf_link_t *link = jf_client_link(self);
    if (link->state != JF_LINK_UP || jf_clock_ms() - link->heard_ms < S_IDLE_CHECK_MS) return 0;
    if (s_turn(self, 0) == -1 && errno != ETIMEDOUT) return -1;
    return jf_client_settle(self);
}

static int s_connect(jf_client_t *self, int64_t deadline_ms) {
    while (jf_client_link(self)->state != JF_LINK_UP) {
        if (s_turn(self, deadline_ms) == -1) {
            if (errno != ETIMEDOUT) return -1;
            const jf_error_t *known = jf_links_error(&self->links);
            if (!known) {
                return jf_fault_local(&self->error, ECONNREFUSED, JF_NAME_NOT_CONNECTED, "%s: not connected in time",
                    jf_client_link(self)->endpoint.text);
            }
            self->error = *known;
            errno = ECONNREFUSED;
            return -1;
        }
        if (jf_client_settle(self) == -1) return -1;
    }
    return 0;
}

/* Gets a connection that a request can be trusted to. */
static int s_open(jf_client_t *self, int64_t deadline_ms) {
    if (jf_client_settle(self) == -1 || s_look(self) == -1) return -1;
    return s_connect(self, deadline_ms);
}

/* ---- requests ---- */

static int s_check(jf_client_t *self, const jf_request_t *request, jf_outgoing_t *outgoing) {
    if (!request->service || request->flags & ~S_REQUEST_FLAGS) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT,
            "a request needs a service, and its flags are JF_IDEMPOTENT, JF_BODY_STAYS or 0");
    }
    *outgoing = (jf_outgoing_t){
        .fixed = {.command = JF_REQUEST, .flags = request->flags & JF_IDEMPOTENT, .time_ms = request->timeout_ms},
        .service = request->service, .parts = request->content.parts, .part_count = request->content.part_count};
    if (request->content.headers) {
        outgoing->headers = request->content.headers->block;
        outgoing->headers_len = request->content.headers->len;
    }
    return jf_raw_check(outgoing, jf_client_link(self)->body_bytes_max, &self->error);
}

/* How a request is to be treated. */
typedef struct s_plan {
    int64_t deadline_ms; /* of the request; JF_NEVER_MS: the service's own */
    int64_t end_ms;      /* when the client ends it if the broker says nothing; JF_NEVER_MS: the caller sees to that */
    uint32_t away_ms;    /* how long it waits for a broker while there is none; 0: until its deadline */
    bool keep;           /* it may have to be sent later, or again */
    bool copy;           /* what is kept are copies of the bodies */
    jf_reply_fn fn;      /* NULL: none */
    void *arg;
} s_plan_t;

static s_plan_t s_plan(const jf_client_t *self, const jf_request_t *request) {
    int64_t deadline_ms = request->timeout_ms > 0 ? jf_clock_ms() + request->timeout_ms : JF_NEVER_MS;
    return (s_plan_t){.deadline_ms = deadline_ms,
        .end_ms = deadline_ms == JF_NEVER_MS ? JF_NEVER_MS : deadline_ms + JF_CALL_GRACE_MS,
        .keep = request->flags & JF_IDEMPOTENT && self->retries > 0, .copy = !(request->flags & JF_BODY_STAYS)};
}

static jf_call_t *s_take(jf_client_t *self, const jf_outgoing_t *outgoing, const s_plan_t *plan) {
    jf_call_t *call = jf_calls_take(&self->calls);
    if (!call && errno == EAGAIN) {
        jf_fault_coded(&self->error, EAGAIN, JF_ERROR_OVERLOADED, "%u requests are in flight", self->calls.count);
        return NULL;
    }
    if (call) {
        call->deadline_ms = plan->deadline_ms;
        call->end_ms = plan->end_ms;
        call->away_ms = plan->away_ms;
        call->idempotent = outgoing->fixed.flags & JF_IDEMPOTENT;
        call->fn = plan->fn;
        call->arg = plan->arg;
        if (!plan->keep || jf_calls_keep(&self->calls, call, outgoing, plan->copy) == 0) return call;
        bool full = errno == EAGAIN;
        jf_calls_free(&self->calls, call);
        if (full) {
            jf_fault_coded(&self->error, EAGAIN, JF_ERROR_OVERLOADED, "bodies kept to be sent later or again: %u bytes",
                JF_CLIENT_KEPT_BYTES_MAX);
            return NULL;
        }
    }
    jf_fault_local(&self->error, ENOMEM, JF_NAME_OUT_OF_MEMORY, "no memory for a request");
    return NULL;
}

/* Sends on the connection that is there. */
static int s_send(jf_client_t *self, jf_outgoing_t *outgoing, const s_plan_t *plan, int64_t wait_ms, uint64_t *id_p) {
    jf_call_t *call = s_take(self, outgoing, plan);
    if (!call) return -1;
    uint64_t id = call->id;
    if (jf_client_send_call(self, call, outgoing, wait_ms) == -1) {
        int why = errno;
        jf_calls_free(&self->calls, call); /* told by the result; the others by jf_client_recv */
        errno = why;
        return -1;
    }
    *id_p = id;
    return 0;
}

int jf_client_send(jf_client_t *self, const jf_request_t *request, int wait_ms, uint64_t *id_p) {
    jf_outgoing_t outgoing;
    int64_t wait_end_ms = jf_clock_deadline_ms(wait_ms);
    s_plan_t plan = s_plan(self, request);
    if (s_check(self, request, &outgoing) == -1 || s_open(self, wait_end_ms) == -1) return s_leave(self, -1);
    return s_leave(self, s_send(self, &outgoing, &plan, wait_end_ms, id_p));
}

static int s_submit(jf_client_t *self, jf_outgoing_t *outgoing, s_plan_t *plan, uint64_t *id_p) {
    if (jf_client_settle(self) == -1) return -1;
    if (s_look(self) == -1) {
        if (errno != EINTR) return -1;
        self->links.woken = true; /* for the next call that waits */
    }
    if (jf_client_link(self)->state == JF_LINK_UP) return s_send(self, outgoing, plan, JF_NEVER_MS, id_p);
    plan->keep = true;
    jf_call_t *call = s_take(self, outgoing, plan);
    if (!call) return -1;
    jf_client_wait(self, call);
    *id_p = call->id;
    return 0;
}

int jf_client_submit(jf_client_t *self, const jf_request_t *request, jf_reply_fn fn, void *arg, uint64_t *id_p) {
    jf_outgoing_t outgoing;
    uint64_t id = 0;
    s_plan_t plan = s_plan(self, request);
    plan.fn = fn;
    plan.arg = arg;
    if (s_check(self, request, &outgoing) == -1) return -1;
    int result = s_submit(self, &outgoing, &plan, &id);
    if (result == 0 && id_p) *id_p = id;
    return s_leave(self, result);
}

static int s_cancel(jf_client_t *self, uint64_t id) {
    if (jf_client_settle(self) == -1) return -1;
    jf_call_t *call = jf_calls_find(&self->calls, id);
    if (!call) return jf_fault_local(&self->error, ESTALE, JF_NAME_NOT_IN_FLIGHT, "the request is not in flight");
    if (call->link == JF_CALL_WAITS) {
        jf_error_t why;
        jf_fault_coded(&why, ECANCELED, JF_ERROR_CANCELLED, "cancelled before it was sent");
        return jf_client_end(self, call, &why) ? 0 : -1;
    }
    jf_link_t *link = &self->links.link[call->link];
    jf_calls_forget(&self->calls, call);
    if (jf_link_send_alone(link, &(jf_fixed_t){.command = JF_CANCEL, .id = id}) == 0) return 0;
    self->error = link->error;
    return -1;
}

int jf_client_cancel(jf_client_t *self, uint64_t id) { return s_leave(self, s_cancel(self, id)); }

/* ---- replies ---- */

static jf_message_t *s_pop(jf_client_t *self, jf_queue_t *queue) {
    jf_message_t *reply = jf_queue_pop(queue);
    if (reply) self->replies_count--;
    return reply;
}

/* Replies that nobody takes must not fill the memory. */
static int s_check_room(jf_client_t *self) {
    if (self->replies.bytes + self->callbacks.bytes < JF_INBOX_BYTES_MAX) return 0;
    return jf_fault_local(&self->error, ENOBUFS, JF_NAME_OUT_OF_MEMORY,
        "too many replies to other requests wait for jf_client_recv or jf_client_poll");
}

/* Waits until something is in the queue. */
static int s_wait(jf_client_t *self, const jf_queue_t *queue, int64_t deadline_ms) {
    for (;;) {
        if (jf_client_settle(self) == -1) return -1;
        if (queue->first) return 0;
        if (s_check_room(self) == -1) return -1;
        /* With nothing in flight an event loop of the program still has events to be rid of: a lost connection, say. */
        bool idle = self->calls.taken == 0;
        if (idle && self->links.epoll_fd == -1) break;
        if (s_turn(self, idle ? 0 : deadline_ms) == 0) continue;
        if (idle && errno == ETIMEDOUT) break;
        if (errno == EPROTO && queue->first) return 0;
        return -1;
    }
    return jf_fault_local(&self->error, ENOENT, JF_NAME_NOT_IN_FLIGHT, "no request is in flight");
}

int jf_client_recv(jf_client_t *self, jf_message_t **reply_p, int timeout_ms) {
    int result = s_wait(self, &self->replies, jf_clock_deadline_ms(timeout_ms));
    if (result == 0) {
        jf_link_recycle(jf_client_link(self), reply_p);
        *reply_p = s_pop(self, &self->replies);
    }
    return s_leave(self, result);
}

int jf_client_poll(jf_client_t *self, int timeout_ms) {
    int called = 0;
    if (s_wait(self, &self->callbacks, jf_clock_deadline_ms(timeout_ms)) == -1) {
        return s_leave(self, errno == ETIMEDOUT ? 0 : -1);
    }
    for (jf_message_t *reply = s_pop(self, &self->callbacks); reply; reply = s_pop(self, &self->callbacks)) {
        reply->fn(self, reply, reply->arg);
        jf_link_recycle(jf_client_link(self), &reply);
        called++;
    }
    return s_leave(self, called);
}

/* ---- calls ---- */

/* What becomes of the partial replies to a call. */
typedef struct s_stream {
    jf_partial_fn fn; /* NULL: they are passed over */
    void *arg;
} s_stream_t;

/* Takes what came for a call. 1: *reply_p is the end of it. 0: that has not come. -1: the program wants no more. */
static int s_take_replies(jf_client_t *self, uint64_t id, const s_stream_t *stream, jf_message_t **reply_p) {
    int stop = 0;
    for (;;) {
        jf_message_t *reply = jf_queue_take(&self->replies, id);
        if (!reply) return stop ? -1 : 0;
        self->replies_count--;
        if (!jf_message_is_partial(reply)) {
            *reply_p = reply;
            return 1;
        }
        if (stream->fn && !stop) stop = stream->fn(reply, stream->arg);
        jf_link_recycle(jf_client_link(self), &reply);
    }
}

static int s_call_failed(jf_client_t *self, jf_message_t **failure_p) {
    self->error = *(*failure_p)->failure;
    jf_message_destroy(failure_p);
    errno = self->error.code == JF_ERROR_CONNECTION_LOST ? ECONNRESET : self->error.code == 0 ? ECONNREFUSED : EIO;
    return -1;
}

/* Waits for the final reply of a request that was sent. */
static int s_await(
    jf_client_t *self, uint64_t id, int64_t deadline_ms, const s_stream_t *stream, jf_message_t **reply_p) {
    jf_message_t *reply = NULL;
    for (;;) {
        if (jf_client_settle(self) == -1) return -1;
        int taken = s_take_replies(self, id, stream, &reply);
        if (taken == -1) {
            return jf_fault_coded(&self->error, ECANCELED, JF_ERROR_CANCELLED, "the program wants no more replies");
        }
        if (taken == 1 && reply->failure) return s_call_failed(self, &reply);
        if (taken == 1) {
            jf_link_recycle(jf_client_link(self), reply_p);
            *reply_p = reply;
            return 0;
        }
        if (s_check_room(self) == -1) return -1;
        if (s_turn(self, deadline_ms) == -1) return -1;
    }
}

/* Gives a call up: the broker is told, and a late reply meets no request. */
static void s_abandon(jf_client_t *self, uint64_t id) {
    int why = errno;
    jf_call_t *call = jf_calls_find(&self->calls, id);
    if (call && call->link != JF_CALL_WAITS) {
        jf_link_send_alone(&self->links.link[call->link], &(jf_fixed_t){.command = JF_CANCEL, .id = id});
    }
    if (call) jf_calls_free(&self->calls, call);
    for (jf_message_t *late = jf_queue_take(&self->replies, id); late; late = jf_queue_take(&self->replies, id)) {
        self->replies_count--;
        jf_message_destroy(&late);
    }
    errno = why;
}

static int s_call(jf_client_t *self, const jf_request_t *request, const s_stream_t *stream, jf_message_t **reply_p) {
    uint64_t id = 0;
    jf_outgoing_t outgoing;
    s_plan_t plan = s_plan(self, request);
    int64_t patience_ms = plan.end_ms;
    plan.end_ms = JF_NEVER_MS; /* this call gives it up itself */
    plan.keep = self->retries > 0;
    plan.away_ms = self->connect_ms;
    plan.copy = false; /* the bytes stay while this call waits */
    int64_t connect_end_ms = jf_clock_ms() + self->connect_ms;
    if (connect_end_ms > plan.deadline_ms) connect_end_ms = plan.deadline_ms;
    if (s_check(self, request, &outgoing) == -1 || s_open(self, connect_end_ms) == -1) return -1;
    if (s_send(self, &outgoing, &plan, plan.deadline_ms, &id) == -1) return -1;
    if (s_await(self, id, patience_ms, stream, reply_p) == 0) return 0;
    s_abandon(self, id);
    if (errno != ETIMEDOUT) return -1;
    return jf_fault_coded(&self->error, ETIMEDOUT, JF_ERROR_DEADLINE_EXCEEDED, "no reply from service %s in %u ms",
        request->service, request->timeout_ms);
}

int jf_client_stream(
    jf_client_t *self, const jf_request_t *request, jf_partial_fn fn, void *arg, jf_message_t **reply_p) {
    s_stream_t stream = {.fn = fn, .arg = arg};
    return s_leave(self, s_call(self, request, &stream, reply_p));
}

int jf_client_call_with(jf_client_t *self, const jf_request_t *request, jf_message_t **reply_p) {
    return jf_client_stream(self, request, NULL, NULL, reply_p);
}

int jf_client_call(jf_client_t *self, const char *service, const void *body, size_t len, int timeout_ms,
    jf_message_t **reply_p) {
    jf_part_t part = {.bytes = body, .len = len};
    jf_request_t request = {.service = service, .content = {.parts = &part, .part_count = 1}};
    if (timeout_ms == 0 || timeout_ms < -1) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT, "timeout: %d ms (expected: -1, or 1 or more)",
            timeout_ms);
    }
    request.timeout_ms = timeout_ms == -1 ? 0 : (uint32_t)timeout_ms;
    return jf_client_call_with(self, &request, reply_p);
}

/* ---- the rest ---- */

size_t jf_client_in_flight(const jf_client_t *self) { return self->calls.taken + self->replies_count; }

void jf_client_wake(jf_client_t *self) { jf_links_wake(&self->links); }

int jf_client_fd(jf_client_t *self) {
    int fd = jf_links_fd(&self->links);
    if (fd != -1) return s_leave(self, fd);
    return jf_fault_local(&self->error, errno, JF_NAME_OUT_OF_MEMORY, "no descriptor: %s", strerror(errno));
}

const jf_error_t *jf_client_error(const jf_client_t *self) { return &self->error; }
