/*
 * The requests of a client that have not ended: a table, and a list of those that wait to be sent, first in, first out.
 * An id's low 16 bits are its place in the table. Knows no connection.
 */
#ifndef JF_CALLS_H
#define JF_CALLS_H

#include "jackfield/client.h"
#include "raw.h"

#define JF_CALL_WAITS SIZE_MAX /* for jf_call_t.link: it waits to be sent */

/* A request's content, kept to be sent later or again. */
typedef struct jf_kept {
    jf_outgoing_t outgoing;
    size_t copied_bytes; /* of bodies; those that are the caller's are not counted */
    jf_part_t part[];    /* what outgoing.parts points to; behind them, what was copied */
} jf_kept_t;

typedef struct jf_call {
    uint64_t id;         /* 0: the place is free */
    size_t link;         /* index of the link that it was sent on, or JF_CALL_WAITS */
    jf_kept_t *kept;     /* what is sent when it is sent (again); NULL: it is not */
    unsigned sends;      /* how often it was sent */
    bool idempotent;     /* it may be sent again */
    bool lost;           /* a broker that it was sent to was lost: a worker may have got it */
    uint32_t away_ms;    /* how long it waits for a broker while there is none; 0: until its deadline */
    int64_t deadline_ms; /* JF_NEVER_MS: the service's own */
    int64_t end_ms;      /* once sent: when the client ends it if nothing is said of it; JF_NEVER_MS: it does not */
    int64_t due_ms;      /* while it waits to be sent: not before; 0: as soon as there is a connection */
    int64_t wait_end_ms; /* while it waits to be sent: how long */
    size_t next;         /* while it waits: the place of the one behind it; SIZE_MAX: none */
    jf_reply_fn fn;      /* gets what comes for it; NULL: jf_client_recv does */
    void *arg;           /* of fn */
} jf_call_t;

typedef struct jf_calls {
    jf_call_t *call;     /* count of them */
    unsigned count;      /* places */
    unsigned taken;      /* places taken */
    unsigned next;       /* where to look for a free one first */
    uint64_t sequence;   /* of ids */
    size_t first_waiting; /* places; SIZE_MAX: none waits */
    size_t last_waiting;
    int64_t due_ms;      /* not before then may one that waits be sent; JF_NEVER_MS: there is none */
    int64_t overdue_ms;  /* not before then does one that waits have to end; JF_NEVER_MS: none waits */
    int64_t silent_ms;   /* not before then does one that was sent have to end; JF_NEVER_MS: there is none */
    size_t kept_bytes;   /* sum of what is copied */
} jf_calls_t;

void jf_calls_init(jf_calls_t *self);
void jf_calls_term(jf_calls_t *self);

/* A new one with an id; NULL and EAGAIN (too many) or ENOMEM. Pointers to others are not valid any more. */
jf_call_t *jf_calls_take(jf_calls_t *self);

/* NULL: it has ended, or never was. */
jf_call_t *jf_calls_find(const jf_calls_t *self, uint64_t id);

/* Ends it: its place is free, what was kept for it is forgotten. */
void jf_calls_free(jf_calls_t *self, jf_call_t *call);

/* Keeps its content; copy_bodies: or trusts the caller to leave the bytes as they are. -1 and EAGAIN, ENOMEM. */
int jf_calls_keep(jf_calls_t *self, jf_call_t *call, const jf_outgoing_t *outgoing, bool copy_bodies);

/* It will not be sent again. */
void jf_calls_forget(jf_calls_t *self, jf_call_t *call);

/* It was sent on that link. */
void jf_calls_sent(jf_calls_t *self, jf_call_t *call, size_t link);

/* Puts it at the end of the waiting list, from due_ms until wait_end_ms; takes it out of it, wherever it is. */
void jf_calls_wait(jf_calls_t *self, jf_call_t *call, int64_t due_ms, int64_t wait_end_ms);
void jf_calls_unwait(jf_calls_t *self, jf_call_t *call);

/* The one that waits longest; NULL: none. And the one behind it. */
jf_call_t *jf_calls_first_waiting(const jf_calls_t *self);
jf_call_t *jf_calls_next_waiting(const jf_calls_t *self, const jf_call_t *call);

#endif
