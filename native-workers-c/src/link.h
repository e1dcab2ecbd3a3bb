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
    JF_LINK_LEAVING,    /* all is said; the end of the connection is awaited, for it says that the peer has read it */
    JF_LINK_REFUSED     /* for good: error says why */
} jf_link_state_t;

typedef struct jf_link {
    jf_endpoint_t endpoint;
    jf_link_state_t state;
    bool wanted;                 /* false: it is not connected by itself */
    int fd;                      /* -1: none */
    int epoll_fd;                /* the program's event loop waits there; -1: there is none */
    int watched;                 /* the events of fd that epoll_fd waits for; -1: it does not know fd */
    struct addrinfo *addresses;  /* of the host; NULL: not looked up */
    struct addrinfo *address;    /* the one in use or to try next; NULL: all were tried */
    unsigned drops;              /* how often the connection was lost or could not be made */
    bool was_up;                 /* ever */
    bool spoken;                 /* a message was sent on this connection: heartbeats are allowed */
    bool quiet;                  /* in this turn nothing came, and all that came before has been looked at */
    bool writing;                /* a message is half written: control bytes must wait */
    jf_zmtp_t zmtp;
    jf_queue_t inbox;            /* messages received, heartbeats taken out */
    unsigned bad_messages;       /* on this connection */
    uint8_t *out;                /* control bytes to write before the next message: out[out_start] on */
    size_t out_start;            /* offset */
    size_t out_end;              /* offset behind the last */
    size_t asked_body_bytes_max; /* what the program wants; 0: what the broker says */
    size_t body_bytes_max;       /* of what is sent */
    uint32_t heartbeat_ms;       /* interval of our own */
    uint32_t peer_heartbeat_ms;  /* interval that the broker expects; 0: it did not say */
    uint32_t reconnect_first_ms; /* back-off after the first failure */
    uint32_t reconnect_max_ms;   /* longest back-off */
    uint32_t backoff_ms;         /* back-off after the next failure */
    uint64_t random;             /* state of the jitter */
    int64_t retry_at_ms;         /* DOWN: when to connect */
    int64_t handshake_end_ms;    /* CONNECTING to GREETED: when to give up */
    int64_t leave_end_ms;        /* LEAVING: when to close all the same */
    int64_t sent_ms;             /* when a message was sent last */
    int64_t heard_ms;            /* when bytes came last */
    int64_t asked_ms;            /* when the first heartbeat without an answer was sent; 0: none is open */
    int64_t asked_last_ms;       /* when the last of them was sent */
    unsigned heartbeats_open;    /* those sent on this connection that have not got their own answer yet */
    jf_error_t error;            /* why the connection is not up, or was lost last */
    jf_wire_t wire;              /* the message that is being written */
} jf_link_t;

/* -1 and EINVAL or ENOMEM. Wanted at first. */
int jf_link_init(jf_link_t *self, const char *endpoint);
void jf_link_term(jf_link_t *self);

int jf_link_set_heartbeat_ms(jf_link_t *self, uint32_t interval_ms);
int jf_link_set_reconnect_ms(jf_link_t *self, uint32_t first_ms, uint32_t max_ms);
/* 0: what the broker says, and until it does JF_BODY_BYTES_MAX. */
int jf_link_set_body_bytes_max(jf_link_t *self, size_t bytes_max);

/* The broker's own limit: WELCOME said so. 0: it did not say. */
void jf_link_on_body_bytes_max(jf_link_t *self, uint64_t bytes_max);

/*
 * One turn, in two halves; between them jf_links waits for all links at once, for jf_link_events and until
 * jf_link_timer_ms. The first connects when it is time to; the second reads, writes what is pending, and keeps the
 * timers.
 */
void jf_link_begin(jf_link_t *self, int64_t now_ms);
void jf_link_end(jf_link_t *self, short happened, int64_t now_ms);

/*
 * Writes a message; waits for room until deadline_ms. 0: it was written whole. -1 and ENOTCONN, ECONNRESET, or ETIMEDOUT:
 * it was not; the connection is dropped unless nothing was written until deadline_ms, and that was before JF_SEND_MS_MAX.
 */
int jf_link_send(jf_link_t *self, const jf_outgoing_t *outgoing, int64_t deadline_ms);

/* Writes a message that is only a fixed header, now or as soon as the socket takes it. */
int jf_link_send_alone(jf_link_t *self, const jf_fixed_t *fixed);

/* Sends a heartbeat that is to be answered. As jf_link_send_alone. */
int jf_link_ask(jf_link_t *self);

/*
 * Says DISCONNECT and lets the peer read to the end: a socket that is closed before that throws away what it has not sent
 * yet when anything more comes from the peer. Does not wait: the turns do, until the state is DOWN. For good.
 */
void jf_link_leave(jf_link_t *self);

/* Closes the connection; the next try comes after the back-off, but not before retry_after_ms. */
void jf_link_drop(jf_link_t *self, uint32_t retry_after_ms);

/* The broker has ended the connection: drops it, and says with which code. */
void jf_link_on_disconnect(jf_link_t *self, const jf_message_t *disconnect);

/* The broker has lost its memory of this side: drops the connection, for a new one. */
void jf_link_on_forgotten(jf_link_t *self);

/* Ends it for good; error must say why. */
void jf_link_refuse(jf_link_t *self);

/* Closes without counting it as a loss: jf_link_begin would connect again, if it is wanted. */
void jf_link_close(jf_link_t *self);

/* What to wait for: events of fd; a time, JF_NEVER_MS when there is none. */
short jf_link_events(const jf_link_t *self);
int64_t jf_link_timer_ms(const jf_link_t *self);

/* Tells epoll_fd what to wait for. -1 with errno. */
int jf_link_watch(jf_link_t *self);

/* Frees a message, keeping its memory for the next. */
void jf_link_recycle(jf_link_t *self, jf_message_t **message_p);

#endif
