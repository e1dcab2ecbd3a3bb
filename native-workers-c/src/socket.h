/* Endpoints and non-blocking sockets, of TCP and of Unix. */
#ifndef JF_SOCKET_H
#define JF_SOCKET_H

#include <netdb.h>
#include <stdbool.h>

#include "jackfield/limits.h"

/* tcp://HOST:PORT or ipc://PATH */
typedef struct jf_endpoint {
    char text[JF_ENDPOINT_BYTES_MAX]; /* as given */
    bool is_ipc;                      /* a Unix socket */
    char host[JF_ENDPOINT_BYTES_MAX]; /* without brackets; for a Unix socket: its path */
    char port[6];                     /* decimal; empty for a Unix socket */
} jf_endpoint_t;

/* -1 and EINVAL. */
int jf_endpoint_parse(jf_endpoint_t *self, const char *text);

/* Starts to connect; the socket, or -1. *done_p: connected already. */
int jf_socket_connect(const struct addrinfo *address, bool *done_p);

/* The same with the path of a Unix socket. */
int jf_socket_connect_ipc(const char *path, bool *done_p);

/* 0, or why a connection that was begun did not come about (an errno). */
int jf_socket_outcome(int fd);

/* Sets O_NONBLOCK and FD_CLOEXEC. */
int jf_socket_set_flags(int fd);

#endif
