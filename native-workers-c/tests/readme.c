/* What README.md shows and no sample has: compiled, word for word, by the test that compares them. */
#include <errno.h>
#include <jackfield.h>
#include <stdio.h>
#include <sys/epoll.h>

void readme_call(void);
void readme_loop(jf_worker_t *worker, int loop, void (*begin)(jf_message_t *request));

void readme_call(void) {
    jf_client_t *client = jf_client_new("tcp://127.0.0.1:5555");
    jf_message_t *reply = NULL;
    if (jf_client_call(client, "echo-c", "hello", 5, 1000, &reply) == 0) {
        printf("%s\n", jf_message_body(reply));
    } else {
        fprintf(stderr, "%s: %s\n", jf_client_error(client)->name, jf_client_error(client)->cause);
    }
    jf_message_destroy(&reply);
    jf_client_destroy(&client);
}

void readme_loop(jf_worker_t *worker, int loop, void (*begin)(jf_message_t *request)) {
    jf_message_t *request = NULL;
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(loop, EPOLL_CTL_ADD, jf_worker_fd(worker), &event);
    for (bool open = true; open;) {
        if (epoll_wait(loop, &event, 1, -1) == -1) {
            if (errno != EINTR) break;
            jf_worker_drain(worker); /* a signal: as jf_worker_run does */
        }
        while (jf_worker_recv(worker, &request, 0) == 0) {
            begin(request); /* jf_worker_reply, now or when it is done; then jf_message_destroy */
            request = NULL; /* it is begin's: jf_worker_recv would use it again */
        }
        if (errno == EINTR) jf_worker_drain(worker); /* jf_worker_wake, or a signal */
        else open = errno == ETIMEDOUT;              /* if not: drained, or refused for good */
    }
    jf_message_destroy(&request);
}
