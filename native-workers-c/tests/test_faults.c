/*
 * Sockets that fail at the worst moment, and memory that is short: the linker puts what is here in the place of the calls
 * that fail (--wrap).
 */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/socket.h>

#include "check.h"
#include "client.h"
#include "clock.h"
#include "worker.h"
#include "worker_fixture.h"

const char *check_context;

/* ---- what fails ---- */

typedef enum fault {
    NONE,
    STUCK,      /* the peer takes no bytes, and time flies */
    INTERRUPT,  /* nothing is taken until a PING has come; then */
    TAKE,       /* the message is; then */
    BREAK,      /* the next write fails */
    BREAK_BODY  /* the next write of a message with a body fails */
} fault_t;

static fault_t s_fault;
static int s_no_memory; /* so many of the next failures cannot be made */
static int64_t s_skipped_ms;
static sem_t s_ping;    /* the broker may send its PING */

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
int __real_poll(struct pollfd *polled, nfds_t count, int wait_ms);
int __wrap_poll(struct pollfd *polled, nfds_t count, int wait_ms);
int64_t __real_jf_clock_ms(void);
int64_t __wrap_jf_clock_ms(void);
int64_t __real_jf_clock_deadline_ms(int timeout_ms);
int64_t __wrap_jf_clock_deadline_ms(int timeout_ms);
jf_message_t *__real_jf_message_new_failure(uint64_t id, const jf_error_t *failure);
jf_message_t *__wrap_jf_message_new_failure(uint64_t id, const jf_error_t *failure);
int __real_jf_message_open(jf_message_t *self);
int __wrap_jf_message_open(jf_message_t *self);

static int s_fail(int why) {
    errno = why;
    return -1;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags) {
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    switch (s_fault) {
    case STUCK: return s_fail(EAGAIN);
    case INTERRUPT:
        s_fault = TAKE;
        CHECK_INT(sem_post(&s_ping), 0);
        CHECK_INT(__real_poll(&polled, 1, WAIT_MS), 1);
        return s_fail(EAGAIN);
    case TAKE: s_fault = BREAK; break;
    case BREAK: s_fault = NONE; return s_fail(EPIPE);
    case BREAK_BODY:
        if (message->msg_iovlen == 1) break;
        s_fault = NONE;
        return s_fail(EPIPE);
    case NONE: break;
    }
    return __real_sendmsg(fd, message, flags);
}

int __wrap_poll(struct pollfd *polled, nfds_t count, int wait_ms) {
    return s_fault == STUCK ? 0 : __real_poll(polled, count, wait_ms);
}

int64_t __wrap_jf_clock_ms(void) {
    if (s_fault == STUCK) s_skipped_ms += 1000;
    return __real_jf_clock_ms() + s_skipped_ms;
}

int64_t __wrap_jf_clock_deadline_ms(int timeout_ms) {
    return timeout_ms < 0 ? JF_NEVER_MS : __real_jf_clock_deadline_ms(timeout_ms) + s_skipped_ms;
}

jf_message_t *__wrap_jf_message_new_failure(uint64_t id, const jf_error_t *failure) {
    return s_no_memory > 0 && s_no_memory-- ? NULL : __real_jf_message_new_failure(id, failure);
}

int __wrap_jf_message_open(jf_message_t *self) {
    return s_no_memory > 0 && self->fixed.command == JF_FAILURE && s_no_memory-- ? s_fail(ENOMEM)
                                                                                 : __real_jf_message_open(self);
}

/* ---- a client ---- */

static jf_client_t *s_client(const char *endpoint) {
    jf_client_t *client = jf_client_new(endpoint);
    CHECK(client != NULL);
    CHECK_INT(jf_client_set_reconnect_ms(client, 5, 20), 0);
    CHECK_INT(jf_client_set_heartbeat_ms(client, JF_HEARTBEAT_MS_MAX), 0); /* what is written is what the test says */
    return client;
}

static int s_send(jf_client_t *client, uint32_t timeout_ms, int wait_ms, uint64_t *id) {
    jf_part_t part = {.bytes = "x", .len = 1};
    jf_request_t request = {.service = "echo", .timeout_ms = timeout_ms, .content = {.parts = &part, .part_count = 1}};
    return jf_client_send(client, &request, wait_ms, id);
}

static uint64_t s_submit(jf_client_t *client, uint32_t timeout_ms) {
    uint64_t id = 0;
    jf_part_t part = {.bytes = "x", .len = 1};
    jf_request_t request = {.service = "echo", .timeout_ms = timeout_ms, .content = {.parts = &part, .part_count = 1}};
    CHECK_INT(jf_client_submit(client, &request, NULL, NULL, &id), 0);
    return id;
}

static void s_expect_failure(jf_client_t *client, uint64_t id, int code) {
    jf_message_t *reply = NULL;
    CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
    CHECK(jf_message_id(reply) == id);
    CHECK(jf_message_failure(reply) != NULL);
    if (code != 0) CHECK_INT(jf_message_failure(reply)->code, code);
    CHECK_INT(jf_client_recv(client, &reply, 0), -1);
    CHECK_INT(errno, ENOENT); /* once */
    jf_message_destroy(&reply);
}

/* ---- a request that was sent whole ---- */

static void s_script_answers_the_second(fake_broker_t *self) {
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "");
    CHECK_INT(sem_wait(&s_ping), 0);
    fake_bytes(self, "\4\7\4PING\0\0", 9); /* in one piece */
    CHECK_STR((char *)fake_expect(self, 3)->frame[3], "first");
    fake_expect_close(self);
    fake_accept(self);
    fake_message_t *request = fake_expect(self, 3);
    CHECK_STR((char *)request->frame[3], "second");
    fake_reply(self, request->id, 0, "done");
}

static void should_not_send_again_what_was_sent_whole(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    CHECK_INT(sem_init(&s_ping, 0, 0), 0);
    fake_start(&broker, s_script_answers_the_second);
    jf_client_t *client = s_client(broker.endpoint);
    CHECK_INT(jf_client_call(client, "echo", "", 0, WAIT_MS, &reply), 0);
    s_fault = INTERRUPT;
    CHECK_INT(jf_client_call(client, "echo", "first", 5, WAIT_MS, &reply), -1);
    CHECK_INT(errno, ECONNRESET);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_CONNECTION_LOST);
    CHECK_INT(s_fault, NONE);
    CHECK_INT(jf_client_call(client, "echo", "second", 6, WAIT_MS, &reply), 0);
    CHECK_STR(jf_message_body(reply), "done");
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

/* ---- a peer that takes nothing ---- */

static void s_script_asks_twice(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "first");
    fake_expect_close(self);
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "second");
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

static void should_lose_the_connection_when_an_answer_cannot_be_sent(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_asks_twice);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    fixture_recv(worker, &request, "first");
    uint64_t id = jf_message_id(request);
    s_fault = STUCK;
    CHECK_INT(jf_worker_reply(worker, id, "1", 1), -1);
    CHECK_INT(errno, ETIMEDOUT);
    s_fault = NONE;
    CHECK(s_skipped_ms >= JF_SEND_MS_MAX);
    CHECK_INT(jf_worker_reply(worker, id, "1", 1), -1);
    CHECK_INT(errno, ESTALE); /* it needs no end, as after any lost connection */
    fixture_recv(worker, &request, "second");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "2", 1), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_answers_twice(fake_broker_t *self) {
    fake_accept(self);
    for (int i = 0; i < 2; i++) fake_reply(self, fake_expect(self, 3)->id, 0, "");
}

static void should_keep_the_connection_when_the_program_waits_no_longer(void) {
    fake_broker_t broker;
    uint64_t id = 0;
    jf_message_t *reply = NULL;
    fake_start(&broker, s_script_answers_twice);
    jf_client_t *client = s_client(broker.endpoint);
    CHECK_INT(jf_client_call(client, "echo", "", 0, WAIT_MS, &reply), 0);
    s_fault = STUCK;
    CHECK_INT(s_send(client, 0, (int)JF_SEND_MS_MAX / 2, &id), -1);
    CHECK_INT(errno, ETIMEDOUT);
    s_fault = NONE;
    CHECK_INT(jf_client_in_flight(client), 0);
    CHECK_INT(jf_client_call(client, "echo", "", 0, WAIT_MS, &reply), 0);
    jf_message_destroy(&reply);
    fake_join(&broker);
    jf_client_destroy(&client);
}

/* ---- no memory for a failure ---- */

static void s_script_fails(fake_broker_t *self) {
    fake_accept(self);
    fake_failure(self, fake_expect(self, 3)->id, JF_ERROR_BAD_REQUEST, 0, "hint:none\n", "no");
    fake_fixed(self, 4, 0, 0, fake_expect(self, 3)->id, 0, 0, 0); /* a reply without a body */
}

static void should_keep_an_answer_for_which_there_is_no_memory(void) {
    fake_broker_t broker;
    jf_message_t *reply = NULL;
    fake_start(&broker, s_script_fails);
    jf_client_t *client = s_client(broker.endpoint);
    for (int i = 0; i < 2; i++) {
        uint64_t id = 0;
        CHECK_INT(s_send(client, 0, WAIT_MS, &id), 0);
        s_no_memory = 2;
        for (int k = 0; k < 2; k++) {
            CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), -1);
            CHECK_INT(errno, ENOMEM);
        }
        s_expect_failure(client, id, i == 0 ? JF_ERROR_BAD_REQUEST : JF_ERROR_BAD_MESSAGE);
    }
    fake_join(&broker);
    jf_client_destroy(&client);
}

static void s_script_sees_nothing(fake_broker_t *self) {
    fake_accept(self);
    fake_expect_close(self);
}

static void should_end_what_could_not_be_sent_when_memory_was_short(void) {
    fake_broker_t broker;
    fake_start(&broker, s_script_sees_nothing);
    jf_client_t *client = s_client(broker.endpoint);
    CHECK_INT(jf_client_set_retries(client, 0), 0);
    uint64_t id = s_submit(client, WAIT_MS);
    s_fault = BREAK_BODY;
    s_no_memory = 2;
    s_expect_failure(client, id, JF_ERROR_CONNECTION_LOST);
    CHECK_INT(s_fault, NONE);
    CHECK_INT(s_no_memory, 0);
    fake_join(&broker);
    jf_client_destroy(&client);
}

static void should_end_what_is_too_late_when_memory_was_short(void) {
    jf_client_t *client = s_client("ipc:///no/such/socket");
    uint64_t id = s_submit(client, 20);
    s_no_memory = 2;
    s_expect_failure(client, id, 0);
    CHECK_INT(s_no_memory, 0);
    jf_client_destroy(&client);
}

static void should_say_so_when_there_is_no_memory_to_cancel(void) {
    jf_client_t *client = s_client("ipc:///no/such/socket");
    uint64_t id = s_submit(client, WAIT_MS);
    s_no_memory = 1;
    CHECK_INT(jf_client_cancel(client, id), -1);
    CHECK_INT(errno, ENOMEM);
    CHECK_INT(jf_client_cancel(client, id), 0);
    s_expect_failure(client, id, JF_ERROR_CANCELLED);
    jf_client_destroy(&client);
}

static void should_register_again_when_memory_was_short(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, fixture_script_forgets);
    jf_worker_t *worker = fixture_worker(&broker, 1);
    s_no_memory = 1;
    CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
    CHECK_INT(errno, ENOMEM);
    fixture_recv(worker, &request, "again");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

int main(void) {
    RUN(should_not_send_again_what_was_sent_whole);
    RUN(should_lose_the_connection_when_an_answer_cannot_be_sent);
    RUN(should_keep_the_connection_when_the_program_waits_no_longer);
    RUN(should_keep_an_answer_for_which_there_is_no_memory);
    RUN(should_end_what_could_not_be_sent_when_memory_was_short);
    RUN(should_end_what_is_too_late_when_memory_was_short);
    RUN(should_say_so_when_there_is_no_memory_to_cancel);
    RUN(should_register_again_when_memory_was_short);
    return 0;
}
