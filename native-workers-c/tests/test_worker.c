/* A worker against a broker that plays scripts. */
#include <errno.h>

#include "check.h"
#include "fake_broker.h"
#include "jackfield.h"

#define WAIT_MS 15000

const char *check_context;

static jf_worker_t *s_worker(const fake_broker_t *broker, unsigned credit) {
    jf_worker_t *worker = jf_worker_new(broker->endpoint);
    CHECK(worker != NULL);
    CHECK_INT(jf_worker_set_credit(worker, credit), 0);
    CHECK_INT(jf_worker_set_reconnect_ms(worker, 5, 20), 0);
    CHECK_INT(jf_worker_add_service(worker, "echo", NULL), 0);
    return worker;
}

static void s_recv(jf_worker_t *worker, jf_message_t **request, const char *body) {
    if (jf_worker_recv(worker, request, WAIT_MS) == -1) check_context = jf_worker_error(worker)->cause;
    CHECK(check_context == NULL);
    CHECK_STR(jf_message_body(*request), body);
}

/* ---- registration, request, reply ---- */

static void s_script_serves(fake_broker_t *self) {
    fake_accept(self);
    fake_message_t *ready = fake_expect(self, 1);
    CHECK_INT(ready->count, 2);
    CHECK_INT(ready->time_ms, 700);
    CHECK_INT(ready->frames, 5);
    CHECK_STR((char *)ready->frame[2], "kit:c/0.1.0\nworker-id:w-1\nlabel.zone:west\n");
    CHECK_STR((char *)ready->frame[3], "name:echo\n");
    CHECK_STR((char *)ready->frame[4], "name:sum\nversion:1.2\nidempotent:true\ntimeout-ms:900\n");
    fake_fixed(self, 2, 0, 0, 0, 500, 2, 0);
    fake_request(self, 0xFFFFFFFFFFFFFFFFu, "echo", "hello");
    fake_message_t *reply = fake_expect(self, 4);
    CHECK_INT(reply->flags, 1);
    CHECK(reply->id == 0xFFFFFFFFFFFFFFFFu);
    CHECK_STR((char *)reply->frame[3], "part");
    reply = fake_expect(self, 4);
    CHECK_INT(reply->flags, 0);
    CHECK_INT(reply->frames, 5);
    CHECK_STR((char *)reply->frame[2], "content-type:text/plain\n");
    CHECK_STR((char *)reply->frame[3], "hel");
    CHECK_STR((char *)reply->frame[4], "lo");
    fake_request(self, 7, "sum", "");
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->code, 5);
    CHECK_INT(failure->id, 7);
    CHECK_INT(failure->time_ms, 250);
    CHECK_STR((char *)failure->frame[2], "hint:send numbers\n");
    CHECK_STR((char *)failure->frame[3], "nothing to add");
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void s_answer_in_parts(jf_worker_t *worker, jf_message_t *request) {
    jf_headers_t *headers = jf_headers_new();
    jf_part_t parts[] = {{"hel", 3}, {"lo", 2}};
    uint64_t id = jf_message_id(request);
    CHECK_INT(jf_headers_set(headers, "content-type", "text/html"), 0);
    CHECK_INT(jf_headers_set(headers, "content-type", "text/plain"), 0);
    CHECK_INT(jf_headers_set(headers, "Bad", "x"), -1);
    CHECK_INT(jf_headers_set(headers, "bad", "a\nb"), -1);
    jf_content_t content = {.parts = parts, .part_count = 2, .headers = headers};
    CHECK_INT(jf_worker_reply_with(worker, id, &content, JF_IDEMPOTENT), -1);
    CHECK_INT(jf_worker_partial(worker, id, "part", 4), 0);
    CHECK_INT(jf_worker_reply_with(worker, id, &content, 0), 0);
    CHECK_INT(jf_worker_reply(worker, id, "again", 5), -1);
    CHECK_INT(errno, ESTALE);
    CHECK_STR(jf_worker_error(worker)->name, JF_NAME_NOT_IN_FLIGHT);
    jf_headers_destroy(&headers);
}

static void should_register_and_answer(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    jf_service_options_t options = {.version = "1.2", .flags = JF_IDEMPOTENT, .timeout_ms = 900};
    fake_start(&broker, s_script_serves);
    jf_worker_t *worker = s_worker(&broker, 2);
    CHECK_INT(jf_worker_set_id(worker, "w-1"), 0);
    CHECK_INT(jf_worker_set_label(worker, "zone", "west"), 0);
    CHECK_INT(jf_worker_set_heartbeat_ms(worker, 700), 0);
    CHECK_INT(jf_worker_add_service(worker, "sum", &options), 0);
    CHECK_INT(jf_worker_add_service(worker, "a b", NULL), -1);
    CHECK_INT(jf_worker_error(worker)->code, JF_ERROR_BAD_SERVICE_NAME);
    CHECK_INT(jf_worker_wait_ready(worker, WAIT_MS), 0);
    CHECK(jf_worker_is_ready(worker));
    s_recv(worker, &request, "hello");
    CHECK_STR(jf_message_service(request), "echo");
    CHECK_STR(jf_message_header(request, "traceparent"), "00-1");
    CHECK_STR(jf_message_header(request, "content-type"), "text/plain");
    CHECK(jf_message_header(request, "content") == NULL);
    CHECK_INT(jf_message_attempt(request), 1);
    CHECK(jf_message_time_left_ms(request) > 0 && jf_message_time_left_ms(request) <= 5000);
    s_answer_in_parts(worker, request);
    s_recv(worker, &request, "");
    CHECK_STR(jf_message_service(request), "sum");
    CHECK_INT(jf_worker_fail_after(worker, jf_message_id(request), JF_ERROR_BAD_REQUEST, "nothing to add",
        "send\tnumbers", 250), 0);
    jf_message_destroy(&request);
    jf_worker_destroy(&worker);
    CHECK(worker == NULL);
    fake_join(&broker);
}

/* ---- credit ---- */

static void s_script_credit(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "a");
    fake_request(self, 2, "echo", "b");
    fake_request(self, 3, "echo", "c");
    fake_message_t *message = fake_expect(self, 5);
    CHECK_INT(message->id, 3);
    CHECK_INT(message->code, JF_ERROR_OVERLOADED);
    message = fake_expect(self, 4);
    CHECK_INT(message->id, 2);
    CHECK_STR((char *)message->frame[3], "B");
    message = fake_expect(self, 4);
    CHECK_INT(message->id, 1);
    CHECK_STR((char *)message->frame[3], "A");
    fake_request(self, 4, "echo", "d");
    CHECK_INT(fake_expect(self, 4)->id, 4);
}

static void should_hold_as_many_requests_as_its_credit(void) {
    fake_broker_t broker;
    jf_message_t *first = NULL, *second = NULL;
    fake_start(&broker, s_script_credit);
    jf_worker_t *worker = s_worker(&broker, 2);
    s_recv(worker, &first, "a");
    s_recv(worker, &second, "b");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(second), "B", 1), 0);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(first), "A", 1), 0);
    s_recv(worker, &first, "d");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(first), "D", 1), 0);
    jf_message_destroy(&first);
    jf_message_destroy(&second);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- cancel ---- */

static void s_expect_cancelled(fake_broker_t *self, uint64_t id) {
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->id, id);
    CHECK_INT(failure->code, JF_ERROR_CANCELLED);
    CHECK_STR((char *)failure->frame[3], "the request was cancelled");
}

static void s_script_cancels(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "running");
    fake_request(self, 2, "echo", "waiting");
    CHECK_INT(fake_expect(self, 4)->flags, 1); /* the first one runs */
    fake_fixed(self, 6, 0, 0, 2, 0, 0, 0);
    s_expect_cancelled(self, 2); /* at once */
    fake_fixed(self, 6, 0, 0, 2, 0, 0, 0);
    fake_fixed(self, 6, 0, 0, 1, 0, 0, 0);
    fake_fixed(self, 6, 0, 0, 1, 0, 0, 0);
    fake_fixed(self, 6, 0, 0, 99, 0, 0, 0);
    fake_request(self, 3, "echo", "after");
    fake_request(self, 4, "echo", "too much"); /* the first one still has its place */
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->id, 4);
    CHECK_INT(failure->code, JF_ERROR_OVERLOADED);
    fake_fixed(self, 6, 0, 0, 3, 0, 0, 0);
    s_expect_cancelled(self, 1);
    s_expect_cancelled(self, 3);
    fake_request(self, 5, "echo", "a");
    fake_request(self, 6, "echo", "b");
    for (int i = 0; i < 2; i++) CHECK_INT(fake_expect(self, 4)->command, 4);
}

static void should_stop_wanting_a_cancelled_request(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_cancels);
    jf_worker_t *worker = s_worker(&broker, 2);
    s_recv(worker, &request, "running");
    uint64_t id = jf_message_id(request);
    CHECK(jf_worker_is_wanted(worker, id));
    CHECK_INT(jf_worker_partial(worker, id, "", 0), 0);
    while (jf_worker_is_wanted(worker, id)) {
    }
    s_recv(worker, &request, "after");
    uint64_t after = jf_message_id(request);
    while (jf_worker_is_wanted(worker, after)) { /* the broker cancels it when the fourth has found no place */
    }
    CHECK_INT(jf_worker_reply(worker, id, "late", 4), 0);
    CHECK_INT(jf_worker_reply(worker, id, "later", 5), -1);
    CHECK_INT(errno, ESTALE);
    CHECK_INT(jf_worker_fail(worker, after, JF_ERROR_BAD_REQUEST, "x", NULL), 0);
    s_recv(worker, &request, "a");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    s_recv(worker, &request, "b");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "", 0), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_cancels_each(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    for (uint64_t id = 1; id <= 4; id++) {
        fake_request(self, id, "echo", "x");
        CHECK_INT(fake_expect(self, 4)->flags, 1); /* it runs */
        fake_fixed(self, 6, 0, 0, id, 0, 0, 0);
        s_expect_cancelled(self, id);
    }
    CHECK_INT(fake_expect(self, 8)->count, 0);
    fake_fixed(self, 8, 0, 0, 0, 0, 0, 0);
    fake_expect(self, 9);
}

/* Lets go of each cancelled request in another way. */
static int s_giving_up_handler(jf_worker_t *worker, const jf_message_t *request, void *arg) {
    int *calls = arg;
    uint64_t id = jf_message_id(request);
    CHECK_INT(jf_worker_partial(worker, id, "", 0), 0);
    while (jf_worker_is_wanted(worker, id)) {
    }
    switch (++*calls) {
    case 1: return -1;
    case 2: return jf_worker_fail(worker, id, JF_ERROR_BAD_REQUEST, "given up", "a hint");
    case 3: return jf_worker_reply(worker, id, "", JF_BODY_BYTES_MAX + 1u); /* not sent, so not too large */
    default: jf_worker_wake(worker); break;
    }
    CHECK_INT(jf_worker_partial(worker, id, "", 0), -1);
    CHECK_INT(errno, ECANCELED);
    CHECK_INT(jf_worker_error(worker)->code, JF_ERROR_CANCELLED);
    CHECK_INT(jf_worker_partial(worker, id, "", 0), -1);
    CHECK_INT(errno, ESTALE);
    return -1; /* it has ended: nothing is sent */
}

static void should_say_cancelled_once_however_the_program_lets_go(void) {
    fake_broker_t broker;
    int calls = 0;
    fake_start(&broker, s_script_cancels_each);
    jf_worker_t *worker = s_worker(&broker, 1);
    CHECK_INT(jf_worker_run(worker, s_giving_up_handler, &calls), 0);
    CHECK_INT(calls, 4);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- NOT_READY, lost connections, refusals ---- */

static void s_script_forgets(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_failure(self, 0, JF_ERROR_NOT_READY, 0, "", "READY first");
    fake_welcome(self);
    fake_request(self, 1, "echo", "again");
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

static void should_send_ready_again_when_told_not_ready(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_forgets);
    jf_worker_t *worker = s_worker(&broker, 1);
    s_recv(worker, &request, "again");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "x", 1), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_breaks(fake_broker_t *self) {
    fake_accept_only(self); /* gone before the handshake */
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "before");
    fake_expect(self, 4); /* partial: it has the request */
    fake_accept(self);    /* closes the first one */
    fake_welcome(self);
    fake_request(self, 1, "echo", "after");
    fake_message_t *reply = fake_expect(self, 4);
    CHECK_STR((char *)reply->frame[3], "new");
    fake_fixed(self, 9, 0, JF_ERROR_DRAINING, 0, 0, 0, 0);
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 5, "echo", "third");
    CHECK_INT(fake_expect(self, 4)->id, 5);
}

static void should_register_again_after_a_lost_connection(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL, *old = NULL;
    fake_start(&broker, s_script_breaks);
    jf_worker_t *worker = s_worker(&broker, 1);
    s_recv(worker, &old, "before");
    CHECK_INT(jf_worker_partial(worker, jf_message_id(old), "", 0), 0);
    s_recv(worker, &request, "after");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(old), "old", 3), -1);
    CHECK_INT(errno, ESTALE);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "new", 3), 0);
    s_recv(worker, &request, "third");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "x", 1), 0);
    jf_message_destroy(&request);
    jf_message_destroy(&old);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_refuses(fake_broker_t *self) {
    fake_accept(self);
    fake_expect(self, 1);
    fake_failure(self, 0, JF_ERROR_OVERLOADED, 10, "", "full"); /* may help later */
    fake_accept(self);
    fake_expect(self, 1);
    fake_failure(self, 0, JF_ERROR_TOO_MANY_SERVICES, 0, "hint:raise the limit\n", "1000 names");
    fake_expect_close(self);
}

static void should_end_when_registration_is_refused_for_good(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_refuses);
    jf_worker_t *worker = s_worker(&broker, 1);
    for (int i = 0; i < 2; i++) { /* and stays so */
        CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
        CHECK_INT(errno, EPROTO);
        CHECK_INT(jf_worker_error(worker)->code, JF_ERROR_TOO_MANY_SERVICES);
        CHECK_STR(jf_worker_error(worker)->hint, "raise the limit");
    }
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- drain ---- */

static void s_script_drains(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 1, "echo", "one");
    fake_message_t *drain = fake_expect(self, 8);
    CHECK_INT(drain->count, 1);
    fake_request(self, 2, "echo", "two"); /* was on its way */
    fake_fixed(self, 8, 0, 0, 0, 0, 2, 0);
    CHECK_INT(fake_expect(self, 4)->id, 1);
    CHECK_INT(fake_expect(self, 4)->id, 2);
    fake_expect(self, 9);
    fake_expect_close(self);
}

static void should_finish_what_is_in_flight_when_drained(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_drains);
    jf_worker_t *worker = s_worker(&broker, 2);
    s_recv(worker, &request, "one");
    CHECK_INT(jf_worker_drain(worker), 0);
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "1", 1), 0);
    s_recv(worker, &request, "two");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "2", 1), 0);
    CHECK_INT(jf_worker_recv(worker, &request, WAIT_MS), -1);
    CHECK_INT(errno, ESHUTDOWN);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* The handler ends its own service: it wakes the worker, which drains. */
static int s_last_handler(jf_worker_t *worker, const jf_message_t *request, void *arg) {
    int *calls = arg;
    if (++*calls == 2) jf_worker_wake(worker);
    return *calls == 1 ? -1 : jf_worker_reply(worker, jf_message_id(request), "", JF_BODY_BYTES_MAX + 1u);
}

static void s_script_runs(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    for (uint64_t id = 1; id <= 2; id++) {
        fake_request(self, id, "echo", "x");
        fake_message_t *failure = fake_expect(self, 5);
        CHECK_INT(failure->code, JF_ERROR_HANDLER_FAILED);
        CHECK_INT(failure->id, id);
        CHECK_STR((char *)failure->frame[3],
            id == 1 ? "the handler failed" : "the handler failed: body larger than 16777216 bytes");
    }
    fake_expect(self, 8);
    fake_fixed(self, 8, 0, 0, 0, 0, 0, 0);
    fake_expect(self, 9);
}

static void should_run_until_woken_then_drain(void) {
    fake_broker_t broker;
    int calls = 0;
    fake_start(&broker, s_script_runs);
    jf_worker_t *worker = s_worker(&broker, 1);
    CHECK_INT(jf_worker_run(worker, s_last_handler, &calls), 0);
    CHECK_INT(calls, 2);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

/* ---- heartbeats, ZMTP commands, bad messages ---- */

static void s_script_lives(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    CHECK_INT(fake_expect(self, 7)->count, 1); /* the worker is idle */
    fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    fake_fixed(self, 7, 0, 0, 0, 0, 1, 0);
    while (fake_expect(self, 7)->count != 0) fake_fixed(self, 7, 0, 0, 0, 0, 0, 0);
    fake_frame(self, 4, "\7UNKNOWN and some data", 22);
    fake_frame(self, 4, "\4PING\0\12context", 14);
    fake_request(self, 1, "echo", "x");
    CHECK_INT(fake_expect(self, 4)->id, 1);
    CHECK_STR(self->pong, "context");
    fake_expect_close(self); /* silence: the worker gives this connection up */
    fake_accept(self);
    fake_welcome(self);
    fake_request(self, 2, "echo", "y");
    CHECK_INT(fake_expect(self, 4)->id, 2);
}

static void should_keep_heartbeats_and_leave_a_silent_broker(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_lives);
    jf_worker_t *worker = s_worker(&broker, 1);
    CHECK_INT(jf_worker_set_heartbeat_ms(worker, 50), 0);
    s_recv(worker, &request, "x");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "1", 1), 0);
    s_recv(worker, &request, "y");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "2", 1), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void s_script_babbles(fake_broker_t *self) {
    fake_accept(self);
    fake_welcome(self);
    fake_failure(self, 0, 0, 0, "", "a failure without a code: never answered");
    fake_frame(self, 0, "rubbish", 7);
    CHECK_INT(fake_expect(self, 5)->code, JF_ERROR_BAD_MESSAGE);
    fake_fixed(self, 77, 0, 0, 12, 0, 0, 0);
    fake_message_t *failure = fake_expect(self, 5);
    CHECK_INT(failure->code, JF_ERROR_UNKNOWN_COMMAND);
    CHECK_INT(failure->id, 12);
    fake_request(self, 13, "a service", "x");
    failure = fake_expect(self, 5);
    CHECK_INT(failure->code, JF_ERROR_BAD_SERVICE_NAME);
    CHECK_INT(failure->id, 13);
    fake_request(self, 1, "echo", "still here");
    CHECK_INT(fake_expect(self, 4)->id, 1);
}

static void should_answer_bad_messages_and_go_on(void) {
    fake_broker_t broker;
    jf_message_t *request = NULL;
    fake_start(&broker, s_script_babbles);
    jf_worker_t *worker = s_worker(&broker, 1);
    s_recv(worker, &request, "still here");
    CHECK_INT(jf_worker_reply(worker, jf_message_id(request), "1", 1), 0);
    jf_message_destroy(&request);
    fake_join(&broker);
    jf_worker_destroy(&worker);
}

static void *s_wake(void *worker) {
    jf_worker_wake(worker);
    return NULL;
}

static void should_return_when_woken_from_another_thread(void) {
    pthread_t thread;
    jf_message_t *request = NULL;
    jf_worker_t *worker = jf_worker_new("tcp://127.0.0.1:1");
    CHECK_INT(jf_worker_recv(worker, &request, 0), -1);
    CHECK_INT(errno, EINVAL); /* no service */
    CHECK_INT(jf_worker_add_service(worker, "echo", NULL), 0);
    CHECK_INT(pthread_create(&thread, NULL, s_wake, worker), 0);
    CHECK_INT(jf_worker_recv(worker, &request, -1), -1);
    CHECK_INT(errno, EINTR);
    CHECK_INT(pthread_join(thread, NULL), 0);
    CHECK_INT(jf_worker_recv(worker, &request, 1), -1);
    CHECK_INT(errno, ETIMEDOUT);
    CHECK_STR(jf_worker_error(worker)->name, JF_NAME_NOT_CONNECTED);
    CHECK_INT(jf_worker_drain(worker), 0);
    CHECK_INT(jf_worker_recv(worker, &request, -1), -1);
    CHECK_INT(errno, ESHUTDOWN);
    jf_worker_destroy(&worker);
}

int main(void) {
    RUN(should_register_and_answer);
    RUN(should_hold_as_many_requests_as_its_credit);
    RUN(should_stop_wanting_a_cancelled_request);
    RUN(should_say_cancelled_once_however_the_program_lets_go);
    RUN(should_send_ready_again_when_told_not_ready);
    RUN(should_register_again_after_a_lost_connection);
    RUN(should_end_when_registration_is_refused_for_good);
    RUN(should_finish_what_is_in_flight_when_drained);
    RUN(should_run_until_woken_then_drain);
    RUN(should_keep_heartbeats_and_leave_a_silent_broker);
    RUN(should_answer_bad_messages_and_go_on);
    RUN(should_return_when_woken_from_another_thread);
    return 0;
}
