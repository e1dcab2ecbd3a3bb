/* One connection of an epoll loop, with what was read from it and what waits to be written to it. */
#ifndef JF_BENCH_CONNECTION_H
#define JF_BENCH_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes from begin to end; what is before begin is used up. */
typedef struct {
    char *data;
    size_t begin;
    size_t end;
    size_t capacity;
} buffer_t;

/* What of its own protocol a connection has behind it. */
typedef enum { STAGE_GREETING, STAGE_READY, STAGE_OPEN } stage_t;

typedef struct {
    int fd;
    int poll;          /* the epoll instance that watches fd */
    bool waits_to_write; /* whether it is watched for room in the socket, too */
    stage_t stage;
    buffer_t in;
    buffer_t out;
} connection_t;

/* Ends the program with one line on stderr. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Connects, and has poll watch the connection. Ends the program where nobody listens. */
void connection_open(connection_t *self, const char *host, const char *port, int poll);

/* Reads what there is, up to a bound. False: the other side has closed. */
bool connection_read(connection_t *self);

/* Appends to what waits to be written. */
void connection_put(connection_t *self, const void *bytes, size_t length);

/* Writes what the socket takes; the rest when connection_flush is called again, as soon as there is room. */
void connection_flush(connection_t *self);

/* Gives back the memory of what was read and written, for a connection that has nothing more to say. */
void connection_rest(connection_t *self);

/* How many bytes were read and are not used up. */
static inline size_t connection_available(const connection_t *self) {
    return self->in.end - self->in.begin;
}

/* The first of them. */
static inline const char *connection_bytes(const connection_t *self) {
    return self->in.data + self->in.begin;
}

static inline void connection_use(connection_t *self, size_t length) {
    self->in.begin += length;
}

#endif
