/* The inside of a worker. */
#ifndef JF_WORKER_H
#define JF_WORKER_H

#include "jackfield/worker.h"
#include "link.h"

/* A place for one request in flight. */
typedef struct jf_slot {
    uint64_t local_id; /* what the program calls it; 0: the place is free */
    uint64_t wire_id;  /* what the broker calls it */
    bool cancelled;    /* nobody waits for it; its place comes free when the program has let go of it */
} jf_slot_t;

typedef enum jf_drain { JF_DRAIN_NOT, JF_DRAIN_ASKED, JF_DRAIN_ANSWERED } jf_drain_t;

struct jf_worker {
    jf_link_t link;
    jf_headers_t labels;                                 /* headers of READY */
    jf_headers_t *services[JF_SERVICES_PER_READY_MAX];   /* declarations */
    size_t service_count;
    unsigned credit;                                     /* places */
    jf_slot_t *slots;                                    /* credit of them */
    uint16_t *free_slots;                                /* a stack: indexes of free places */
    unsigned in_flight;                                  /* places taken */
    uint64_t sequence;                                   /* of local ids */
    jf_queue_t requests;                                 /* received, each with a place, not yet given out */
    unsigned drops_seen;                                 /* of link.drops */
    bool ready_due;                                      /* READY must be sent, or sent again */
    bool ready_sent;                                     /* and neither WELCOME nor FAILURE came */
    bool registered;                                     /* WELCOME came on this connection */
    int64_t welcome_end_ms;                              /* when to give up waiting for it */
    size_t broker_body_bytes_max;                        /* what WELCOME said; 0: nothing */
    jf_drain_t drain;
    bool closed;                                         /* drained: the end */
    jf_error_t error;                                    /* the last failure */
};

/* Takes the failure of the link for the worker's own; -1, and errno stays. */
int jf_worker_link_failed(jf_worker_t *self);

/* jf_headers_set, with the failure told. */
int jf_worker_set_header(jf_worker_t *self, jf_headers_t *headers, const char *name, const char *value);

#endif
