/*
 * One connection to a broker, kept up: connects, greets, reads messages into an inbox, writes, keeps heartbeats
 * and, when the connection is lost, connects again after a back-off. Belongs to the thread of its owner.
 */
#ifndef JF_LINK_H
#define JF_LINK_H

#include "message.h"
#include "socket.h"
#include "zmtp.h"

typedef enum jf_link_state {
    JF_LINK_DOWN,       /* no socket; the next try is at retry_at_ms */
    JF_LINK_CONNECTING, /* waiting for TCP */
    JF_LINK_GREETING,   /* our greeting is sent */
    JF_LINK_GREETED,    /* theirs has come and our READY is sent */
    JF_LINK_UP,         /* messages may be sent */
    JF_LINK_REFUSED     /* for good: error says why */
} jf_link_state_t;

typedef struct jf_link {
    jf_endpoint_t endpoint;
    jf_link_state_t state;
    int fd;                      /* -1: none */
    int wake_fd[2];              /* a pipe; -1: none */
    bool woken;                  /* a byte came through it, and nobody was told yet */
    struct addrinfo *addresses;  /* of the host; NULL: not looked up */
    struct addrinfo *address;    /* the one in use or to try next; NULL: all were tried */
    unsigned drops;              /* how often the connection was lost or could not be made */
    bool was_up;                 /* ever */
    bool spoken;                 /* a message was sent on this connection: heartbeats are allowed */
    bool writing;                /* a message is half written: control bytes must wait */
    jf_zmtp_t zmtp;
    jf_queue_t inbox;            /* messages received, heartbeats taken out */
    unsigned bad_messages;       /* on this connection */
    uint8_t *out;                /* control bytes to write before the next message: out[out_start] on */
    size_t out_start;            /* offset */
    size_t out_end;              /* offset behind the last */
    size_t body_bytes_max;       /* of what is sent */
    uint32_t heartbeat_ms;       /* interval of our own */
    uint32_t peer_heartbeat_ms;  /* interval that the broker expects; 0: it did not say */
    uint32_t reconnect_first_ms; /* back-off after the first failure */
    uint32_t reconnect_max_ms;   /* longest back-off */
    uint32_t backoff_ms;         /* back-off after the next failure */
    uint64_t random;             /* state of the jitter */
    int64_t retry_at_ms;         /* DOWN: when to connect */
    int64_t handshake_end_ms;    /* CONNECTING to GREETED: when to give up */
    int64_t sent_ms;             /* when a message was sent last */
    int64_t heard_ms;            /* when bytes came last */
    int64_t asked_ms;            /* when the first heartbeat without an answer was sent; 0: none is open */
    int64_t asked_last_ms;       /* when the last of them was sent */
    jf_error_t error;            /* why the connection is not up, or was lost last */
    jf_wire_t wire;              /* the message that is being written */
} jf_link_t;

/* -1 and EINVAL or ENOMEM, EMFILE. with_wake: jf_link_wake can be used. */
int jf_link_init(jf_link_t *self, const char *endpoint, bool with_wake);
void jf_link_term(jf_link_t *self);

int jf_link_set_heartbeat_ms(jf_link_t *self, uint32_t interval_ms);
int jf_link_set_reconnect_ms(jf_link_t *self, uint32_t first_ms, uint32_t max_ms);
int jf_link_set_body_bytes_max(jf_link_t *self, size_t bytes_max);

/*
 * One turn: connects when it is time to, waits for the socket until deadline_ms at most, reads, writes what is
 * pending, keeps the timers. 0: something may have changed. -1 and ETIMEDOUT, EINTR, EPROTO (refused for good).
 */
int jf_link_step(jf_link_t *self, int64_t deadline_ms);

/*
 * Writes a message; waits for room until deadline_ms. 0, or -1 and ENOTCONN, ECONNRESET, or ETIMEDOUT: the connection
 * is dropped unless nothing was written yet.
 */
int jf_link_send(jf_link_t *self, const jf_outgoing_t *outgoing, int64_t deadline_ms);

/* Writes a message that is only a fixed header, now or as soon as the socket takes it. */
int jf_link_send_alone(jf_link_t *self, const jf_fixed_t *fixed);

/* Closes the connection; the next try comes after the back-off, but not before retry_after_ms. */
void jf_link_drop(jf_link_t *self, uint32_t retry_after_ms);

/* The broker has ended the connection: drops it, and says with which code. */
void jf_link_on_disconnect(jf_link_t *self, const jf_message_t *disconnect);

/* Ends it for good; error must say why. */
void jf_link_refuse(jf_link_t *self);

/* Closes without a further try by itself: jf_link_step would connect again. */
void jf_link_close(jf_link_t *self);

void jf_link_wake(jf_link_t *self);

/* For poll loops of the program. */
short jf_link_events(const jf_link_t *self);
int64_t jf_link_timer_ms(const jf_link_t *self);

/* Frees a message, keeping its memory for the next. */
void jf_link_recycle(jf_link_t *self, jf_message_t **message_p);

#endif
