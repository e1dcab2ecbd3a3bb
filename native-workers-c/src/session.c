/* What a worker does with one broker: READY, requests, cancels, the end. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "fault.h"
#include "worker.h"

/* A local id: sequence | session, 4 bits | place, 16 bits. */
#define S_SLOT_BITS 16u
#define S_SESSION_BITS 4u
_Static_assert(JF_BROKERS_MAX <= 1u << S_SESSION_BITS, "a local id has room for every session");
_Static_assert(JF_CREDIT_MAX < 1u << S_SLOT_BITS, "a local id has room for every place");

static unsigned s_session_of(uint64_t local_id) {
    return (unsigned)(local_id >> S_SLOT_BITS & ((1u << S_SESSION_BITS) - 1));
}

/* ---- what is in flight ---- */

void jf_session_set_slots(jf_session_t *self, jf_slot_t *slots, uint16_t *free_slots, unsigned credit) {
    self->slots = slots;
    self->free_slots = free_slots;
    self->credit = credit;
    for (unsigned i = 0; i < credit; i++) free_slots[i] = (uint16_t)(credit - 1 - i);
}

jf_slot_t *jf_session_find(jf_worker_t *worker, uint64_t local_id, jf_session_t **session_p) {
    uint64_t index = local_id & ((1u << S_SLOT_BITS) - 1);
    if (local_id == 0 || s_session_of(local_id) >= worker->links.count) return NULL;
    *session_p = &worker->session[s_session_of(local_id)];
    if (index >= (*session_p)->credit) return NULL;
    jf_slot_t *slot = &(*session_p)->slots[index];
    return slot->local_id == local_id ? slot : NULL;
}

static jf_slot_t *s_slot_by_wire_id(jf_session_t *self, uint64_t wire_id) {
    unsigned left = self->in_flight; /* the places in use are the first ones, mostly: what came free last is used next */
    for (unsigned i = 0; left > 0; i++) {
        if (self->slots[i].local_id == 0) continue;
        if (self->slots[i].wire_id == wire_id) return &self->slots[i];
        left--;
    }
    return NULL;
}

void jf_session_free_slot(jf_session_t *self, jf_slot_t *slot) {
    slot->local_id = 0;
    self->in_flight--;
    self->free_slots[self->credit - self->in_flight - 1] = (uint16_t)(slot - self->slots);
}

/*
 * What the program sees as the id is new for each request of this worker's life: an answer to a request of an
 * earlier connection can never meet another request that has the same id on the wire.
 */
static void s_take_slot(jf_worker_t *worker, jf_session_t *self, jf_message_t *request) {
    uint16_t index = self->free_slots[self->credit - self->in_flight - 1];
    jf_slot_t *slot = &self->slots[index];
    self->in_flight++;
    slot->wire_id = request->fixed.id;
    slot->local_id = (++worker->sequence << S_SESSION_BITS | self->index) << S_SLOT_BITS | index;
    slot->cancelled = false;
    request->local_id = slot->local_id;
}

/* Requests of this session that the program has not seen are gone with its connection; those of the others stay. */
static void s_forget_all(jf_worker_t *worker, jf_session_t *self) {
    jf_queue_t others = {.first = NULL};
    for (unsigned i = 0; i < self->credit && self->in_flight > 0; i++) {
        if (self->slots[i].local_id != 0) jf_session_free_slot(self, &self->slots[i]);
    }
    for (jf_message_t *at = jf_queue_pop(&worker->requests); at; at = jf_queue_pop(&worker->requests)) {
        if (s_session_of(at->local_id) == self->index) jf_message_destroy(&at);
        else jf_queue_push(&others, at);
    }
    worker->requests = others;
}

void jf_session_close(jf_worker_t *worker, jf_session_t *self) {
    s_forget_all(worker, self);
    jf_queue_clear(&self->link->inbox); /* what was read and not looked at would begin anew what has ended */
    self->closed = true;
    self->registered = false;
    self->link->wanted = false;
    jf_link_close(self->link);
}

/* ---- what the broker sends ---- */

static int s_send_failure(jf_worker_t *worker, jf_session_t *self, uint64_t wire_id, int code, const char *cause) {
    jf_part_t part = {.bytes = cause, .len = strlen(cause)};
    jf_outgoing_t failure = {.fixed = {.command = JF_FAILURE, .code = (unsigned)code, .id = wire_id},
        .parts = &part, .part_count = 1};
    return jf_link_send(self->link, &failure, JF_NEVER_MS) == 0 ? 0 : jf_worker_link_failed(worker, self->link);
}

int jf_session_end_cancelled(jf_worker_t *worker, jf_session_t *self, jf_slot_t *slot) {
    if (s_send_failure(worker, self, slot->wire_id, JF_ERROR_CANCELLED, "the request was cancelled") == -1) return -1;
    jf_session_free_slot(self, slot);
    return 0;
}

void jf_session_end_late(jf_worker_t *worker, jf_session_t *self, jf_slot_t *slot) {
    s_send_failure(worker, self, slot->wire_id, JF_ERROR_DEADLINE_EXCEEDED,
        "the request waited in the worker until its deadline");
    jf_session_free_slot(self, slot);
}

/*
 * A DRAIN that comes may be the broker's own, with requests behind it. The answer to the heartbeat cannot be mistaken:
 * the broker has read our DRAIN before it, and sends no request after it.
 */
static int s_send_drain(jf_worker_t *worker, jf_session_t *self) {
    self->drain = JF_DRAIN_SENT;
    jf_fixed_t drain = {.command = JF_DRAIN, .count = self->in_flight};
    if (jf_link_send_alone(self->link, &drain) == 0 && jf_link_ask(self->link) == 0) return 0;
    return jf_worker_link_failed(worker, self->link);
}

int jf_session_drain(jf_worker_t *worker, jf_session_t *self) {
    if (self->drain != JF_DRAIN_NOT || self->closed) return 0;
    jf_session_check_lost(worker, self);
    if (self->registered) return s_send_drain(worker, self);
    self->drain = JF_DRAIN_WANTED;
    if (!self->ready_sent) jf_session_close(worker, self);
    return 0;
}

static void s_on_welcome(jf_worker_t *worker, jf_session_t *self, const jf_message_t *welcome) {
    self->ready_sent = false;
    self->registered = true;
    self->link->peer_heartbeat_ms = welcome->fixed.time_ms;
    if (self->drain == JF_DRAIN_WANTED) s_send_drain(worker, self); /* a lost connection shows at the next look */
}

static void s_on_request(jf_worker_t *worker, jf_session_t *self, jf_message_t **request_p) {
    jf_message_t *request = *request_p;
    if (s_slot_by_wire_id(self, request->fixed.id)) return; /* an answer would end the first of that id */
    if (self->in_flight == self->credit) {
        s_send_failure(worker, self, request->fixed.id, JF_ERROR_OVERLOADED, "the worker's credit is used up");
        return;
    }
    s_take_slot(worker, self, request);
    jf_message_open(request); /* fails for failures only */
    jf_queue_push(&worker->requests, request);
    *request_p = NULL;
}

static void s_on_cancel(jf_worker_t *worker, jf_session_t *self, uint64_t wire_id) {
    jf_slot_t *slot = s_slot_by_wire_id(self, wire_id);
    if (!slot) return;
    jf_message_t *waiting = jf_queue_take(&worker->requests, slot->local_id);
    slot->cancelled = true;
    if (waiting) jf_session_end_cancelled(worker, self, slot); /* the program never saw it */
    jf_message_destroy(&waiting);
}

/* The broker has forgotten us: after a restart that the connection survived, for example. */
static void s_on_not_ready(jf_worker_t *worker, jf_session_t *self) {
    if (self->ready_sent) return; /* for something sent before READY, which is on its way */
    s_forget_all(worker, self);
    self->registered = false;
    self->ready_due = true;
    if (self->drain != JF_DRAIN_NOT) jf_session_close(worker, self);
}

/* A failure that belongs to no request of ours: the answer to READY, or NOT_READY. */
static int s_on_failure(jf_worker_t *worker, jf_session_t *self, jf_message_t *failure) {
    if (jf_message_open(failure) == -1) {
        return jf_fault_local(&worker->error, ENOMEM, JF_NAME_OUT_OF_MEMORY, "no memory for a failure");
    }
    worker->error = *failure->failure;
    if (failure->fixed.id != 0) return 0;
    if (failure->fixed.code == JF_ERROR_NOT_READY) {
        s_on_not_ready(worker, self);
        return 0;
    }
    if (!self->ready_sent) return 0;
    self->link->error = worker->error;
    if (worker->error.retryable) jf_link_drop(self->link, worker->error.retry_after_ms);
    else jf_link_refuse(self->link);
    if (self->drain != JF_DRAIN_NOT) jf_session_close(worker, self);
    return 0;
}

/* 0, or -1 and ENOMEM: *message_p has not been dealt with. */
static int s_dispatch(jf_worker_t *worker, jf_session_t *self, jf_message_t **message_p) {
    jf_message_t *message = *message_p;
    if (message->wrong_code != 0) {
        /* Two sides that answer each other's failures would never end. */
        if (message->fixed.command == JF_FAILURE && message->fixed.id == 0) return 0;
        s_send_failure(worker, self, message->fixed.id, message->wrong_code, message->wrong);
        return 0;
    }
    switch (message->fixed.command) {
    case JF_WELCOME: s_on_welcome(worker, self, message); return 0;
    case JF_REQUEST: s_on_request(worker, self, message_p); return 0;
    case JF_CANCEL: s_on_cancel(worker, self, message->fixed.id); return 0;
    case JF_FAILURE: return s_on_failure(worker, self, message);
    case JF_DRAIN: return 0; /* an answer; or the broker drains: it lets what is in flight end, and sends DISCONNECT */
    case JF_DISCONNECT: jf_link_on_disconnect(self->link, message); return 0;
    case JF_READY:
    case JF_REPLY:
    case JF_HEARTBEAT: /* the link answers heartbeats */
        s_send_failure(worker, self, message->fixed.id, JF_ERROR_BAD_MESSAGE, "the command is not for workers");
        return 0;
    }
    return 0;
}

static void s_on_lost(jf_worker_t *worker, jf_session_t *self) {
    self->drops_seen = self->link->drops;
    self->registered = self->ready_sent = false;
    self->ready_due = true;
    s_forget_all(worker, self);
    jf_queue_clear(&self->link->inbox);
    if (self->drain != JF_DRAIN_NOT) jf_session_close(worker, self);
}

void jf_session_check_lost(jf_worker_t *worker, jf_session_t *self) {
    if (self->drops_seen != self->link->drops) s_on_lost(worker, self);
}

static void s_send_ready(jf_worker_t *worker, jf_session_t *self) {
    jf_part_t parts[JF_SERVICES_PER_READY_MAX];
    for (size_t i = 0; i < worker->service_count; i++) {
        parts[i] = (jf_part_t){.bytes = worker->services[i]->block, .len = worker->services[i]->len};
    }
    jf_outgoing_t ready = {.fixed = {.command = JF_READY, .time_ms = self->link->heartbeat_ms, .count = self->credit},
        .headers = worker->labels.block, .headers_len = worker->labels.len,
        .parts = parts, .part_count = worker->service_count};
    self->ready_due = false;
    self->ready_sent = true;
    self->welcome_end_ms = jf_clock_ms() + JF_WELCOME_MS_MAX;
    if (jf_link_send(self->link, &ready, JF_NEVER_MS) == -1) worker->error = self->link->error;
}

void jf_session_judge_welcome(jf_session_t *self) {
    bool waits = self->ready_sent && self->link->state == JF_LINK_UP && self->link->quiet;
    if (!waits || jf_clock_ms() < self->welcome_end_ms) return;
    jf_fault_local(&self->link->error, ECONNRESET, JF_NAME_NOT_CONNECTED, "%s: no WELCOME in %u ms",
        self->link->endpoint.text, JF_WELCOME_MS_MAX);
    jf_link_drop(self->link, 0);
}

int jf_session_settle(jf_worker_t *worker, jf_session_t *self) {
    for (;;) {
        jf_session_check_lost(worker, self);
        jf_message_t *message = jf_queue_pop(&self->link->inbox);
        if (!message) break;
        if (s_dispatch(worker, self, &message) == -1) {
            jf_queue_put_back(&self->link->inbox, message); /* no memory: tried again at the next turn */
            return -1;
        }
        jf_link_recycle(self->link, &message);
    }
    if (self->ready_due && self->link->state == JF_LINK_UP && self->drain == JF_DRAIN_NOT) s_send_ready(worker, self);
    return 0;
}

/* Whether nothing is in flight here, and no request can come any more. */
static bool s_may_leave(const jf_session_t *self) {
    /* Heartbeats are taken out when they are read: what came before them may still wait to be looked at. */
    return self->drain == JF_DRAIN_SENT && self->in_flight == 0 && self->link->heartbeats_open == 0
        && !self->link->inbox.first;
}

static bool s_has_left(const jf_session_t *self) {
    return self->drain == JF_DRAIN_LEFT && self->link->state != JF_LINK_LEAVING;
}

bool jf_session_may_go_on(const jf_session_t *self) {
    return !self->closed && (s_may_leave(self) || s_has_left(self));
}

bool jf_session_is_drained(jf_worker_t *worker, jf_session_t *self) {
    if (self->closed) return true;
    if (s_may_leave(self)) {
        jf_link_leave(self->link);
        self->drain = JF_DRAIN_LEFT;
        self->registered = false;
    }
    if (!s_has_left(self)) return false;
    jf_session_close(worker, self);
    return true;
}
