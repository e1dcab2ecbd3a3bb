#include "jackfield/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fault.h"
#include "link.h"

#define S_SLOTS_FIRST 16u
#define S_IDLE_CHECK_MS 50 /* a connection silent for so long is looked at before a request is trusted to it */

struct jf_client {
    jf_link_t link;
    uint64_t *slots;      /* ids in flight; 0: the place is free. An id's low 16 bits are its place */
    unsigned slot_count;  /* places */
    unsigned in_flight;   /* places taken */
    unsigned slot_next;   /* where to look for a free one first */
    uint64_t sequence;    /* of ids */
    jf_queue_t replies;   /* received or made here, and not yet given out */
    size_t replies_count; /* how many */
    unsigned drops_seen;  /* of link.drops */
    jf_error_t error;     /* the last failure */
};

jf_client_t *jf_client_new(const char *endpoint) {
    jf_client_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    jf_fault_clear(&self->error);
    if (jf_link_init(&self->link, endpoint, false) == -1) {
        int why = errno;
        free(self);
        errno = why;
        return NULL;
    }
    return self;
}

void jf_client_destroy(jf_client_t **self_p) {
    jf_client_t *self = *self_p;
    if (!self) return;
    jf_queue_clear(&self->replies);
    jf_link_term(&self->link);
    free(self->slots);
    free(self);
    *self_p = NULL;
}

static int s_link_failed(jf_client_t *self) {
    self->error = self->link.error;
    return -1;
}

int jf_client_set_heartbeat_ms(jf_client_t *self, uint32_t interval_ms) {
    return jf_link_set_heartbeat_ms(&self->link, interval_ms) == 0 ? 0 : s_link_failed(self);
}

int jf_client_set_reconnect_ms(jf_client_t *self, uint32_t first_ms, uint32_t max_ms) {
    return jf_link_set_reconnect_ms(&self->link, first_ms, max_ms) == 0 ? 0 : s_link_failed(self);
}

int jf_client_set_body_bytes_max(jf_client_t *self, size_t bytes_max) {
    return jf_link_set_body_bytes_max(&self->link, bytes_max) == 0 ? 0 : s_link_failed(self);
}

/* ---- what is in flight ---- */

static bool s_is_in_flight(const jf_client_t *self, uint64_t id) {
    uint64_t index = id & 0xFFFFu;
    return id != 0 && index < self->slot_count && self->slots[index] == id;
}

static void s_free_slot(jf_client_t *self, uint64_t id) {
    self->slots[id & 0xFFFFu] = 0;
    self->in_flight--;
    self->slot_next = (unsigned)(id & 0xFFFFu);
}

static int s_grow(jf_client_t *self) {
    unsigned count = self->slot_count == 0 ? S_SLOTS_FIRST : self->slot_count * 2;
    if (count > JF_CLIENT_IN_FLIGHT_MAX) count = JF_CLIENT_IN_FLIGHT_MAX;
    if (count == self->slot_count) {
        return jf_fault_coded(&self->error, EAGAIN, JF_ERROR_OVERLOADED, "%u requests are in flight", count);
    }
    uint64_t *slots = realloc(self->slots, count * sizeof *slots);
    if (!slots) return jf_fault_local(&self->error, ENOMEM, JF_NAME_OUT_OF_MEMORY, "no memory for a request");
    memset(slots + self->slot_count, 0, (count - self->slot_count) * sizeof *slots);
    self->slot_next = self->slot_count;
    self->slots = slots;
    self->slot_count = count;
    return 0;
}

/* A new id, in flight from now on; 0: none. */
static uint64_t s_take_slot(jf_client_t *self) {
    if (self->in_flight == self->slot_count && s_grow(self) == -1) return 0;
    while (self->slots[self->slot_next] != 0) self->slot_next = (self->slot_next + 1) % self->slot_count;
    uint64_t id = ++self->sequence << 16 | self->slot_next;
    self->slots[self->slot_next] = id;
    self->in_flight++;
    return id;
}

static void s_keep(jf_client_t *self, jf_message_t *reply) {
    jf_queue_push(&self->replies, reply);
    self->replies_count++;
}

static void s_end(jf_client_t *self, uint64_t id, const jf_error_t *why) {
    jf_message_t *failure = jf_message_new_failure(id, why);
    if (!failure) return; /* stays in flight: tried again at the next turn */
    s_free_slot(self, id);
    s_keep(self, failure);
}

/* ---- what the broker sends ---- */

static void s_on_lost(jf_client_t *self) {
    jf_error_t why = self->link.error;
    if (!jf_fault_is_set(&why)) jf_fault_coded(&why, ECONNRESET, JF_ERROR_CONNECTION_LOST, "the connection was lost");
    for (unsigned i = 0; i < self->slot_count && self->in_flight > 0; i++) {
        if (self->slots[i] != 0) s_end(self, self->slots[i], &why);
    }
    if (self->in_flight == 0) self->drops_seen = self->link.drops;
}

static int s_on_answer(jf_client_t *self, jf_message_t **message_p) {
    jf_message_t *message = *message_p;
    if (jf_message_open(message) == -1) {
        return jf_fault_local(&self->error, ENOMEM, JF_NAME_OUT_OF_MEMORY, "no memory for a failure");
    }
    uint64_t id = message->fixed.id;
    if (id == 0) self->error = *message->failure; /* only a FAILURE may have none */
    if (!s_is_in_flight(self, id)) return 0;      /* late: given up, or cancelled */
    message->local_id = id;
    if (!jf_message_is_partial(message)) s_free_slot(self, id);
    s_keep(self, message);
    *message_p = NULL;
    return 0;
}

/* An answer that cannot be read ends its request: nobody may wait for ever. */
static void s_on_wrong(jf_client_t *self, const jf_message_t *message) {
    jf_error_t why;
    jf_fault_coded(&why, EPROTO, message->wrong_code, "the broker's answer cannot be read: %s", message->wrong);
    self->error = why;
    if (s_is_in_flight(self, message->fixed.id)) s_end(self, message->fixed.id, &why);
}

/* Brings the state up to date with what was read. What came before a connection was lost counts. */
static int s_settle(jf_client_t *self) {
    int result = 0;
    for (;;) {
        jf_message_t *message = jf_queue_pop(&self->link.inbox);
        if (!message) break;
        if (message->wrong_code != 0) s_on_wrong(self, message);
        else if (message->fixed.command == JF_REPLY || message->fixed.command == JF_FAILURE) {
            result = s_on_answer(self, &message);
        } else if (message->fixed.command == JF_DISCONNECT) jf_link_on_disconnect(&self->link, message);
        jf_link_recycle(&self->link, &message);
        if (result == -1) return -1;
    }
    if (self->drops_seen != self->link.drops) s_on_lost(self);
    return 0;
}

static int s_step(jf_client_t *self, int64_t deadline_ms) {
    if (jf_link_step(&self->link, deadline_ms) == 0) return 0;
    if (errno == EPROTO) return s_link_failed(self);
    if (errno == EINTR) return jf_fault_local(&self->error, EINTR, JF_NAME_INTERRUPTED, "interrupted");
    return jf_fault_local(&self->error, ETIMEDOUT, JF_NAME_TIMED_OUT, "nothing came in time");
}

/* ---- what the program calls ---- */

/* Looks at a connection that was silent: a broker that went away meanwhile must not swallow a request. */
static int s_look(jf_client_t *self) {
    if (self->link.state != JF_LINK_UP || jf_clock_ms() - self->link.heard_ms < S_IDLE_CHECK_MS) return 0;
    if (s_step(self, 0) == -1 && errno != ETIMEDOUT) return -1;
    return s_settle(self);
}

static int s_connect(jf_client_t *self, int64_t deadline_ms) {
    while (self->link.state != JF_LINK_UP) {
        if (s_step(self, deadline_ms) == -1) {
            if (errno != ETIMEDOUT) return -1;
            if (jf_fault_is_set(&self->link.error)) {
                errno = ECONNREFUSED;
                return s_link_failed(self);
            }
            return jf_fault_local(&self->error, ECONNREFUSED, JF_NAME_NOT_CONNECTED, "%s: not connected in time",
                self->link.endpoint.text);
        }
        if (s_settle(self) == -1) return -1;
    }
    return 0;
}

static int s_check(jf_client_t *self, const jf_request_t *request, jf_outgoing_t *outgoing) {
    if (!request->service || request->flags & ~JF_IDEMPOTENT) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT,
            "a request needs a service, and its flags are JF_IDEMPOTENT or 0");
    }
    *outgoing = (jf_outgoing_t){
        .fixed = {.command = JF_REQUEST, .flags = request->flags, .time_ms = request->timeout_ms},
        .service = request->service, .parts = request->content.parts, .part_count = request->content.part_count};
    if (request->content.headers) {
        outgoing->headers = request->content.headers->block;
        outgoing->headers_len = request->content.headers->len;
    }
    return jf_raw_check(outgoing, self->link.body_bytes_max, &self->error);
}

/* Gets a connection that a request can be trusted to. */
static int s_open(jf_client_t *self, int64_t deadline_ms) {
    if (s_settle(self) == -1 || s_look(self) == -1) return -1;
    return s_connect(self, deadline_ms);
}

static int s_send(jf_client_t *self, jf_outgoing_t *outgoing, int64_t deadline_ms, uint64_t *id_p) {
    uint64_t id = s_take_slot(self);
    if (id == 0) return -1;
    outgoing->fixed.id = id;
    if (jf_link_send(&self->link, outgoing, deadline_ms) == -1) {
        int why = errno;
        s_free_slot(self, id); /* told by the result; the others by jf_client_recv */
        self->error = self->link.error;
        errno = why;
        return -1;
    }
    *id_p = id;
    return 0;
}

int jf_client_send(jf_client_t *self, const jf_request_t *request, int wait_ms, uint64_t *id_p) {
    jf_outgoing_t outgoing;
    int64_t deadline_ms = jf_clock_deadline_ms(wait_ms);
    if (s_check(self, request, &outgoing) == -1 || s_open(self, deadline_ms) == -1) return -1;
    return s_send(self, &outgoing, deadline_ms, id_p);
}

static void s_give(jf_client_t *self, jf_message_t *reply, jf_message_t **reply_p) {
    self->replies_count--;
    jf_link_recycle(&self->link, reply_p);
    *reply_p = reply;
}

int jf_client_recv(jf_client_t *self, jf_message_t **reply_p, int timeout_ms) {
    int64_t deadline_ms = jf_clock_deadline_ms(timeout_ms);
    for (;;) {
        if (s_settle(self) == -1) return -1;
        jf_message_t *reply = jf_queue_pop(&self->replies);
        if (reply) {
            s_give(self, reply, reply_p);
            return 0;
        }
        if (self->in_flight == 0) {
            return jf_fault_local(&self->error, ENOENT, JF_NAME_NOT_IN_FLIGHT, "no request is in flight");
        }
        if (s_step(self, deadline_ms) == -1) return -1;
    }
}

int jf_client_cancel(jf_client_t *self, uint64_t id) {
    if (s_settle(self) == -1) return -1;
    if (!s_is_in_flight(self, id)) {
        return jf_fault_local(&self->error, ESTALE, JF_NAME_NOT_IN_FLIGHT, "the request is not in flight");
    }
    if (jf_link_send_alone(&self->link, &(jf_fixed_t){.command = JF_CANCEL, .id = id}) == 0) return 0;
    return s_link_failed(self);
}

/* The final reply to a call, or NULL; partial ones before it are passed over. */
static jf_message_t *s_take_final(jf_client_t *self, uint64_t id) {
    for (;;) {
        jf_message_t *reply = jf_queue_take(&self->replies, id, false);
        if (!reply || !jf_message_is_partial(reply)) return reply;
        self->replies_count--;
        jf_link_recycle(&self->link, &reply);
    }
}

/* Gives a call up: the broker is told, and a late reply meets no request. */
static void s_abandon(jf_client_t *self, uint64_t id) {
    int why = errno;
    if (s_is_in_flight(self, id)) {
        jf_link_send_alone(&self->link, &(jf_fixed_t){.command = JF_CANCEL, .id = id});
        s_free_slot(self, id);
    }
    errno = why;
}

static int s_call_failed(jf_client_t *self, jf_message_t **failure_p) {
    self->error = *(*failure_p)->failure;
    self->replies_count--;
    jf_message_destroy(failure_p);
    errno = self->error.code == JF_ERROR_CONNECTION_LOST ? ECONNRESET : EIO;
    return -1;
}

/* Waits for the final reply of a request that was sent. */
static int s_await(jf_client_t *self, uint64_t id, int64_t deadline_ms, jf_message_t **reply_p) {
    for (;;) {
        if (s_settle(self) == -1) return -1;
        jf_message_t *reply = s_take_final(self, id);
        if (reply && reply->failure) return s_call_failed(self, &reply);
        if (reply) {
            s_give(self, reply, reply_p);
            return 0;
        }
        if (self->replies.bytes + self->link.inbox.bytes >= JF_INBOX_BYTES_MAX) {
            return jf_fault_local(&self->error, ENOBUFS, JF_NAME_OUT_OF_MEMORY,
                "too many replies to other requests wait to be received");
        }
        if (s_step(self, deadline_ms) == -1) return -1;
    }
}

int jf_client_call_with(jf_client_t *self, const jf_request_t *request, jf_message_t **reply_p) {
    uint64_t id = 0;
    jf_outgoing_t outgoing;
    bool limited = request->timeout_ms > 0;
    int64_t deadline_ms = limited ? jf_clock_ms() + request->timeout_ms : JF_NEVER_MS;
    if (s_check(self, request, &outgoing) == -1 || s_open(self, deadline_ms) == -1) return -1;
    if (limited) {
        int64_t left_ms = deadline_ms - jf_clock_ms();
        outgoing.fixed.time_ms = left_ms > 0 ? (uint32_t)left_ms : 1;
    }
    if (s_send(self, &outgoing, deadline_ms, &id) == -1) return -1;
    int64_t patience_ms = limited ? deadline_ms + JF_CALL_GRACE_MS : JF_NEVER_MS;
    if (s_await(self, id, patience_ms, reply_p) == 0) return 0;
    s_abandon(self, id);
    if (errno != ETIMEDOUT) return -1;
    return jf_fault_coded(&self->error, ETIMEDOUT, JF_ERROR_DEADLINE_EXCEEDED, "no reply from service %s in %u ms",
        request->service, request->timeout_ms);
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

size_t jf_client_in_flight(const jf_client_t *self) { return self->in_flight + self->replies_count; }

int jf_client_fd(const jf_client_t *self) { return self->link.fd; }

short jf_client_events(const jf_client_t *self) { return jf_link_events(&self->link); }

int jf_client_wait_ms(const jf_client_t *self) {
    if (self->replies.first || self->link.inbox.first) return 0;
    return self->in_flight == 0 ? -1 : jf_clock_wait_ms(jf_link_timer_ms(&self->link), jf_clock_ms());
}

const jf_error_t *jf_client_error(const jf_client_t *self) { return &self->error; }
