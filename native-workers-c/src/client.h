/* The inside of a client. */
#ifndef JF_CLIENT_H
#define JF_CLIENT_H

#include "calls.h"
#include "links.h"

struct jf_client {
    jf_links_t links;
    size_t current;                      /* the link that requests go to; the others end what they have */
    bool leaving[JF_BROKERS_MAX];        /* that link's broker drains: what is new goes to another, if there is one */
    unsigned drops_seen[JF_BROKERS_MAX]; /* of each link's drops */
    jf_calls_t calls;
    uint32_t connect_ms;                 /* how long a call waits for a connection */
    unsigned retries;                    /* how often an idempotent request is sent again */
    jf_queue_t replies;                  /* received or made here, and not yet given out */
    jf_queue_t callbacks;                /* the same, for callbacks */
    size_t replies_count;                /* in both */
    jf_error_t error;                    /* the last failure */
};

/* ---- failover.c ---- */

/* The link that requests go to. */
jf_link_t *jf_client_link(jf_client_t *self);

/* Brings the state up to date with what was read, and sends what waits when there is a connection. -1 and ENOMEM. */
int jf_client_settle(jf_client_t *self);

/* Ends a request with a failure of this side. False, and ENOMEM: it has not ended. */
bool jf_client_end(jf_client_t *self, jf_call_t *call, const jf_error_t *why);

/* Puts it among those that wait to be sent. */
void jf_client_wait(jf_client_t *self, jf_call_t *call);

/* Ends all that wait to be sent: there will be no connection. */
void jf_client_end_waiting(jf_client_t *self, const jf_error_t *why);

/*
 * Ends what was sent and has got no final answer for too long. To be called right after a turn: what has come while the
 * program was busy elsewhere must be read before.
 */
void jf_client_end_silent(jf_client_t *self);

/* Sends it on the link that is up; what may be sent again waits when that fails. -1: it is not in flight any more. */
int jf_client_send_call(jf_client_t *self, jf_call_t *call, jf_outgoing_t *outgoing, int64_t deadline_ms);

#endif
