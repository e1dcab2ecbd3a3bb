/* A worker that gives back every message as it came, without looking into it: echo zmtp|nats HOST PORT. Runs until the
 * other side closes the connection, or it is killed. */
#include "nats.h"
#include "zmtp.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

static void s_ready(void) {
    puts("ready");
    fflush(stdout);
}

static void s_echo_zmtp(connection_t *connection) {
    zmtp_frame_t frame;
    if (connection->stage == STAGE_GREETING) {
        if (!zmtp_greeted(connection))
            return;
        connection->stage = STAGE_OPEN;
    }
    while (zmtp_take(connection, &frame))
        if (!frame.command)
            zmtp_put(connection, frame.more, frame.body, frame.length);
}

/* What is published before the subscription is in force is lost, so that it is ready only then. */
static void s_echo_nats(connection_t *connection) {
    nats_message_t message;
    bool was_open = connection->stage == STAGE_OPEN;
    while (nats_take(connection, &message)) {
        nats_message_t answer = {message.reply_to, message.reply_to_length, NULL, 0, message.body, message.length};
        nats_put(connection, &answer);
    }
    if (!was_open && connection->stage == STAGE_OPEN)
        s_ready();
}

int main(int argc, char **argv) {
    connection_t connection;
    struct epoll_event event;
    if (argc != 4)
        fail("usage: echo zmtp|nats HOST PORT");
    bool nats = strcmp(argv[1], "nats") == 0;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    connection_open(&connection, argv[2], argv[3], poll);
    if (nats)
        nats_hello(&connection, NATS_ECHO);
    else
        zmtp_hello(&connection);
    connection_flush(&connection);
    if (!nats)
        s_ready();
    while (epoll_wait(poll, &event, 1, -1) >= 0) {
        if (!connection_read(&connection))
            return 0;
        if (nats)
            s_echo_nats(&connection);
        else
            s_echo_zmtp(&connection);
        connection_flush(&connection);
    }
    fail("epoll_wait failed");
}
