/* How a worker leaves a broker: nothing that it said may be lost by its end. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "worker.h"
#include "worker_fixture.h"

#define REPLY_BYTES 150000u   /* more than the broker's small buffer takes before it reads */
#define SEND_BUFFER_BYTES 200000
#define RECEIVE_BUFFER_BYTES 4096

const char *check_context;

static sem_t s_left; /* the worker has said all that it has to say */

/* ---- a reply that the broker has not read yet when the worker leaves ---- */

static void s_script_reads_late(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "x");
    fake_expect(self, 8);
    fake_fixed(self, 8, 0, 0, 0, 0, 1, 0);
    CHECK_INT(fake_expect(self, 7)->count, 1);
    fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    CHECK_INT(sem_wait(&s_left), 0);
    fake_frame(self, 4, "\4PING\0\0", 7); /* as a broker does every ping-interval: it must not meet a closed socket */
    CHECK_INT(fake_expect(self, 4)->len[3], REPLY_BYTES);
    fake_expect(self, 9);
    fake_expect_close(self);
}

/* A worker with a request in flight that it was told to drain, at a broker whose buffers are small. */
static jf_worker_t *s_draining(fake_broker_t *broker, fake_script_fn script, jf_message_t **request) {
    int received = RECEIVE_BUFFER_BYTES, sent = SEND_BUFFER_BYTES;
    CHECK_INT(sem_init(&s_left, 0, 0), 0);
    fake_start(broker, script);
    CHECK_INT(setsockopt(broker->listen_fd, SOL_SOCKET, SO_RCVBUF, &received, sizeof received), 0);
    jf_worker_t *worker = fixture_worker(broker, 1);
    CHECK_INT(jf_worker_set_heartbeat_ms(worker, JF_HEARTBEAT_MS_MAX), 0); /* none but the one behind DRAIN */
    fixture_recv(worker, request, "x");
    CHECK_INT(setsockopt(worker->links.link[0].fd, SOL_SOCKET, SO_SNDBUF, &sent, sizeof sent), 0);
    CHECK_INT(jf_worker_drain(worker), 0);
    while (worker->links.link[0].heartbeats_open > 0) CHECK(jf_worker_is_wanted(worker, jf_message_id(*request)));
    return worker;
}

static void should_not_lose_the_last_reply_when_drained(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    char *body = calloc(1, REPLY_BYTES);
    jf_worker_t *worker = s_draining(&broker, s_script_reads_late, &request);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), body, REPLY_BYTES), 0);
    jf_worker_recv(worker, &request, 0); /* it leaves; that does not wait for the broker */
    CHECK_INT(errno, ETIMEDOUT);
    CHECK_INT(sem_post(&s_left), 0);
    fixture_end_drained(worker, request, &broker);
    free(body);
}

/* ---- a broker that does not end the connection ---- */

static void s_script_stays(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "x");
    fake_expect(self, 8);
    CHECK_INT(fake_expect(self, 7)->count, 1);
    fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    fake_expect(self, 4);
    fake_expect(self, 9);
    CHECK_INT(sem_wait(&s_left), 0);
}

static void should_not_wait_for_ever_for_the_end_of_the_connection(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    jf_worker_t *worker = s_draining(&broker, s_script_stays, &request);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    CHECK_INT(jf_worker_recv(worker, &request, 0), -1);
    CHECK_INT(errno, ETIMEDOUT);
    CHECK(!jf_worker_is_ready(worker));
    int64_t left_ms = worker->links.link[0].leave_end_ms - jf_clock_ms();
    CHECK(left_ms > 0 && left_ms <= JF_LEAVE_MS_MAX);
    worker->links.link[0].leave_end_ms = jf_clock_ms() + 20; /* as if most of that time had passed */
    CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
    CHECK_INT(errno, ESHUTDOWN);
    CHECK_INT(sem_post(&s_left), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void should_tell_an_event_loop_that_it_has_left(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    char *body = calloc(1, REPLY_BYTES);
    jf_worker_t *worker = s_draining(&broker, s_script_reads_late, &request);
    struct pollfd polled = {.fd = jf_worker_fd(worker), .events = POLLIN};
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), body, REPLY_BYTES), 0);
    CHECK_INT(poll(&polled, 1, WAIT_MS), 1);
    CHECK_INT(jf_worker_recv(worker, &request, 0), -1);
    CHECK_INT(errno, ETIMEDOUT);
    CHECK_INT(sem_post(&s_left), 0);
    do {
        CHECK_INT(poll(&polled, 1, WAIT_MS), 1);
        CHECK_INT(jf_worker_recv(worker, &request, 0), -1);
    } while (errno == ETIMEDOUT);
    CHECK_INT(errno, ESHUTDOWN);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
    free(body);
}

/* ---- a child of fork ---- */

static void s_script_asks_after_the_child(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    CHECK_INT(sem_wait(&s_left), 0);
    fake_request(self, 1, "echo", "x");
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

static void should_say_nothing_when_a_child_destroys_its_parents_worker(void) {
    fake_broker_t broker;
    int status = 0;
    jf_message_t *request = NULL;
    CHECK_INT(sem_init(&s_left, 0, 0), 0);
    fake_start(&broker, s_script_asks_after_the_child);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    CHECK_INT(jf_worker_set_heartbeat_ms(worker, JF_HEARTBEAT_MS_MAX), 0);
    struct pollfd polled = {.fd = jf_worker_fd(worker), .events = POLLIN};
    CHECK_INT(jf_worker_wait_ready(worker, WAIT_MS), 0);
    pid_t child = fork();
    if (child == 0) {
        jf_worker_destroy(&worker);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK_INT(jf_worker_recv(worker, &request, 0), -1);
    CHECK_INT(errno, ETIMEDOUT);
    CHECK_INT(sem_post(&s_left), 0);
    CHECK_INT(poll(&polled, 1, WAIT_MS), 1); /* the event loop still hears of it */
    fixture_recv(worker, &request, "x");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

int main(void) {
    RUN(should_not_lose_the_last_reply_when_drained);
    RUN(should_not_wait_for_ever_for_the_end_of_the_connection);
    RUN(should_tell_an_event_loop_that_it_has_left);
    RUN(should_say_nothing_when_a_child_destroys_its_parents_worker);
    return 0;
}
