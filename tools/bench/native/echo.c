/* A worker that gives back every message as it came, without looking into it: echo HOST PORT. Runs until the other side
 * closes the connection, or it is killed. */
#include "zmtp.h"

#include <stdio.h>
#include <sys/epoll.h>

static void s_echo(connection_t *connection) {
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

int main(int argc, char **argv) {
    connection_t connection;
    struct epoll_event event;
    if (argc != 3)
        fail("usage: echo HOST PORT");
    int poll = epoll_create1(EPOLL_CLOEXEC);
    connection_open(&connection, argv[1], argv[2], poll);
    zmtp_hello(&connection);
    connection_flush(&connection);
    puts("ready");
    fflush(stdout);
    while (epoll_wait(poll, &event, 1, -1) >= 0) {
        if (!connection_read(&connection))
            return 0;
        s_echo(&connection);
        connection_flush(&connection);
    }
    fail("epoll_wait failed");
}
