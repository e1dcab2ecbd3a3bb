/* libzmq's own broker, for comparison: clients at the first address that it prints, workers at the second. */
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

/* Without a high-water mark, for with one it drops what a slow peer does not read in time. */
static void *s_bind(void *context, int type) {
    int none = 0;
    void *socket = zmq_socket(context, type);
    if (!socket || zmq_setsockopt(socket, ZMQ_SNDHWM, &none, sizeof none) ||
        zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof none) || zmq_bind(socket, "tcp://127.0.0.1:*")) {
        fprintf(stderr, "%s\n", zmq_strerror(zmq_errno()));
        exit(1);
    }
    return socket;
}

static void s_print_address(void *socket) {
    char address[256];
    size_t size = sizeof address;
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, address, &size) == 0)
        printf(" %s", address);
}

int main(void) {
    int major, minor, patch;
    void *context = zmq_ctx_new();
    void *clients = s_bind(context, ZMQ_ROUTER);
    void *workers = s_bind(context, ZMQ_DEALER);
    zmq_version(&major, &minor, &patch);
    printf("ready");
    s_print_address(clients);
    s_print_address(workers);
    printf(" libzmq %d.%d.%d\n", major, minor, patch);
    fflush(stdout);
    return zmq_proxy(clients, workers, NULL);
}
