/* As much of ZMTP 3.0 (RFC 23) as a DEALER needs that trusts its peer. Of minor version 0, so that nobody sends it PINGs. */
#ifndef JF_BENCH_ZMTP_H
#define JF_BENCH_ZMTP_H

#include "connection.h"

typedef struct {
    bool more;        /* another frame of the same message follows */
    bool command;     /* not part of a message */
    const char *body;
    size_t length;
} zmtp_frame_t;

/* Greeting and READY of a DEALER: both may be sent before the peer has said anything. */
void zmtp_hello(connection_t *connection);

/* Takes the peer's greeting from what was read; false if it is not whole yet. */
bool zmtp_greeted(connection_t *connection);

/* Takes one frame from what was read; false if none is whole yet. Its body is valid until the next read. */
bool zmtp_take(connection_t *connection, zmtp_frame_t *frame);

void zmtp_put(connection_t *connection, bool more, const void *body, size_t length);

#endif
