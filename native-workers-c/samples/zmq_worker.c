/*
 * Serves is-prime with nothing but libzmq: a REP socket that knows no protocol of ours. Any ZeroMQ program will do:
 * connected to a broker, it serves the service of the endpoint it connects to.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "prime.h"

#define S_REQUEST_BYTES_MAX 64 /* longer ones are no numbers below 2^64 */
#define S_HANDSHAKE_MS_MAX 10000

static volatile sig_atomic_t s_stop;

static void s_on_signal(int number) {
    (void)number;
    s_stop = 1;
}

static int s_complain(const char *what) {
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    return 1;
}

static const char *s_parse(int argc, char **argv) {
    const char *endpoint = "tcp://127.0.0.1:5555";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            printf("Is a number prime? A worker on plain libzmq.\n\nusage: %s [--connect tcp://HOST:PORT]\n\n"
                   "  --connect  the broker (default %s)\n\n"
                   "It serves the service of the endpoint. Prints \"ready\" when connected.\n"
                   "SIGTERM ends it after its request.\n",
                argv[0], endpoint);
            exit(0);
        }
        if (strcmp(argv[i], "--connect") != 0 || i + 1 == argc) {
            fprintf(stderr, "%s: unknown option, or its value is missing (--help lists the options)\n", argv[0]);
            exit(2);
        }
        endpoint = argv[++i];
    }
    return endpoint;
}

/* One request, one reply. -1 with errno. */
static int s_serve_one(void *socket) {
    char request[S_REQUEST_BYTES_MAX], reply[64];
    uint64_t number = 0;
    int more = 0, parts = 1;
    size_t more_len = sizeof more;
    int len = zmq_recv(socket, request, sizeof request, 0);
    if (len == -1) return -1;
    while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_len) == 0 && more) {
        char rest[1];
        if (zmq_recv(socket, rest, sizeof rest, 0) == -1) return -1;
        parts++;
    }
    if (parts > 1 || len > S_REQUEST_BYTES_MAX || !prime_parse(request, (size_t)len, &number)) {
        snprintf(reply, sizeof reply, "ERROR: not a decimal number below 2^64");
    } else {
        snprintf(reply, sizeof reply, "%" PRIu64, prime_smallest_divisor(number, NULL, NULL));
    }
    return zmq_send(socket, reply, strlen(reply), 0);
}

/* A signal may come just before the wait: the timeout is what bounds the end then. */
static int s_serve(void *socket) {
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    while (!s_stop) {
        int count = zmq_poll(&item, 1, 250);
        if (count == -1 && zmq_errno() != EINTR) return s_complain("poll");
        if (count > 0 && s_serve_one(socket) == -1 && zmq_errno() != EINTR) return s_complain("request");
    }
    return 0;
}

/* Waits until the handshake with the broker is done: 0, or 1 when it was stopped or failed. */
static int s_wait_connected(void *monitor, const char *endpoint) {
    int waited_ms = 0;
    while (!s_stop && waited_ms < S_HANDSHAKE_MS_MAX) {
        zmq_pollitem_t item = {.socket = monitor, .events = ZMQ_POLLIN};
        uint16_t event = 0;
        uint8_t frame[6];
        char address[256];
        if (zmq_poll(&item, 1, 100) < 1) {
            waited_ms += 100;
            continue;
        }
        if (zmq_recv(monitor, frame, sizeof frame, 0) == 6) memcpy(&event, frame, sizeof event);
        if (zmq_recv(monitor, address, sizeof address, 0) == -1) return s_complain("monitor");
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) return 0;
    }
    if (!s_stop) fprintf(stderr, "%s: no broker in %d ms (is one listening there?)\n", endpoint, S_HANDSHAKE_MS_MAX);
    return 1;
}

static int s_run(void *socket, void *monitor, const char *endpoint) {
    int linger_ms = 1000;
    zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    if (zmq_socket_monitor(socket, "inproc://monitor", ZMQ_EVENT_HANDSHAKE_SUCCEEDED) == -1
        || zmq_connect(monitor, "inproc://monitor") == -1) {
        return s_complain("monitor");
    }
    if (zmq_connect(socket, endpoint) == -1) return s_complain(endpoint);
    if (s_wait_connected(monitor, endpoint) != 0) return s_stop ? 0 : 1;
    printf("ready\n");
    fflush(stdout);
    return s_serve(socket);
}

int main(int argc, char **argv) {
    const char *endpoint = s_parse(argc, argv);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = s_on_signal;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    void *context = zmq_ctx_new();
    void *socket = context ? zmq_socket(context, ZMQ_REP) : NULL;
    void *monitor = context ? zmq_socket(context, ZMQ_PAIR) : NULL;
    int result = socket && monitor ? s_run(socket, monitor, endpoint) : s_complain("libzmq");
    if (monitor) zmq_close(monitor);
    if (socket) zmq_close(socket);
    if (context) zmq_ctx_term(context);
    return result;
}
