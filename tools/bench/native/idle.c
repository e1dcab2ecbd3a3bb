/* Connects peers that say nothing more after the handshake: idle HOST PORT COUNT. Prints "connected" and how long that took
 * when all have shaken hands; then runs until it is killed. If the broker closes one of them, that is a failure: one line
 * on stderr and exit code 1. */
#define _GNU_SOURCE
#include "clock.h"
#include "zmtp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define EVENTS_MAX 64
#define SILENCE_MS_MAX 10000

/* That many shake hands at the same time: enough for the broker never to wait for us. */
#define HANDSHAKES_MAX 64

typedef struct {
    const char *host;
    const char *port;
    connection_t *peers;
    size_t count;
    size_t opened;
    size_t connected; /* those that have shaken hands */
    int poll;
} idle_t;

/* A process may have fewer files open than it may ask for. */
static void s_raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        fail("getrlimit: %s", strerror(errno));
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit))
        fail("setrlimit: %s", strerror(errno));
}

/* Closed with a reset, for else its port would be of no use for a minute, and there are not ports enough for that. */
static void s_open(idle_t *self) {
    struct linger reset = {.l_onoff = 1};
    connection_t *peer = &self->peers[self->opened++];
    connection_open(peer, self->host, self->port, self->poll);
    if (setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset))
        fail("setsockopt: %s", strerror(errno));
    zmtp_hello(peer);
    connection_flush(peer);
}

static void s_take(idle_t *self, connection_t *peer) {
    zmtp_frame_t frame;
    if (peer->stage == STAGE_GREETING) {
        if (!zmtp_greeted(peer))
            return;
        peer->stage = STAGE_READY;
    }
    while (zmtp_take(peer, &frame))
        if (frame.command && peer->stage == STAGE_READY) {
            peer->stage = STAGE_OPEN;
            self->connected++;
        }
    if (peer->stage == STAGE_OPEN && connection_available(peer) == 0)
        connection_rest(peer);
}

static void s_turn(idle_t *self, int timeout_ms) {
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(self->poll, events, EVENTS_MAX, timeout_ms);
    if (count == 0)
        fail("only %zu of %zu idle peers are connected, and none more within %d ms", self->connected, self->count, timeout_ms);
    for (int i = 0; i < count; i++) {
        connection_t *peer = events[i].data.ptr;
        if (!connection_read(peer))
            fail("the broker closed the connection of an idle peer when %zu of %zu were connected: see its limits", self->connected, self->count);
        s_take(self, peer);
        if (peer->stage != STAGE_OPEN)
            connection_flush(peer);
    }
}

int main(int argc, char **argv) {
    if (argc != 4)
        fail("usage: idle HOST PORT COUNT");
    idle_t idle = {.host = argv[1], .port = argv[2], .count = strtoul(argv[3], NULL, 10), .poll = epoll_create1(EPOLL_CLOEXEC)};
    idle.peers = calloc(idle.count, sizeof *idle.peers);
    if (!idle.peers)
        fail("out of memory");
    s_raise_file_limit();
    uint64_t begin_ns = clock_ns(CLOCK_MONOTONIC);
    while (idle.connected < idle.count) {
        while (idle.opened < idle.count && idle.opened - idle.connected < HANDSHAKES_MAX)
            s_open(&idle);
        s_turn(&idle, SILENCE_MS_MAX);
    }
    printf("connected time-ns=%" PRIu64 "\n", clock_ns(CLOCK_MONOTONIC) - begin_ns);
    fflush(stdout);
    for (;;)
        s_turn(&idle, -1);
}
