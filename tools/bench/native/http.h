/* As much of HTTP/1.1 as it takes to POST to a server that is trusted and says how long its responses are. */
#ifndef JF_BENCH_HTTP_H
#define JF_BENCH_HTTP_H

#include "connection.h"

typedef struct {
    const char *body;
    size_t length;
} http_response_t;

/* Writes the head of each request, for bodies of so many bytes, and returns its length. */
size_t http_head(char *head, size_t capacity, const char *host, const char *path, size_t bytes);

/* Takes one response from what was read; false if none is whole yet. Its body is valid until the next read. Ends the
 * program unless it is of status 200. */
bool http_take(connection_t *connection, http_response_t *response);

#endif
