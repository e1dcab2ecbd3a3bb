/* As much of NATS's text protocol as request/reply needs, with a server that is trusted. */
#ifndef JF_BENCH_NATS_H
#define JF_BENCH_NATS_H

#include "connection.h"

#define NATS_SUBJECT_BYTES_MAX 256

/* What the load program asks, and the echo program subscribes to. */
#define NATS_ECHO "echo"

typedef struct {
    const char *subject;
    size_t subject_length;
    const char *reply_to; /* the subject that an answer goes to; of no length: none is wanted */
    size_t reply_to_length;
    const char *body;
    size_t length;
} nats_message_t;

/* Subscribes to a subject, and has the server say when it has done so: the connection is then at STAGE_OPEN. */
void nats_hello(connection_t *connection, const char *subject);

/* Takes one message from what was read, and answers the server's PINGs on the way; false if none is whole yet. What it
 * points to is valid until the next read. Ends the program where the server reports an error. */
bool nats_take(connection_t *connection, nats_message_t *message);

void nats_put(connection_t *connection, const nats_message_t *message);

#endif
