#define _GNU_SOURCE
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Large enough that one system call takes a whole window of small messages. */
#define READ_BYTES ((size_t) 256 << 10)

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

/* Room for that many bytes at the end: moves what is left to the front, grows where that is not enough. */
static char *s_room(buffer_t *buffer, size_t length) {
    if (buffer->begin == buffer->end)
        buffer->begin = buffer->end = 0;
    if (buffer->capacity - buffer->end < length && buffer->begin > 0) {
        memmove(buffer->data, buffer->data + buffer->begin, buffer->end - buffer->begin);
        buffer->end -= buffer->begin;
        buffer->begin = 0;
    }
    if (buffer->capacity - buffer->end < length) {
        buffer->capacity = (buffer->end + length) * 2;
        buffer->data = realloc(buffer->data, buffer->capacity);
        if (!buffer->data)
            fail("out of memory");
    }
    return buffer->data + buffer->end;
}

static void s_watch(connection_t *self, int operation) {
    struct epoll_event event = {.events = EPOLLIN | (self->waits_to_write ? EPOLLOUT : 0u), .data.ptr = self};
    if (epoll_ctl(self->poll, operation, self->fd, &event))
        fail("epoll_ctl: %s", strerror(errno));
}

static int s_connect(const char *host, const char *port) {
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    int rc = getaddrinfo(host, port, &wanted, &found);
    if (rc)
        fail("%s: %s", host, gai_strerror(rc));
    int fd = -1;
    for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen)) {
            int error = errno;
            close(fd);
            errno = error;
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd < 0)
        fail("no connection to %s:%s: %s", host, port, strerror(errno));
    return fd;
}

void connection_open(connection_t *self, const char *host, const char *port, int poll) {
    int one = 1;
    memset(self, 0, sizeof *self);
    self->fd = s_connect(host, port);
    self->poll = poll;
    setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (fcntl(self->fd, F_SETFL, O_NONBLOCK))
        fail("fcntl: %s", strerror(errno));
    s_watch(self, EPOLL_CTL_ADD);
}

bool connection_read(connection_t *self) {
    char *room = s_room(&self->in, READ_BYTES);
    ssize_t length = read(self->fd, room, self->in.capacity - self->in.end);
    if (length < 0)
        return errno == EAGAIN || errno == EINTR;
    self->in.end += (size_t) length;
    return length > 0;
}

void connection_put(connection_t *self, const void *bytes, size_t length) {
    memcpy(s_room(&self->out, length), bytes, length);
    self->out.end += length;
}

void connection_flush(connection_t *self) {
    while (self->out.begin < self->out.end) {
        ssize_t length = write(self->fd, self->out.data + self->out.begin, self->out.end - self->out.begin);
        if (length < 0 && errno == EAGAIN)
            break;
        if (length < 0 && errno != EINTR)
            fail("the connection was lost: %s", strerror(errno));
        self->out.begin += length > 0 ? (size_t) length : 0;
    }
    bool waits = self->out.begin < self->out.end;
    if (waits != self->waits_to_write) {
        self->waits_to_write = waits;
        s_watch(self, EPOLL_CTL_MOD);
    }
}

void connection_rest(connection_t *self) {
    free(self->in.data);
    free(self->out.data);
    self->in = self->out = (buffer_t){0};
}
