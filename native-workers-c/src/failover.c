/* Which broker a client's requests go to, and what becomes of them when it is lost. */
#include <errno.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "fault.h"

jf_link_t *jf_client_link(jf_client_t *self) { return &self->links.link[self->current]; }

#define S_DOUBLINGS_MAX 10u /* of the pause before a request that was refused is sent again */
#define S_AGAIN_MS 10 /* what could not be ended for want of memory is tried again so much later */

static int s_no_memory(jf_client_t *self) {
    return jf_fault_local(&self->error, ENOMEM, JF_NAME_OUT_OF_MEMORY, "no memory for a failure");
}

/* ---- ends ---- */

static void s_keep_reply(jf_client_t *self, const jf_call_t *call, jf_message_t *reply) {
    reply->fn = call->fn;
    reply->arg = call->arg;
    jf_queue_push(call->fn ? &self->callbacks : &self->replies, reply);
    self->replies_count++;
}

bool jf_client_end(jf_client_t *self, jf_call_t *call, const jf_error_t *why) {
    jf_message_t *failure = jf_message_new_failure(call->id, why);
    if (!failure) {
        s_no_memory(self);
        return false;
    }
    s_keep_reply(self, call, failure);
    jf_calls_free(&self->calls, call);
    return true;
}

void jf_client_end_waiting(jf_client_t *self, const jf_error_t *why) {
    jf_call_t *next = NULL;
    for (jf_call_t *call = jf_calls_first_waiting(&self->calls); call; call = next) {
        next = jf_calls_next_waiting(&self->calls, call);
        jf_client_end(self, call, why);
    }
}

/* ---- sending ---- */

/* Whether it goes to a broker again when no worker can have got it: it was refused, or not sent to its end. */
static bool s_may_go_on(const jf_client_t *self, const jf_call_t *call) {
    return call->kept && call->sends <= self->retries;
}

/* Whether it goes to a broker again after one was lost with it. */
static bool s_may_go_again(const jf_client_t *self, const jf_call_t *call) {
    return call->idempotent && s_may_go_on(self, call);
}

static void s_wait_from(jf_client_t *self, jf_call_t *call, int64_t due_ms) {
    int64_t now_ms = jf_clock_ms(), from_ms = due_ms > now_ms ? due_ms : now_ms;
    int64_t end_ms = call->deadline_ms == JF_NEVER_MS ? from_ms + JF_RESEND_MS_MAX : call->deadline_ms;
    if (call->away_ms > 0 && from_ms + call->away_ms < end_ms) end_ms = from_ms + call->away_ms;
    jf_calls_wait(&self->calls, call, due_ms, end_ms);
}

void jf_client_wait(jf_client_t *self, jf_call_t *call) { s_wait_from(self, call, 0); }

int jf_client_send_call(jf_client_t *self, jf_call_t *call, jf_outgoing_t *outgoing, int64_t deadline_ms) {
    jf_link_t *link = jf_client_link(self);
    outgoing->fixed.id = call->id;
    if (call->deadline_ms != JF_NEVER_MS) {
        int64_t left_ms = call->deadline_ms - jf_clock_ms();
        outgoing->fixed.time_ms = left_ms > 0 ? (uint32_t)left_ms : 1;
    }
    call->sends++;
    if (jf_link_send(link, outgoing, deadline_ms) == 0) {
        jf_calls_sent(&self->calls, call, self->current);
        if (!call->idempotent && call->kept && call->kept->copied_bytes > 0) jf_calls_forget(&self->calls, call);
        return 0;
    }
    int why = errno;
    self->error = link->error;
    if (s_may_go_on(self, call)) {
        jf_client_wait(self, call);
        return 0;
    }
    errno = why;
    return -1;
}

static void s_send_waiting(jf_client_t *self) {
    jf_call_t *next = NULL;
    int64_t now_ms = jf_clock_ms();
    if (now_ms < self->calls.due_ms || jf_client_link(self)->state != JF_LINK_UP) return;
    self->calls.due_ms = JF_NEVER_MS; /* those that are left say when */
    for (jf_call_t *call = jf_calls_first_waiting(&self->calls); call; call = next) {
        next = jf_calls_next_waiting(&self->calls, call);
        if (call->due_ms > now_ms || jf_client_link(self)->state != JF_LINK_UP) {
            if (call->due_ms < self->calls.due_ms) self->calls.due_ms = call->due_ms;
            continue;
        }
        if (call->wait_end_ms <= jf_clock_ms()) continue; /* it ends as soon as there is memory */
        jf_calls_unwait(&self->calls, call);
        if (jf_client_send_call(self, call, &call->kept->outgoing, call->deadline_ms) == 0) continue;
        jf_error_t why = self->error;
        if (!jf_client_end(self, call, &why)) jf_calls_wait(&self->calls, call, 0, jf_clock_ms());
    }
}

/* Why a request that waits to be sent ends: one that was sent before may have been carried out. */
static jf_error_t s_not_sent(const jf_client_t *self, const jf_call_t *call) {
    const jf_error_t *known = jf_links_error(&self->links);
    jf_error_t why;
    if (!known) {
        jf_fault_coded(&why, ETIMEDOUT, JF_ERROR_DEADLINE_EXCEEDED, "not sent before the deadline");
        return why;
    }
    if (!call->lost) return *known;
    jf_fault_coded(&why, ECONNRESET, JF_ERROR_CONNECTION_LOST,
        "the broker was lost, and there is none to ask again: %s", known->cause);
    return why;
}

static void s_end_overdue(jf_client_t *self) {
    jf_call_t *next = NULL;
    int64_t now_ms = jf_clock_ms(), first_ms = JF_NEVER_MS;
    if (now_ms < self->calls.overdue_ms) return;
    for (jf_call_t *call = jf_calls_first_waiting(&self->calls); call; call = next) {
        next = jf_calls_next_waiting(&self->calls, call);
        if (now_ms < call->wait_end_ms) {
            if (call->wait_end_ms < first_ms) first_ms = call->wait_end_ms;
            continue;
        }
        jf_error_t why = s_not_sent(self, call);
        if (!jf_client_end(self, call, &why)) first_ms = now_ms + S_AGAIN_MS;
    }
    self->calls.overdue_ms = first_ms;
}

static bool s_is_silent(const jf_client_t *self, const jf_call_t *call, int64_t now_ms) {
    if (now_ms < call->end_ms || self->drops_seen[call->link] != self->links.link[call->link].drops) return false;
    return self->links.link[call->link].quiet;
}

/* False: not now, but it was to end. */
static bool s_end_silent(jf_client_t *self, jf_call_t *call) {
    jf_error_t why;
    uint64_t id = call->id;
    jf_link_t *link = &self->links.link[call->link];
    jf_fault_coded(&why, ETIMEDOUT, JF_ERROR_DEADLINE_EXCEEDED, "no answer in time, and no word of it from the broker");
    if (!jf_client_end(self, call, &why)) return false;
    jf_link_send_alone(link, &(jf_fixed_t){.command = JF_CANCEL, .id = id}); /* a lost connection has cancelled it too */
    return true;
}

void jf_client_end_silent(jf_client_t *self) {
    int64_t now_ms = jf_clock_ms(), first_ms = JF_NEVER_MS;
    if (now_ms < self->calls.silent_ms) return;
    for (unsigned i = 0; i < self->calls.count; i++) {
        jf_call_t *call = &self->calls.call[i];
        if (call->id == 0 || call->link == JF_CALL_WAITS) continue;
        if (s_is_silent(self, call, now_ms)) {
            if (!s_end_silent(self, call)) first_ms = now_ms + S_AGAIN_MS;
        } else if (call->end_ms < first_ms) {
            first_ms = call->end_ms;
        }
    }
    self->calls.silent_ms = first_ms;
}

/* ---- brokers that come and go ---- */

static void s_on_lost(jf_client_t *self, size_t index) {
    const jf_link_t *link = &self->links.link[index];
    jf_error_t why = link->error;
    bool all_told = true;
    if (!jf_fault_is_set(&why)) jf_fault_coded(&why, ECONNRESET, JF_ERROR_CONNECTION_LOST, "the connection was lost");
    for (unsigned i = 0; i < self->calls.count; i++) {
        jf_call_t *call = &self->calls.call[i];
        if (call->id == 0 || call->link != index) continue;
        call->lost = true;
        if (s_may_go_again(self, call)) jf_client_wait(self, call);
        else jf_client_end(self, call, &why);
        if (call->id != 0 && call->link == index) all_told = false; /* no memory: tried again */
    }
    if (all_told) self->drops_seen[index] = link->drops;
    self->leaving[index] = false;
}

static bool s_is_open(const jf_link_t *link) { return link->state != JF_LINK_DOWN && link->state != JF_LINK_REFUSED; }

/*
 * Requests stay with a broker that is there. When it has gone, the one that may be tried first is the next: each link
 * has a back-off of its own, so that all of them are tried in turn. A broker that drains is the last resort.
 */
static void s_choose(jf_client_t *self) {
    size_t best = SIZE_MAX;
    if (s_is_open(jf_client_link(self)) && !self->leaving[self->current]) return;
    for (size_t k = 0; k < self->links.count; k++) {
        size_t i = (self->current + k) % self->links.count;
        const jf_link_t *link = &self->links.link[i];
        if (link->state == JF_LINK_REFUSED) continue;
        bool better = best == SIZE_MAX || (self->leaving[best] && !self->leaving[i])
            || (self->leaving[best] == self->leaving[i] && link->retry_at_ms < self->links.link[best].retry_at_ms);
        if (better) best = i;
    }
    if (best == SIZE_MAX) return; /* all are refused: the turn tells */
    for (size_t i = 0; i < self->links.count; i++) self->links.link[i].wanted = i == best;
    self->current = best;
}

/* ---- what a broker sends ---- */

/* A request that the broker refused because it drains was not carried out: another broker may have it. */
static bool s_goes_elsewhere(jf_client_t *self, size_t index, jf_call_t *call) {
    if (self->links.count == 1 || !s_may_go_on(self, call)) return false;
    self->leaving[index] = true;
    jf_client_wait(self, call);
    return true;
}

/* One that was refused for now is sent again after a pause, which doubles, and not before the failure says. */
static bool s_goes_later(jf_client_t *self, jf_call_t *call, uint32_t retry_after_ms) {
    if (!s_may_go_again(self, call)) return false;
    unsigned doublings = call->sends - 1 < S_DOUBLINGS_MAX ? call->sends - 1 : S_DOUBLINGS_MAX;
    int64_t pause_ms = (int64_t)JF_RETRY_MS << doublings;
    int64_t due_ms = jf_clock_ms() + (pause_ms > retry_after_ms ? pause_ms : retry_after_ms);
    if (due_ms >= call->deadline_ms) return false;
    s_wait_from(self, call, due_ms);
    return true;
}

/* Whether a request goes on after what came for it. */
static bool s_goes_on(jf_client_t *self, size_t index, jf_call_t *call, const jf_message_t *message) {
    if (message->fixed.command != JF_FAILURE) return false;
    bool draining = message->fixed.code == JF_ERROR_DRAINING;
    if (draining && s_goes_elsewhere(self, index, call)) return true;
    return (draining || message->fixed.code == JF_ERROR_OVERLOADED) && s_goes_later(self, call, message->fixed.time_ms);
}

static int s_on_answer(jf_client_t *self, size_t index, jf_message_t **message_p) {
    jf_message_t *message = *message_p;
    if (jf_message_open(message) == -1) {
        return s_no_memory(self);
    }
    jf_call_t *call = jf_calls_find(&self->calls, message->fixed.id);
    if (message->fixed.id == 0) self->error = *message->failure; /* only a FAILURE may have none */
    if (!call || call->link != index) return 0;                  /* late: given up, or cancelled */
    if (s_goes_on(self, index, call, message)) return 0;
    message->local_id = call->id;
    s_keep_reply(self, call, message);
    *message_p = NULL;
    if (jf_message_is_partial(message)) jf_calls_forget(&self->calls, call); /* half an answer cannot be taken back */
    else jf_calls_free(&self->calls, call);
    return 0;
}

/* An answer that cannot be read ends its request: nobody may wait for ever. */
static int s_on_wrong(jf_client_t *self, size_t index, const jf_message_t *message) {
    jf_error_t why;
    jf_call_t *call = jf_calls_find(&self->calls, message->fixed.id);
    jf_fault_coded(&why, EPROTO, message->wrong_code, "the broker's answer cannot be read: %s", message->wrong);
    self->error = why;
    return !call || call->link != index || jf_client_end(self, call, &why) ? 0 : -1;
}

/* The broker does not know this client (any more), nor its requests: as good as a lost connection. */
static bool s_is_forgotten(const jf_message_t *message) {
    return message->fixed.command == JF_FAILURE && message->fixed.id == 0 && message->fixed.code == JF_ERROR_NOT_READY;
}

/* 0, or -1 and ENOMEM: *message_p has not been dealt with. */
static int s_dispatch(jf_client_t *self, size_t index, jf_message_t **message_p) {
    jf_message_t *message = *message_p;
    if (message->wrong_code != 0) return s_on_wrong(self, index, message);
    if (s_is_forgotten(message)) {
        jf_link_on_forgotten(&self->links.link[index]);
        return 0;
    }
    if (message->fixed.command == JF_REPLY || message->fixed.command == JF_FAILURE) {
        return s_on_answer(self, index, message_p);
    }
    if (message->fixed.command == JF_DRAIN) self->leaving[index] = true;
    if (message->fixed.command == JF_DISCONNECT) jf_link_on_disconnect(&self->links.link[index], message);
    return 0;
}

/* What came before a connection was lost counts. */
static int s_settle_link(jf_client_t *self, size_t index) {
    jf_link_t *link = &self->links.link[index];
    for (jf_message_t *message = jf_queue_pop(&link->inbox); message; message = jf_queue_pop(&link->inbox)) {
        if (s_dispatch(self, index, &message) == -1) {
            jf_queue_put_back(&link->inbox, message); /* no memory: tried again at the next turn */
            return -1;
        }
        jf_link_recycle(link, &message);
    }
    if (self->drops_seen[index] != link->drops) s_on_lost(self, index);
    return 0;
}

int jf_client_settle(jf_client_t *self) {
    for (size_t i = 0; i < self->links.count; i++) {
        if (s_settle_link(self, i) == -1) return -1;
    }
    s_choose(self);
    s_end_overdue(self); /* first: what is too late must not wait for a peer that takes no bytes */
    s_send_waiting(self);
    return 0;
}
