/* A client with several brokers, or one that comes back: who gets its requests, and which of them are sent again. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "fake_broker.h"
#include "jackfield.h"

#define WAIT_MS 15000

const char *check_context;

static fake_broker_t s_first, s_second;

static int64_t s_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static jf_client_t *s_client(const char *endpoints) {
    jf_client_t *client = jf_client_new(endpoints);
    CHECK(client != NULL);
    CHECK_INT(jf_client_set_reconnect_ms(client, 5, 20), 0);
    return client;
}

static jf_client_t *s_start(fake_script_fn first, fake_script_fn second) {
    char endpoints[300];
    fake_start(&s_first, first);
    fake_start(&s_second, second);
    snprintf(endpoints, sizeof endpoints, "%s,%s", s_first.endpoint, s_second.endpoint);
    return s_client(endpoints);
}

static void s_end(jf_client_t *client, jf_message_t *reply) {
    jf_message_destroy(&reply);
    fake_join(&s_first);
    fake_join(&s_second);
    jf_client_destroy(&client);
}

static uint64_t s_send(jf_client_t *client, const char *body, unsigned flags) {
    uint64_t id = 0;
    jf_part_t part = {.bytes = body, .len = strlen(body)};
    jf_request_t request = {
        .service = "echo", .timeout_ms = WAIT_MS, .flags = flags, .content = {.parts = &part, .part_count = 1}};
    CHECK_INT(jf_client_send(client, &request, WAIT_MS, &id), 0);
    return id;
}

static int s_call(jf_client_t *client, const char *body, unsigned flags, jf_message_t **reply) {
    jf_part_t part = {.bytes = body, .len = strlen(body)};
    jf_request_t request = {
        .service = "echo", .timeout_ms = WAIT_MS, .flags = flags, .content = {.parts = &part, .part_count = 1}};
    return jf_client_call_with(client, &request, reply);
}

static void s_recv(jf_client_t *client, jf_message_t **reply, uint64_t id) {
    CHECK_INT(jf_client_recv(client, reply, WAIT_MS), 0);
    CHECK(jf_message_id(*reply) == id);
}

/* ---- lost with requests in flight ---- */

static void s_script_takes_three(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 3);
    CHECK_INT(fake_expect(self, 3)->flags, 8);
    CHECK_INT(fake_expect(self, 3)->flags, 8);
    fake_reply(self, self->message.id, 1, "half");
    fake_close(self);
}

static void s_script_takes_over(fake_broker_t *self) {
    fake_accept(self);
    fake_message_t *request = fake_expect(self, 3);
    CHECK_INT(request->flags, 8);
    CHECK(request->time_ms > 0 && request->time_ms <= WAIT_MS);
    CHECK_STR((char *)request->frame[1], "echo");
    CHECK_STR((char *)request->frame[2], "idempotency-key:k-1\n");
    CHECK_STR((char *)request->frame[3], "again");
    fake_reply(self, request->id, 0, "from the second");
    request = fake_expect(self, 3);
    CHECK_STR((char *)request->frame[3], "new");
    fake_reply(self, request->id, 0, "");
}

static uint64_t s_send_with_key(jf_client_t *client) {
    uint64_t id = 0;
    char body[] = "again"; /* gone when the request is sent again: the client has a copy */
    jf_headers_t *headers = jf_headers_new();
    CHECK_INT(jf_headers_set(headers, "idempotency-key", "k-1"), 0);
    jf_part_t part = {.bytes = body, .len = strlen(body)};
    jf_request_t request = {.service = "echo", .timeout_ms = WAIT_MS, .flags = JF_IDEMPOTENT,
        .content = {.parts = &part, .part_count = 1, .headers = headers}};
    CHECK_INT(jf_client_send(client, &request, WAIT_MS, &id), 0);
    memset(body, 'x', sizeof body);
    jf_headers_destroy(&headers);
    return id;
}

static void should_send_again_only_what_is_idempotent_and_not_half_answered(void) {
    jf_message_t *reply = NULL;
    jf_client_t *client = s_start(s_script_takes_three, s_script_takes_over);
    uint64_t once = s_send(client, "once", 0), again = s_send_with_key(client);
    uint64_t half = s_send(client, "half", JF_IDEMPOTENT);
    s_recv(client, &reply, half);
    CHECK(jf_message_is_partial(reply));
    int lost = 0, answered = 0;
    while (lost + answered < 3) {
        CHECK_INT(jf_client_recv(client, &reply, WAIT_MS), 0);
        const jf_error_t *failure = jf_message_failure(reply);
        CHECK_INT(failure == NULL, jf_message_id(reply) == again);
        if (failure) CHECK_INT(failure->code, JF_ERROR_CONNECTION_LOST);
        else CHECK_STR(jf_message_body(reply), "from the second");
        CHECK(failure == NULL || jf_message_id(reply) == once || jf_message_id(reply) == half);
        lost += failure != NULL;
        answered += failure == NULL;
    }
    CHECK_INT(answered, 1);
    CHECK_INT(s_call(client, "new", 0, &reply), 0); /* it stays with the second */
    s_end(client, reply);
}

/* ---- a broker that is not there at first ---- */

static void s_script_answers(fake_broker_t *self) {
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "here");
}

static void should_ask_the_next_when_the_first_is_not_there(void) {
    char endpoints[300];
    jf_message_t *reply = NULL;
    fake_start(&s_first, s_script_answers);
    snprintf(endpoints, sizeof endpoints, "ipc:///no/such/socket,%s", s_first.endpoint);
    jf_client_t *client = s_client(endpoints);
    CHECK_INT(jf_client_set_reconnect_ms(client, 1000000, 1000000), 0); /* the next one need not wait for it */
    CHECK_INT(s_call(client, "x", 0, &reply), 0);
    CHECK_STR(jf_message_body(reply), "here");
    jf_message_destroy(&reply);
    fake_join(&s_first);
    jf_client_destroy(&client);
}

static void s_script_is_none(fake_broker_t *self) {
    fake_accept_only(self);
    fake_bytes(self, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    fake_expect_close(self);
}

static void should_pass_over_what_is_no_broker(void) {
    jf_message_t *reply = NULL;
    jf_client_t *client = s_start(s_script_is_none, s_script_answers);
    CHECK_INT(s_call(client, "x", 0, &reply), 0);
    CHECK_STR(jf_message_body(reply), "here");
    s_end(client, reply);
    client = s_start(s_script_is_none, s_script_is_none);
    reply = NULL;
    CHECK_INT(s_call(client, "x", JF_IDEMPOTENT, &reply), -1);
    CHECK_INT(errno, EPROTO);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_UNSUPPORTED_PEER);
    s_end(client, reply);
}

/* ---- one broker that restarts ---- */

static void s_script_restarts(fake_broker_t *self) {
    for (unsigned i = 0; i < JF_CLIENT_RETRIES; i++) {
        fake_accept(self);
        fake_expect(self, 3);
    }
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "at last");
    fake_expect(self, 3); /* the next call, which may not be sent again */
    fake_close(self);
}

static void should_send_an_idempotent_call_again_to_a_broker_that_restarts(void) {
    jf_message_t *reply = NULL;
    fake_start(&s_first, s_script_restarts);
    jf_client_t *client = s_client(s_first.endpoint);
    CHECK_INT(s_call(client, "x", JF_IDEMPOTENT, &reply), 0); /* JF_CLIENT_RETRIES are just enough */
    CHECK_STR(jf_message_body(reply), "at last");
    CHECK_INT(jf_client_set_retries(client, 0), 0);
    CHECK_INT(s_call(client, "x", JF_IDEMPOTENT, &reply), -1);
    CHECK_INT(errno, ECONNRESET);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_CONNECTION_LOST);
    jf_message_destroy(&reply);
    fake_join(&s_first);
    jf_client_destroy(&client);
}

static void s_script_goes_for_good(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 3);
    CHECK_INT(unlink(self->endpoint + strlen("ipc://")), 0); /* nobody can connect any more */
    fake_close(self);
}

static void should_not_wait_for_a_broker_that_does_not_come_back_until_the_deadline(void) {
    jf_message_t *reply = NULL;
    fake_start_ipc(&s_first, s_script_goes_for_good);
    jf_client_t *client = s_client(s_first.endpoint);
    CHECK_INT(jf_client_set_connect_ms(client, 300), 0);
    int64_t begin_ms = s_now_ms();
    CHECK_INT(s_call(client, "x", JF_IDEMPOTENT, &reply), -1);
    CHECK_INT(errno, ECONNRESET);
    CHECK(s_now_ms() - begin_ms < WAIT_MS / 2);
    CHECK_INT(jf_client_error(client)->code, JF_ERROR_CONNECTION_LOST); /* and not that it was never sent */
    CHECK_INT(jf_client_in_flight(client), 0);
    jf_client_destroy(&client);
    fake_wait(&s_first);
    int fd = open(s_first.endpoint + strlen("ipc://"), O_WRONLY | O_CREAT, 0600); /* fake_end takes it away */
    CHECK(fd != -1);
    close(fd);
    fake_end(&s_first);
}

static void s_script_forgets(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 3);
    fake_expect(self, 7);
    fake_failure(self, 0, JF_ERROR_NOT_READY, 0, "", "who are you");
    fake_expect_close(self);
    fake_accept(self);
    fake_reply(self, fake_expect(self, 3)->id, 0, "again");
}

static void should_ask_again_when_the_broker_has_forgotten_it(void) {
    jf_message_t *reply = NULL;
    fake_start(&s_first, s_script_forgets);
    jf_client_t *client = s_client(s_first.endpoint);
    CHECK_INT(jf_client_set_heartbeat_ms(client, 50), 0);
    CHECK_INT(s_call(client, "x", JF_IDEMPOTENT, &reply), 0);
    CHECK_STR(jf_message_body(reply), "again");
    jf_message_destroy(&reply);
    fake_join(&s_first);
    jf_client_destroy(&client);
}

/* ---- a broker that drains ---- */

static void s_script_drains(fake_broker_t *self) {
    fake_accept(self);
    uint64_t first = fake_expect(self, 3)->id;
    uint64_t crossed = fake_expect(self, 3)->id; /* as if it had crossed the DRAIN on its way */
    fake_fixed(self, 8, 0, 0, 0, 0, 1, 0);
    fake_reply(self, first, 1, "I drain");
    fake_failure(self, crossed, JF_ERROR_DRAINING, 0, "", "no more");
    CHECK(fake_expect(self, 6)->id == first); /* the client has had the second one's answer: from elsewhere */
    fake_reply(self, first, 0, "finished");
    fake_expect_close(self);
}

static void s_script_stands_in(fake_broker_t *self) {
    fake_accept(self);
    for (int i = 0; i < 2; i++) {
        fake_message_t *request = fake_expect(self, 3);
        CHECK_STR((char *)request->frame[3], i == 0 ? "crossed" : "later");
        fake_reply(self, request->id, 0, "from elsewhere");
    }
}

static void should_leave_a_broker_that_drains_and_let_it_finish(void) {
    jf_message_t *reply = NULL;
    jf_client_t *client = s_start(s_script_drains, s_script_stands_in);
    uint64_t first = s_send(client, "first", 0), crossed = s_send(client, "crossed", JF_IDEMPOTENT);
    s_recv(client, &reply, first);
    CHECK(jf_message_is_partial(reply));
    s_recv(client, &reply, crossed);
    CHECK_STR(jf_message_body(reply), "from elsewhere");
    CHECK_INT(s_call(client, "later", 0, &reply), 0);
    CHECK_INT(jf_client_cancel(client, first), 0);
    s_recv(client, &reply, first);
    CHECK_STR(jf_message_body(reply), "finished");
    CHECK_INT(jf_client_recv(client, &reply, 0), -1);
    CHECK_INT(errno, ENOENT);
    jf_client_destroy(&client); /* the first broker waits for its end */
    jf_message_destroy(&reply);
    fake_join(&s_first);
    fake_join(&s_second);
}

static void s_script_refuses(fake_broker_t *self) {
    fake_accept(self);
    fake_failure(self, fake_expect(self, 3)->id, JF_ERROR_DRAINING, 0, "", "no more");
    fake_expect_close(self);
}

static void should_ask_another_when_a_draining_broker_refused(void) {
    jf_message_t *reply = NULL;
    jf_client_t *client = s_start(s_script_refuses, s_script_answers);
    CHECK_INT(s_call(client, "x", 0, &reply), 0);
    CHECK_STR(jf_message_body(reply), "here");
    jf_client_destroy(&client);
    jf_message_destroy(&reply);
    fake_join(&s_first);
    fake_join(&s_second);
}

/* ---- a broker that refuses for now ---- */

#define RETRY_AFTER_MS 130

static void s_script_has_no_room(fake_broker_t *self) {
    fake_accept(self);
    int64_t begin_ms = s_now_ms();
    fake_failure(self, fake_expect(self, 3)->id, JF_ERROR_OVERLOADED, RETRY_AFTER_MS, "", "full");
    fake_message_t *again = fake_expect(self, 3);
    CHECK(s_now_ms() - begin_ms >= RETRY_AFTER_MS);
    CHECK_STR((char *)again->frame[3], "x");
    CHECK(again->time_ms <= WAIT_MS - RETRY_AFTER_MS);
    fake_failure(self, again->id, JF_ERROR_DRAINING, 0, "", "soon back"); /* there is no other broker */
    fake_reply(self, fake_expect(self, 3)->id, 0, "at last");
}

static void should_send_an_idempotent_call_again_when_it_was_refused_for_now(void) {
    jf_message_t *reply = NULL;
    fake_start(&s_first, s_script_has_no_room);
    jf_client_t *client = s_client(s_first.endpoint);
    CHECK_INT(s_call(client, "x", JF_IDEMPOTENT, &reply), 0); /* JF_CLIENT_RETRIES are just enough */
    CHECK_STR(jf_message_body(reply), "at last");
    jf_message_destroy(&reply);
    fake_join(&s_first);
    jf_client_destroy(&client);
}

static void s_on_reply(jf_client_t *client, const jf_message_t *reply, void *arg) {
    (void)client;
    CHECK(!jf_message_failure(reply));
    CHECK_STR(jf_message_body(reply), "at last");
    ++*(int *)arg;
}

static void should_send_it_again_within_an_event_loop(void) {
    int answered = 0;
    jf_part_t part = {.bytes = "x", .len = 1};
    jf_request_t request = {
        .service = "echo", .timeout_ms = WAIT_MS, .flags = JF_IDEMPOTENT, .content = {.parts = &part, .part_count = 1}};
    fake_start(&s_first, s_script_has_no_room);
    jf_client_t *client = s_client(s_first.endpoint);
    struct pollfd readable = {.fd = jf_client_fd(client), .events = POLLIN};
    CHECK_INT(jf_client_submit(client, &request, s_on_reply, &answered, NULL), 0);
    int turns = 0;
    for (; answered == 0; turns++) {
        CHECK_INT(poll(&readable, 1, WAIT_MS), 1);
        CHECK(jf_client_poll(client, 0) >= 0);
    }
    CHECK(turns < 100); /* it sleeps while the request waits */
    fake_join(&s_first);
    jf_client_destroy(&client);
}

static void s_script_refuses_for_now(fake_broker_t *self) {
    fake_accept(self);
    fake_failure(self, fake_expect(self, 3)->id, JF_ERROR_OVERLOADED, 0, "", "full");
    fake_failure(self, fake_expect(self, 3)->id, JF_ERROR_OVERLOADED, WAIT_MS, "", "full for long");
    fake_expect_close(self);
}

static void should_tell_at_once_what_is_not_idempotent_or_would_come_too_late(void) {
    jf_message_t *reply = NULL;
    fake_start(&s_first, s_script_refuses_for_now);
    jf_client_t *client = s_client(s_first.endpoint);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(s_call(client, "x", i == 0 ? 0 : JF_IDEMPOTENT, &reply), -1);
        CHECK_INT(errno, EIO);
        CHECK_INT(jf_client_error(client)->code, JF_ERROR_OVERLOADED);
    }
    jf_client_destroy(&client);
    fake_join(&s_first);
}

/* ---- a broker that does not read ---- */

static int s_gate[2]; /* closed when the test is over */

static void s_script_does_not_read(fake_broker_t *self) {
    char byte;
    fake_accept(self);
    CHECK_INT(read(s_gate[0], &byte, 1), 0);
}

static void should_keep_its_deadline_at_a_broker_that_does_not_read(void) {
    size_t len = 16u * 1024 * 1024; /* more than the buffers of a socket hold */
    char *body = calloc(1, len);
    jf_message_t *reply = NULL;
    struct timespec begin, end;
    CHECK_INT(pipe(s_gate), 0);
    fake_start(&s_first, s_script_does_not_read);
    jf_client_t *client = s_client(s_first.endpoint);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    CHECK_INT(jf_client_call(client, "echo", body, len, 300, &reply), -1);
    clock_gettime(CLOCK_MONOTONIC, &end);
    CHECK((end.tv_sec - begin.tv_sec) * 1000 < JF_SEND_MS_MAX / 2);
    CHECK_INT(jf_client_in_flight(client), 0);
    close(s_gate[1]);
    fake_join(&s_first);
    close(s_gate[0]);
    jf_client_destroy(&client);
    free(body);
}

int main(void) {
    RUN(should_send_again_only_what_is_idempotent_and_not_half_answered);
    RUN(should_ask_the_next_when_the_first_is_not_there);
    RUN(should_pass_over_what_is_no_broker);
    RUN(should_send_an_idempotent_call_again_to_a_broker_that_restarts);
    RUN(should_not_wait_for_a_broker_that_does_not_come_back_until_the_deadline);
    RUN(should_ask_again_when_the_broker_has_forgotten_it);
    RUN(should_ask_another_when_a_draining_broker_refused);
    RUN(should_send_an_idempotent_call_again_when_it_was_refused_for_now);
    RUN(should_send_it_again_within_an_event_loop);
    RUN(should_tell_at_once_what_is_not_idempotent_or_would_come_too_late);
    RUN(should_keep_its_deadline_at_a_broker_that_does_not_read);
    RUN(should_leave_a_broker_that_drains_and_let_it_finish);
    return 0;
}
