/*
 * A broker that plays a script, in a thread of its own: the ROUTER side of ZMTP and the bytes of JF1, written out here
 * a second time so that nothing is tested by itself. Every read has a deadline; a broken expectation ends the program.
 */
#ifndef JF_FAKE_BROKER_H
#define JF_FAKE_BROKER_H

#include <pthread.h>
#include <stdint.h>
#include <stddef.h>

#define FAKE_FRAMES_MAX 80
#define FAKE_DEADLINE_S 20

typedef struct fake_message {
    int command;  /* of the fixed header */
    int flags, code, count;
    uint64_t id;
    uint32_t time_ms;
    int frames;
    uint8_t *frame[FAKE_FRAMES_MAX]; /* each ends with a zero byte that is not counted */
    size_t len[FAKE_FRAMES_MAX];
} fake_message_t;

typedef struct fake_broker fake_broker_t;
typedef void (*fake_script_fn)(fake_broker_t *self);

struct fake_broker {
    int listen_fd;
    int fd;                 /* the connection that the script plays with */
    char endpoint[128];     /* where it listens */
    char folder[64];        /* of its Unix socket; empty: it listens on TCP */
    char pong[32];          /* context of the last PONG that came, as text */
    pthread_t thread;
    fake_script_fn script;
    fake_message_t message; /* the last one read */
};

/* Listens on a free port and plays the script. */
void fake_start(fake_broker_t *self, fake_script_fn script);
/* The same on a Unix socket. */
void fake_start_ipc(fake_broker_t *self, fake_script_fn script);
/* Waits for the end of the script. */
void fake_wait(fake_broker_t *self);
/* Closes. */
void fake_end(fake_broker_t *self);
/* Both. */
void fake_join(fake_broker_t *self);

/* For scripts. */
void fake_accept_only(fake_broker_t *self);
/* Accepts and shakes hands. */
void fake_accept(fake_broker_t *self);
void fake_handshake(fake_broker_t *self, const char *mechanism, const char *socket_type);
/* Accepts a peer of any socket type, as a DEALER: what a REP worker sees. */
void fake_accept_any(fake_broker_t *self);
void fake_close(fake_broker_t *self);
/* Reads a message, which must have that command. HEARTBEATs that ask are answered, unless one is expected. */
fake_message_t *fake_expect(fake_broker_t *self, int command);
/* Reads until the peer has closed, or has said all it has to say; then closes. */
void fake_expect_close(fake_broker_t *self);
void fake_bytes(fake_broker_t *self, const void *bytes, size_t len);
void fake_frame(fake_broker_t *self, unsigned flags, const void *bytes, size_t len);
/* A fixed header as a frame; more: others follow. */
void fake_fixed(
    fake_broker_t *self, int command, int flags, int code, uint64_t id, uint32_t time_ms, int count, int more);
/* A message with one body part. */
void fake_request(fake_broker_t *self, uint64_t id, const char *service, const char *body);
void fake_reply(fake_broker_t *self, uint64_t id, int flags, const char *body);
void fake_failure(
    fake_broker_t *self, uint64_t id, int code, uint32_t retry_after_ms, const char *headers, const char *cause);
/* Reads a message of any protocol into self->message. */
void fake_read(fake_broker_t *self);
void fake_request_bytes(fake_broker_t *self, uint64_t id, const char *service, const void *body, size_t len);
/* READY is expected, and WELCOME sent. */
void fake_welcome(fake_broker_t *self);
void fake_welcome_limited(fake_broker_t *self, size_t body_bytes_max);
void fake_say_welcome(fake_broker_t *self, size_t body_bytes_max);

#endif
