/* The inside of a worker. */
#ifndef JF_WORKER_H
#define JF_WORKER_H

#include "jackfield/worker.h"
#include "links.h"

/* A place for one request in flight. */
typedef struct jf_slot {
    uint64_t local_id; /* what the program calls it; 0: the place is free */
    uint64_t wire_id;  /* what the broker calls it */
    bool cancelled;    /* nobody waits for it; its place comes free when the program has let go of it */
} jf_slot_t;

/*
 * WANTED: WELCOME may be on its way, and requests behind it; DRAIN follows it. SENT: and a heartbeat behind it.
 * LEFT: all is answered, and DISCONNECT said.
 */
typedef enum jf_drain { JF_DRAIN_NOT, JF_DRAIN_WANTED, JF_DRAIN_SENT, JF_DRAIN_LEFT } jf_drain_t;

/* The worker's registration with one broker. */
typedef struct jf_session {
    jf_link_t *link;
    unsigned index;         /* among the worker's sessions */
    unsigned credit;        /* places */
    jf_slot_t *slots;       /* credit of them */
    uint16_t *free_slots;   /* a stack: indexes of free places */
    unsigned in_flight;     /* places taken */
    unsigned drops_seen;    /* of link->drops */
    bool ready_due;         /* READY must be sent, or sent again */
    bool ready_sent;        /* and neither WELCOME nor FAILURE came */
    bool registered;        /* WELCOME came on this connection */
    int64_t welcome_end_ms; /* when to give up waiting for it */
    jf_drain_t drain;
    bool closed;            /* drained, and its connection ended: the end */
} jf_session_t;

struct jf_worker {
    jf_links_t links;
    jf_session_t session[JF_BROKERS_MAX];                /* one for each link */
    jf_headers_t labels;                                 /* headers of READY */
    jf_headers_t *services[JF_SERVICES_PER_READY_MAX];   /* declarations */
    size_t service_count;
    unsigned credit;                                     /* places at each broker */
    jf_slot_t *slots;                                    /* of all sessions */
    uint16_t *free_slots;                                /* of all sessions */
    uint64_t sequence;                                   /* of local ids */
    jf_queue_t requests;                                 /* received, each with a place, not yet given out */
    jf_error_t error;                                    /* the last failure */
};

/* Takes the failure of a link for the worker's own; -1, and errno stays. */
int jf_worker_link_failed(jf_worker_t *self, const jf_link_t *link);

/* jf_headers_set, with the failure told. */
int jf_worker_set_header(jf_worker_t *self, jf_headers_t *headers, const char *name, const char *value);

/* READY must be sent again, to every broker. */
void jf_worker_set_ready_due(jf_worker_t *self);

/* ---- session.c ---- */

/* Gives a session its places; none may be taken. */
void jf_session_set_slots(jf_session_t *self, jf_slot_t *slots, uint16_t *free_slots, unsigned credit);

/* The session and the place of a request in flight; NULL: it is not. */
jf_slot_t *jf_session_find(jf_worker_t *worker, uint64_t local_id, jf_session_t **session_p);

void jf_session_free_slot(jf_session_t *self, jf_slot_t *slot);

/* Answers a cancelled request: with that its place comes free on both sides. */
int jf_session_end_cancelled(jf_worker_t *worker, jf_session_t *self, jf_slot_t *slot);

/* The same for one that the program has not seen, and whose deadline is over. */
void jf_session_end_late(jf_worker_t *worker, jf_session_t *self, jf_slot_t *slot);

/* Brings the state up to date with what was read. -1 and ENOMEM. */
int jf_session_settle(jf_worker_t *worker, jf_session_t *self);

/*
 * Gives up a broker that has not answered READY in time. To be called right after a turn: what has come while the program
 * was busy elsewhere must be read before.
 */
void jf_session_judge_welcome(jf_session_t *self);

/* Forgets what was in flight when the connection has been lost since the last look. */
void jf_session_check_lost(jf_worker_t *worker, jf_session_t *self);

/* Begins to leave. 0, or -1: the link has failed. */
int jf_session_drain(jf_worker_t *worker, jf_session_t *self);

/* Whether jf_session_is_drained has something to do at once: to say DISCONNECT, or to close. */
bool jf_session_may_go_on(const jf_session_t *self);

/* Whether it has ended: drained, with DISCONNECT sent and the connection ended, or lost while it drained. */
bool jf_session_is_drained(jf_worker_t *worker, jf_session_t *self);

/* Ends it: what is in flight is forgotten, and its link is not connected again. */
void jf_session_close(jf_worker_t *worker, jf_session_t *self);

#endif
